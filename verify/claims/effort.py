"""What a claim costs to evaluate: refused where it would loop without end or need much memory.

The evaluator keeps the value of a sum for the letters that it depends on, and products one factor
at a time; so a sum costs its range times the ranges of those letters, however deep it stands.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import product

from sympy import Expr, Integer, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.errors import InputError
from derivations.expressions.traverse import BINDERS, operands
from derivations.language.tree import Binary, Node, Number, Relation, Span, children, walk

LONGEST = 12
"""Ends of time in the largest case that is evaluated."""
LONGEST_LOOP = 200
"""Terms that one sum or product may have there."""
MOST_NODES = 500_000
"""Operations that a side may come to there."""
MOST_ROWS = 1_000
"""Rows or columns that a matrix may have there."""
MOST_POWER = 10_000
"""Largest exponent there."""

Reach = tuple[int, int]
"""Least and largest value of an index."""


class TooLarge(InputError):
    """What would loop or grow without end when evaluated."""


def check_effort(side: MatrixExpr, letters: Sequence[Symbol], span: Span) -> None:
    """Refuse what would loop without end or need much memory when evaluated.

    Args:
        letters: the free indices of the claim, each at every time.
        span: where the claim stands.

    Raises:
        TooLarge: a sum, a product or a matrix is too large at the longest sequence tried.
    """
    effort = _Effort(span)
    effort.visit(side, dict.fromkeys(letters, (0, LONGEST)))
    if effort.nodes > MOST_NODES:
        raise TooLarge(
            f"nested sums and products come to more than {MOST_NODES} operations",
            span,
            "give the claim fewer nested sums",
        )


class _Effort:
    """Counts operations; equal subtrees are counted once each time that they stand."""

    def __init__(self, span: Span) -> None:
        self.nodes = 0
        self._span = span

    def visit(self, node: MatrixExpr, scope: Mapping[Symbol, Reach]) -> frozenset[Symbol]:
        """Add what ``node`` costs; the indices in scope that it depends on."""
        for extent in node.shape:
            if _reach(extent, scope)[1] > MOST_ROWS:
                raise TooLarge(f"a matrix of size {extent} is too large", self._span)
        if isinstance(node, BINDERS):
            return self._binder(node, scope)
        free = frozenset() if operands(node) else node.free_symbols & scope.keys()
        for part in operands(node):
            free |= self.visit(part, scope)
        self.nodes += _choices(free, scope)
        return free

    def _binder(self, node: MatrixExpr, scope: Mapping[Symbol, Reach]) -> frozenset[Symbol]:
        low, high = _reach(node.lower, scope), _reach(node.upper, scope)
        if high[1] - low[0] >= LONGEST_LOOP:
            raise TooLarge(
                f"a sum or product over {node.index} has more than {LONGEST_LOOP} terms",
                self._span,
                "let it end with the sequence, as in sum(t, 1, T, …)",
            )
        inner = {**scope, node.index: (low[0], max(low[0], high[1]))}
        bounds = (node.lower.free_symbols | node.upper.free_symbols) & scope.keys()
        free = bounds | (self.visit(node.body, inner) - {node.index})
        self.nodes += _choices(free, scope) * (inner[node.index][1] - low[0] + 1)
        return frozenset(free)


def _choices(letters: frozenset[Symbol], scope: Mapping[Symbol, Reach]) -> int:
    return math.prod(scope[letter][1] - scope[letter][0] + 1 for letter in letters)


def _reach(expr: Expr, scope: Mapping[Symbol, Reach]) -> Reach:
    """Least and largest value of an index expression or a size at the longest sequence."""
    if expr.is_Integer:
        return int(expr), int(expr)
    if expr.is_Symbol:
        return scope.get(expr, (LONGEST, LONGEST))
    return _extremes(expr, tuple((s, r) for s, r in scope.items() if expr.has(s)))


@lru_cache(maxsize=4096)
def _extremes(expr: Expr, scope: tuple[tuple[Symbol, Reach], ...]) -> Reach:
    """The same; sums and products of letters are extreme where the letters are."""
    reach = {**dict.fromkeys(expr.free_symbols, (LONGEST, LONGEST)), **dict(scope)}
    corners = product(*({*ends} for ends in reach.values()))
    values = [expr.subs(dict(zip(reach, map(Integer, corner), strict=True))) for corner in corners]
    return math.floor(min(values)), math.ceil(max(values))


def check_powers(relation: Relation) -> None:
    """Refuse exponents that are large before anything computes with them.

    Raises:
        TooLarge: an exponent is larger than one of the longest sequence could be.
    """
    for node in walk(relation):
        if isinstance(node, Binary) and node.operator == "**":
            size = _magnitude(node.right)
            if not size <= MOST_POWER:
                raise TooLarge(
                    f"an exponent is larger than {MOST_POWER}",
                    node.right.span if node.right.span.line else node.span,
                    "an exponent is a small number or a difference of times, as in w**(T-k)",
                )


def _magnitude(node: Node) -> float:
    """A bound of an exponent's size at the longest sequence; infinite where it grows."""
    if isinstance(node, Number):
        return abs(float(node.value))
    if isinstance(node, Binary):
        left, right = _magnitude(node.left), _magnitude(node.right)
        if node.operator == "**":
            return max(left, 1.0) ** right if right * max(left, 1.0) < LONGEST**2 else math.inf
        if node.operator in ("*", "@"):
            return left * right
        return left if node.operator == "/" else left + right
    return max((_magnitude(child) for child in children(node)), default=float(LONGEST))
