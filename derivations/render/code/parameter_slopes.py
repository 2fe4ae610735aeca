"""How a function of the table changes with one of its parameters, as source text.

A parameter enters a row's value by arithmetic and choices only (p x below the kink of a leaky
rectifier), so its derivative is carried through the value's own formula.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from derivations.errors import MissingRule
from derivations.functions.row import Function
from derivations.render.code.slopes import CodeSpace, Text, text


@dataclass(frozen=True)
class _Moving:
    """A value, and how it changes with the parameter."""

    value: Text
    change: Text

    def __add__(self, other: Any) -> _Moving:
        other = _moving(other)
        return _Moving(self.value + other.value, _sum(self.change, other.change))

    def __sub__(self, other: Any) -> _Moving:
        other = _moving(other)
        return _Moving(self.value - other.value, _sum(self.change, _times(text(-1), other.change)))

    def __mul__(self, other: Any) -> _Moving:
        other = _moving(other)
        first, second = _times(self.change, other.value), _times(self.value, other.change)
        return _Moving(self.value * other.value, _sum(first, second))

    def __radd__(self, other: Any) -> _Moving:
        return _moving(other) + self

    def __rsub__(self, other: Any) -> _Moving:
        return _moving(other) - self

    def __rmul__(self, other: Any) -> _Moving:
        return _moving(other) * self


_NONE, _ONE = text(0), text(1)


def _moving(value: Any) -> _Moving:
    return value if isinstance(value, _Moving) else _Moving(text(value), _NONE)


def _sum(a: Text, b: Text) -> Text:
    return b if a == _NONE else a if b == _NONE else a + b


def _times(a: Text, b: Text) -> Text:
    if _NONE in (a, b):
        return _NONE
    return b if a == _ONE else a if b == _ONE else a * b


class _ParameterSpace:
    """Formulas whose values carry their change along."""

    def __init__(self, base: CodeSpace, name: str) -> None:
        self._base, self._name = base, name
        self.pi = _moving(base.pi)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def applied(*arguments: Any) -> _Moving:
            parts = [_moving(argument) for argument in arguments]
            if any(part.change != _NONE for part in parts):
                raise MissingRule("slope", f"{self._name} in a parameter inside {name}")
            return _moving(getattr(self._base, name)(*(part.value for part in parts)))

        return applied

    def number(self, text_: str) -> Any:
        """An exact constant."""
        return _moving(self._base.number(text_))

    def compare(self, x: Any, point: Any, below: Any, above: Any, equal: Any = None) -> Any:
        """A choice by the value; the change goes along."""
        place, spot, low, high = (_moving(v) for v in (x, point, below, above))
        same = low if equal is None else _moving(equal)
        values = (low.value, high.value, same.value)
        changes = (low.change, high.change, same.change)
        return _Moving(
            self._base.compare(place.value, spot.value, *values),
            self._base.compare(place.value, spot.value, *changes),
        )


def parameter_slope(row: Function, given: Sequence[Text], wrt: int, space: CodeSpace) -> Text:
    """The derivative of a row's value in its parameter at place ``wrt``.

    Raises:
        MissingRule: the parameter stands inside another function.
    """
    parts = [_Moving(g, _ONE if k == wrt else _NONE) for k, g in enumerate(given)]
    return _moving(row.value_in(_ParameterSpace(space, row.name), *parts)).change
