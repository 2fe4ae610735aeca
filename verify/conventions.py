"""The readings a claim may be true under: each a small, named change to how it is evaluated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from sympy import Basic, Integer, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.existence import lifetime
from derivations.cell import LOSS, Cell, Definition, Piece, Range
from derivations.expressions import build
from derivations.expressions.nodes import (
    Apply,
    LogSoftmax,
    LogSumExp,
    Softmax,
    TimeSum,
    Variable,
)
from derivations.expressions.traverse import map_leaves, substitute
from derivations.language.tree import (
    Name,
    Node,
    Number,
    Partial,
    Reduction,
    Relation,
    Transposed,
    children,
    rebuild,
)
from derivations.typing.compile import Compiled

RelationChange = Callable[[Relation, Compiled], Relation]
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
    """

    name: str
    says: str
    kind: Literal["layout", "meaning"] = "meaning"
    relation: RelationChange = _same_relation
    cell: CellChange = _same_cell
    side: SideChange = _same_side
    gradients: Literal["columns", "rows"] = "columns"
    off_kinks: bool = False

    def __add__(self, other: Reading) -> Reading:
        """Both assumptions together."""
        if not other.says:
            return self
        if not self.says:
            return other

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
        )


AS_WRITTEN = Reading("as written", "", "layout")


def _mapped(node: Node, change: Callable[[Node], Node]) -> Node:
    """``node`` with ``change`` applied to every part, inner parts first."""
    return change(rebuild(node, (_mapped(child, change) for child in children(node))))


def _is_loss(node: Node) -> bool:
    return isinstance(node, Name) and node.name == LOSS


def _is_jacobian(node: Node) -> bool:
    return isinstance(node, Partial) and not _is_loss(node.numerator)


# Layouts: between scalars they all agree.


def _transposed_left(relation: Relation, compiled: Compiled) -> Relation:
    return replace(relation, left=Transposed(relation.left))


def _transposed_jacobians(relation: Relation, compiled: Compiled) -> Relation:
    def change(node: Node) -> Node:
        return Transposed(node) if _is_jacobian(node) else node

    return _both(relation, change)


def _ascending(relation: Relation, compiled: Compiled) -> Relation:
    def change(node: Node) -> Node:
        if isinstance(node, Reduction) and node.kind == "prod" and node.order == "descending":
            return replace(node, order="ascending")
        return node

    return _both(relation, change)


def _both(relation: Relation, change: Callable[[Node], Node]) -> Relation:
    return replace(
        relation, left=_mapped(relation.left, change), right=_mapped(relation.right, change)
    )


def resized(cell: Cell, sizes: dict[Symbol, Basic]) -> Cell:
    """The cell with some of its sizes fixed or made equal."""
    if not sizes:
        return cell
    return replace(
        cell,
        written=tuple(resized_definition(d, sizes) for d in cell.written),
        definitions=tuple(resized_definition(d, sizes) for d in cell.definitions),
        templates={name: v.xreplace(sizes) for name, v in cell.templates.items()},
    )


def resized_definition(definition: Definition, sizes: dict[Symbol, Basic]) -> Definition:
    """A definition with some sizes fixed or made equal."""
    return Definition(
        definition.target.xreplace(sizes),
        tuple(replace(p, value=p.value.xreplace(sizes)) for p in definition.pieces),
    )


def scalar_sizes(cell: Cell) -> dict[Symbol, Basic]:
    """Every size as 1, but for those that a softmax or a distribution runs over.

    A distribution over one class is constant, and every gradient through it is zero.
    """
    kept: set[Symbol] = set()
    for name in cell.distributions:
        rows, cols = cell.templates[name].shape
        kept |= rows.free_symbols | cols.free_symbols
    for definition in cell.definitions:
        for piece in definition.pieces:
            for node in piece.value.atoms(Softmax, LogSoftmax, LogSumExp):
                kept |= node.arg.shape[0].free_symbols | node.arg.shape[1].free_symbols
    return {size: Integer(1) for size in cell.sizes if size not in kept}


def equal_sizes(cell: Cell) -> dict[Symbol, Basic]:
    """Every size as the first one."""
    return dict.fromkeys(cell.sizes[1:], cell.sizes[0]) if cell.sizes else {}


