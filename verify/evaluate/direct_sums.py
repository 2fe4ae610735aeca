"""Direct sums over an index: the bodies on the diagonal of a block matrix."""

from __future__ import annotations

from derivations.expressions.nodes import DirectSum
from verify.arithmetic.base import Array
from verify.evaluate.frame import Frame, Run
from verify.evaluate.indices import compile_integer


def direct_sum(node: DirectSum, body: Run) -> Run:
    """⊕ body; the empty direct sum is 0×0."""
    index = node.index
    rows, cols = map(compile_integer, node.body.shape)
    lower, upper = compile_integer(node.lower), compile_integer(node.upper)

    def run(frame: Frame) -> Array:
        inside, around = frame.env, dict(frame.env)
        found = []
        for step in range(lower(inside), upper(inside) + 1):
            inside[index] = step
            found.append(body(frame))
        inside.pop(index, None)
        inside.update(around)
        arithmetic = frame.arithmetic
        if not found:
            return arithmetic.zeros(0, 0)
        beside = arithmetic.zeros(rows(inside), cols(inside))
        places = range(len(found))
        grid = [[found[row] if row == col else beside for col in places] for row in places]
        return arithmetic.blocks(grid)

    return run
