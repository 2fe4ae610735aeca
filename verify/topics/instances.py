"""Whether an expression is an instance of a formula's side, at other indices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

from sympy import Basic, Expr, Symbol
from sympy.matrices.expressions import MatAdd, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import build
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import operands, with_operands

MOST_TERMS = 4
"""Terms of a sum that are put in every order."""


def instance(pattern: MatrixExpr, expr: MatrixExpr) -> dict[Symbol, Expr] | None:
    """What the indices of a pattern are in an expression; ``None`` where it is no instance.

    Indices stand alone at a variable of the pattern: ``P[t] - P[s]`` has the instance
    ``P[t+n] - P[t]``.
    """
    return _matched(_inward(pattern), _inward(expr), {})


def _inward(expr: MatrixExpr) -> MatrixExpr:
    """The expression with transposes at its variables, as claims are read."""
    parts = tuple(map(_inward, operands(expr)))
    inner = with_operands(expr, parts) if parts else expr
    return build.transpose(inner.arg) if isinstance(inner, Transpose) else inner


def _matched(
    pattern: Basic, expr: Basic, known: Mapping[Symbol, Expr]
) -> dict[Symbol, Expr] | None:
    if isinstance(pattern, Variable) and isinstance(expr, Variable):
        if pattern.name != expr.name:
            return None
        bound = dict(known)
        for index, step in zip(pattern.steps, expr.steps, strict=True):
            value = bound.setdefault(index, step) if isinstance(index, Symbol) else index
            if value != step:
                return None
        return bound
    if pattern == expr:
        return dict(known)
    if type(pattern) is not type(expr) or len(pattern.args) != len(expr.args) or not pattern.args:
        return None
    sums = isinstance(pattern, MatAdd) and len(pattern.args) <= MOST_TERMS
    for order in permutations(expr.args) if sums else (expr.args,):
        found = _all(pattern.args, order, known)
        if found is not None:
            return found
    return None


def _all(
    patterns: Sequence[Basic], parts: Sequence[Basic], known: Mapping[Symbol, Expr]
) -> dict[Symbol, Expr] | None:
    found: dict[Symbol, Expr] | None = dict(known)
    for pattern, part in zip(patterns, parts, strict=True):
        found = None if found is None else _matched(pattern, part, found)
    return found
