"""The readings a claim may be true under: each a small, named change to how it is evaluated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from operator import add
from typing import Literal

from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS, Cell
from derivations.language.tree import Relation
from derivations.same import Same
from derivations.typing.compile import Compiled
from verify.readings.cell_changes import (
    agreeing_side,
    agreeing_slopes,
    equal_sizes,
    labels_as_distributions,
    labels_as_one_hot,
    last_loss,
    resized,
    scalar_sizes,
    steps_as_one,
    zero_start,
)
from verify.readings.relation_changes import (
    RelationChange,
    after_start,
    any_jacobian,
    anything,
    ascending,
    bounds_from_above,
    elementwise_first,
    immediate,
    of_parameter,
    outer_products,
    sizes_as,
    total,
    transposed_jacobians,
    transposed_left,
)

CellChange = Callable[[Cell], Cell]
SideChange = Callable[[MatrixExpr, Cell], MatrixExpr | None]


def _same_relation(relation: Relation, compiled: Compiled) -> Relation:
    return relation


def _same_cell(cell: Cell) -> Cell:
    return cell


def _same_side(side: MatrixExpr, cell: Cell) -> MatrixExpr | None:
    return side


@dataclass(frozen=True)
class Reading:
    """One way to read a claim.

    Attributes:
        name: short and stable.
        says: what the reader must assume, as one clause; empty for the claim as written.
        kind: ``layout`` for what makes no difference between scalars, ``meaning`` for the rest.
        relation: the claim as this reader would write it under the contract's conventions.
        cell: the cell as this reader sees it.
        side: a change of each typed side; ``None`` where the reading does not apply.
        gradients: whether dL/dv is read as a row.
        off_kinks: whether nothing is claimed where an argument meets a kink exactly.
        ground: equal for readings that see the same cell; empty for the cell as it is.
        parts: what it is the sum of; empty for a single one.
    """

    name: str
    says: str
    kind: Literal["layout", "meaning"] = "meaning"
    relation: RelationChange = _same_relation
    cell: CellChange = _same_cell
    side: SideChange = _same_side
    gradients: Literal["columns", "rows"] = "columns"
    off_kinks: bool = False
    ground: str = ""
    parts: tuple[Reading, ...] = ()

    def __add__(self, other: Reading) -> Reading:
        """Both assumptions together; the same object for the same two."""
        if not other.says:
            return self
        if not self.says:
            return other
        return _both(Same(self), Same(other))

    def _with(self, other: Reading) -> Reading:
        def side(expr: MatrixExpr, cell: Cell) -> MatrixExpr | None:
            first = self.side(expr, cell)
            return None if first is None else other.side(first, cell)

        return Reading(
            f"{self.name} + {other.name}",
            f"{self.says}, and {other.says}",
            "meaning" if "meaning" in (self.kind, other.kind) else "layout",
            lambda r, c: other.relation(self.relation(r, c), c),
            lambda c: other.cell(self.cell(c)),
            side,
            "rows" if "rows" in (self.gradients, other.gradients) else "columns",
            self.off_kinks or other.off_kinks,
            " + ".join(filter(None, (self.ground, other.ground))),
            (self.parts or (self,)) + (other.parts or (other,)),
        )

    @cached_property
    def between_scalars(self) -> Reading:
        """What is left of it between scalars, where no layout makes a difference."""
        return reduce(add, (p for p in self.parts or (self,) if p.kind == "meaning"), AS_WRITTEN)


@lru_cache(maxsize=1024)
def _both(one: Same[Reading], other: Same[Reading]) -> Reading:
    return one.value._with(other.value)


AS_WRITTEN = Reading("as written", "", "layout")


SCALARS = Reading(
    "scalars", "all sizes are 1 (scalars)", "layout",
    sizes_as(scalar_sizes), lambda cell: resized(cell, scalar_sizes(cell)),
    ground="scalars",
)  # fmt: skip

LAYOUTS = (
    Reading("rows", "gradients are rows (numerator layout)", "layout", gradients="rows"),
    Reading(
        "transposed", "the left side stands transposed (the other layout)", "layout",
        transposed_left,
    ),
    Reading(
        "denominator layout", "Jacobians have a column per component of the numerator "
        "(denominator layout)", "layout", transposed_jacobians,
    ),
    Reading(
        "ascending", "products over time run with the earliest time on the left", "layout",
        ascending,
    ),
    Reading(
        "elementwise first", "⊙ is taken before the matrix product", "layout", elementwise_first,
    ),
    Reading("outer", "⟨a, b⟩ is the outer product", "layout", outer_products),
    Reading(
        "square", "all sizes are equal (square weights)", "layout",
        sizes_as(equal_sizes), lambda cell: resized(cell, equal_sizes(cell)), ground="square",
    ),
    Reading(
        "agreeing slopes", "the slopes of all units agree", "layout",
        cell=agreeing_slopes, side=agreeing_side, ground="slopes",
    ),
)  # fmt: skip
"""Readings that say nothing new about scalars; where a claim fails for scalars they cannot help."""

ZERO_START = Reading(
    "zero start", "the initial state is zero", cell=zero_start, ground="zero"
)  # fmt: skip

MEANINGS = (
    Reading(
        "immediate left", "∂ on the left side is the immediate partial, all other variables "
        "held fixed", relation=immediate(anything, True, False),
    ),
    Reading(
        "immediate parameters", "∂ with respect to a parameter is the immediate partial",
        relation=immediate(of_parameter, False, True),
    ),
    Reading(
        "immediate right", "∂ on the right side is the immediate partial",
        relation=immediate(any_jacobian, False, True),
    ),
    Reading(
        "step parameters", "∂ with respect to a parameter is that of one step, earlier states "
        "held fixed", relation=immediate(of_parameter, False, True), cell=steps_as_one,
        ground="step",
    ),
    Reading(
        "step left", "∂ on the left side is that of one whole step, earlier states held fixed",
        relation=immediate(anything, True, False), cell=steps_as_one,
        ground="step",
    ),
    Reading(
        "direct step", "∂⁺ is that of one whole step, earlier states held fixed",
        cell=steps_as_one,
        ground="step",
    ),
    Reading("total", "direct derivatives are total derivatives", relation=total),
    ZERO_START,
    Reading(
        "labels", "the entries of each target sum to one (a distribution, or one-hot)",
        cell=labels_as_distributions, ground="labels",
    ),
    Reading("one-hot", "each target is one-hot", cell=labels_as_one_hot, ground="one-hot"),
    Reading(
        "bounds from above", "the bounds of products are written from the last factor to the first",
        relation=bounds_from_above,
    ),
    Reading("off kinks", "no argument meets a kink exactly", off_kinks=True),
)  # fmt: skip

IMPLIED_BY = {
    "step parameters": "immediate parameters",
    "step left": "immediate left",
    "one-hot": "labels",
}
"""Readings that say nothing more where another one holds, which changes less."""

_OF_ONE_SIGN = (
    frozenset({"immediate left", "step left", "total"}),
    frozenset({"immediate parameters", "immediate right", "step parameters", "total"}),
    frozenset({"direct step", "step left", "step parameters", "total"}),
)
"""Readings of which each says what one and the same sign means."""


def independent(one: Reading, other: Reading) -> bool:
    """Whether two meanings are about different things, so that a reader may have both."""
    return not any({one.name, other.name} <= names for names in _OF_ONE_SIGN)


LAST_LOSS = Reading(
    "loss at T", "the loss is taken at the last step only", cell=last_loss, ground="loss"
)  # fmt: skip
"""Offered where a cell leaves its loss out."""


AFTER_START = Reading(
    "after the start", "times start at 1, initial values left out", relation=after_start
)  # fmt: skip
"""Offered where a claim fails at an initial value."""


def meanings(compiled: Compiled) -> tuple[Reading, ...]:
    """The meanings that a cell leaves open; where it states its loss, that is no question."""
    stated = any(equation.target.name == LOSS for equation in compiled.source.equations)
    return MEANINGS if stated else (*MEANINGS, LAST_LOSS)


SPECIAL = frozenset({"scalars", "square", "zero", "slopes"})
"""Grounds that a claim holds on if it holds between scalars with states that start at zero."""
_CELLS = {reading.ground: reading for reading in (*MEANINGS, LAST_LOSS) if reading.ground}


def without_special(reading: Reading) -> Reading:
    """The reading's change of the cell without all that is a special case of another cell."""
    if not reading.ground:
        return AS_WRITTEN
    parts = [part for part in reading.ground.split(" + ") if part and part not in SPECIAL]
    return reduce(add, (_CELLS[part] for part in parts), AS_WRITTEN)
