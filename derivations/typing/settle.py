"""The rules that give a waiting sum or product its meaning.

``certain`` rules fire as soon as the shapes leave one reading. When nothing is certain, the
``default`` of the language is taken, sums first: a sum joins equal shapes, ``*`` joins equal
shapes, ``@`` is a matrix product. After each default the certain rules run again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sympy import Basic, Dummy, Expr, Integer

from derivations.language.tree import Binary, Name, Node
from derivations.language.unparse import unparse
from derivations.typing.sizes import Clash, Shape, scalar

if TYPE_CHECKING:
    from derivations.typing.infer import Inference, Pending

ONE = Integer(1)
MOST_QUOTED = 40
"""Longer operands are not quoted in messages."""


def settle(inference: Inference) -> None:
    """Settle everything that waits.

    Raises:
        InputError: two shapes that do not fit.
    """
    while inference.pending:
        if advance(inference):
            continue
        chosen = min(inference.pending, key=lambda p: p.node.operator not in ("+", "-"))
        inference.pending.remove(chosen)
        _DEFAULTS[chosen.node.operator](inference, chosen)
    kept = _kept(inference)
    for extent in inference.small:
        found = inference.sizes.find(extent)
        if isinstance(found, Dummy) and found not in kept:
            inference.sizes.equal(extent, ONE)


def advance(inference: Inference) -> bool:
    """Settle what is certain already; whether anything was."""
    before = len(inference.pending)
    for pending in list(inference.pending):
        left = inference.sizes.shape(pending.left)
        right = inference.sizes.shape(pending.right)
        if _CERTAIN[pending.node.operator](inference, pending, left, right):
            inference.pending.remove(pending)
    return len(inference.pending) < before


def _parts(node: Binary) -> tuple[str, str]:
    """The two operands as typed, for a message."""
    left, right = (unparse(side) for side in (node.left, node.right))
    sides = ("the left side", "the right side")
    short = (
        text if len(text) <= MOST_QUOTED else side
        for text, side in zip((left, right), sides, strict=True)
    )
    first, second = short
    return first, second


def _give(inference: Inference, pending: Pending, result: Shape) -> bool:
    inference.unify(pending.result, result, pending.node, "its context", "this expression")
    return True


def _certain_elementwise(i: Inference, p: Pending, left: Shape, right: Shape) -> bool:
    if scalar(left):
        return _give(i, p, right)
    if scalar(right) or left == right:
        return _give(i, p, left)
    _narrow(i, p, left, right)
    return False


def _narrow(i: Inference, p: Pending, left: Shape, right: Shape) -> None:
    """A factor of a column is a column or 1×1: ``W_ci * c[t-1]`` where a column is added to it."""
    for extent, first, second in zip(i.sizes.shape(p.result), left, right, strict=True):
        if extent == 1:
            for factor in (first, second):
                if factor.is_Dummy:
                    i.sizes.equal(factor, ONE)


def _certain_matmul(i: Inference, p: Pending, left: Shape, right: Shape) -> bool:
    if scalar(left):
        return _give(i, p, right)
    if _may_scale(i, p.node.left, left) or _awaits_sum(i, left[1]):
        return False
    return (left[1] != 1 or right[0] == 1) and _matmul(i, p)


def _may_scale(i: Inference, side: Node, shape: Shape) -> bool:
    """Whether a factor is a defined value of which nothing is known yet: a step size Delta[t]."""
    defined = isinstance(side, Name) and side.name in i.targets
    return defined and all(extent.is_Dummy for extent in shape)


def _awaits_sum(i: Inference, extent: Expr) -> bool:
    """Whether a sum that waits may still turn an extent into 1: ``(a_t + b_t) x_t`` scales."""
    sums = (p.result for p in i.pending if p.node.operator in ("+", "-"))
    return extent.is_Dummy and any(extent in i.sizes.shape(result) for result in sums)


def _certain_sum(i: Inference, p: Pending, left: Shape, right: Shape) -> bool:
    return left == right and _give(i, p, left)


def _default_matmul(i: Inference, p: Pending) -> bool:
    """A column before something that is no row scales it: ``a_t h_t``, ``beta_t k_t k_t^T``.

    The left one is the scalar, as people write it, unless its size means something elsewhere.
    """
    left, right = i.sizes.shape(p.left), i.sizes.shape(p.right)
    if left[1] == 1 and right[0] != 1:
        if not _keeps_size(i, left):
            i.sizes.equal(left[0], ONE)
            return _give(i, p, right)
        if right[1] == 1 and not _keeps_size(i, right):
            i.sizes.equal(right[0], ONE)
            return _give(i, p, left)
    return _matmul(i, p)


def _matmul(i: Inference, p: Pending) -> bool:
    left, right = i.sizes.shape(p.left), i.sizes.shape(p.right)
    try:
        i.sizes.equal(left[1], right[0])
    except Clash:
        if scalar(right):
            return _give(i, p, left)
        raise i.clash(left, right, p.node, *_parts(p.node)) from None
    return _give(i, p, (left[0], right[1]))


def _default_elementwise(i: Inference, p: Pending) -> bool:
    left, right = i.sizes.shape(p.left), i.sizes.shape(p.right)
    for small, large in ((left, right), (right, left)):
        # A column beside a matrix is a gate of size 1, unless its size means something.
        beside = small[1] == 1 and large[1] != 1 and _keeps_size(i, (ONE, large[1]))
        if beside and not _keeps_size(i, small):
            i.sizes.equal(small[0], ONE)
            return _give(i, p, large)
    i.unify(p.left, p.right, p.node, *_parts(p.node))
    return _give(i, p, p.left)


def _default_sum(i: Inference, p: Pending) -> bool:
    left, right = i.sizes.shape(p.left), i.sizes.shape(p.right)
    for small, large in ((left, right), (right, left)):
        if scalar(small) and _keeps_size(i, large):
            return _give(i, p, large)
    for small, large, side, other in (
        (left, right, p.node.left, p.node.right),
        (right, left, p.node.right, p.node.left),
    ):
        if _lone_vector(side, small) and large[1] != 1:
            return _spread(i, p, small, large, other)
    i.unify(left, right, p.node, *_parts(p.node))
    return _give(i, p, left)


def _keeps_size(i: Inference, shape: Shape) -> bool:
    """Whether forcing this shape to 1×1 would empty a matrix or a reduction of its meaning.

    A declared size does, and so does the size of a vector whose mean, norm or softmax is taken:
    ``x - mean(x)`` repeats the mean.
    """
    kept = _kept(i)
    return any(
        _rigid(extent) or not extent.is_Symbol or extent in kept for extent in shape if extent != 1
    )


def _kept(i: Inference) -> set[Basic]:
    return {s for extent in i.vector_sizes for s in i.sizes.find(extent).free_symbols}


def _rigid(extent: Expr) -> bool:
    return not extent.has(Dummy)


def _lone_vector(side: Node, shape: Shape) -> bool:
    return (
        isinstance(side, Name)
        and not side.indices
        and shape[1] == 1
        and not side.name[:1].isupper()
    )


def _spread(i: Inference, p: Pending, small: Shape, large: Shape, matrix: Node) -> bool:
    """A bias vector beside a matrix: on every row of X @ W, on every column of W @ X."""
    by_row = _parameter_on_right(matrix)
    try:
        i.sizes.equal(small[0], large[1] if by_row else large[0])
    except Clash:
        raise i.clash(small, large, p.node, *_parts(p.node)) from None
    i.spread[id(p.node)] = "rows" if by_row else "columns"
    return _give(i, p, large)


def _parameter_on_right(node: Node) -> bool:
    """Whether the products in a sum end with a parameter, as in the row (batch) convention."""
    while isinstance(node, Binary) and node.operator in ("+", "-"):
        node = node.right if isinstance(node.right, Binary) else node.left
    return (
        isinstance(node, Binary)
        and node.operator == "@"
        and isinstance(node.right, Name)
        and not node.right.indices
    )


_CERTAIN: dict[str, Callable[[Inference, Pending, Shape, Shape], bool]] = {
    "*": _certain_elementwise,
    "/": _certain_elementwise,
    "@": _certain_matmul,
    "+": _certain_sum,
    "-": _certain_sum,
}
_DEFAULTS: dict[str, Callable[[Inference, Pending], bool]] = {
    "*": _default_elementwise,
    "/": _default_elementwise,
    "@": _default_matmul,
    "+": _default_sum,
    "-": _default_sum,
}
