"""How far a real index goes until a wave in an expression has made one full turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sympy import Expr, Symbol, pi, simplify
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.nodes import Apply
from derivations.expressions.traverse import BINDERS, operands
from verify.inequalities.numbers import value_of

_WAVES = ("sin", "cos")


def angles(sides: Sequence[MatrixExpr]) -> list[Expr]:
    """The arguments of all sines and cosines, each of the first wave of its sum."""
    return list(dict.fromkeys(angle for side in sides for angle in _angles(side)))


def _angles(node: MatrixExpr) -> Iterator[Expr]:
    if isinstance(node, Apply) and node.function in _WAVES and not any(node.orders):
        value = value_of(node.arguments[0], lambda number: number)
        if value is not None:
            yield value
        return
    for part in operands(node):
        for angle in _angles(part):
            yield angle.subs(node.index, node.lower) if isinstance(node, BINDERS) else angle


def full_turns(angles: Sequence[Expr], index: Symbol, bindings: dict[Symbol, Any]) -> list[Expr]:
    """What the index moves by in one turn of each wave, at these values of other symbols."""
    found = []
    for angle in angles:
        rate = simplify(angle.diff(index).subs(bindings))
        if rate.is_number and rate.is_positive:
            found.append(simplify(2 * pi / rate))
    return list(dict.fromkeys(found))
