"""The statements of one function: whole values and loops, in the order of a program."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sympy import Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.errors import MissingRule
from derivations.expressions import build
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import symbols_of
from derivations.program.blocks import Block, Choice, Doubling, Loop, Sweeps, Whole
from derivations.program.schedule import only_left, steps_in
from derivations.program.spans import gap
from derivations.program.values import Value
from derivations.program.window import steps_before
from derivations.render.code.arrays import Arrays
from derivations.render.code.code import Code, aligned_code, has_axis
from derivations.render.code.dialect import Dialect
from derivations.render.code.joining import joining_lines
from derivations.render.code.lower import lower
from derivations.render.code.names import Names
from derivations.render.code.needs import Needs
from derivations.render.code.recurrences import doubling_line, joined_line
from derivations.render.code.rooms import Rooms
from derivations.render.code.scope import Reader, Scope
from derivations.render.code.shapes import Shapes
from derivations.render.code.sweeps import sweep_reader
from derivations.render.code.totals import total
from derivations.render.code.written import Carried, Written


class Body:
    """Writes blocks into lines.

    Args:
        values: every value by name.
        dialect: the library.
        names: identifiers, shared by all functions of a module.
        needs: told what the code calls.
        rooms: what loops write over.
    """

    def __init__(
        self,
        values: Mapping[str, Value],
        dialect: Dialect,
        names: Names,
        needs: Needs,
        rooms: Rooms,
    ) -> None:
        self._values, self._dialect, self._rooms = values, dialect, rooms
        self._names, self._needs = names, needs
        self.lines: list[str] = []
        self._arrays = Arrays(values, names, dialect, self.lines)
        self._shapes = Shapes(values, names, dialect)

    def write(
        self, blocks: Sequence[Block], stored: Collection[str], returned: Collection[str]
    ) -> list[str]:
        """The lines of some blocks.

        Args:
            stored: the values of loops that are read after them.
            returned: those that are needed at all steps, whoever reads them.
        """
        for place, block in enumerate(blocks):
            if isinstance(block, Whole):
                self._whole(self._values[block.name])
            elif isinstance(block, Loop):
                left = only_left(block, blocks[place + 1 :], self._values) - set(returned)
                self._loop(block, set(stored) - left, left)
            elif isinstance(block, Choice):
                left = only_left(block.loop, blocks[place + 1 :], self._values) - set(returned)
                self._choice(block, set(stored) - left, left)
            elif isinstance(block, Sweeps):
                self._sweeps(block, stored)
            elif isinstance(block, Doubling):
                self.lines.append(doubling_line(block, self._names, self._shapes))
            else:
                self.lines.append(joined_line(block, self._names, self._shapes, self._dialect))
        return self.lines

    def _whole(self, value: Value) -> None:
        over = [term.value for term in value.terms if not term.domain]
        name = self._names.value(value.name)
        placed = [term for term in value.terms if term.domain]
        if placed:
            self.lines.append(f"{name} = {self._shapes.zeros(value)}")
            for term in placed:
                self._place(value, term.value, term.domain, name)
        if over:
            whole = build.add(*over)
            scope = self._scope(value.ranges, {}, self._read)
            scope.share([whole])
            text = self._conformed(whole, value, scope)
            joint = f"{name} + " if placed else ""
            self.lines.append(f"{name} = {joint}{text}")

    def _place(self, value: Value, node: MatrixExpr, domain: tuple[Range, ...], name: str) -> None:
        narrowed = {r.index: r for r in domain if not r.pinned}
        ranges = [narrowed.get(r.index, r) for r in value.ranges]
        pinned = {r.index for r in domain if r.pinned}
        scope = self._scope([r for r in ranges if r.index not in pinned], {}, self._read)
        scope.share([node])
        text = lower(node, scope).text
        where = []
        for own in value.ranges:
            found = next((r for r in domain if r.index == own.index), own)
            low, high = gap(found.lower, own.lower), gap(found.upper, own.upper)
            if found.pinned:
                where.append(str(low) if low is not None else str((high or 0) - 1))
            else:
                where.append(f"{low or ''}:{high or ''}")
        self.lines += self._dialect.added(name, ", ".join(where), text)

    def _loop(self, block: Loop, stored: Collection[str], left: Collection[str]) -> None:
        index, counter = block.index, self._names.symbol(block.index)
        inner: list[str] = []
        given: dict[str, str] = {}
        used: set[str] = set()
        local = {
            name: self._names.local(f"{self._names.value(name)}_{counter}", used)
            for name in block.names
        }
        carried = {name: self._carried(block, name, local[name], used) for name in block.delays}

        def read(leaf: Variable, scope: Scope) -> Code:
            return self._read_in_loop(leaf, scope, block, local, carried, given, used)

        value_of = self._values
        wholes = {n: build.add(*(t.value for t in value_of[n].terms)) for n in block.names}
        scope: Scope | None = None
        shared: dict[tuple[Range, ...], Scope] = {}
        step = self._names.local(f"step_{counter}", used)
        for name in block.names:
            ranges = tuple(r for r in value_of[name].ranges if r.index != index)
            if ranges not in shared:
                scope = Scope(
                    self._dialect, self._names, ranges, {index: step}, read, inner, self._needs
                )
                scope.share(
                    wholes[n]
                    for n in block.names
                    if tuple(r for r in value_of[n].ranges if r.index != index) == ranges
                )
                shared[ranges] = scope
            text = self._conformed(wholes[name], value_of[name], shared[ranges], index)
            inner.append(f"{local[name]} = {text}")
        if any(step in line for line in inner):
            low, high = (self._shapes.number(e) for e in (block.over.lower, block.over.upper + 1))
            given[self._dialect.call("arange", low, high)] = step
        kept = [
            (
                self._names.value(name),
                local[name],
                self._shapes.shape(value_of[name]),
                list(value_of[name].target.steps).index(index),
            )
            for name in block.names
            if name in stored
        ]
        written = Written(
            self._names.local(f"each_{counter}", used),
            counter, self._shapes.number(steps_in(block.over)), block.forward,
            list(carried.values()), list(given.items()), inner, kept,
            frozenset(carried[n].names[0] for n in left),
        )  # fmt: skip
        self.lines += self._dialect.loop(self._rooms.placed(written))
        self._arrays.left |= {name: carried[name].names[0] for name in left}

    def _choice(self, block: Choice, stored: Collection[str], left: Collection[str]) -> None:
        """Both ways, and what decides between them when the code runs."""
        ways = [self._branch(values) for values in (block.values, self._values)]
        ways[0].write(block.joined, (), ())
        ways[1]._loop(block.loop, stored, left)
        self._arrays.left |= ways[1]._arrays.left
        last = -1 if block.loop.forward else 0
        for name in (name for name in block.loop.delays if name in left):
            ways[0].lines.append(f"{self._arrays.left[name]} = {self._names.value(name)}[{last}]")
        self.lines += joining_lines(
            block, self._values, self._names, self._dialect, *(way.lines for way in ways)
        )

    def _branch(self, values: Mapping[str, Value]) -> Body:
        inner = Body(values, self._dialect, self._names, self._needs, self._rooms)
        inner._arrays = self._arrays.branch(values, inner.lines)
        return inner

    def _sweeps(self, block: Sweeps, stored: Collection[str]) -> None:
        used: set[str] = set()
        identifiers = {name: self._names.value(name) for name in block.names}
        carried = {}
        for name, delay in block.delays.items():
            stems = [f"{identifiers[name]}_{'prev' if k == 0 else f'prev{k + 1}'}"
                     for k in range(delay)]  # fmt: skip
            before = [self._names.local(stem, used) for stem in stems]
            zeros = [self._shapes.zeros(self._values[name])] * delay
            carried[name] = Carried(before, zeros, identifiers[name])
        statements: list[str] = []
        for name in block.names:
            value = self._values[name]
            read = sweep_reader(block, name, self._values, identifiers, carried, self._read)
            scope = Scope(
                self._dialect, self._names, value.ranges, {}, read, statements, self._needs
            )
            whole = build.add(*(term.value for term in value.terms))
            statements.append(f"{identifiers[name]} = {self._conformed(whole, value, scope)}")
        most = block.axis.upper + steps_before(self._values, "adjoint")
        times = f"min(WINDOW, {self._shapes.number(most)})"
        written = Written(
            self._names.local("each_age", used), self._names.local("age", used), times, True,
            [*carried.values()], [], statements, [],
        )  # fmt: skip
        results = [identifiers[name] for name in block.names if name in stored]
        self.lines += self._dialect.sweeps(written, results)

    def _carried(self, block: Loop, name: str, now: str, used: set[str]) -> Carried:
        found = Carried([], [], now)
        for k in range(1, block.delays[name] + 1):
            ending = "prev" if k == 1 else f"prev{k}"
            found.names.append(self._names.local(f"{self._names.value(name)}_{ending}", used))
            found.starts.append(self._shapes.start(name, k, block.over, block.forward))
        return found

    def _read_in_loop(
        self,
        leaf: Variable,
        scope: Scope,
        block: Loop,
        local: Mapping[str, str],
        carried: Mapping[str, Carried],
        given: dict[str, str],
        used: set[str],
    ) -> Code:
        index = block.index
        looped = [step for step in leaf.steps if index in symbols_of(step)]
        if not looped:
            return self._read(leaf, scope)
        if leaf.name in local:
            delay = abs(gap(index, looped[0]) or 0)
            rest = [step for step in leaf.steps if step is not looped[0]]
            name = carried[leaf.name].names[delay - 1] if delay else local[leaf.name]
            return self._local(leaf, name, rest, scope)
        ranges = {index: block.over, **scope.ranges}
        code = self._arrays.read(leaf, ranges, (index, *scope.labels))
        if code.text not in given:
            plain = code.text.isidentifier()
            stem = code.text if plain else self._names.value(leaf.name)
            given[code.text] = self._names.local(f"{stem}_{self._names.symbol(index)}", used)
        return replace(code, text=given[code.text], labels=code.labels[1:])

    def _local(self, leaf: Variable, name: str, rest: list[object], scope: Scope) -> Code:
        """A value of this step of a loop; its other indices are axes as they stand."""
        rows, cols = (has_axis(extent) for extent in leaf.shape)
        value = self._values[leaf.name]
        labels = [s for s in rest if isinstance(s, Symbol) and s in scope.ranges]
        own = [r for r in value.ranges if any(r.index == s for s in value.target.steps)]
        if len(labels) != len(rest):
            raise MissingRule("export", f"{leaf.name} at a fixed step inside a loop")
        for label, r in zip(labels, [r for r in own if r.index not in scope.steps], strict=True):
            over = scope.ranges[label]
            if (over.lower, over.upper) != (r.lower, r.upper):
                raise MissingRule("export", f"{leaf.name} over a part of its steps in a loop")
        if labels != [label for label in scope.labels if label in labels]:
            raise MissingRule("export", f"the axes of {leaf.name} in another order in a loop")
        return Code(name, 4, tuple(labels), value.batched, rows, cols)

    def _read(self, leaf: Variable, scope: Scope) -> Code:
        return self._arrays.read(leaf, scope.ranges, scope.labels)

    def _scope(self, ranges: Sequence[Range], steps: dict[Symbol, str], read: Reader) -> Scope:
        return Scope(self._dialect, self._names, ranges, steps, read, self.lines, self._needs)

    def _conformed(
        self, node: MatrixExpr, value: Value, scope: Scope, looped: Symbol | None = None
    ) -> str:
        """The text of a value with exactly the axes that it is to have."""
        code = lower(node, scope) if value.batched else total(node, scope)
        labels = tuple(s for s in value.target.steps if s != looped)
        rows, cols = (has_axis(extent) for extent in value.target.shape)
        same = (code.labels, code.batched, code.rows, code.cols, code.number)
        if same == (labels, value.batched, rows, cols, False):
            return code.text
        shape = self._shapes.shape(value, looped)
        if code.number:
            return self._dialect.filled(shape, code.text)
        text = aligned_code(code, labels, rows + cols).text
        return self._dialect.call("broadcast_to", text, shape)
