"""Reading a value over many of its steps: slices, fixed steps, what lies beyond the ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sympy import Expr, Symbol

from derivations.cell import Range
from derivations.errors import MissingRule
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import symbols_of
from derivations.program.spans import Span, Use, gap, span
from derivations.program.values import Value, times_beyond
from derivations.render.code.code import ATOM, Code, has_axis
from derivations.render.code.dialect import Dialect
from derivations.render.code.names import Names


class Arrays:
    """The arrays of one function.

    Args:
        values: what the arrays are.
        names: their identifiers.
        dialect: the library.
        lines: where an array that is extended gets its line; outside of every loop.

    Attributes:
        left: value → what a loop leaves of it: the step that it computed last, and that alone.
    """

    def __init__(
        self, values: Mapping[str, Value], names: Names, dialect: Dialect, lines: list[str]
    ) -> None:
        self._values, self._names = values, names
        self._dialect, self._lines = dialect, lines
        self._extended: dict[tuple[str, int, int, int], str] = {}
        self.left: dict[str, str] = {}

    def branch(self, values: Mapping[str, Value], lines: list[str]) -> Arrays:
        """The arrays as one branch of the function sees them; what it extends is its own."""
        inner = Arrays(values, self._names, self._dialect, lines)
        inner._extended, inner.left = dict(self._extended), dict(self.left)
        return inner

    def read(self, leaf: Variable, ranges: Mapping[Symbol, Range], order: Sequence[Symbol]) -> Code:
        """A value at steps whose indices run over ``ranges``; its labels are in ``order``."""
        value = self._values[leaf.name]
        if leaf.name in self.left:
            axes = [has_axis(extent) for extent in value.target.shape]
            return Code(self.left[leaf.name], ATOM, (), value.batched, *axes)
        reach: dict[int, list[Expr]] = {}
        for position, time in times_beyond(value, Use(leaf, ranges)):
            reach.setdefault(position, []).append(time)
        if len(reach) > 1:
            raise MissingRule("export", f"{leaf.name} read beyond the ends of two axes at once")
        text, index, labels = self._names.value(value.name), [], []
        for position, step in enumerate(leaf.steps):
            own = Span(value.ranges[position].lower, value.ranges[position].upper)
            times = reach.get(position, [])
            before = sum((gap(own.low, time) or 0) > 0 for time in times)
            after = len(times) - before
            if times:
                text = self._extend(value, position, before, after)
            full = Span(own.low - before, own.high + after)
            found = [symbol for symbol in symbols_of(step) if symbol in ranges]
            if found:
                labels.append(found[0])
            index.append(_index(step, span(step, ranges), full, bool(found), leaf.name))
        while index and index[-1] == ":":
            index.pop()
        if index:
            text = f"{text}[{', '.join(index)}]"
        if len(set(labels)) < len(labels):
            raise MissingRule("export", f"{leaf.name} read along a diagonal of its steps")
        rows, cols = (has_axis(extent) for extent in value.target.shape)
        code = Code(text, ATOM, tuple(labels), value.batched, rows, cols)
        return self._ordered(code, [label for label in order if label in labels])

    def _ordered(self, code: Code, order: list[Symbol]) -> Code:
        """The axes in the order of the scope."""
        labels = list(code.labels)
        for place, label in enumerate(order):
            source = labels.index(label)
            if source != place:
                text = self._dialect.moved(code.text, source, place)
                labels.insert(place, labels.pop(source))
                code = replace(code, text=text)
        return replace(code, labels=tuple(order))

    def _extend(self, value: Value, position: int, before: int, after: int) -> str:
        """An array with what lies before and after it along one axis."""
        key = (value.name, position, before, after)
        if key not in self._extended:
            own, name = value.ranges[position], self._names.value(value.name)
            times = [own.lower - k for k in range(before, 0, -1)]
            later = [own.upper + k for k in range(1, after + 1)]
            parts = [self._edge(value, position, time) for time in times]
            parts += [name, *(self._edge(value, position, time.expand()) for time in later)]
            made = self._names.fresh(f"{name}_with_ends")
            self._lines.append(f"{made} = {self._dialect.joined(parts, position)}")
            self._extended[key] = made
        return self._extended[key]

    def _edge(self, value: Value, position: int, time: Expr) -> str:
        edge = value.edges[position, time]
        lead = [":"] * position
        if edge is not None:
            return f"{self._names.value(edge)}[{', '.join([*lead, 'None'])}]"
        first = f"{self._names.value(value.name)}[{', '.join([*lead, ':1'])}]"
        return self._dialect.call("zeros_like", first)


def _index(step: Expr, read: Span, full: Span, sliced: bool, name: str) -> str:
    start, end = gap(read.low, full.low), gap(read.high, full.high)
    if not sliced:
        if start is not None:
            return str(start)
        if end is not None:
            return str(end - 1)
        raise MissingRule("export", f"{name} at step {step}")
    if start is None or end is None:
        raise MissingRule("export", f"{name} over a part of its steps, {read.low} to {read.high}")
    return f"{start or ''}:{end or ''}"
