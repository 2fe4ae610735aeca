"""Derivatives of a row's own formulas: first-order jets (dual numbers) that nest for higher orders.

A row of the function table states its slope. A second derivative is the derivative of that
formula, and a derivative in a parameter is that of the value formula; both come from running the
formula on jets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from derivations.functions import Function, lookup


@dataclass(frozen=True)
class Jet:
    """value + tangent ε with ε² = 0."""

    value: Any
    tangent: Any

    __array_ufunc__ = None  # NumPy arrays leave mixed operations to this class.

    def __add__(self, other: Any) -> Jet:
        other = lift(other)
        return Jet(self.value + other.value, self.tangent + other.tangent)

    def __mul__(self, other: Any) -> Jet:
        other = lift(other)
        return Jet(
            self.value * other.value, self.tangent * other.value + self.value * other.tangent
        )

    def __truediv__(self, other: Any) -> Jet:
        other = lift(other)
        value = self.value / other.value
        return Jet(value, (self.tangent - value * other.tangent) / other.value)

    def __pow__(self, exponent: int) -> Jet:
        if exponent == 0:
            return Jet(self.value**0, 0 * self.tangent)
        return Jet(self.value**exponent, exponent * self.value ** (exponent - 1) * self.tangent)

    def __neg__(self) -> Jet:
        return Jet(-self.value, -self.tangent)

    def __sub__(self, other: Any) -> Jet:
        return self + (-lift(other))

    def __rsub__(self, other: Any) -> Jet:
        return lift(other) - self

    def __rtruediv__(self, other: Any) -> Jet:
        return lift(other) / self

    __radd__ = __add__
    __rmul__ = __mul__


def lift(value: Any) -> Jet:
    """A constant as a jet; jets stay."""
    return value if isinstance(value, Jet) else Jet(value, 0)


class JetSpace:
    """The space of jets over another space (see ``derivations.functions.spaces``)."""

    def __init__(self, base: Any) -> None:
        self._base = base
        self.pi = base.pi

    def __getattr__(self, name: str) -> Callable[..., Any]:
        row = row_of(name)
        return lambda *arguments: self._call(row, arguments)

    def number(self, text: str) -> Any:
        """An exact constant."""
        return self._base.number(text)

    def compare(self, x: Any, point: Any, below: Any, above: Any, equal: Any = None) -> Jet:
        """Branches are chosen by the value, then value and tangent go along."""
        place, at = lift(x).value, lift(point).value
        low, high = lift(below), lift(above)
        middle = low if equal is None else lift(equal)
        return Jet(
            self._base.compare(place, at, low.value, high.value, middle.value),
            self._base.compare(place, at, low.tangent, high.tangent, middle.tangent),
        )

    def at(self, x: Any, point: Any, value: Any, otherwise: Any) -> Jet:
        """``value`` where x = point, tangents alike."""
        place, spot = lift(x).value, lift(point).value
        here, away = lift(value), lift(otherwise)
        return Jet(
            self._base.at(place, spot, here.value, away.value),
            self._base.at(place, spot, here.tangent, away.tangent),
        )

    def _call(self, row: Function, arguments: tuple[Any, ...]) -> Any:
        if not any(isinstance(argument, Jet) for argument in arguments):
            return getattr(self._base, row.name)(*arguments)
        if any(isinstance(argument, Jet) for argument in arguments[row.arity :]):
            return row.value_in(self, *arguments)
        jets = [lift(argument) for argument in arguments[: row.arity]]
        places = tuple(jet.value for jet in jets)
        parameters = arguments[row.arity :]
        value = getattr(self._base, row.name)(*places, *parameters)
        place = places if row.arity > 1 else places[0]
        tangent: Any = 0
        for slot, jet in enumerate(jets):
            slope = row.slope_in(self._base, place, value, *parameters, wrt=slot)
            tangent = tangent + slope * jet.tangent
        return Jet(value, tangent)


def row_of(name: str) -> Function:
    """The row called ``name``.

    Raises:
        AttributeError: the table has no such row.
    """
    row = lookup(name)
    if row is None:
        raise AttributeError(f"no row {name} in the table of functions")
    return row


def evaluate_row(
    row: Function,
    space: Any,
    orders: tuple[int, ...],
    args: tuple[Any, ...],
    value: Callable[[], Any] | None = None,
) -> Any:
    """The row's value, slope, or derivative of any order, in ``space``.

    Args:
        row: the function.
        space: where its formulas are evaluated.
        orders: how often to differentiate in each argument, parameters included.
        args: arguments, then parameters.
        value: gives the row's own value, if somebody knows it.
    """
    wrt = next((slot for slot in range(row.arity) if orders[slot]), None)
    rest = list(orders)
    if wrt is not None:
        # The stated slope is one derivative; jets supply the others.
        rest[wrt] -= 1
    slots = [slot for slot, order in enumerate(rest) for _ in range(order)]
    seeds, at = list(args), space
    for slot in slots:
        at = JetSpace(at)
        seeds = [Jet(seed, _unit(seed) if k == slot else 0) for k, seed in enumerate(seeds)]
    known = value is not None and any(orders) and not slots
    result = value() if known and value else getattr(at, row.name)(*seeds)
    if wrt is not None:
        place = tuple(seeds[: row.arity]) if row.arity > 1 else seeds[0]
        result = row.slope_in(at, place, result, *seeds[row.arity :], wrt=wrt)
    for _ in slots:
        result = lift(result).tangent
    return result


def _unit(seed: Any) -> Any:
    """The tangent 1 at any depth of jets."""
    return 1 if not isinstance(seed, Jet) else Jet(_unit(seed.value), 0)
