"""Writing a closed form out for a given number of steps, term by term."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sympy import Expr, Symbol
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.expand import rebuilt
from derivations.derivation import Formula
from derivations.errors import InputError
from derivations.expressions import build
from derivations.expressions.nodes import Blocks, TimeProduct, TimeSum
from derivations.expressions.traverse import operands, substitute, with_operands

MOST_TERMS = 5_000
"""Most terms and factors that may be written out."""


def unroll(formula: Formula, ends: Mapping[Symbol, Expr]) -> Iterator[Formula]:
    """The formula at every time of its domain, sums and products written out.

    Args:
        ends: end of each axis (``T``) → its number.

    Raises:
        InputError: more than :data:`MOST_TERMS` terms.
    """
    budget = [MOST_TERMS]
    for time in _times(formula, ends):
        at = {**ends, **time}
        left = substitute(formula.left, at)
        right = write_out(substitute(formula.right, at), budget)
        yield replace(formula, left=left, right=right, domain=(), via=())


def _times(formula: Formula, ends: Mapping[Symbol, Expr]) -> list[dict[Symbol, Expr]]:
    """Every choice of the free indices, late times first."""
    times: list[dict[Symbol, Expr]] = [{}]
    waiting = list(formula.domain)
    while waiting:
        # A range that refers to other indices comes after theirs.
        mine = {r.index for r in waiting}
        r = next(r for r in waiting if not (r.lower.free_symbols | r.upper.free_symbols) & mine)
        waiting.remove(r)
        found = []
        for t in times:
            low, high = (bound.xreplace({**ends, **t}) for bound in (r.lower, r.upper))
            if r.index in ends:  # a condition on the length
                found += [t] if low <= ends[r.index] <= high else []
                continue
            found += [{**t, r.index: low + k} for k in reversed(range(int(high - low) + 1))]
        times = found
    return times


def write_out(expr: MatrixExpr, budget: list[int]) -> MatrixExpr:
    """An expression with number bounds, without sums and products over time."""
    if isinstance(expr, TimeSum | TimeProduct):
        steps = [expr.lower + k for k in range(int(expr.upper - expr.lower) + 1)]
        budget[0] -= len(steps)
        if budget[0] < 0:
            raise InputError(
                f"more than {MOST_TERMS} terms would be written out", remedy="give fewer steps"
            )
        parts = [write_out(substitute(expr.body, {expr.index: step}), budget) for step in steps]
        if isinstance(expr, TimeSum):
            return build.add(*parts) if parts else build.zeros(expr.shape)
        ordered = reversed(parts) if expr.descending else parts
        return build.matmul(Identity(expr.shape[0]), *ordered)
    parts_ = tuple(write_out(part, budget) for part in operands(expr))
    if not parts_ or parts_ == operands(expr):
        return expr
    return with_operands(expr, parts_) if isinstance(expr, Blocks) else rebuilt(expr, parts_)
