"""A whole export: docstring, tables of shapes, helpers, functions; formatted source of one file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from sympy import Expr

from derivations.functions import kernels
from derivations.program.blocks import Block
from derivations.program.overwriting import overwritten
from derivations.program.plan import Part, Plan
from derivations.program.schedule import depends_on, steps_in
from derivations.program.segments import carried
from derivations.program.spans import gap
from derivations.program.values import Value
from derivations.render.code.body import Body
from derivations.render.code.code import has_axis
from derivations.render.code.dialect import Dialect
from derivations.render.code.names import Names
from derivations.render.code.needs import Needs
from derivations.render.code.rooms import Rooms
from derivations.render.code.sources import HERE, functions_of

_WORD = re.compile(r"[A-Za-z_]\w*")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
RESERVED = frozenset(
    """values sizes batch dtype params data inputs init cotangents kept each total outer_total
    softmax log_softmax logsumexp np jnp jax lax torch forward loss loss_and_grad forward_vjp step
    step_vjp init_params checked array keys extent solve rng key main check scipy Any Array
    slope pullback choose nothing device ctx static functions tensors names generator carry given
    above found partial PARAMETERS GIVEN INPUTS STARTS LENGTHS SIZES check example
    compared differences sample_map sample_function sample_slope form_shape math cotangent name
    value cut segment places handed_on sent_back nothing_later sweep_forward sweep_back SEGMENT AXIS
    TIMED CARRIED LATER WINDOW from_later callables
    only_asked dense WRT recurrence joins joined applied states OVERHEADS both_ways entrywise
    check_one steps fits scan_over part any_size LIMITS""".split()
)
"""Names that every module uses itself."""


class Module:
    """Writes the parts of a module.

    Args:
        plan: what it runs.
        own: the loss with the gradients that are asked for.
        dialect: the library.
        helpers: the modules here whose functions are copied where they are called.
    """

    def __init__(self, plan: Plan, own: Part, dialect: Dialect, helpers: Sequence[str]) -> None:
        self.plan, self.own = plan, own
        self.dialect, self._helpers = dialect, helpers
        self.names = Names(RESERVED | set(kernels.__all__))
        parts = (plan.pulled, own, plan.first)
        self.values = {k: v for part in parts for k, v in part.program.values.items()}
        given = [v.target.shape for v in own.program.values.values() if v.given]
        self.needs = Needs(frozenset(s for shape in given for e in shape for s in e.free_symbols))
        for name in self.values:
            self.names.value(name)
        self.rooms = Rooms(overwritten(plan, self.kept) if dialect.overwrites else (), self.names)

    @property
    def given(self) -> tuple[str, ...]:
        """The inputs and targets of the loss, without start values."""
        return self._with_roles(self.own, ("input", "target"))

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs that the forward pass reads."""
        program = self.own.program
        read = {n for b in self.own.forward for v in b.names for n in depends_on(program.values, v)}
        return tuple(name for name in self.given if name in read)

    @property
    def starts(self) -> tuple[str, ...]:
        """The start values."""
        return self._with_roles(self.own, ("start",))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters."""
        return self._with_roles(self.own, ("parameter",))

    @property
    def kept(self) -> tuple[str, ...]:
        """What the forward pass hands on."""
        carried = [n for n, _ in self.carried.values() if self.values[n].role == "forward"]
        both = [*self.own.kept, *self.plan.pulled.kept, *self.plan.outputs, *carried]
        return tuple(dict.fromkeys(both))

    @property
    def carried(self) -> dict[str, tuple[str, int]]:
        """Start of a segment → the value of the segment before, steps back from its end."""
        return carried(self.values) if self.plan.segments else {}

    def sent(self, part: Part) -> dict[str, tuple[str, int]]:
        """What a later segment sends → the value of that segment, the step of it that sends."""
        values, found = part.program.values, {}
        for value in values.values():
            for (_, time), edge in value.edges.items():
                if edge and edge in values and values[edge].role == "later":
                    found[edge] = value.name, gap(time, value.ranges[0].upper) or 0
        return found

    def forward_lines(self) -> list[str]:
        """The statements of the forward pass."""
        part = self.plan.first
        return self._body(part, part.forward, self.kept)

    def loss_lines(self) -> list[str]:
        """The statements of the loss."""
        return self._body(self.own, self.own.loss, ())

    def backward_lines(self, part: Part) -> list[str]:
        """The statements of a backward pass."""
        sent = (name for name, _ in self.sent(part).values())
        return self._body(part, part.backward, {*part.gradients.values(), *sent})

    def unpacked(self, lines: Iterable[str], forward: bool) -> list[str]:
        """Lines that take the values, sizes and types that other lines use out of dicts.

        Args:
            forward: whether the lines are the forward pass, which is only given what the caller is.
        """
        used = _words(lines)
        inside = {name for one in self.rooms.found for name in one.kept}
        shared = [] if forward else self.rooms.unpacked(used)
        used |= _words(shared)
        found = []
        for name, value in self.values.items():
            identifier = self.names.value(name)
            there = value.given or (value.role == "forward" and not forward)
            if identifier in used and there and name not in inside:
                found.append(f"{identifier} = values[{name!r}]")
        for symbol in self.symbols:
            if self.names.symbol(symbol) in used:
                found.append(f"{self.names.symbol(symbol)} = sizes[{symbol.name!r}]")
        if "dtype" in used:
            found.append("dtype = next(iter(values.values())).dtype")
        if "device" in used:
            found.append("device = next(iter(values.values())).device")
        return found + shared

    @property
    def symbols(self) -> tuple[Expr, ...]:
        """Sizes and ends of axes."""
        cell = self.plan.cell
        own = self.plan.segments.symbols if self.plan.segments else ()
        return (*cell.sizes, *(axis.upper for axis in cell.axes), *own)

    @property
    def lengths(self) -> tuple[str, ...]:
        """Ends of axes; a caller gives the number where no input of a function has the axis."""
        used = {s for v in self.values.values() for r in v.ranges for s in r.upper.free_symbols}
        return tuple(axis.upper.name for axis in self.plan.cell.axes if axis.upper in used)

    def tables(self) -> list[str]:
        """The shapes of everything that the caller gives."""
        groups = {
            "PARAMETERS": {n: self._form(self.values[n])[1] for n in self.parameters},
            "GIVEN": {n: self._form(self.values[n]) for n in self.given},
            "STARTS": {n: self._form(self.values[n]) for n in self.starts},
        }
        types = {
            "PARAMETERS": "dict[str, tuple[str, ...]]",
            "GIVEN": "dict[str, tuple[tuple[str, ...], tuple[str, ...]]]",
            "STARTS": "dict[str, tuple[tuple[str, ...], tuple[str, ...]]]",
        }
        lines = [f"{name}: {types[name]} = {rows!r}" for name, rows in groups.items()]
        lines.append(f"INPUTS: tuple[str, ...] = {self.inputs!r}")
        lines.append(f"SIZES: tuple[str, ...] = {tuple(s.name for s in self.plan.cell.sizes)!r}")
        lines.append(f"LENGTHS: tuple[str, ...] = {self.lengths!r}")
        window = (
            [] if self.plan.choices.window is None else [f"WINDOW = {self.plan.choices.window}"]
        )
        asked = tuple(self.plan.choices.wrt)
        wrt = [f"WRT: tuple[str, ...] = {asked!r}"] if asked else []
        return [*lines, *self._segment_tables(), *window, *wrt]

    def _segment_tables(self) -> list[str]:
        """What crosses from one segment to the next."""
        segments = self.plan.segments
        if segments is None:
            return []
        axis = tuple(s.name for s in (segments.axis.upper, *segments.symbols))
        cotangents = [*self.plan.cotangents.values()]
        timed = tuple(n for n in (*self.given, *cotangents) if self.values[n].ranges)
        sent = {**self.sent(self.plan.pulled), **self.sent(self.own)}
        later = {
            name: (self.names.value(value), k, self._form(self.values[name])[1])
            for name, (value, k) in sent.items()
        }
        return [
            f"SEGMENT = {self.plan.choices.checkpoint}",
            f"AXIS: tuple[str, str, str, str] = {axis!r}",
            f"TIMED: tuple[str, ...] = {timed!r}",
            f"CARRIED: dict[str, tuple[str, int]] = {self.carried!r}",
            f"LATER: dict[str, tuple[str, int, tuple[str, ...]]] = {later!r}",
        ]

    def helpers(self, text: str) -> list[str]:
        """The source of every helper that some text calls, and of those that these call."""
        words = set(_WORD.findall(text))
        chosen: dict[str, str] = {}
        modules = [
            kernels.__name__,
            *(f"{HERE}.{m}" for m in (*self._helpers, "checks", "examples")),
        ]
        changed = True
        while changed:
            changed = False
            for module in modules:
                for name, source in functions_of(module).items():
                    if name in words and name not in chosen:
                        chosen[name] = self.dialect.translated(source)
                        words |= set(_WORD.findall(chosen[name]))
                        changed = True
        return list(chosen.values())

    def arguments(self, lines: Sequence[str]) -> list[str]:
        """The arbitrary functions that some lines call, as names of arguments."""
        used = _words(lines)
        found = []
        for name, (_, elementwise) in self.needs.arguments.items():
            derivative = f"{name}_{'slope' if elementwise else 'vjp'}"
            found += [n for n in (name, derivative) if n in used]
        return found

    def _form(self, value: Value) -> tuple[tuple[str, ...], tuple[str, ...]]:
        times = tuple(form(steps_in(r)) for r in value.ranges)
        return times, tuple(form(e) for e in value.target.shape if has_axis(e))

    def _with_roles(self, part: Part, roles: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(n for n, v in part.program.values.items() if v.role in roles)

    def _read_across(self, part: Part, blocks: Sequence[Block]) -> set[str]:
        """Values that another block than their own reads."""
        values, found = part.program.values, set[str]()
        for block in blocks:
            for name in block.names:
                found |= depends_on(values, name) - set(block.names)
        return found

    def _body(self, part: Part, blocks: Sequence[Block], returned: Iterable[str]) -> list[str]:
        body = Body(part.program.values, self.dialect, self.names, self.needs, self.rooms)
        asked = set(returned)
        return body.write(blocks, asked | self._read_across(part, blocks), asked)


def _words(lines: Iterable[str]) -> set[str]:
    """The identifiers in some lines; keys of dicts are none."""
    return {word for line in lines for word in _WORD.findall(_QUOTED.sub("", line))}


def form(extent: Expr) -> str:
    """An extent as ``4*n + m``."""
    return str(extent.expand()).replace(" - ", " + -1*")


def returned(pairs: Mapping[str, str]) -> str:
    """A dict of names as source text."""
    return "{" + ", ".join(f"{key!r}: {text}" for key, text in pairs.items()) + "}"
