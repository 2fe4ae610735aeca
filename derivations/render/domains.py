"""The note to the right of a formula: for which times it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sympy import Expr, Max, Min, oo
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.indices import is_end
from derivations.cell import Range
from derivations.derivation import Formula
from derivations.expressions.nodes import Adjoint, Tangent, Variable
from derivations.render.names import latex_index, text_index

FORWARD, BACKWARD = "forward", "backward"
COMPUTED: dict[type[MatrixExpr], str] = {
    Variable: FORWARD, Tangent: FORWARD, Adjoint: BACKWARD,
}  # fmt: skip
"""The order in which a left side of this kind is computed; any other is just a range."""


def latex_domain(formula: Formula) -> str:
    """``t = T-1, \\dots, 1``; empty for a formula without a time."""
    order = COMPUTED.get(formula.left.func, "")
    ranges = map(_told(formula.domain), formula.domain)
    return r",\quad ".join(_range(r, order, latex_index, r"\dots", r"\le") for r in ranges)


def text_domain(formula: Formula) -> str:
    """``t = T-1, ..., 1``; empty for a formula without a time."""
    order = COMPUTED.get(formula.left.func, "")
    ranges = map(_told(formula.domain), formula.domain)
    return "; ".join(_range(r, order, text_index, "...", "<=") for r in ranges)


def _told(domain: tuple[Range, ...]) -> Callable[[Range], Range]:
    """A range without the bounds that follow from others: ``s <= t`` for ``s <= min(t, T)``."""
    least = {(r.index, r.lower) for r in domain}
    most = {(r.index, r.upper) for r in domain}

    def shorter(bound: Expr, kind: type[Expr], known: set[tuple[Expr, Expr]]) -> Expr:
        if bound.func is not kind:
            return bound
        kept = [a for a in bound.args if not any((b, a) in known for b in bound.args)]
        return kind(*kept)

    def short(r: Range) -> Range:
        return replace(r, lower=shorter(r.lower, Max, least), upper=shorter(r.upper, Min, most))

    return short


def _range(r: Range, order: str, printed: Callable[[object], str], dots: str, le: str) -> str:
    name, lower, upper = (printed(part) for part in (r.index, r.lower, r.upper))
    if r.pinned:
        return f"{name} = {lower}"
    if r.upper == oo:
        return f"{lower} {le} {name}"
    if r.lower == -oo:
        return f"{name} {le} {upper}"
    if not order or is_end(r.index):
        return f"{lower} {le} {name} {le} {upper}"
    first, last = (upper, lower) if order == BACKWARD else (lower, upper)
    return f"{name} = {first}, {dots}, {last}"
