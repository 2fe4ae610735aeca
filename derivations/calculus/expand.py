"""Replacing adjoints or tangents inside a linear expression by what they are.

A definition may hold only at some times (``p̄_t`` is zero but at t = T). Substituted under a sum
over time, such a condition narrows the sum, or picks one term of it; elsewhere it becomes a
condition on the result. So one expression may become several alternatives, each with the times
at which it counts; alternatives are added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Expr, Symbol, oo
from sympy.matrices.expressions import MatAdd
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.indices import is_end, largest, magnitude, smallest
from derivations.cell import Definition, Range
from derivations.expressions import build
from derivations.expressions.nodes import Adjoint, Blocks, Tangent, TimeSum
from derivations.expressions.traverse import (
    contains,
    operands,
    substitute,
    with_operands,
)

Resolve = Callable[[MatrixExpr], Definition | None]


@dataclass(frozen=True)
class Alternative:
    """``value`` where every range holds; the ranges are about free indices of the value."""

    value: MatrixExpr
    domain: tuple[Range, ...] = ()


def expand(expr: MatrixExpr, resolve: Resolve) -> list[Alternative]:
    """All alternatives of an expression that is linear in the leaves ``resolve`` defines.

    ``resolve(leaf)`` gives a leaf's definition, or ``None`` for one that stays.
    """
    return _Expansion(resolve).of(expr)


class _Expansion:
    """One expansion; a subexpression that comes again is expanded once."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._done: dict[MatrixExpr, list[Alternative]] = {}

    def of(self, expr: MatrixExpr) -> list[Alternative]:
        if expr not in self._done:
            self._done[expr] = self._expanded(expr)
        return self._done[expr]

    def _expanded(self, expr: MatrixExpr) -> list[Alternative]:
        if isinstance(expr, Adjoint | Tangent):
            definition = self._resolve(expr)
            if definition is None:
                return [Alternative(expr)]
            return [a for piece in instantiate(definition, expr) for a in self._again(piece)]
        parts = operands(expr)
        if not contains(expr, Adjoint, Tangent) or not parts:
            return [Alternative(expr)]
        if isinstance(expr, TimeSum):
            return [s for a in self.of(expr.body) for s in narrow(expr, a)]
        expanded = [self.of(part) for part in parts]
        if isinstance(expr, MatAdd):
            return [alternative for alternatives in expanded for alternative in alternatives]
        if isinstance(expr, Blocks):
            return _blocks(expr, expanded)
        return _product(expr, expanded)

    def _again(self, piece: Alternative) -> Iterator[Alternative]:
        for inner in self.of(piece.value):
            domain = intersect((*piece.domain, *inner.domain))
            if domain is not None:
                yield Alternative(inner.value, domain)


def instantiate(definition: Definition, leaf: MatrixExpr) -> Iterator[Alternative]:
    """The pieces of a definition at the steps of one leaf."""
    mapping = dict(zip(definition.target.steps, leaf.steps, strict=True))
    for piece in definition.pieces:
        conditions: list[Range] = []
        possible = True
        for r in piece.domain:
            step = mapping.get(r.index, r.index)
            outer = {k: v for k, v in mapping.items() if k != r.index}
            found = between(step, r.lower.xreplace(outer), r.upper.xreplace(outer))
            possible = possible and found is not None
            conditions.extend(found or ())
        domain = intersect(conditions) if possible else None
        if domain is not None:
            yield Alternative(substitute(piece.value, mapping), domain)


@lru_cache(maxsize=4096)
def between(step: Expr, lower: Expr, upper: Expr) -> tuple[Range, ...] | None:
    """``lower ≤ step ≤ upper`` as ranges of single indices; ``None`` if it cannot hold."""
    found: list[Range] = []
    for gap in ((step - lower), (upper - step)):
        gap = gap.expand() if gap.is_finite is not False else gap
        symbols = sorted((s for s in gap.free_symbols if not is_end(s)), key=str)
        usable = [s for s in symbols if gap.coeff(s) in (1, -1)]
        preferred = [s for s in usable if step.has(s)] or usable
        if not preferred:
            if gap.is_extended_real and magnitude(gap) < 0:
                return None
            continue
        subject = preferred[0]
        factor = gap.coeff(subject)
        bound = (subject - gap / factor).expand()
        found.append(Range(subject, bound, oo) if factor == 1 else Range(subject, -oo, bound))
    return tuple(found)


def intersect(ranges: Sequence[Range]) -> tuple[Range, ...] | None:
    """One range per index; ``None`` if some index has no value left.

    An index that is pinned stays pinned; its other ranges become conditions on where it is.
    """
    return _intersect(tuple(ranges))


