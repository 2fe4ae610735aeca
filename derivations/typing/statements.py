"""Queries and claims about a compiled cell, from text or LaTeX to typed expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from sympy import Expr, Integer, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS
from derivations.errors import InputError
from derivations.expressions import build
from derivations.expressions.nodes import Adjoint, Jacobian
from derivations.language import parse_claim, parse_query
from derivations.language.tree import (
    CellSource,
    Declaration,
    Element,
    Equation,
    Name,
    Node,
    Number,
    Partial,
    Relation,
    RelationSign,
    walk,
)
from derivations.language.vocabulary import LOSS_NAMES
from derivations.typing.claim_lines import claim_lines
from derivations.typing.compile import Compiled
from derivations.typing.elaborate import Elaborator
from derivations.typing.infer import Inference
from derivations.typing.inline import inline, library
from derivations.typing.introduced import introduce
from derivations.typing.maps import maps_of
from derivations.typing.names import Vocabulary
from derivations.typing.scope import Scope, index_symbol
from derivations.typing.settle import settle
from derivations.typing.sizes import Clash, Shape, Sizes

Gradients = Literal["columns", "rows"]
ONE = Integer(1)
ZERO = Number(Fraction(0))
MOST_LINES = 100
"""Lines that a claim may have."""


@dataclass(frozen=True)
class Query:
    """What a query asks for.

    Attributes:
        left: the derivative, or the Entry of it that is asked for.
        derivative: an Adjoint (``dL/dv``) or a Jacobian.
        entry: row and column, counted from 1; letters stand for any entry.
    """

    left: MatrixExpr
    derivative: Adjoint | Jacobian
    entry: tuple[Expr, Expr] | None


@dataclass(frozen=True)
class Claim:
    """``left operator right``, for all values of ``indices`` (times) and ``entries`` (positions).

    The two sides need not have one shape: whether they may differ is for the checker to say.
    """

    left: MatrixExpr
    right: MatrixExpr
    operator: RelationSign
    indices: tuple[Symbol, ...]
    entries: tuple[Symbol, ...]


def read_query(compiled: Compiled, text: str) -> Query:
    """Read a query such as ``dL/dW[i,j]`` or ``\\frac{\\partial h_T}{\\partial h_k}``.

    Raises:
        InputError: it is not a query, or it names what the cell does not have.
    """
    vocabulary = Vocabulary(compiled.cell, compiled.source.functions)
    node = vocabulary.with_loss(parse_query(text, _with_introduced_names(compiled)))
    inner = node.operand if isinstance(node, Element) else node
    assert isinstance(inner, Partial)
    vocabulary.check(node)
    for part in (inner.numerator, inner.denominator):
        if not isinstance(part, Name):
            raise InputError(
                "a derivative is of one variable with respect to another",
                part.span,
                "write for example dL/dW, dh[T]/dh[k]",
            )
    _check_numerator(compiled, inner)
    _check_letters(compiled, vocabulary, node)
    builder = Elaborator(_inference(compiled, vocabulary), letters_of(vocabulary))
    derivative = builder.derivative(inner)
    if not isinstance(node, Element):
        return Query(derivative, derivative, None)
    row, col = builder.position(node)
    return Query(build.entry(derivative, row, col), derivative, (row, col))


def read_claim(
    compiled: Compiled,
    text: str,
    gradients: Gradients = "columns",
    matrix_powers: bool = True,
) -> Claim:
    """Read a claim; lines before the last introduce names (``delta[t] = dL/dz[t]``).

    Args:
        compiled: the cell it is about.
        text: one relation, or several lines of which the last is the claim.
        gradients: whether dL/dv has the shape of v, or is the row (transpose) of it.
        matrix_powers: whether a power of a square matrix is a product of matrices.

    Raises:
        InputError: it is not a claim, names what the cell does not have, or shapes inside one of
            its sides do not fit.
    """
    relation = relation_of(compiled, text)
    vocabulary = Vocabulary(compiled.cell, compiled.source.functions)
    relation = vocabulary.expand(relation)
    vocabulary.check(relation)
    equation = Equation(Name("claim"), relation.left)
    both = (equation, replace(equation, value=relation.right))
    functions = library(replace(compiled.source, equations=(*compiled.source.equations, *both)))
    left, right = inline(relation.left, functions), inline(relation.right, functions)
    inference, shapes = inferred(compiled, vocabulary, (left, right), gradients == "rows")
    builder = Elaborator(inference, letters_of(vocabulary), functions.functions, matrix_powers)
    sides = [builder.matrix(side, shape) for side, shape in zip((left, right), shapes, strict=True)]
    return Claim(
        sides[0],
        sides[1],
        relation.operator,
        tuple(index_symbol(name) for name in sorted(vocabulary.free)),
        tuple(index_symbol(name) for name in sorted(vocabulary.positions - vocabulary.free)),
    )


def _check_numerator(compiled: Compiled, asked: Partial) -> None:
    """Refuse a parameter that looks like the loss: its derivatives would all be zero."""
    cell, above = compiled.cell, asked.numerator
    name = above.name if isinstance(above, Name) else ""
    if name in LOSS_NAMES and name in {parameter.name for parameter in cell.parameters}:
        loss = cell.displays.get(LOSS, LOSS)
        raise InputError(
            f"{name} is a parameter of this cell, not the loss",
            above.span,
            f"the loss is called {loss} here: write d{loss}/…",
        )


def _check_letters(compiled: Compiled, vocabulary: Vocabulary, node: Node) -> None:
    """Refuse a letter for times or positions that means something else in the answer."""
    cell = compiled.cell
    clash = (vocabulary.free | vocabulary.positions) & cell.templates.keys()
    for part in walk(node):
        if isinstance(part, Name) and part.name in clash and not part.indices:
            free = next(c for c in "ksjirpq" if c not in cell.templates and c != part.name)
            raise InputError(
                f"{part.name} is a variable of the cell and cannot also count here",
                part.span,
                f"write another letter, such as {free}",
            )


def relation_of(compiled: Compiled, text: str, given: Sequence[str] = ()) -> Relation:
    """The last line, with the names that the lines before, and those given, introduce replaced."""
    lines = [*given, *claim_lines(text)]
    source = _with_introduced_names(compiled)
    if len(lines) < 2:
        return parse_claim(text, source)
    if len(lines) > MOST_LINES:
        raise InputError(
            f"more than {MOST_LINES} lines before one claim",
            remedy="one line is one claim; lines before it introduce names that it uses",
        )
    first = [parse_claim(line, source).left for line in lines[:-1]]
    named = tuple(Equation(name, ZERO) for name in first if isinstance(name, Name))
    source = replace(source, equations=(*source.equations, *named))
    relations = [parse_claim(line, source) for line in lines]
    return introduce(relations, frozenset(compiled.cell.templates))


def _with_introduced_names(compiled: Compiled) -> CellSource:
    """The cell as typed, with the names that the tool gave to compound arguments, and scalars."""
    added = tuple(
        Equation(Name(name, tuple(Name(str(step)) for step in cell_variable.steps)), ZERO)
        for name, cell_variable in compiled.cell.templates.items()
        if name in compiled.cell.auxiliary
    )
    scalars = tuple(  # the power T of these is told from a transpose
        Declaration(name, ("1", "1"))
        for name, variable in compiled.cell.templates.items()
        if variable.shape == (1, 1) and not variable.steps and name != LOSS
    )
    source = compiled.source
    return replace(
        source,
        equations=(*source.equations, *added),
        declarations=(*source.declarations, *scalars),
    )


def letters_of(vocabulary: Vocabulary) -> dict[str, Expr]:
    """What the time letters of a statement stand for."""
    return {name: index_symbol(name) for name in vocabulary.free | vocabulary.ends}


def _inference(compiled: Compiled, vocabulary: Vocabulary, rows: bool = False) -> Inference:
    """Shapes of the cell's variables, all known, and nothing else yet."""
    cell = compiled.cell
    scope = Scope(
        cell.axes,
        {name: tuple(variable.steps) for name, variable in cell.templates.items()},
        compiled.inference.scope.ends,
        vocabulary.letters,
    )
    shapes: Mapping[str, Shape] = {name: v.shape for name, v in cell.templates.items()}
    return Inference(
        scope,
        variables=dict(shapes),
        maps=maps_of(cell),
        size_names=vocabulary.sizes,
        taken=frozenset(cell.templates),
        targets=frozenset(cell.defined),
        rows=rows,
        sizes=Sizes(),
    )


