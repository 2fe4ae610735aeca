"""Linear forms c₀ + c₁u₁ + … with exact coefficients, in unknowns that stand for numbers.

With the entries of a state as unknowns, a step of an affine cell becomes its matrix. With one
parameter as the unknown, every threshold is a point of its line: where the sign of a form is not
the same all over the stretch in hand, ``sign`` cuts the stretch there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from verify.arithmetic.entries import EntryArithmetic, NoCounterpart
from verify.arithmetic.operators import Entry


class NotLinear(NoCounterpart):
    """A product of two unknowns, or a function of one."""


@dataclass(frozen=True, slots=True)
class Linear(Entry):
    """``coefficients[0] + Σ coefficients[k] u_k``."""

    coefficients: tuple[Fraction, ...]

    @property
    def constant(self) -> bool:
        """Whether no unknown occurs."""
        return not any(self.coefficients[1:])

    def lift(self, other: Any) -> Linear:
        return _form(other, len(self.coefficients))

    def plus(self, other: Linear) -> Linear:
        pairs = zip(self.coefficients, other.coefficients, strict=True)
        return Linear(tuple(a + b for a, b in pairs))

    def times(self, other: Linear) -> Linear:
        if not (self.constant or other.constant):
            raise NotLinear("a product of two values that both depend on what is varied")
        scaled, by = (self, other) if other.constant else (other, self)
        return Linear(tuple(a * by.coefficients[0] for a in scaled.coefficients))

    def over(self, other: Linear) -> Linear:
        if not other.constant or not other.coefficients[0]:
            raise NotLinear("a quotient by a value that depends on what is varied, or by zero")
        return Linear(tuple(a / other.coefficients[0] for a in self.coefficients))

    def negated(self) -> Linear:
        return Linear(tuple(-a for a in self.coefficients))

    def __pow__(self, exponent: int) -> Linear:
        if self.constant:
            return self.lift(self.coefficients[0] ** exponent)
        if exponent == 1:
            return self
        raise NotLinear("a power of a value that depends on what is varied")


Sign = Callable[[Linear], int]


class LinearArithmetic(EntryArithmetic):
    """Linear forms in ``unknowns`` unknowns.

    Args:
        sign: −1, 0 or 1 for a form that is no constant, or an exception.
    """

    name = "linear forms"

    def __init__(self, unknowns: int, sign: Sign, jumps: dict[str, Fraction] | None = None) -> None:
        self._length = unknowns + 1
        self._sign = sign
        super().__init__(jumps)

    def unknown(self, number: int) -> Linear:
        """The form u_number, counted from 1."""
        return Linear(tuple(Fraction(int(k == number)) for k in range(self._length)))

    def convert(self, value: Any) -> Linear:
        return _form(value, self._length)

    def sign(self, form: Linear) -> int:
        """The sign of a form; of a constant it is known."""
        if form.constant:
            return (form.coefficients[0] > 0) - (form.coefficients[0] < 0)
        return self._sign(form)

    def choose(
        self, x: Linear, point: Linear, below: Linear, above: Linear, equal: Linear
    ) -> Linear:
        if below == above == equal:
            return below
        sign = self.sign(x - point)
        return equal if sign == 0 else above if sign > 0 else below

    def signs(self, x: Linear) -> frozenset[int]:
        return frozenset({self.sign(x)})

    def primitive(self, name: str) -> Callable[[Any], Any]:
        from verify.arithmetic.rational import RationalArithmetic

        rational = RationalArithmetic().primitive(name)

        def of_constant(form: Linear) -> Linear:
            if not form.constant:
                raise NotLinear(f"{name} of a value that depends on what is varied")
            return self.convert(rational(form.coefficients[0]))

        return of_constant


def _form(value: Any, length: int) -> Linear:
    if isinstance(value, Linear):
        return value
    return Linear((Fraction(value), *[Fraction(0)] * (length - 1)))
