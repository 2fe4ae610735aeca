"""Where a step lies: spans of time with ends that are numbers or an axis's end plus a number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.errors import MissingRule
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import occurrences, symbols_of

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


@lru_cache(maxsize=1 << 14)
def gap(a: Expr, b: Expr) -> int | None:
    """a - b, or ``None`` where that depends on the length of an axis."""
    found = (a - b).expand()
    return int(found) if found.is_Integer else None


def span(step: Expr, ranges: Ranges) -> Span:
    """The times that a step takes while its index runs over its range.

    Raises:
        MissingRule: a step that is not an index plus a number.
    """
    indices = [symbol for symbol in symbols_of(step) if symbol in ranges]
    if not indices:
        return Span(step, step)
    if len(indices) > 1 or gap(step, indices[0]) is None:
        raise MissingRule("export", f"a time step {step}")
    return _shifted(step, ranges[indices[0]])


@lru_cache(maxsize=1 << 14)
def _shifted(step: Expr, over: Range) -> Span:
    offset = step - over.index
    return Span((over.lower + offset).expand(), (over.upper + offset).expand())


@dataclass(frozen=True)
class Use:
    """A variable where it is read, with the ranges of all indices in scope."""

    leaf: Variable
    ranges: Ranges


def uses(value: MatrixExpr, own: Iterable[Range]) -> Iterable[Use]:
    """Every read of a variable in ``value``, which stands under the ranges ``own``."""
    outer = {r.index: r for r in own}
    for leaf, binders in _read(value):
        yield Use(leaf, outer | {r.index: r for r in binders})


@lru_cache(maxsize=1 << 14)
def _read(value: MatrixExpr) -> tuple[tuple[Variable, tuple[Range, ...]], ...]:
    """Every variable in ``value`` with the ranges that it binds around it."""
    return tuple((o.leaf, o.binders) for o in occurrences(value) if isinstance(o.leaf, Variable))
