"""Where a step lies: spans of time with ends that are numbers or an axis's end plus a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sympy import Expr, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.errors import MissingRule
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import occurrences

Ranges = Mapping[Symbol, Range]


@dataclass(frozen=True)
class Span:
    """All steps from ``low`` to ``high``."""

    low: Expr
    high: Expr

    def before(self, other: Span) -> int:
        """How many steps of this span lie before the first one of ``other``."""
        return max(0, gap(other.low, self.low) or 0)

    def after(self, other: Span) -> int:
        """How many steps of this span lie after the last one of ``other``."""
        return max(0, gap(self.high, other.high) or 0)


def gap(a: Expr, b: Expr) -> int | None:
    """a - b, or ``None`` where that depends on the length of an axis."""
    found = (a - b).expand()
    return int(found) if found.is_Integer else None


def span(step: Expr, ranges: Ranges) -> Span:
    """The times that a step takes while its index runs over its range.

    Raises:
        MissingRule: a step that is not an index plus a number.
    """
    indices = [symbol for symbol in step.free_symbols if symbol in ranges]
    if not indices:
        return Span(step, step)
    if len(indices) > 1 or not (step - indices[0]).expand().is_Integer:
        raise MissingRule("export", f"a time step {step}")
    found, offset = ranges[indices[0]], step - indices[0]
    return Span((found.lower + offset).expand(), (found.upper + offset).expand())


@dataclass(frozen=True)
class Use:
    """A variable where it is read, with the ranges of all indices in scope."""

    leaf: Variable
    ranges: Ranges


def uses(value: MatrixExpr, own: Iterable[Range]) -> Iterable[Use]:
    """Every read of a variable in ``value``, which stands under the ranges ``own``."""
    outer = {r.index: r for r in own}
    for found in occurrences(value):
        if isinstance(found.leaf, Variable):
            yield Use(found.leaf, outer | {r.index: r for r in found.binders})
