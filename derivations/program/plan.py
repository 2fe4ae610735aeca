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
from derivations.deriver import Deriver
from derivations.expressions import build as make
from derivations.expressions.nodes import TimeSum, Variable
from derivations.program.build import build
from derivations.program.rewrites import rewritten
from derivations.program.schedule import Block, Loop, Program, depends_on, schedule
from derivations.program.sources import sources
from derivations.program.values import Value
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
        own: its loss and the gradients of its parameters.
        pulled: the gradients of parameters, inputs and starts for given cotangents of the outputs.
        outputs: the values that the forward pass gives.
        cotangents: output → the name of its cotangent.
        targets: names without a step that only the loss is given.
        without: names of rewrites that are left out.
        linear: the cell with the loss Σ ⟨g, v⟩ over its outputs, of which ``pulled`` is derived.
    """

    compiled: Compiled
    own: Part
    pulled: Part
    outputs: tuple[str, ...]
    cotangents: Mapping[str, str]
    linear: Cell
    targets: tuple[str, ...]
    without: frozenset[str] = frozenset()

    @cached_property
    def own_all(self) -> Part:
        """The loss with the gradients of everything that is given."""
        cell = self.cell
        wanted = [n for n in cell.templates if n not in cell.defined]
        return _own(cell, wanted, self.targets, self.outputs, self.without)

    @property
    def cell(self) -> Cell:
        """The cell."""
        return self.compiled.cell


def plan(compiled: Compiled, without: Collection[str] = ()) -> Plan:
    """The programs of a cell.

    Args:
        without: names of rewrites that are left out.

    Raises:
        MissingRule: something in the cell that no program does yet.
    """
    cell = compiled.cell
    targets = tuple(target.name for target in parameters(compiled).targets)
    wanted = [p.name for p in cell.parameters if p.name not in targets]
    values = build(sources(Deriver(cell), wanted, targets))
    outputs = _outputs(cell, values)
    own = _own(cell, wanted, targets, outputs, without)
    linear, cotangents = linear_cell(cell, values, outputs)
    pulled = _pulled(linear, values, outputs, cotangents, targets, without)
    return Plan(compiled, own, pulled, outputs, cotangents, linear, targets, frozenset(without))


def _own(
    cell: Cell,
    wanted: Iterable[str],
    targets: Iterable[str],
    outputs: tuple[str, ...],
    without: Collection[str],
) -> Part:
    """The loss with the gradients of some variables, and of the start values if any has steps."""
    deriver, wanted = Deriver(cell), [*wanted]
    timed = any(cell.templates[name].steps for name in wanted)
    states = [d.name for d in cell.definitions if timed and d.target.steps]
    found = sources(deriver, [*wanted, *states], targets)
    values, names = build(found), found.adjoint_of
    gradients = {n: names[n] for n in wanted if names.get(n) in values}
    if timed:
        starts = [v for v in values.values() if v.role == "start"]
        gradients |= edge_gradients(values, starts, names)
    return Part(rewritten(values, [*outputs, LOSS, *gradients.values()], without), gradients)


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


def _pulled(
    linear: Cell,
    values: Mapping[str, Value],
    outputs: tuple[str, ...],
    cotangents: Mapping[str, str],
    targets: tuple[str, ...],
    without: Collection[str],
) -> Part:
    """The program of Σ ⟨g, v⟩."""
    deriver, above = Deriver(linear), set(cotangents.values())
    asked = [n for n in linear.templates if n not in linear.defined and n not in above]
    states = [n for n, v in values.items() if v.role == "forward" and v.ranges]
    found = sources(deriver, [*asked, *states], [*targets, *above])
    built = build(found)
    for name in outputs:
        built[cotangents[name]].ranges = values[name].ranges
    starts = [v for v in built.values() if v.role == "start"]
    names = found.adjoint_of
    gradients = {n: names[n] for n in asked if n in names and names[n] in built}
    gradients |= edge_gradients(built, starts, names)
    return Part(rewritten(built, [*outputs, *gradients.values()], without), gradients)


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
