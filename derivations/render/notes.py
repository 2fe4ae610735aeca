"""Notes on notation: printed once, and only where the notation occurs.

A note is a sentence with ``{}`` where an expression stands; the expressions are objects like
all others and are printed by the format that prints the note.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sympy import Basic, Symbol, preorder_traversal
from sympy.matrices.expressions import HadamardProduct, Identity, MatMul, Transpose, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS
from derivations.derivation import Formula
from derivations.expressions import nodes
from derivations.functions import lookup
from derivations.render.style import Style


@dataclass(frozen=True)
class Note:
    """``sentence`` with one ``{}`` for each of ``examples``.

    ``plain`` marks what the text language spells and LaTeX draws: ``hstack``, ``eye``.
    """

    sentence: str
    examples: tuple[MatrixExpr, ...] = ()
    plain: bool = False


Found = tuple[Basic, ...]
Rule = Callable[[Found, Style], Note | None]

_N = Symbol("n", integer=True, positive=True)
_M = Symbol("m", integer=True, positive=True)
_MATRIX = nodes.Variable("X", (), _N, _M)
_VECTOR = nodes.Variable("a", (), _N, 1)
_OTHER = nodes.Variable("b", (), _N, 1)


def notes(formulas: Iterable[Formula], style: Style) -> tuple[Note, ...]:
    """The notes that the formulas need."""
    seen: dict[Basic, None] = {}
    for formula in formulas:
        for side in (formula.left, *formula.via, formula.right):
            nodes_of_side = preorder_traversal(side)
            for node in nodes_of_side:
                if node in seen:
                    nodes_of_side.skip()  # what is below it has been seen, too
                seen[node] = None
    found = tuple(seen)
    return tuple(note for rule in RULES if (note := rule(found, style)) is not None)


def _of(kind: type[Basic], found: Found) -> list[Basic]:
    return [node for node in found if node.func is kind]


def _elementwise(found: Found, style: Style) -> Note | None:
    if not _of(HadamardProduct, found):
        return None
    return Note("{} multiplies entry by entry.", (HadamardProduct(_VECTOR, _OTHER),))


def _bars(found: Found, style: Style) -> Note | None:
    if style.adjoint != "bar" or not any(node.steps for node in _of(nodes.Adjoint, found)):
        return None
    return Note("A bar marks the gradient of the loss with respect to the variable under it.")


def _loss(found: Found, style: Style) -> Note | None:
    if style.loss == "L" or not any(
        node.func is nodes.Adjoint or getattr(node, "name", "") == LOSS for node in found
    ):
        return None
    return Note("{} is the loss.", (nodes.Variable(LOSS, (), 1, 1),))


def _product_order(found: Found, style: Style) -> Note | None:
    if all(node.shape == (1, 1) for node in _of(nodes.TimeProduct, found)):
        return None
    return Note(
        "A product of matrices over time runs with the latest time on the left; "
        "an empty product is the identity."
    )


def _direct_sum(found: Found, style: Style) -> Note | None:
    for node in _of(nodes.DirectSum, found):
        sentence = "{} has the blocks {} on its diagonal, zeros elsewhere."
        return Note(sentence, (node, node.body))
    return None


def _matrix_exponential(found: Found, style: Style) -> Note | None:
    for node in _of(nodes.MatrixExponential, found):
        return Note("{} is the matrix exponential, the sum of the exponential series.", (node,))
    return None


def _immediate(found: Found, style: Style) -> Note | None:
    for node in _of(nodes.Jacobian, found):
        if node.immediate:
            sentence = "{} is the immediate partial derivative: every other variable is held fixed."
            return Note(sentence, (node,))
    return None


def _gradient_of_map(found: Found, style: Style) -> Note | None:
    for node in _of(Transpose, found):
        if node.arg.func is nodes.MapPartial and node.arg.map.shape == (1, 1):
            sentence = "{} is the gradient in that argument, a column; the others are held fixed."
            return Note(sentence, (node,))
    return None


def _map_partial(found: Found, style: Style) -> Note | None:
    for node in _of(nodes.MapPartial, found):
        if node.map.shape != (1, 1):
            sentence = "{} is the Jacobian in that argument alone; the others are held fixed."
            return Note(sentence, (node,))
    return None


def _ones(found: Found, style: Style) -> Note | None:
    for node in found:
        if node.func not in (MatMul, nodes.Scale, nodes.Diag, nodes.Kron):
            continue
        for part in node.args:
            if part.func is nodes.Constant and part.shape != (1, 1):
                return Note("{} has every entry one.", (nodes.Constant(1, *part.shape),))
    return None


def _vec(found: Found, style: Style) -> Note | None:
    kinds = (nodes.Vec, nodes.Unvec, nodes.Kron, nodes.Commutation, nodes.Diagonalizer)
    matrices = (
        1 not in variable.shape
        for node in _of(nodes.Jacobian, found)
        for variable in (node.numerator, node.denominator)
    )
    if not any(_of(kind, found) for kind in kinds) and not any(matrices):
        return None
    sentence = (
        "{} stacks the columns of {}; a derivative of or by a matrix is taken of or by its vec."
    )
    return Note(sentence, (nodes.Vec(_MATRIX), _MATRIX))


def _commutation(found: Found, style: Style) -> Note | None:
    for node in _of(nodes.Commutation, found):
        matrix = nodes.Variable("X", (), *node.args)
        turned = MatMul(node, nodes.Vec(matrix))
        return Note("{} equals {} for every {}.", (turned, nodes.Vec(Transpose(matrix)), matrix))
    return None


def _diagonalizer(found: Found, style: Style) -> Note | None:
    for node in _of(nodes.Diagonalizer, found):
        vector = nodes.Variable("a", (), node.size, 1)
        spread = MatMul(node, vector)
        return Note("{} equals {} for every {}.", (spread, nodes.Vec(nodes.Diag(vector)), vector))
    return None


def _kron(found: Found, style: Style) -> Note | None:
    for node in _of(nodes.Kron, found):
        return Note("{} is a Kronecker product.", (node,))
    return None


def _unvec(found: Found, style: Style) -> Note | None:
    for node in _of(nodes.Unvec, found):
        vector = nodes.Variable("a", (), node.shape[0] * node.shape[1], 1)
        folded = nodes.Unvec(vector, *node.shape)
        return Note("{} is the matrix whose vec is {}.", (folded, vector))
    return None


def _slope(found: Found, style: Style) -> Note | None:
    for node in _of(nodes.Apply, found):
        row = lookup(node.function)
        if any(node.orders) and (row is None or row.arity == 1):
            value = nodes.Apply(node.function, (0,) * len(node.orders), *node.arguments)
            return Note("{} is the slope of {}, taken entry by entry.", (node, value))
    return None


_SIDES = {"left": "from the left", "right": "from the right", "mean": "in the mean of both sides"}


def _kinks(found: Found, style: Style) -> Note | None:
    """Which slope is meant where a function has two: libraries differ."""
    for node in _of(nodes.Apply, found):
        row = lookup(node.function)
        kinks = [] if row is None else [kink for kink in row.kinks() if not kink.jump]
        if not any(node.orders) or row is None or not kinks:
            continue
        if row.arity == 2:
            return Note("Where its arguments are equal, {} is the mean of two slopes.", (node,))
        first, *rest = (f"at {kink.at} it is the slope {_SIDES[kink.side]}" for kink in kinks)
        return Note(f"{{}} jumps: {' and '.join([first, *rest])}.", (node,))
    return None


def _flat(found: Found, style: Style) -> Note | None:
    for node in _of(nodes.Apply, found):
        row = lookup(node.function)
        if row is not None and row.slope_bound() == 0:
            sentence = "The slope of {} is 0 wherever there is one: no gradient passes through it."
            return Note(sentence, (node,))
    return None


def _arbitrary_loss(found: Found, style: Style) -> Note | None:
    for node in _of(nodes.Map, found):
        if node.shape == (1, 1) and node.steps:
            sentence = "{} stands for any differentiable loss, another one at each step."
            return Note(sentence, (node,))
    return None


def _arbitrary_maps(found: Found, style: Style) -> Note | None:
    """Functions of several arguments that the cell leaves open, the same ones at every step."""
    maps = {node.name: node for node in reversed(_of(nodes.Map, found)) if not node.steps}
    if not maps:
        return None
    *others, last = ["{}"] * len(maps)
    listed = f"{', '.join(others)} and {last}" if others else last
    verb, kind = ("stand", "functions") if others else ("stands", "function")
    sentence = f"{listed} {verb} for any differentiable {kind}."
    return Note(sentence, tuple(maps[name] for name in sorted(maps)))


def _identity(found: Found, style: Style) -> Note | None:
    for node in _of(Identity, found):
        return Note("{} is the identity matrix.", (node,), plain=True)
    return None


def _zeros(found: Found, style: Style) -> Note | None:
    inside = [part for node in _of(nodes.Blocks, found) for part in node.args]
    for part in inside:
        if part.func is ZeroMatrix:
            return Note("{} is a matrix of zeros.", (part,), plain=True)
    return None


def _blocks(found: Found, style: Style) -> Note | None:
    if not _of(nodes.Blocks, found):
        return None
    side, stacked = nodes.Blocks(1, 2, _VECTOR, _OTHER), nodes.Blocks(2, 1, _VECTOR, _OTHER)
    sentence = "{} puts blocks side by side, {} one below the other."
    return Note(sentence, (side, stacked), plain=True)


RULES: tuple[Rule, ...] = (
    _elementwise, _loss, _bars, _arbitrary_loss, _arbitrary_maps, _slope, _kinks, _flat,
    _product_order, _direct_sum,
    _matrix_exponential, _immediate, _gradient_of_map, _map_partial, _ones, _identity, _zeros,
    _blocks, _vec, _unvec, _kron, _commutation, _diagonalizer,
)  # fmt: skip
"""Every note there is, in the order they are printed."""
