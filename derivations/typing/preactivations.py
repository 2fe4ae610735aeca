"""Naming the compound argument of a nonlinearity, so that every later line stays a line long.

``h[t] = tanh(W @ h[t-1] + b)`` becomes ``a_h[t] = W @ h[t-1] + b`` and ``h[t] = tanh(a_h[t])``.
The slope is then taken at a name, and the adjoint of that name is the δ of the textbooks.
An argument that stands twice in one equation has one name.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import replace
from itertools import count as count_from

from sympy.matrices.expressions import MatAdd, MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Definition, Piece
from derivations.expressions.nodes import (
    Apply,
    LogSoftmax,
    LogSumExp,
    Softmax,
    TimeProduct,
    TimeSum,
    Variable,
)
from derivations.expressions.traverse import operands, with_operands

NONLINEAR = (Apply, Softmax, LogSoftmax, LogSumExp)
Namer = Callable[[MatrixExpr], MatrixExpr]


def name_preactivations(cell: Cell) -> Cell:
    """The cell with its ``definitions`` split at compound arguments of nonlinearities."""
    templates = dict(cell.templates)
    definitions: list[Definition] = []
    introduced: set[str] = set()
    for definition in cell.written:
        new: dict[str, list[Piece]] = {}
        pieces = []
        for piece in definition.pieces:
            counter = count_from(1)
            named: dict[MatrixExpr, MatrixExpr] = {}

            def name_argument(
                argument: MatrixExpr,
                piece: Piece = piece,
                counter: Iterator[int] = counter,
                named: dict[MatrixExpr, MatrixExpr] = named,
                definition: Definition = definition,
                new: dict[str, list[Piece]] = new,
            ) -> MatrixExpr:
                if argument in named:
                    return named[argument]
                # Pieces share a name, as a_h[0] and a_h[t] do, where they share a shape.
                for number in counter:
                    name = _name(definition.name, number, cell.templates)
                    if name not in new or templates[name].shape == argument.shape:
                        break
                new.setdefault(name, []).append(Piece(argument, piece.domain))
                templates[name] = Variable(name, definition.target.steps, *argument.shape)
                named[argument] = templates[name]
                return templates[name]

            pieces.append(replace(piece, value=_split(piece.value, name_argument)))
        for name, parts in new.items():
            introduced.add(name)
            definitions.append(Definition(templates[name], tuple(parts)))
        definitions.append(replace(definition, pieces=tuple(pieces)))
    return replace(
        cell,
        definitions=tuple(definitions),
        templates=templates,
        auxiliary=frozenset(introduced),
    )


def _name(target: str, count: int, taken: Container[str]) -> str:
    base = f"a_{target}" if count == 1 else f"a_{target}_{count}"
    return base if base not in taken else f"pre_{target}_{count}"


def _split(value: MatrixExpr, name_argument: Namer) -> MatrixExpr:
    """Name compound arguments, innermost first; what stands under a sum over time stays."""
    if isinstance(value, TimeSum | TimeProduct):
        return value
    parts = operands(value)
    if not parts:
        return value
    split = tuple(_split(part, name_argument) for part in parts)
    if isinstance(value, NONLINEAR) and split[0].has(MatMul, MatAdd):
        split = (name_argument(split[0]), *split[1:])
    return value if split == parts else with_operands(value, split)
