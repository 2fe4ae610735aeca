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
    times: list[dict[Symbol, Expr]] = [{}]
    for r in formula.domain:
        low, high = r.lower.xreplace(ends), r.upper.xreplace(ends)
        times = [{**t, r.index: low + k} for t in times for k in reversed(range(high - low + 1))]
    budget = [MOST_TERMS]
    for time in times:
        at = {**ends, **time}
        left = formula.left.at([step.xreplace(at) for step in formula.left.steps])
        right = write_out(substitute(formula.right, at), budget)
        yield replace(formula, left=left, right=right, domain=(), via=())


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