@lru_cache(maxsize=4096)
def _intersect(ranges: tuple[Range, ...]) -> tuple[Range, ...] | None:
    merged: dict[Symbol, Range] = {}
    waiting = list(ranges)
    while waiting:
        r = waiting.pop(0)
        known = merged.get(r.index)
        if known is not None and known != r:
            pin = known if known.pinned else r
            if pin.pinned:
                other = r if pin is known else known
                conditions = between(pin.lower, other.lower, other.upper)
                if conditions is None:
                    return None
                waiting.extend(c for c in conditions if c.index != r.index)
                r = pin
            else:
                low, high = largest((known.lower, r.lower)), smallest((known.upper, r.upper))
                r = Range(r.index, low, high)
        gap = r.upper - r.lower
        if gap.is_extended_real and magnitude(gap) < 0:
            return None
        merged[r.index] = r
    return tuple(merged.values())


def narrow(node: TimeSum, body: Alternative) -> Iterator[Alternative]:
    """A sum over time whose body counts only where a condition holds."""
    index = node.index
    lowers, uppers, outer = [node.lower], [node.upper], []
    pinned: Expr | None = None
    for r in body.domain:
        if r.index == index:
            if r.pinned:
                pinned = r.lower
            lowers.append(r.lower)
            uppers.append(r.upper)
        elif r.lower.has(index) or r.upper.has(index):
            for bound, other, is_lower in ((r.lower, r.index, True), (r.upper, r.index, False)):
                if bound.has(index):
                    limit = (other - (bound - index)).expand()
                    (uppers if is_lower else lowers).append(limit)
                elif bound.is_finite is not False:
                    outer.append(Range(other, bound, oo) if is_lower else Range(other, -oo, bound))
        else:
            outer.append(r)
    if pinned is not None:
        for low in lowers:
            inside = between(pinned, low, oo)
            if inside is None:
                return
            outer.extend(inside)
        for high in uppers:
            inside = between(pinned, -oo, high)
            if inside is None:
                return
            outer.extend(inside)
        value = substitute(body.value, {index: pinned})
    else:
        lower = largest([b for b in lowers if b != -oo])
        upper = smallest([b for b in uppers if b != oo])
        gap = (upper - lower).expand()
        if gap.is_number and gap < 0:
            return
        value = (
            substitute(body.value, {index: lower})
            if gap == 0
            else TimeSum(body.value, index, lower, upper)
        )
    domain = intersect([r for r in outer if not (r.lower == -oo and r.upper == oo)])
    if domain is not None:
        yield Alternative(value, domain)


def _product(expr: MatrixExpr, expanded: list[list[Alternative]]) -> list[Alternative]:
    """A product, of which one operand holds the linear leaf."""
    parts = operands(expr)
    result: list[Alternative] = []
    moving = [i for i, part in enumerate(parts) if contains(part, Adjoint, Tangent)]
    position = moving[0]
    for alternative in expanded[position]:
        changed = (*parts[:position], alternative.value, *parts[position + 1 :])
        result.append(replace(alternative, value=rebuilt(expr, changed)))
    return result


def rebuilt(expr: MatrixExpr, parts: tuple[MatrixExpr, ...]) -> MatrixExpr:
    """``expr`` over other operands, in the form the constructors give."""
    maker = _MAKERS.get(type(expr).__name__)
    return maker(*parts) if maker else with_operands(expr, parts)


_MAKERS: dict[str, Callable[..., MatrixExpr]] = {
    "MatMul": build.matmul,
    "MatAdd": build.add,
    "HadamardProduct": build.hadamard,
    "Scale": build.scale,
    "Transpose": build.transpose,
    "Quotient": build.quotient,
    "Diag": build.diag,
    "Vec": build.vec,
}


def _blocks(expr: Blocks, expanded: list[list[Alternative]]) -> list[Alternative]:
    if all(len(found) == 1 and not found[0].domain for found in expanded):
        return [Alternative(with_operands(expr, tuple(f[0].value for f in expanded)))]
    result: list[Alternative] = []
    for position, found in enumerate(expanded):
        for alternative in found:
            if build.is_zero(alternative.value):
                continue
            parts = tuple(
                alternative.value if i == position else build.zeros(block.shape)
                for i, block in enumerate(expr.blocks)
            )
            result.append(replace(alternative, value=with_operands(expr, parts)))
    return result


def gather(alternatives: Sequence[Alternative]) -> list[Alternative]:
    """Add the alternatives that count at the same times."""
    grouped: dict[tuple[Range, ...], list[MatrixExpr]] = {}
    for alternative in alternatives:
        key = tuple(sorted(alternative.domain, key=lambda r: str(r.index)))
        grouped.setdefault(key, []).append(alternative.value)
    return [Alternative(build.add(*values), domain) for domain, values in grouped.items()]
