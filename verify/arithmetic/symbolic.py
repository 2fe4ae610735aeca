"""SymPy expressions as numbers: what a step does to symbols is its formula."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy

from verify.arithmetic.entries import EntryArithmetic, NoCounterpart


class SymbolicArithmetic(EntryArithmetic):
    """Scalar SymPy expressions; a threshold between symbols is not decided."""

    name = "symbols"

    def convert(self, value: Any) -> Any:
        if isinstance(value, Fraction):
            return sympy.Rational(value.numerator, value.denominator)
        return sympy.sympify(int(value)) if isinstance(value, int) else value

    def signs(self, x: Any) -> frozenset[int]:
        sign = sympy.sign(x)
        return frozenset({int(sign)}) if sign.is_Integer else frozenset({-1, 0, 1})

    def choose(self, x: Any, point: Any, below: Any, above: Any, equal: Any) -> Any:
        signs = self.signs(x - point)
        if len(signs) > 1:
            raise NoCounterpart("a threshold between symbols")
        return {-1: below, 0: equal, 1: above}[next(iter(signs))]

    def primitive(self, name: str) -> Callable[[Any], Any]:
        if name == "pi":
            return lambda _: sympy.pi
        function: Callable[[Any], Any] = getattr(sympy, name)
        return function
