"""The parameters of a cell: how many numbers they hold, and what a second bias would add.

A parameter is a variable without a time that no equation defines. One that does nothing but stand
as an argument of the loss is a target.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr
from sympy.matrices.expressions import MatAdd, MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.graph import recurrent_groups
from derivations.catalogue import losses
from derivations.cell import LOSS, Cell, Definition
from derivations.counts.formula import Count
from derivations.expressions.nodes import Constant, Map, Scale, Variable
from derivations.expressions.traverse import nodes_in, operands
from derivations.language.tree import Call, Name, Node, children, walk
from derivations.typing.compile import Compiled


@dataclass(frozen=True)
class Parameters:
    """What is counted.

    Attributes:
        weights: every parameter.
        targets: values without a time that only the loss is given.
        second: the bias of each pre-activation of a recurrence that has one bias only. Libraries
            that hold one bias beside the input weights and one beside the recurrent weights
            (PyTorch, cuDNN) have each of these twice.
    """

    weights: tuple[Variable, ...]
    targets: tuple[Variable, ...]
    second: tuple[Variable, ...]

    @property
    def count(self) -> Count:
        """How many numbers the parameters hold."""
        return Count.of(_size(weight) for weight in self.weights)

    @property
    def second_biases(self) -> Count:
        """How many more they are with two biases for each pre-activation of a recurrence."""
        return Count.of(_size(bias) for bias in self.second)

    def by_shape(self) -> Iterator[tuple[tuple[Expr, Expr], tuple[Variable, ...]]]:
        """The parameters of each shape, in the order of first use."""
        shapes = dict.fromkeys(weight.shape for weight in self.weights)
        for shape in shapes:
            yield shape, tuple(w for w in self.weights if w.shape == shape)


def parameters(compiled: Compiled) -> Parameters:
    """The parameters of a typed cell."""
    given = _targets(compiled)
    free = compiled.cell.parameters
    return Parameters(
        tuple(v for v in free if v.name not in given),
        tuple(v for v in free if v.name in given),
        tuple(_second_biases(compiled.cell)),
    )


def _size(variable: Variable) -> Expr:
    rows, cols = variable.shape
    return rows * cols


def _targets(compiled: Compiled) -> set[str]:
    """Names that stand nowhere but, bare, among the arguments of a loss."""
    source, cell = compiled.source, compiled.cell
    judges = losses().keys() | {function.name for function in source.functions}
    if LOSS in cell.defined:
        judges |= {m.name for p in cell.defined[LOSS].pieces for m in nodes_in(p.value, Map)}
    judged: set[str] = set()
    elsewhere: set[str] = set()
    for equation in source.equations:
        for node in walk(equation):
            for child in children(node):
                if isinstance(child, Name):
                    (judged if _judges(node, judges) else elsewhere).add(child.name)
    return judged - elsewhere


def _judges(node: Node, judges: set[str]) -> bool:
    return isinstance(node, Call) and node.function in judges


def _second_biases(cell: Cell) -> Iterator[Variable]:
    """The only bias of each pre-activation that reads its own recurrence."""
    free = {v.name for v in cell.parameters}
    judged = {v.name for p in cell.defined[LOSS].pieces for v in nodes_in(p.value, Variable)}
    found: dict[Variable, None] = {}
    for names in recurrent_groups(cell):
        for name in names:
            definition = cell.defined[name]
            if _is_recurrent(definition, set(names), judged):
                biases = [b for p in definition.pieces for b in _biases(p.value, free)]
                if len(set(biases)) == 1:
                    found.setdefault(biases[0])
    yield from found


def _is_recurrent(definition: Definition, names: set[str], judged: set[str]) -> bool:
    """Whether it reads its recurrence, and is not a readout that is fed back.

    A readout is given to the loss and reads one product at its own step: ``p[t] = V @ d[t] + b``.
    """
    values = [piece.value for piece in definition.pieces]
    read = [v for value in values for v in nodes_in(value, Variable) if v.name in names]
    moved = any(v.steps != definition.target.steps for v in read)
    several = any(len(_products(value)) > 1 for value in values)
    return bool(read) and (moved or several or definition.name not in judged)


def _products(expr: MatrixExpr) -> list[MatrixExpr]:
    """The matrix products that are added."""
    inner = [product for part in operands(expr) for product in _products(part)]
    return [expr] if isinstance(expr, MatMul) else inner


def _biases(expr: MatrixExpr, free: set[str]) -> Iterator[Variable]:
    """Parameters that are added, alone or repeated along the batch."""
    for part in operands(expr):
        yield from _biases(part, free)
        bare = _repeated(part)
        if isinstance(expr, MatAdd) and isinstance(bare, Variable) and bare.name in free:
            yield bare


def _repeated(term: MatrixExpr) -> MatrixExpr:
    """What a product with ones repeats; any other term is itself."""
    if isinstance(term, MatMul | Scale):
        factors = [f for f in operands(term) if not isinstance(f, Constant)]
        return factors[0] if len(factors) == 1 else term
    return term