def _sizes_as(sizes: Callable[[Cell], dict[Symbol, Basic]]) -> RelationChange:
    def change(relation: Relation, compiled: Compiled) -> Relation:
        named = {str(symbol): value for symbol, value in sizes(compiled.cell).items()}

        def fixed(node: Node) -> Node:
            if isinstance(node, Name) and not node.indices and node.name in named:
                if node.name in compiled.cell.templates:
                    return node
                value = named[node.name]
                if isinstance(value, Integer):
                    return Number(Fraction(int(value)), span=node.span)
                return replace(node, name=str(value))
            return node

        return _both(relation, fixed)

    return change


# Meanings: they differ between scalars, too.


def _immediate(
    where: Callable[[Partial, Compiled], bool], left: bool, right: bool
) -> RelationChange:
    def change(relation: Relation, compiled: Compiled) -> Relation:
        def direct(node: Node) -> Node:
            if isinstance(node, Partial) and not node.immediate and where(node, compiled):
                return replace(node, immediate=True)
            return node

        return replace(
            relation,
            left=_mapped(relation.left, direct) if left else relation.left,
            right=_mapped(relation.right, direct) if right else relation.right,
        )

    return change


def _any_jacobian(node: Partial, compiled: Compiled) -> bool:
    return _is_jacobian(node)


def _anything(node: Partial, compiled: Compiled) -> bool:
    return True


def _of_parameter(node: Partial, compiled: Compiled) -> bool:
    below = node.denominator
    return _is_jacobian(node) and isinstance(below, Name) and not below.indices


def _total(relation: Relation, compiled: Compiled) -> Relation:
    def change(node: Node) -> Node:
        return replace(node, immediate=False) if isinstance(node, Partial) else node

    return _both(relation, change)


def _steps_as_one(cell: Cell) -> Cell:
    """Equations as typed with the other values of the same step put in, down to earlier ones."""
    known = {
        d.name: d
        for d in cell.definitions
        if d.name != LOSS and len(d.pieces) == 1 and d.target.steps
    }

    def inside(value: MatrixExpr) -> MatrixExpr:
        def change(leaf: MatrixExpr) -> MatrixExpr:
            definition = known.get(leaf.name) if isinstance(leaf, Variable) else None
            if definition is None or leaf.steps != definition.target.steps:
                return leaf
            return inside(definition.pieces[0].value)

        return map_leaves(value, change)

    def whole(definition: Definition) -> Definition:
        if definition.name == LOSS:
            return definition
        pieces = tuple(replace(p, value=inside(p.value)) for p in definition.pieces)
        return replace(definition, pieces=pieces)

    return replace(cell, written=tuple(map(whole, cell.definitions)))


def _zero_start(cell: Cell) -> Cell:
    """Initial and final values of all states as zero, where no equation gives them."""

    def started(definition: Definition) -> Definition:
        target = definition.target
        if len(target.steps) != 1 or definition.name == LOSS:
            return definition
        ((low, high),) = lifetime(cell, definition.name)
        (index,) = target.steps
        end = next((a.upper for a in cell.axes if a.index == index), cell.axes[0].upper)
        given = {r.lower for p in definition.pieces for r in p.domain if r.pinned}
        times = [Integer(k) for k in range(int(low), 1)]
        times += [end + k for k in range(1, int(high - end) + 1)]
        zero = build.zeros(target.shape)
        added = tuple(Piece(zero, (Range(index, k, k),)) for k in times if k not in given)
        return replace(definition, pieces=(*definition.pieces, *added))

    return replace(
        cell,
        written=tuple(map(started, cell.written)),
        definitions=tuple(map(started, cell.definitions)),
    )


def _last_loss(cell: Cell) -> Cell:
    """A loss summed over time as its last term."""

    def last(value: MatrixExpr) -> MatrixExpr:
        if isinstance(value, TimeSum):
            return substitute(value.body, {value.index: value.upper})
        return value

    def change(definition: Definition) -> Definition:
        if definition.name != LOSS:
            return definition
        pieces = tuple(replace(p, value=last(p.value)) for p in definition.pieces)
        return replace(definition, pieces=pieces)

    return replace(
        cell,
        written=tuple(map(change, cell.written)),
        definitions=tuple(map(change, cell.definitions)),
    )


def _agreed(function: str, argument: MatrixExpr) -> tuple[Variable, Variable]:
    """Common slope and offset of a function at an argument, both 1×1."""
    steps = argument.steps if isinstance(argument, Variable) else ()
    label = f"{function} {argument.name}"
    return Variable(f"slope {label}", steps, 1, 1), Variable(f"offset {label}", steps, 1, 1)


