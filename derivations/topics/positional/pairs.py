"""The symbols of the topic: frequencies, pairs, shift matrices, for either numbering of the pairs.

Everything about one pair is a function of the angle ω_k t, so each quantity is a variable with its
definition; the topic's formulas are written in the variables, and proofs in the definitions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr, Integer, Symbol
from sympy.matrices.expressions import MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Definition, Piece, Range
from derivations.expressions import build
from derivations.expressions.nodes import (
    Apply,
    Blocks,
    Constant,
    DirectSum,
    Power,
    Scale,
    TimeSum,
    Variable,
)

d = Symbol("d", even=True, positive=True)
k = Symbol("k", integer=True)
t, tau, s, a, b = (Symbol(name, real=True) for name in ("t", "tau", "s", "a", "b"))
BASE = 10000
TWO = Integer(2)


def number(value: object) -> Constant:
    """A 1×1 constant."""
    return Constant(value, 1, 1)


def column(above: MatrixExpr, below: MatrixExpr) -> Blocks:
    """The 2×1 vector of two 1×1 values."""
    return Blocks(2, 1, above, below)


def square(*entries: MatrixExpr) -> Blocks:
    """The 2×2 matrix of four 1×1 values, row by row."""
    return Blocks(2, 2, *entries)


@dataclass(frozen=True)
class Pairs:
    """The quantities for pairs numbered from ``first``; ``mark`` sets their names apart."""

    first: int = 1
    mark: str = ""

    @property
    def last(self) -> Expr:
        """Number of the last of the d/2 pairs."""
        return d / 2 + self.first - 1

    @property
    def all(self) -> tuple[Range, ...]:
        """k over all pairs."""
        return (Range(k, Integer(self.first), self.last),)

    def omega(self, index: Expr = k) -> Variable:
        """ω_k, 1×1."""
        return self._variable("omega", (index,), 1, 1)

    def pair(self, at: Expr) -> Variable:
        """P_{t,k}, 2×1."""
        return self._variable("pair", (at, k), 2, 1)

    def encoding(self, at: Expr) -> Variable:
        """P_t, d×1."""
        return self._variable("P", (at,), d, 1)

    def shift(self, by: Expr) -> Variable:
        """M_k^τ, 2×2."""
        return self._variable("shift", (k, by), 2, 2)

    def shift_all(self, by: Expr) -> Variable:
        """M^τ, d×d."""
        return self._variable("M", (by,), d, d)

    def generator(self) -> Variable:
        """Ω_k, 2×2."""
        return self._variable("generator", (k,), 2, 2)

    def generator_all(self) -> Variable:
        """Ω, d×d."""
        return self._variable("Omega", (), d, d)

    def rotary(self, at: Expr) -> Variable:
        """R_{t,k}, 2×2."""
        return self._variable("rotary", (at, k), 2, 2)

    def rotary_all(self, at: Expr) -> Variable:
        """R_t, d×d."""
        return self._variable("R", (at,), d, d)

    def angle(self, at: Expr) -> Scale:
        """ω_k t."""
        return Scale(self.omega(), number(at))

    def sin(self, at: Expr) -> Apply:
        """sin ω_k t."""
        return Apply("sin", (0,), self.angle(at))

    def cos(self, at: Expr) -> Apply:
        """cos ω_k t."""
        return Apply("cos", (0,), self.angle(at))

    def circle(self, at: Expr) -> Blocks:
        """(sin ω_k t, cos ω_k t), 2×1."""
        return column(self.sin(at), self.cos(at))

    def rotation(self, by: Expr) -> Blocks:
        """[[cos, sin], [−sin, cos]] of ω_k τ."""
        return square(self.cos(by), self.sin(by), build.negative(self.sin(by)), self.cos(by))

    def spread(self, body: MatrixExpr) -> DirectSum:
        """⊕_k body."""
        return DirectSum(body, k, self.first, self.last)

    def stack(self, body: MatrixExpr) -> MatMul:
        """The columns ``body`` of all pairs under each other."""
        return MatMul(self.spread(body), Constant(1, d / 2, 1))

    def total(self, body: MatrixExpr) -> TimeSum:
        """Σ_k body."""
        return TimeSum(body, k, self.first, self.last)

    def definitions(self) -> Iterator[Definition]:
        """What each quantity is, in the order of use."""
        rotated = square(self.cos(t), build.negative(self.sin(t)), self.sin(t), self.cos(t))
        zero, turn = number(0), self.omega()
        for target, value in (
            (self.omega(), Power(number(BASE), -2 * k / d)),
            (self.pair(t), self.circle(t)),
            (self.encoding(t), self.stack(self.pair(t))),
            (self.shift(tau), self.rotation(tau)),
            (self.shift_all(tau), self.spread(self.shift(tau))),
            (self.generator(), square(zero, turn, build.negative(turn), zero)),
            (self.generator_all(), self.spread(self.generator())),
            (self.rotary(t), rotated),
            (self.rotary_all(t), self.spread(self.rotary(t))),
        ):
            domain = self.all if k in target.steps else ()
            yield Definition(target, (Piece(value, domain),))

    def displays(self) -> dict[str, str]:
        """How the names are printed: a pair by the letter of the whole, shifts above."""
        shown = {"pair": "P", "shift": "M_^", "M": "M_^", "generator": "Omega", "rotary": "R"}
        return {self._named(name): letter + self._suffix for name, letter in shown.items()}

    @property
    def _suffix(self) -> str:
        return f"_{self.mark}" if self.mark else ""

    def _named(self, name: str) -> str:
        return name + self._suffix

    def _variable(self, name: str, steps: tuple[Expr, ...], rows: object, cols: object) -> Variable:
        return Variable(self._named(name), steps, rows, cols)
