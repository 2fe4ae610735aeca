"""Where a row's formulas are evaluated: SymPy expressions, references to rows, or mpmath.

A formula in the table is written once, as ``lambda f, x: 1 / (1 + f.exp(-x))``; the *space* ``f``
says what ``exp`` means. Nothing here is imported until a formula is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

PRIMITIVES = frozenset(
    {"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sech", "sqrt", "erf", "atan"}
)
"""Functions that SymPy and mpmath both have under this name; all others are built from rows."""

RowValue = Callable[..., Any]


class Space(Protocol):
    """What a formula may use beside arithmetic; any row of the table is an attribute, too."""

    pi: Any

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The function of that row."""

    def number(self, text: str) -> Any:
        """An exact constant, from a fraction or a decimal."""

    def compare(self, x: Any, point: Any, below: Any, above: Any, equal: Any = None) -> Any:
        """``below`` for x < point, ``above`` for x > point; ``equal`` (else ``below``) at it."""

    def at(self, x: Any, point: Any, value: Any, otherwise: Any) -> Any:
        """``value`` where x = point, else ``otherwise``."""


class SympySpace:
    """Values: a row met in a formula is written out in SymPy's own functions."""

    def __init__(self, row_value: Callable[[str, Space], RowValue]) -> None:
        import sympy

        self._sympy = sympy
        self._row_value = row_value
        self.pi: Any = sympy.pi

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in PRIMITIVES:
            return getattr(self._sympy, name)
        if name == "abs":
            return self._sympy.Abs
        return self._row_value(name, self)

    def number(self, text: str) -> Any:
        return self._sympy.Rational(text)

    def compare(self, x: Any, point: Any, below: Any, above: Any, equal: Any = None) -> Any:
        if equal is None:
            return self._sympy.Piecewise((below, x <= point), *self._pieces(above))
        branches = self._sympy.Piecewise((below, x < point), *self._pieces(above))
        return self.at(x, point, equal, branches)

    def at(self, x: Any, point: Any, value: Any, otherwise: Any) -> Any:
        here = (value, self._sympy.Eq(x, point))
        return self._sympy.Piecewise(here, *self._pieces(otherwise))

    def _pieces(self, expression: Any) -> tuple[Any, ...]:
        """The branches of ``expression``, so that nested cases stay one flat list."""
        if isinstance(expression, self._sympy.Piecewise):
            return tuple(expression.args)
        return ((expression, True),)


class RowSpace(SympySpace):
    """Slopes: a row met in a formula stays an applied function of that name, ``sigmoid(X)``.

    A row of a plain number (``sqrt(2)``) is a constant, so it is written out.
    """

    def __getattr__(self, name: str) -> Callable[..., Any]:
        written_out = super().__getattr__(name)
        head = self._sympy.Function(name)

        def apply(*arguments: Any) -> Any:
            exact = [self._sympy.sympify(argument) for argument in arguments]
            return written_out(*exact) if all(a.is_number for a in exact) else head(*exact)

        return apply


class MpmathSpace:
    """Numbers, at whatever precision the caller has set."""

    def __init__(self, row_value: Callable[[str, Space], RowValue]) -> None:
        import mpmath

        self._mp = mpmath.mp
        self._row_value = row_value
        self.pi: Any = mpmath.mp.pi

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in PRIMITIVES:
            return getattr(self._mp, name)
        if name == "abs":
            return self._mp.fabs
        return self._row_value(name, self)

    def number(self, text: str) -> Any:
        return self._mp.mpf(text)

    def compare(self, x: Any, point: Any, below: Any, above: Any, equal: Any = None) -> Any:
        if x == point and equal is not None:
            return equal
        return above if x > point else below

    def at(self, x: Any, point: Any, value: Any, otherwise: Any) -> Any:
        return value if x == point else otherwise