def _agreeing_slopes(cell: Cell) -> Cell:
    """Every elementwise function of a named argument as one line, the same for all units."""
    added: dict[str, Variable] = {}

    def straight(node: MatrixExpr) -> MatrixExpr:
        if not (isinstance(node, Apply) and isinstance(node.arguments[0], Variable)):
            return node
        if node.arguments[0].shape == (1, 1) or any(node.orders):
            return node
        argument = node.arguments[0]
        slope, offset = _agreed(node.function, argument)
        generic = cell.templates[argument.name]
        for made in (slope, offset):
            added[made.name] = made.at(generic.steps)
        return build.add(
            build.scale(slope, argument), build.scale(offset, build.ones(*argument.shape))
        )

    def change(definition: Definition) -> Definition:
        return replace(
            definition,
            pieces=tuple(
                replace(p, value=p.value.replace(lambda n: isinstance(n, Apply), straight))
                for p in definition.pieces
            ),
        )

    definitions = tuple(map(change, cell.definitions))
    return replace(
        cell,
        written=tuple(map(change, cell.written)),
        definitions=definitions,
        templates={**cell.templates, **added},
    )


def _agreeing_side(side: MatrixExpr, cell: Cell) -> MatrixExpr | None:
    """Slopes in a claim as the common ones; another use of a function has no reading."""
    fits = True

    def straight(node: MatrixExpr) -> MatrixExpr:
        nonlocal fits
        argument = node.arguments[0]
        known = isinstance(argument, Variable) and argument.shape != (1, 1)
        if not known or sum(node.orders) != 1 or not node.orders[0]:
            fits = False
            return node
        slope, _ = _agreed(node.function, argument)
        if slope.name not in cell.templates:
            fits = False
            return node
        return build.scale(slope, build.ones(*argument.shape))

    changed = side.replace(lambda n: isinstance(n, Apply), straight)
    return changed if fits else None


SCALARS = Reading(
    "scalars", "all sizes are 1 (scalars)", "layout",
    _sizes_as(scalar_sizes), lambda cell: resized(cell, scalar_sizes(cell)),
)  # fmt: skip

LAYOUTS = (
    Reading("rows", "gradients are rows (numerator layout)", "layout", gradients="rows"),
    Reading(
        "transposed", "the left side stands transposed (the other layout)", "layout",
        _transposed_left,
    ),
    Reading(
        "denominator layout", "Jacobians have a column per component of the numerator "
        "(denominator layout)", "layout", _transposed_jacobians,
    ),
    Reading(
        "ascending", "products over time run with the earliest time on the left", "layout",
        _ascending,
    ),
    Reading(
        "square", "all sizes are equal (square weights)", "layout",
        _sizes_as(equal_sizes), lambda cell: resized(cell, equal_sizes(cell)),
    ),
    Reading(
        "agreeing slopes", "the slopes of all units agree", "layout",
        cell=_agreeing_slopes, side=_agreeing_side,
    ),
)  # fmt: skip
"""Readings that say nothing new about scalars; where a claim fails for scalars they cannot help."""

MEANINGS = (
    Reading(
        "immediate left", "∂ on the left side is the immediate partial, all other variables "
        "held fixed", relation=_immediate(_anything, True, False),
    ),
    Reading(
        "immediate parameters", "∂ with respect to a parameter is the immediate partial",
        relation=_immediate(_of_parameter, False, True),
    ),
    Reading(
        "immediate right", "∂ on the right side is the immediate partial",
        relation=_immediate(_any_jacobian, False, True),
    ),
    Reading(
        "step parameters", "∂ with respect to a parameter is that of one step, earlier states "
        "held fixed", relation=_immediate(_of_parameter, False, True), cell=_steps_as_one,
    ),
    Reading(
        "step left", "∂ on the left side is that of one whole step, earlier states held fixed",
        relation=_immediate(_anything, True, False), cell=_steps_as_one,
    ),
    Reading(
        "direct step", "∂⁺ is that of one whole step, earlier states held fixed",
        cell=_steps_as_one,
    ),
    Reading("total", "direct derivatives are total derivatives", relation=_total),
    Reading("zero start", "the initial state is zero", cell=_zero_start),
    Reading("off kinks", "no argument meets a kink exactly", off_kinks=True),
)  # fmt: skip

LAST_LOSS = Reading("loss at T", "the loss is taken at the last step only", cell=_last_loss)


def meanings(compiled: Compiled) -> tuple[Reading, ...]:
    """The meanings that a cell leaves open; where it states its loss, that is no question."""
    stated = any(equation.target.name == LOSS for equation in compiled.source.equations)
    return MEANINGS if stated else (*MEANINGS, LAST_LOSS)
