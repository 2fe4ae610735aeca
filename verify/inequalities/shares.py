"""Patterns whose span is smaller than that of their parts: shares of a whole, weighted means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations

from sympy import Expr, Integer
from sympy.matrices.expressions import HadamardProduct, MatAdd, MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import build
from derivations.expressions.nodes import Constant, Quotient, Scale, TimeSum
from derivations.expressions.traverse import substitute


@dataclass(frozen=True)
class Weighted:
    """``weight ⊙ value``."""

    weight: MatrixExpr
    value: MatrixExpr


def complementary(total: MatAdd) -> Iterator[tuple[Weighted, Weighted]]:
    """The ways in which a sum of two terms is x ⊙ a + (1 − x) ⊙ b."""
    if len(total.args) != 2:
        return
    for one, other in permutations(total.args):
        for first in _weighted(one):
            for second in _weighted(other):
                if _rest_of(first.weight) == second.weight:
                    yield first, second


def _weighted(term: MatrixExpr) -> Iterator[Weighted]:
    """A product with each of its factors as the weight of the others."""
    if not isinstance(term, HadamardProduct | Scale):
        return
    for place, weight in enumerate(term.args):
        others = [part for k, part in enumerate(term.args) if k != place]
        value = others[0]
        for part in others[1:]:
            value = build.hadamard(value, part)
        yield Weighted(weight, value)


def _rest_of(weight: MatrixExpr) -> MatrixExpr:
    """1 − weight, as the builders write it."""
    return build.subtract(Constant(1, *weight.shape), weight)


def terms_of(whole: MatrixExpr) -> Expr:
    """How many terms the denominator of a share has."""
    whole = _repeated(whole)
    if isinstance(whole, TimeSum):
        return whole.upper - whole.lower + 1
    if isinstance(whole, MatMul):  # 1ᵀ v
        return whole.args[0].shape[1]
    return Integer(len(whole.args))


def averaged(
    total: TimeSum, said: Callable[[MatrixExpr], MatrixExpr]
) -> Iterator[tuple[Quotient, MatrixExpr]]:
    """The ways in which a sum over time is of shares of one whole, each times a value.

    Args:
        said: an expression as its equation says.
    """
    for term in _weighted(total.body):
        weight = said(term.weight)
        if isinstance(weight, Quotient):
            whole = _repeated(weight.denominator)
            here = isinstance(whole, TimeSum) and whole.args[2:] == total.args[2:]
            if here and substitute(whole.body, {whole.index: total.index}) == weight.numerator:
                yield weight, term.value


def _repeated(whole: MatrixExpr) -> MatrixExpr:
    """The 1×1 sum that is repeated for every entry."""
    if isinstance(whole, Scale):
        return next((a for a in whole.args if not isinstance(a, Constant)), whole)
    return whole


def is_share(
    quotient: Quotient,
    nonnegative: Callable[[MatrixExpr], bool],
    has: Callable[[TimeSum, Expr], bool],
) -> bool:
    """Whether the denominator is a sum of nonnegative terms of which the numerator is one.

    Args:
        has: whether a sum over time runs over a step.
    """
    part, whole = quotient.numerator, _repeated(quotient.denominator)
    if isinstance(whole, TimeSum):
        return nonnegative(whole.body) and any(
            has(whole, step) and substitute(whole.body, {whole.index: step}) == part
            for step in part.free_symbols | {whole.lower, whole.upper}
        )
    if isinstance(whole, MatMul):  # 1ᵀ v
        return len(whole.args) == 2 and build.total(part) == whole and nonnegative(part)
    terms = whole.args if isinstance(whole, MatAdd) else ()
    return part in terms and all(map(nonnegative, terms))
