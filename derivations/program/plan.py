"""The programs of an export: the loss with its gradients, and the pullback of any cotangents.

The pullback of the sequence is the gradient of Σ ⟨g, v⟩ over its outputs v, so it is derived by the
same reverse sweep as everything else, for a cell with that loss.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS, Cell, Definition, Piece
from derivations.counts.parameters import parameters
from derivations.deriver import deriver_of
from derivations.errors import InputError
from derivations.expressions import build as make
from derivations.expressions.nodes import TimeSum, Variable
from derivations.expressions.traverse import map_leaves
from derivations.program.blocks import Block, Loop
from derivations.program.build import build
from derivations.program.choices import PLAIN, Choices
from derivations.program.rewrites import ended, rewritten
from derivations.program.schedule import Program, depends_on, schedule
from derivations.program.segments import Segments, carried, open_ends, segmented
from derivations.program.sources import sources
from derivations.program.values import APART, Value
from derivations.program.window import windowed
from derivations.typing.compile import Compiled


@dataclass(frozen=True)
class Part:
    """A program and what it gives.

    Attributes:
        program: what to run.
        gradients: name of a value → name of its gradient.
    """

    program: Program
    gradients: Mapping[str, str]

    @cached_property
    def forward(self) -> tuple[Block, ...]:
        """The blocks of the forward pass."""
        return self._blocks("forward")

    @cached_property
    def loss(self) -> tuple[Block, ...]:
        """The blocks of the loss."""
        return self._blocks("loss")

    @cached_property
    def backward(self) -> tuple[Block, ...]:
        """The blocks of the backward pass."""
        return self._blocks("adjoint")

    @cached_property
    def kept(self) -> tuple[str, ...]:
        """Values of the forward pass that the others read."""
        return self.read_by((*self.loss, *self.backward))

    def read_by(self, blocks: Iterable[Block]) -> tuple[str, ...]:
        """Values of the forward pass that some blocks read."""
        values = self.program.values
        wanted = {n for block in blocks for name in block.names for n in depends_on(values, name)}
        return tuple(n for b in self.forward for n in b.names if n in wanted)

    def _blocks(self, role: str) -> tuple[Block, ...]:
        values = self.program.values
        return tuple(b for b in self.program.blocks if values[b.names[0]].role == role)


@dataclass(frozen=True)
class Plan:
    """Everything that an export of a cell runs.

    Attributes:
        compiled: the cell.
        own: its loss and the gradients that are asked for.
        pulled: the gradients of parameters, inputs and starts for given cotangents of the outputs.
        outputs: the values that the forward pass gives.
        cotangents: output → the name of its cotangent.
        first: the forward pass, with everything that the other two read.
        linear: the cell with the loss Σ ⟨g, v⟩ over its outputs, of which ``pulled`` is derived.
        segments: the part of the sequence that all of these run over, if not over all of it.
        choices: what was asked for.
    """

    compiled: Compiled
    own: Part
    pulled: Part
    outputs: tuple[str, ...]
    cotangents: Mapping[str, str]
    linear: Cell
    first: Part
    segments: Segments | None = None
    choices: Choices = PLAIN

    @property
    def cell(self) -> Cell:
        """The cell."""
        return self.compiled.cell


def plan(compiled: Compiled, choices: Choices = PLAIN, everything: bool = False) -> Plan:
    """The programs of a cell.

    Args:
        choices: how they are made.
        everything: whether the gradients of inputs, targets and start values are asked for, too.

    Raises:
        MissingRule: something in the cell that no program does yet.
    """
    cell = compiled.cell
    segments = None if choices.checkpoint is None else segmented(cell)
    if segments:
        cell = segments.cell
    targets = tuple(target.name for target in parameters(compiled).targets)
    everything = everything or bool(choices.wrt)
    chosen = (*cell.parameters, *cell.inputs) if everything else cell.parameters
    wanted = [v.name for v in chosen if everything or v.name not in targets]
    own = _differentiated(cell, wanted, targets, everything or segments is not None)
    if choices.wrt:
        _keep(own[1], choices.wrt, own[0])
    outputs = _outputs(cell, own[0])
    linear, cotangents = linear_cell(cell, own[0], outputs)
    given = [v.name for v in (*cell.parameters, *cell.inputs)]
    above = tuple(cotangents.values())
    pulled = _differentiated(linear, given, (*targets, *above), True)
    if choices.wrt:
        _keep(pulled[1], choices.wrt, pulled[0])
    for name in outputs:
        pulled[0][cotangents[name]].ranges = own[0][name].ranges
    values, gradients = _beside(own[0], *pulled)
    if segments:
        values = open_ends(values, segments.axis)
    asked = [*outputs, LOSS, *own[1].values()]
    program = rewritten(values, [*asked, *gradients.values()], choices.without)
    parts = (
        Part(_scheduled(program, asked, cell, choices), own[1]),
        Part(_scheduled(program, [*outputs, *gradients.values()], cell, choices), gradients),
    )
    kept = [name for part in parts for name in part.kept]
    if segments:
        starts = carried(program.values).values()
        kept += [n for n, _ in starts if program.values[n].role == "forward"]
    first = ended(schedule(program.values, [*outputs, *kept]), choices.without)
    return Plan(compiled, *parts, outputs, cotangents, linear, Part(first, {}), segments, choices)


def _keep(gradients: dict[str, str], wrt: Collection[str], values: Mapping[str, Value]) -> None:
    """Leave out the gradients that are not asked for.

    Raises:
        InputError: something that is asked for is not given to the cell.
    """
    given = [name for name, value in values.items() if value.given]
    for name in wrt:
        if name not in given:
            raise InputError(
                f"there is no gradient in {name} to export", remedy=f"one of {', '.join(given)}"
            )
    for name in [name for name in gradients if name not in wrt]:
        del gradients[name]


def _scheduled(program: Program, asked: Iterable[str], cell: Cell, choices: Choices) -> Program:
    found = schedule(program.values, asked)
    if choices.window is not None:
        found = windowed(found, cell, choices.window)
    return ended(found, choices.without)


def _differentiated(
    cell: Cell, wanted: Iterable[str], targets: Iterable[str], starts: bool
) -> tuple[dict[str, Value], dict[str, str]]:
    """The values of a cell with its adjoints; name → the name of its gradient.

    Args:
        starts: whether the gradients of the start values are asked for, too.
    """
    wanted = [*wanted]
    states = [d.name for d in cell.definitions if starts and d.target.steps]
    found = sources(deriver_of(cell), [*wanted, *states], targets)
    values, names = build(found), found.adjoint_of
    gradients = {n: names[n] for n in wanted if names.get(n) in values}
    if starts:
        given = [v for v in values.values() if v.role == "start"]
        gradients |= edge_gradients(values, given, names)
    return values, gradients


def _beside(
    values: Mapping[str, Value], others: Mapping[str, Value], gradients: Mapping[str, str]
) -> tuple[dict[str, Value], dict[str, str]]:
    """Two programs of one forward pass as one; adjoints of the second get names of their own."""
    renamed = {n: f"{n}{APART}" for n, v in others.items() if v.role == "adjoint"}

    def change(leaf: MatrixExpr) -> MatrixExpr:
        if isinstance(leaf, Variable) and leaf.name in renamed:
            return Variable(renamed[leaf.name], leaf.steps, *leaf.shape)
        return leaf

    both = dict(values)
    for name, value in others.items():
        if name in renamed:
            terms = tuple(replace(t, value=map_leaves(t.value, change)) for t in value.terms)
            edges = {k: renamed.get(e, e) if e else None for k, e in value.edges.items()}
            both[renamed[name]] = replace(
                value, target=change(value.target), terms=terms, edges=edges
            )
        elif name not in both:
            both[name] = value
    return both, {key: renamed[name] for key, name in gradients.items()}


def _outputs(cell: Cell, values: Mapping[str, Value]) -> tuple[str, ...]:
    """What the loss reads, and what recurs."""
    hidden = cell.auxiliary | {LOSS}
    names = [n for n, v in values.items() if v.role == "forward" and n in cell.templates]
    program = schedule(values, names)
    recurring = {n for b in program.blocks if isinstance(b, Loop) for n in b.delays}
    read = {
        name
        for value in values.values()
        if value.role == "loss"
        for name in depends_on(values, value.name)
    }
    return tuple(n for n in names if n in recurring | read and n not in hidden)


def linear_cell(
    cell: Cell, values: Mapping[str, Value], outputs: tuple[str, ...]
) -> tuple[Cell, Mapping[str, str]]:
    """The cell with the loss Σ ⟨g, v⟩ over its outputs; output → the name of its cotangent."""
    cotangents: dict[str, str] = {}
    terms: list[MatrixExpr] = []
    templates = dict(cell.templates)
    for name in outputs:
        value = values[name]
        chosen = f"g_{name}"
        while chosen in templates:
            chosen += "_"
        cotangents[name] = chosen
        given = Variable(chosen, value.target.steps, *value.target.shape)
        templates[chosen] = given
        term = make.inner(given, value.target)
        for r in reversed(value.ranges):
            term = TimeSum(term, r.index, r.lower, r.upper)
        terms.append(term)
    loss = Definition(cell.templates[LOSS], (Piece(make.add(*terms)),))
    definitions = tuple(loss if d.name == LOSS else d for d in cell.definitions)
    linear = replace(cell, definitions=definitions, written=definitions, templates=templates)
    return linear, cotangents


def edge_gradients(
    values: Mapping[str, Value], starts: Iterable[Value], names: Mapping[str, str]
) -> dict[str, str]:
    """Name of a start value → name of its gradient."""
    found = {}
    for start in starts:
        primal = values[start.origin]
        place = next(place for place, edge in primal.edges.items() if edge == start.name)
        adjoint = values.get(names.get(start.origin, ""))
        edge = adjoint.edges.get(place) if adjoint else None
        if edge is not None:
            found[start.name] = edge
    return found
