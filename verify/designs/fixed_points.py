"""When a unit remembers: the fixed points of h = φ(a h + s) under one letter, as formulas.

φ is a function of the table whose slope is a quadratic in its value, zero at both ends of its
range (sigmoid, tanh). Solved for s, a fixed point is s(h) = φ⁻¹(h) − a h, and s′(h) = 0 where the
slope is 1/a. So with γ the greatest slope there is one fixed point for a γ ≤ 1; for a γ > 1 there
are two turning points h₋ < h₊, and exactly for s(h₊) < s < s(h₋) two stable fixed points with an
unstable one between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sympy
from sympy import Expr, Poly, Rational, Symbol

from derivations.expressions.nodes import Apply, Variable
from derivations.functions import Function, lookup
from verify.arithmetic.entries import NoCounterpart
from verify.arithmetic.symbolic import SymbolicArithmetic
from verify.designs.design import Design, Entry
from verify.designs.machine import Machine

DIGITS = 40


@dataclass(frozen=True)
class Memory:
    """A unit under one letter held forever.

    Attributes:
        letter: how it is written.
        state, function: h and φ.
        weight, shift: a and s, in the names of the given numbers.
        least_weight: 1/γ: for weights up to it there is one fixed point.
        turning: h₋ and h₊ in terms of the weight.
        shifts: s(h₊) and s(h₋) in terms of the weight.
        inverse: φ⁻¹(h).
        numbers: the value of every name in ``weight`` and ``shift``.
    """

    letter: str
    state: str
    function: str
    weight: Expr
    shift: Expr
    least_weight: Expr
    turning: tuple[Expr, Expr]
    shifts: tuple[Expr, Expr]
    inverse: Expr
    numbers: dict[Symbol, Expr]

    @property
    def bistable(self) -> bool:
        """Whether there are two stable fixed points at the given numbers."""
        if not self.strong:
            return False
        low, high = self.limits
        return bool(low < self.at(self.shift).evalf(DIGITS) < high)

    @property
    def strong(self) -> bool:
        """Whether the weight allows two stable fixed points under some shift."""
        return bool(self.at(self.weight) > self.least_weight)

    @property
    def limits(self) -> tuple[Expr, Expr]:
        """Between which shifts there are two stable fixed points, at the given weight.

        Raises:
            ValueError: the weight is too small for any.
        """
        if not self.strong:
            raise ValueError(f"the weight is at most {self.least_weight}")
        low, high = (self.at(shift).evalf(DIGITS) for shift in self.shifts)
        return low, high

    def window(self, name: Symbol) -> tuple[Expr, Expr] | None:
        """Between which values of one number, the others as given, there are two.

        Returns:
            ``None`` where the number is no plain term of the shift, or moves the weight.
        """
        if (
            not self.strong
            or name in self.weight.free_symbols
            or name not in self.shift.free_symbols
        ):
            return None
        poly = Poly(self.shift, name)
        others = {symbol: value for symbol, value in self.numbers.items() if symbol != name}
        slope, rest = (poly.coeff_monomial(name**k).subs(others) for k in (1, 0))
        if poly.degree() != 1 or not slope:
            return None
        low, high = sorted((end - rest) / slope for end in self.limits)
        return low, high

    def at(self, expression: Expr) -> Expr:
        """An expression in the weight and the given names at the given numbers."""
        return expression.subs({WEIGHT: self.weight}).subs(self.numbers)


WEIGHT = Symbol("a", real=True)
STATE = Symbol("h", real=True)


def memories(design: Design) -> list[Memory]:
    """What the one unit of a design does under each letter; empty where this theory is silent."""
    try:
        arithmetic = SymbolicArithmetic(design.jumps)
        numbers = {entry: Symbol(entry.name, real=True) for entry in design.entries}
        machine = Machine(design, arithmetic, numbers)
        if machine.size != 1:
            return []
        return list(_memories(design, machine, numbers))
    except NoCounterpart:
        return []


def _memories(
    design: Design, machine: Machine, numbers: Mapping[Entry, Symbol]
) -> Iterator[Memory]:
    ((name, delay),) = machine.structure.delays
    definition = next(d for d in machine.structure.definitions if d.name == name)
    value = definition.pieces[-1].value
    if delay != 1 or not isinstance(value, Apply) or any(value.orders):
        return
    row = lookup(value.function)
    shape = None if row is None else _shape(row)
    if row is None or shape is None or len(value.arguments) > 1:
        return
    h = STATE
    values = {
        symbol: Rational(design.value(entry).numerator, design.value(entry).denominator)
        for entry, symbol in numbers.items()
    }
    (argument,) = value.arguments
    assert isinstance(argument, Variable)
    for letter, matrix in zip(
        design.letters, machine.evaluate(argument, (h,), machine.phases), strict=True
    ):
        poly = Poly(sympy.expand(matrix.flat[0]), h)
        if poly.degree() > 1:
            return
        weight, shift = poly.coeff_monomial(h), poly.coeff_monomial(1)
        yield Memory(letter.name, name, row.name, weight, shift, *shape, values)


def _shape(row: Function) -> tuple[Expr, tuple[Expr, Expr], tuple[Expr, Expr], Expr] | None:
    """1/γ, turning points, the shifts there, φ⁻¹; ``None`` for a function of another shape."""
    formula = row.slope_expr().subs(Symbol("Y", real=True), STATE)
    if not row.slope_in_value or row.arity != 1 or not formula.is_polynomial(STATE):
        return None
    slope = Poly(formula, STATE)
    ends = [sympy.nsimplify(end) for end in (row.range.low, row.range.high)]
    if slope.degree() != 2 or slope.LC() > 0 or any(slope.eval(end) != 0 for end in ends):
        return None
    greatest = slope.eval(sum(ends) / 2)
    low, high = _sorted_roots(formula - 1 / WEIGHT)
    x = Symbol("X", real=True)
    middle = {STATE: sum(ends) / 2}
    value = row.value(x).rewrite(sympy.exp)
    (inverse,) = (
        root for root in sympy.solve(sympy.Eq(value, STATE), x) if root.subs(middle).is_real
    )
    shifts = (inverse.subs(STATE, high) - WEIGHT * high, inverse.subs(STATE, low) - WEIGHT * low)
    return 1 / greatest, (low, high), shifts, inverse


def _sorted_roots(quadratic: Expr) -> tuple[Expr, Expr]:
    """The two roots, the lesser one first (for a weight large enough that there are two)."""
    roots = sympy.solve(quadratic, STATE)
    large = {WEIGHT: 1_000}
    first, second = sorted(roots, key=lambda root: float(root.subs(large)))
    return sympy.simplify(first), sympy.simplify(second)
