"""From the untyped relation of a claim to two typed sides; chains of derivatives contracted."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from sympy import Expr, Integer, Symbol, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS
from derivations.errors import InputError
from derivations.expressions import build
from derivations.expressions.nodes import Adjoint, Jacobian
from derivations.expressions.traverse import BINDERS, operands
from derivations.language.tree import (
    Binary,
    Equation,
    Name,
    Negative,
    Node,
    Number,
    Partial,
    Reduction,
    Relation,
    Transposed,
    children,
    rebuild,
    walk,
)
from derivations.typing import statements
from derivations.typing.compile import Compiled
from derivations.typing.elaborate import Elaborator
from derivations.typing.inline import inline, library
from derivations.typing.names import Vocabulary
from derivations.typing.scope import index_symbol
from derivations.typing.statements import Gradients

LONGEST = 12
"""Ends of time in the largest case that is evaluated."""
LONGEST_LOOP = 1_000
"""Terms that one sum or product may have there."""
MOST_TERMS = 500_000
"""Nodes that nested ones may come to."""
MOST_ROWS = 1_000
"""Rows or columns that a matrix may have there."""
MOST_POWER = 10_000
"""Largest exponent there."""


class TooLarge(InputError):
    """What would loop or grow without end when evaluated."""


@dataclass(frozen=True)
class TypedClaim:
    """Both sides typed, the free times and the letters that stand for rows or columns."""

    left: MatrixExpr
    right: MatrixExpr
    indices: tuple[Symbol, ...]
    entries: tuple[Symbol, ...]


def read_relation(compiled: Compiled, text: str) -> Relation:
    """The untyped claim in a text; lines before the last introduce names.

    Raises:
        InputError: it is not a claim, or names what the cell does not have.
        TooLarge: a power in it would grow without end.
    """
    vocabulary = Vocabulary(compiled.cell)
    # The reader of claims is used up to where shapes come in: readings differ from there on.
    relation = vocabulary.expand(statements._relation(compiled, text))
    vocabulary.check(relation)
    check_powers(relation)
    return relation


def type_relation(
    compiled: Compiled, relation: Relation, gradients: Gradients = "columns"
) -> TypedClaim:
    """Type both sides about a cell.

    A gradient on the left of a Jacobian in a product (∂L/∂h · ∂h/∂W) stands as a row: the chain
    rule is written so in every layout.

    Args:
        gradients: whether every other gradient is a column or a row.

    Raises:
        InputError: shapes inside a side do not fit, or a sum or power is too large to evaluate.
    """
    if gradients == "columns":
        relation = replace(relation, left=chained(relation.left), right=chained(relation.right))
    vocabulary = Vocabulary(compiled.cell)
    vocabulary.check(relation)
    equation = Equation(Name("claim"), relation.left)
    other = replace(equation, value=relation.right)
    functions = library(
        replace(compiled.source, equations=(*compiled.source.equations, equation, other))
    )
    sides = inline(relation.left, functions), inline(relation.right, functions)
    inference, shapes = statements._inferred(compiled, vocabulary, sides, gradients == "rows")
    builder = Elaborator(
        inference, statements._letters(vocabulary), functions.functions, matrix_powers=True
    )
    left, right = (builder.matrix(s, shape) for s, shape in zip(sides, shapes, strict=True))
    for side in (left, right):
        check_effort(side, relation)
    return TypedClaim(
        left,
        right,
        tuple(index_symbol(name) for name in sorted(vocabulary.free)),
        tuple(index_symbol(name) for name in sorted(vocabulary.positions - vocabulary.free)),
    )


def chained(node: Node) -> Node:
    """Gradients that stand left of a Jacobian in a product, as rows."""
    if isinstance(node, Binary) and node.operator == "@" and _opens_with_jacobian(node.right):
        left = _ends_as_row(chained(node.left))
        return replace(node, left=left, right=chained(node.right))
    return rebuild(node, (chained(child) for child in children(node)))


def _opens_with_jacobian(node: Node) -> bool:
    if isinstance(node, Binary) and node.operator in ("@", "+", "-"):
        return _opens_with_jacobian(node.left)
    if isinstance(node, Reduction):
        return _opens_with_jacobian(node.body)
    return isinstance(node, Partial) and not _of_loss(node)


def _ends_as_row(node: Node) -> Node:
    """``node`` with the gradient at its right end transposed, where one stands there."""
    if isinstance(node, Binary) and node.operator in ("@", "*"):
        return replace(node, right=_ends_as_row(node.right))
    if isinstance(node, Binary) and node.operator in ("+", "-"):
        return replace(node, left=_ends_as_row(node.left), right=_ends_as_row(node.right))
    if isinstance(node, Negative):
        return replace(node, operand=_ends_as_row(node.operand))
    if isinstance(node, Reduction) and node.kind == "sum":
        return replace(node, body=_ends_as_row(node.body))
    return Transposed(node, span=node.span) if _of_loss(node) else node


def _of_loss(node: Node) -> bool:
    if not isinstance(node, Partial):
        return False
    return isinstance(node.numerator, Name) and node.numerator.name == LOSS


def is_chain(relation: Relation) -> bool:
    """Whether the right side holds a product of a gradient and a Jacobian."""
    return chained(relation.right) != relation.right


def truth_first(left: MatrixExpr, right: MatrixExpr) -> tuple[MatrixExpr, MatrixExpr]:
    """An equal identity with a bare derivative on the left, where a side is one."""
    if _bare(left) is None and _bare(right) is not None:
        left, right = right, left
    if isinstance(left, Transpose) and isinstance(left.arg, Adjoint | Jacobian):
        return left.arg, build.transpose(right)
    return left, right


def _bare(side: MatrixExpr) -> MatrixExpr | None:
    inner = side.arg if isinstance(side, Transpose) else side
    return inner if isinstance(inner, Adjoint | Jacobian) else None


def contracted(left: MatrixExpr, right: MatrixExpr) -> MatrixExpr:
    """A row of derivatives beside a gradient, in the shape of its variable.

    ∂L/∂h · ∂h/∂W is a row with one entry per entry of vec W.
    """
    if not isinstance(left, Adjoint) or left.shape == right.shape:
        return right
    rows, cols = left.shape
    for row in (right, build.transpose(right)):
        if row.shape[0] == 1 and (row.shape[1] - rows * cols).expand() == 0:
            return build.unvec(build.transpose(row), rows, cols)
    return right


def check_effort(side: MatrixExpr, relation: Relation) -> None:
    """Refuse what would loop without end or need much memory when evaluated.

    Raises:
        TooLarge: a sum, a product or a matrix is too large at the longest sequence tried.
    """
    if _terms(side, relation) > MOST_TERMS:
        raise TooLarge(
            f"nested sums and products have more than {MOST_TERMS} terms",
            relation.span,
            "give the claim fewer nested sums",
        )


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


def _terms(node: MatrixExpr, relation: Relation) -> int:
    """How many terms are evaluated at the longest sequence."""
    inner = 1 + sum(_terms(part, relation) for part in operands(node))
    for extent in node.shape:
        size = _at_longest(extent)
        if size > MOST_ROWS:
            raise TooLarge(f"a matrix of size {extent} is too large", relation.span)
    if not isinstance(node, BINDERS):
        return inner
    length = _at_longest(node.upper - node.lower)
    if length > LONGEST_LOOP:
        raise TooLarge(
            f"a sum or product over {node.index} has more than {LONGEST_LOOP} terms",
            relation.span,
            "let it end with the sequence, as in sum(t, 1, T, …)",
        )
    return inner * max(int(length) + 1, 1)


def _at_longest(expr: Expr) -> Expr:
    """An index expression or a size at the longest sequence."""
    return expr.subs({s: Integer(LONGEST) for s in expr.free_symbols})
