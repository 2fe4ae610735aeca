"""Matrix products of typed code: each pair of column, row and matrix in the form that is fastest.

A parameter times a column, W h, is written ``h @ W.T``: with time and batch axes in front, that is
one matrix product for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Symbol

from derivations.render.code.code import (
    ATOM,
    MULTIPLY,
    Code,
    aligned_code,
    joined,
    transposed,
    union,
)


def product(left: Code, right: Code, order: Sequence[Symbol]) -> Code:
    """The matrix product of two values that are no plain numbers."""
    if left.rank == 0 or right.rank == 0:
        return joined((left, right), order, "*", MULTIPLY)
    labels = union((left, right), order)
    batched = left.batched or right.batched
    made = Code("", ATOM, labels, batched, left.rows, right.cols)
    if left.rank == 2 and right.rank == 2:
        return _matmul(left, right, labels, made)
    if left.rank == 2:
        if left.plain:
            return _matmul(right, transposed(left), right.labels, replace(made, cols=False))
        column = _lifted(right, labels, "None")
        found = _matmul(aligned_code(left, labels, 2), column, labels, made)
        return replace(found, text=f"({found.text})[..., 0]", level=ATOM)
    if right.rank == 2:
        if right.plain:
            return _matmul(left, right, left.labels, made)
        row = _lifted(left, labels, "None, :")
        found = _matmul(row, aligned_code(right, labels, 2), labels, made)
        return replace(found, text=f"({found.text})[..., 0, :]", level=ATOM)
    if left.cols and right.rows:
        multiplied = joined((left, replace(right, rows=False, cols=True)), order, "*", MULTIPLY)
        return replace(made, text=f"({multiplied.text}).sum(-1)")
    first, second = _lifted(left, labels, "None"), _lifted(right, labels, "None, :")
    return replace(
        made, text=f"{first.within(MULTIPLY)} * {second.within(MULTIPLY + 1)}", level=MULTIPLY
    )


def _lifted(code: Code, labels: tuple[Symbol, ...], end: str) -> Code:
    """A vector as a matrix of one column (``None``) or one row (``None, :``)."""
    shown = aligned_code(code, labels, 1)
    text = shown.text
    index = f"..., {end}"
    return replace(
        shown, text=f"{shown.atom}[{index}]" if text else text, level=ATOM, rows=True, cols=True
    )


def _matmul(left: Code, right: Code, labels: tuple[Symbol, ...], made: Code) -> Code:
    first = aligned_code(left, labels, left.rank) if left.rank == 2 else left
    second = aligned_code(right, labels, right.rank) if right.rank == 2 else right
    text = f"{first.within(MULTIPLY + 1)} @ {second.within(MULTIPLY + 1)}"
    return replace(made, text=text, level=MULTIPLY)
