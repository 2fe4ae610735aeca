"""The shapes of values as source text, and what a recurrence starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Symbol

from derivations.cell import Range
from derivations.program.schedule import steps_in
from derivations.program.values import Value
from derivations.render.code.code import has_axis, tuple_text
from derivations.render.code.dialect import Dialect
from derivations.render.code.names import Names


@dataclass(frozen=True)
class Shapes:
    """Of the values of one function."""

    values: Mapping[str, Value]
    names: Names
    dialect: Dialect

    def shape(self, value: Value, looped: Symbol | None = None) -> str:
        """The shape of a value, without the axis that a loop runs over."""
        lengths = [self.number(steps_in(r)) for r in value.ranges if r.index != looped]
        batch = ["*batch"] if value.batched else []
        sizes = [self.number(extent) for extent in value.target.shape if has_axis(extent)]
        return tuple_text([*lengths, *batch, *sizes])

    def zeros(self, value: Value, looped: Symbol | None = None) -> str:
        """Zeros of that shape."""
        return self.dialect.filled(self.shape(value, looped), "0.0")

    def number(self, expr: Expr) -> str:
        """A size or an end."""
        return self.names.expression(expr, {})

    def start(self, name: str, lag: int, over: Range, forward: bool) -> str:
        """What a value is so many steps before the first one that a recurrence computes."""
        value = self.values[name]
        position = list(value.target.steps).index(over.index)
        time = over.lower - lag if forward else over.upper + lag
        edge = value.edges.get((position, time.expand()))
        return self.names.value(edge) if edge else self.zeros(value, over.index)
