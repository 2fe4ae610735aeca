"""From the untyped relation of a claim to two typed sides; chains of derivatives contracted."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Expr, Symbol, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS
from derivations.errors import InputError
from derivations.expressions import build
from derivations.expressions.nodes import Adjoint, Jacobian
from derivations.language.cell_names import index_names
from derivations.language.tree import (
    Binary,
    Element,
    Equation,
    Name,
    Negative,
    Node,
    Partial,
    Reduction,
    Relation,
    Transposed,
    map_nodes,
    walk,
)
from derivations.language.vocabulary import LOSS_NAMES
from derivations.same import Same
from derivations.typing.compile import Compiled
from derivations.typing.copies import copied, naming_copies
from derivations.typing.elaborate import Elaborator
from derivations.typing.entry_sums import to_last_entry
from derivations.typing.inline import inline, library
from derivations.typing.names import Vocabulary
from derivations.typing.scope import index_symbol, index_value
from derivations.typing.sized import size_symbol
from derivations.typing.statements import Gradients, inferred, letters_of, relation_of
from derivations.typing.step_losses import naming_step_losses
from verify.claims.effort import check_effort, check_powers
from verify.claims.given_names import given_names
from verify.claims.ranges import about, outside_times
from verify.readings.relation_changes import over_children


@dataclass(frozen=True)
class TypedClaim:
    """Both sides typed, the free times and the letters that stand for rows or columns.

    Attributes:
        gaps: index expressions that are not negative at the times that the claim is made for.
    """

    left: MatrixExpr
    right: MatrixExpr
    indices: tuple[Symbol, ...]
    entries: tuple[Symbol, ...]
    gaps: tuple[Expr, ...] = ()


def read_relation(compiled: Compiled, text: str, given: Sequence[str] = ()) -> Relation:
    """The untyped claim in a text; lines before the last introduce names, times may stand behind.

    Args:
        given: further lines that introduce names.

    Raises:
        InputError: it is not a claim, or names what the cell does not have.
        TooLarge: a power in it would grow without end.
    """
    vocabulary = Vocabulary(compiled.cell, compiled.source.functions)
    said, times = outside_times(text)
    # The reader of claims is used up to where shapes come in: readings differ from there on.
    relation = vocabulary.expand(relation_of(compiled, said, given))
    if any(isinstance(node, Element) for node in walk(relation)):
        left, right = (to_last_entry(side, compiled) for side in (relation.left, relation.right))
        relation = replace(relation, left=left, right=right)
    vocabulary.check(relation)
    check_powers(relation)
    conditions = about(
        times,
        vocabulary.free | vocabulary.ends,
        vocabulary.letters | index_names(compiled.source),
        vocabulary.positions - vocabulary.free,
        frozenset(compiled.cell.templates),
        vocabulary.sizes,
    )
    return replace(relation, conditions=conditions)


def read_about(compiled: Compiled, text: str) -> tuple[Compiled, Relation]:
    """The untyped claim, and the cell that it is about: with L_t named where it speaks of L_t.

    Names of step Jacobians are those that derivations print.

    Raises:
        InputError: as in :func:`read_relation`.
    """
    try:
        return compiled, read_relation(compiled, text)
    except InputError:
        given = given_names(compiled, text)
        if given:
            with suppress(InputError):
                return compiled, read_relation(compiled, text, given)
        asked = relation_of(compiled, outside_times(text)[0])
        used = copied(asked, compiled)
        if used:
            return (named := _copying(Same(compiled), used)), read_relation(named, text)
        named = compiled
        for name in (n for n in walk(asked) if isinstance(n, Name) and n.indices):
            if named is compiled and name.name in LOSS_NAMES:
                step = Name(name.name, (Name("t"),), span=name.span)
                named = _named(Same(compiled), step)
        if named is compiled:
            raise
        return named, read_relation(named, text)


@lru_cache(maxsize=64)
def _named(cell: Same[Compiled], loss: Name) -> Compiled:
    """The cell with the loss of one step named; the same object for every claim about it."""
    return naming_step_losses(cell.value, loss)


@lru_cache(maxsize=64)
def _copying(cell: Same[Compiled], parameters: frozenset[str]) -> Compiled:
    """The cell that reads parameters through their copies; the same object for every claim."""
    return naming_copies(cell.value, parameters)


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
    found = _typed(Same(compiled), relation, gradients)
    if isinstance(found, InputError):
        raise found
    return found


@lru_cache(maxsize=256)
def _typed(
    cell: Same[Compiled], relation: Relation, gradients: Gradients
) -> TypedClaim | InputError:
    """What is refused is kept, too: readings ask again."""
    try:
        return _type(cell.value, relation, gradients)
    except InputError as error:
        return error.with_traceback(None)


def _type(compiled: Compiled, relation: Relation, gradients: Gradients) -> TypedClaim:
    if gradients == "columns":
        relation = as_chains(relation)
    vocabulary = Vocabulary(compiled.cell, compiled.source.functions)
    vocabulary.check(relation)
    equation = Equation(Name("claim"), relation.left)
    other = replace(equation, value=relation.right)
    functions = library(
        replace(compiled.source, equations=(*compiled.source.equations, equation, other))
    )
    sides = inline(relation.left, functions), inline(relation.right, functions)
    inference, shapes = inferred(compiled, vocabulary, sides, gradients == "rows")
    builder = Elaborator(inference, letters_of(vocabulary), functions.functions, matrix_powers=True)
    left, right = (builder.matrix(s, shape) for s, shape in zip(sides, shapes, strict=True))
    indices = tuple(index_symbol(name) for name in sorted(vocabulary.free))
    for side in (left, right):
        check_effort(side, indices, relation.span)
    return TypedClaim(
        left,
        right,
        indices,
        tuple(index_symbol(name) for name in sorted(vocabulary.positions - vocabulary.free)),
        tuple(_gap(condition, vocabulary) for condition in relation.conditions),
    )


def _gap(condition: Relation, vocabulary: Vocabulary) -> Expr:
    """``b - a`` of ``a <= b``."""
    letters = {**letters_of(vocabulary), **{name: size_symbol(name) for name in vocabulary.sizes}}
    return index_value(condition.right, letters) - index_value(condition.left, letters)


def as_chains(relation: Relation) -> Relation:
    """Both sides with gradients that stand left of a Jacobian as rows."""
    return replace(relation, left=chained(relation.left), right=chained(relation.right))


def as_rows(relation: Relation) -> Relation:
    """Both sides with every gradient as a row."""

    def row(node: Node) -> Node:
        return Transposed(node, span=node.span) if _of_loss(node) else node

    return replace(
        relation, left=map_nodes(relation.left, row), right=map_nodes(relation.right, row)
    )


def chained(node: Node) -> Node:
    """Gradients that stand left of a Jacobian in a product, as rows."""
    if isinstance(node, Binary) and node.operator == "@" and _opens_with_jacobian(node.right):
        left = _ends_as_row(chained(node.left))
        return replace(node, left=left, right=chained(node.right))
    return over_children(node, chained)


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


def is_chain(compiled: Compiled, relation: Relation) -> bool:
    """Whether the right side holds a product of a gradient and a Jacobian, or one of a scalar.

    A scalar of the cell, the loss of one step, is differentiated as the loss is.
    """
    if chained(relation.right) != relation.right:
        return True
    templates = compiled.cell.templates
    above = (n.numerator for n in walk(relation.right) if isinstance(n, Partial))
    names = (n.name for n in above if isinstance(n, Name) and n.name != LOSS)
    return any(name in templates and templates[name].shape == (1, 1) for name in names)


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