def inferred(
    compiled: Compiled, vocabulary: Vocabulary, sides: tuple[Node, Node], rows: bool
) -> tuple[Inference, tuple[Shape, Shape]]:
    """Both sides inferred together where they fit each other, else each on its own."""
    try:
        return _attempt(compiled, vocabulary, sides, rows, joined=True)
    except (Clash, InputError):
        return _attempt(compiled, vocabulary, sides, rows, joined=False)


def _attempt(
    compiled: Compiled, vocabulary: Vocabulary, sides: tuple[Node, Node], rows: bool, joined: bool
) -> tuple[Inference, tuple[Shape, Shape]]:
    inference = _inference(compiled, vocabulary, rows)
    left, right = (inference.visit(side) for side in sides)
    if joined and left is not None and right is not None:
        inference.sizes.unify(left, right)
    settle(inference)
    _check_positive(inference)
    known = left or right or (ONE, ONE)
    open_shapes = list(dict.fromkeys(filter(None, inference.shapes.values())))
    inference.sizes.name_unknowns(open_shapes, set(vocabulary.sizes | vocabulary.letters))
    return inference, (
        inference.sizes.shape(left or known),
        inference.sizes.shape(right or known),
    )


def _check_positive(inference: Inference) -> None:
    """Refuse blocks whose sizes fit only if one of them were empty or negative."""
    for shape in set(inference.shapes.values()):
        for extent in inference.sizes.shape(shape or (ONE, ONE)):
            if extent.is_number and int(extent) <= 0:
                raise InputError(
                    "the blocks of this matrix do not fit together",
                    remedy="write the sizes of its zeros, as in zeros(n, m)",
                )
