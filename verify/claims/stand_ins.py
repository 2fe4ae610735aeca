"""What arbitrary functions are taken to be in a counterexample that a student works through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from functools import lru_cache

from sympy import Rational
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Definition
from derivations.expressions import build
from derivations.expressions.nodes import Apply, Map, MapPartial
from derivations.expressions.traverse import nodes_in
from derivations.functions import lookup
from derivations.same import Same

STAND_IN = "square"
"""What an arbitrary elementwise function is taken to be."""

MOST_CELLS = 64
"""Cells whose stand-ins are kept."""

Concrete = tuple[dict[str, str], tuple[Cell, MatrixExpr, MatrixExpr]]


def concrete(cell: Cell, left: MatrixExpr, right: MatrixExpr) -> Iterator[Concrete]:
    """The cell with stand-ins for its arbitrary functions, then as it is, where that differs."""
    functions, maps = (set(names) for names in _arbitrary(Same(cell)))
    functions |= _functions((left, right))
    if any(nodes_in(side, Map, MapPartial) for side in (left, right)):
        maps = set()
    said = {f"{name}(z)": "z**2" for name in sorted(functions)}
    said |= {f"{name}(…)": "half the sum of the squares of its arguments" for name in sorted(maps)}
    if said:
        changed = _changed(Same(cell), frozenset(functions), frozenset(maps))
        yield said, (changed, *(_stand_ins(side, functions, maps) for side in (left, right)))
    yield {}, (cell, left, right)


def _functions(values: Iterable[MatrixExpr]) -> set[str]:
    return {a.function for v in values for a in nodes_in(v, Apply) if not lookup(a.function)}


@lru_cache(maxsize=MOST_CELLS)
def _arbitrary(cell: Same[Cell]) -> tuple[frozenset[str], frozenset[str]]:
    """The arbitrary elementwise functions and scalar maps of a cell."""
    values = [p.value for d in cell.value.definitions for p in d.pieces]
    maps = {m.name for v in values for m in nodes_in(v, Map) if m.shape == (1, 1)}
    return frozenset(_functions(values)), frozenset(maps)


@lru_cache(maxsize=MOST_CELLS)
def _changed(cell: Same[Cell], functions: Set[str], maps: Set[str]) -> Cell:
    """The cell with stand-ins; the same object for every claim, which can share its values."""

    def definition(given: Definition) -> Definition:
        pieces = (replace(p, value=_stand_ins(p.value, functions, maps)) for p in given.pieces)
        return replace(given, pieces=tuple(pieces))

    return replace(
        cell.value,
        written=tuple(map(definition, cell.value.written)),
        definitions=tuple(map(definition, cell.value.definitions)),
    )


def _stand_ins(value: MatrixExpr, functions: Set[str], maps: Set[str]) -> MatrixExpr:
    def function(node: MatrixExpr) -> MatrixExpr:
        return Apply(STAND_IN, node.orders, *node.arguments)

    def loss(node: MatrixExpr) -> MatrixExpr:
        squares = [build.inner(a, a) for a in map(build.vec, node.arguments)]
        return build.scale(build.constant(Rational(1, 2)), build.add(*squares))

    value = value.replace(lambda n: isinstance(n, Apply) and n.function in functions, function)
    return value.replace(lambda n: isinstance(n, Map) and n.name in maps, loss)
