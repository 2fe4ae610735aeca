"""What arbitrary functions are taken to be in a counterexample that a student works through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Rational
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Definition
from derivations.expressions import build
from derivations.expressions.nodes import Apply, Map, MapPartial
from derivations.functions import lookup

STAND_IN = "square"
"""What an arbitrary elementwise function is taken to be."""

Concrete = tuple[dict[str, str], tuple[Cell, MatrixExpr, MatrixExpr]]


def concrete(cell: Cell, left: MatrixExpr, right: MatrixExpr) -> Iterator[Concrete]:
    """The cell with stand-ins for its arbitrary functions, then as it is, where that differs."""
    values = [p.value for d in cell.definitions for p in d.pieces]
    functions = {
        a.function for v in (*values, left, right) for a in v.atoms(Apply) if not lookup(a.function)
    }
    maps = {m.name for v in values for m in v.atoms(Map) if m.shape == (1, 1)}
    spoken = any(side.atoms(Map, MapPartial) for side in (left, right))
    maps = set() if spoken else maps
    said = {f"{name}(z)": "z**2" for name in sorted(functions)}
    said |= {f"{name}(…)": "half the sum of the squares of its arguments" for name in sorted(maps)}
    if said:

        def changed(value: MatrixExpr) -> MatrixExpr:
            return _stand_ins(value, functions, maps)

        def definition(given: Definition) -> Definition:
            return replace(
                given, pieces=tuple(replace(p, value=changed(p.value)) for p in given.pieces)
            )

        yield (
            said,
            (
                replace(
                    cell,
                    written=tuple(map(definition, cell.written)),
                    definitions=tuple(map(definition, cell.definitions)),
                ),
                changed(left),
                changed(right),
            ),
        )
    yield {}, (cell, left, right)


def _stand_ins(value: MatrixExpr, functions: set[str], maps: set[str]) -> MatrixExpr:
    def function(node: MatrixExpr) -> MatrixExpr:
        return Apply(STAND_IN, node.orders, *node.arguments)

    def loss(node: MatrixExpr) -> MatrixExpr:
        squares = [build.inner(a, a) for a in map(build.vec, node.arguments)]
        return build.scale(build.constant(Rational(1, 2)), build.add(*squares))

    value = value.replace(lambda n: isinstance(n, Apply) and n.function in functions, function)
    return value.replace(lambda n: isinstance(n, Map) and n.name in maps, loss)
