"""Arrays put together: a number repeated, vectors and matrices joined."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Symbol

from derivations.render.code.code import ATOM, Code, aligned_code, has_axis, tuple_text, union
from derivations.render.code.scope import Scope


def filled(code: Code, shape: tuple[Expr, Expr], scope: Scope) -> Code:
    """A number as an array of a shape."""
    axes = [has_axis(extent) for extent in shape]
    if not any(axes):
        return replace(code, number=False)
    texts = [scope.number(e) for e, axis in zip(shape, axes, strict=True) if axis]
    text = scope.dialect.filled(tuple_text(texts), code.text)
    return Code(text, ATOM, rows=axes[0], cols=axes[1])


def as_matrix(code: Code) -> Code:
    """A block with axes for its rows and its columns, even where these are one by type."""
    if code.rank == 2:
        return code
    ends = ["..."] + [":" if axis else "None" for axis in (code.rows, code.cols)]
    text = f"{code.atom}[{', '.join(ends)}]"
    return replace(code, text=text, level=ATOM, rows=True, cols=True)


def stacked(parts: list[Code], axis: int, scope: Scope) -> Code:
    """Vectors or matrices joined along their last axis or the one before."""
    labels, rank = union(parts, scope.labels), max(1, *(part.rank for part in parts))
    batched = any(part.batched for part in parts)
    texts = []
    for part in parts:
        shown = aligned_code(part, labels, rank) if part.rank else _as_vector(part, labels)
        if part.labels != labels or (batched and not part.batched):
            lengths = ", ".join(scope.length(label) for label in labels)
            texts.append(scope.dialect.spread(shown.text, lengths, batched, rank))
        else:
            texts.append(shown.text)
    text = scope.dialect.joined(texts, axis)
    matrix = rank == 2
    return Code(text, ATOM, labels, batched, parts[0].rows or axis == -2 or not matrix, matrix)


def _as_vector(code: Code, labels: tuple[Symbol, ...]) -> Code:
    shown = aligned_code(code, labels, 0)
    return replace(shown, text=f"{shown.atom}[..., None]", level=ATOM, rows=True)
