"""Other letters for the sizes of a cell, where a query takes theirs for times or entries."""

from __future__ import annotations

from dataclasses import replace
from string import ascii_lowercase

from sympy import Basic, Expr, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Definition

_SIZES = "nmdpqrlabcefgijkuvwxyz"


def with_other_sizes(cell: Cell, asked: MatrixExpr) -> tuple[Cell, MatrixExpr]:
    """A cell and an expression about it, in which no size is spelled like an index.

    ``dh[n]/dW`` asks about the time n, so the size of h gets another letter.
    """
    sizes = set(cell.sizes)
    letters = {s.name for s in asked.free_symbols - sizes}
    taken = {s.name for s in sizes} | letters | cell.templates.keys()
    taken |= {str(symbol) for axis in cell.axes for symbol in (axis.index, axis.upper)}
    free = (letter for letter in (*_SIZES, *ascii_lowercase) if letter not in taken)
    clash = [size for size in cell.sizes if size.name in letters]
    renamed: dict[Basic, Expr] = {
        size: Symbol(next(free, f"n_{size.name}"), integer=True, positive=True) for size in clash
    }
    if not renamed:
        return cell, asked

    def again(definitions: tuple[Definition, ...]) -> tuple[Definition, ...]:
        return tuple(
            replace(
                d,
                target=d.target.xreplace(renamed),
                pieces=tuple(replace(p, value=p.value.xreplace(renamed)) for p in d.pieces),
            )
            for d in definitions
        )

    other = replace(
        cell,
        written=again(cell.written),
        definitions=again(cell.definitions),
        templates={name: v.xreplace(renamed) for name, v in cell.templates.items()},
    )
    return other, asked.xreplace(renamed)
