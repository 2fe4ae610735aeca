"""Differences of two sides with equal terms taken together: what is left is what decides."""

from __future__ import annotations

from sympy import Expr, S
from sympy.matrices.expressions import MatAdd
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import build
from derivations.expressions.nodes import Apply, Constant, Scale, TimeSum
from derivations.expressions.traverse import substitute

MOST_BETWEEN = 3
"""Terms that a sum may have more than another one for them to be written out."""
Terms = dict[MatrixExpr, Expr]


def difference(larger: MatrixExpr, smaller: MatrixExpr) -> MatrixExpr:
    """larger − smaller; max(a, b) − a is relu(b − a), and a − min(a, b) is relu(a − b)."""
    terms = _terms(larger, S.One, {})
    terms = _without_tails(_without_choices(_terms(smaller, -S.One, terms)))
    parts = [build.scale(build.constant(factor), part) for part, factor in terms.items() if factor]
    return build.add(*parts) if parts else build.zeros(larger.shape)


def _terms(side: MatrixExpr, factor: Expr, found: Terms) -> Terms:
    """How often each term stands in a sum."""
    if isinstance(side, MatAdd):
        for part in side.args:
            found = _terms(part, factor, found)
        return found
    if isinstance(side, Scale) and isinstance(side.scalar, Constant):
        return _terms(side.matrix, (factor * side.scalar.value).expand(), found)
    if isinstance(side, Constant):
        one = build.ones(*side.shape)
        return {**found, one: (found.get(one, S.Zero) + factor * side.value).expand()}
    return {**found, side: (found.get(side, S.Zero) + factor).expand()}


def _without_tails(terms: Terms) -> Terms:
    """A sum less the same sum up to an earlier time, as the few terms between the two."""
    for longer, factor in terms.items():
        for shorter in terms if isinstance(longer, TimeSum) and factor else ():
            if not isinstance(shorter, TimeSum) or terms[shorter] != -factor:
                continue
            steps = (longer.upper - shorter.upper).expand()
            body = substitute(shorter.body, {shorter.index: longer.index})
            same = body == longer.body and shorter.lower == longer.lower
            if same and steps.is_Integer and 0 < steps <= MOST_BETWEEN:
                found = {key: value for key, value in terms.items() if key not in (longer, shorter)}
                for step in range(int(steps)):
                    here = substitute(longer.body, {longer.index: longer.upper - step})
                    found = _terms(here, factor, found)
                return _without_tails(found)
    return terms


def _without_choices(terms: Terms) -> Terms:
    """Every larger or smaller one of two values taken together with one of the two."""
    for part, factor in tuple(terms.items()):
        sign = {"max": 1, "min": -1}.get(part.function) if isinstance(part, Apply) else None
        if sign is None or factor != sign or any(part.orders):
            continue
        for one, other in (part.arguments, part.arguments[::-1]):
            if terms.get(one) == -sign:
                gap = build.subtract(other, one) if sign > 0 else build.subtract(one, other)
                rest = {key: value for key, value in terms.items() if key not in (part, one)}
                return _without_choices({**rest, build.apply("relu", (0,), gap): S.One})
    return terms
