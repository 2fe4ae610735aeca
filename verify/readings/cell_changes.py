"""Readings as changes of the cell: sizes, initial values, the loss, what a step is, slopes."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from sympy import Basic, Integer, Symbol
from sympy.matrices.expressions import HadamardProduct, MatMul, Transpose
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
from derivations.expressions.traverse import map_leaves, nodes_in, substitute
from derivations.same import Same


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
    return dict.fromkeys(_free_sizes(Same(cell)), Integer(1))


@lru_cache(maxsize=256)
def _free_sizes(same: Same[Cell]) -> tuple[Symbol, ...]:
    """The sizes that may be 1."""
    cell = same.value
    kept: set[Symbol] = set()
    for name in cell.distributions:
        rows, cols = cell.templates[name].shape
        kept |= rows.free_symbols | cols.free_symbols
    for definition in cell.definitions:
        for piece in definition.pieces:
            for node in nodes_in(piece.value, Softmax, LogSoftmax, LogSumExp):
                kept |= node.arg.shape[0].free_symbols | node.arg.shape[1].free_symbols
    return tuple(size for size in cell.sizes if size not in kept)


def all_scalar(cell: Cell) -> bool:
    """Whether every size can be 1."""
    return len(_free_sizes(Same(cell))) == len(cell.sizes)


def equal_sizes(cell: Cell) -> dict[Symbol, Basic]:
    """Every size as the first one."""
    return dict.fromkeys(cell.sizes[1:], cell.sizes[0]) if cell.sizes else {}


def steps_as_one(cell: Cell) -> Cell:
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


def zero_start(cell: Cell) -> Cell:
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


def labels_as_distributions(cell: Cell) -> Cell:
    """The cell with every given vector that stands beside a logarithm summing to one."""
    values = [piece.value for definition in cell.definitions for piece in definition.pieces]
    beside = {
        factor.name
        for value in values
        for product in nodes_in(value, HadamardProduct, MatMul)
        if any(map(_is_log, product.args))
        for factor in map(_untransposed, product.args)
        if isinstance(factor, Variable) and factor.shape[1] == 1 and factor.name not in cell.defined
    }
    if beside <= cell.distributions:
        return cell
    return replace(cell, distributions=cell.distributions | beside)


def labels_as_one_hot(cell: Cell) -> Cell:
    """The cell with log(yᵀp) as yᵀ log(p), which is the same where y is one-hot."""

    def spread(value: MatrixExpr) -> MatrixExpr:
        for log in nodes_in(value, Apply):
            inner = log.arguments[0]
            if log.function != "log" or any(log.orders) or not isinstance(inner, MatMul):
                continue
            factors = [_untransposed(factor) for factor in inner.args]
            if len(factors) != 2 or inner.shape != (1, 1):
                continue
            given, other = sorted(factors, key=lambda f: getattr(f, "name", LOSS) in cell.defined)
            if isinstance(given, Variable) and given.name not in cell.defined:
                value = value.xreplace({log: build.inner(given, build.apply("log", (0,), other))})
        return value

    def change(definition: Definition) -> Definition:
        pieces = tuple(replace(p, value=spread(p.value)) for p in definition.pieces)
        return replace(definition, pieces=pieces)

    changed = replace(
        cell,
        written=tuple(map(change, cell.written)),
        definitions=tuple(map(change, cell.definitions)),
    )
    return labels_as_distributions(changed) if changed != cell else cell


def _untransposed(node: Basic) -> Basic:
    return node.arg if isinstance(node, Transpose) else node


def _is_log(node: Basic) -> bool:
    inner = _untransposed(node)
    return isinstance(inner, LogSoftmax) or (isinstance(inner, Apply) and inner.function == "log")


def last_loss(cell: Cell) -> Cell:
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


def _agreed(function: str, argument: Variable) -> tuple[Variable, Variable]:
    """Common slope and offset of a function at an argument, both 1×1."""
    slope = agreed_slope(function, argument.name)
    return Variable(slope, argument.steps, 1, 1), Variable(
        f"offset of {slope}", argument.steps, 1, 1
    )


def agreed_slope(function: str, argument: str) -> str:
    """The name, which nobody can type, of the common slope of a function at a variable."""
    return f"slope {function} {argument}"


def agreeing_slopes(cell: Cell) -> Cell:
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


def agreeing_side(side: MatrixExpr, cell: Cell) -> MatrixExpr | None:
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
