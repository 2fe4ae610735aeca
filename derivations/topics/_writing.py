"""Short names for writing topics, and a derivation from sections and definitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sympy import Expr, Symbol
from sympy.matrices.expressions import MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Definition, Piece, Range
from derivations.derivation import Approach, Derivation, Formula, Section, Step
from derivations.expressions.nodes import Apply, Constant, Jacobian, Variable
from derivations.expressions.traverse import nodes_in


def size(name: str) -> Symbol:
    """A size, or the length of a sequence."""
    return Symbol(name, integer=True, positive=True)


def index(name: str) -> Symbol:
    """What a sum or product runs over; not declared positive, as sizes are."""
    return Symbol(name, integer=True)


def scalar(name: str, *steps: object) -> Variable:
    """A 1×1 variable."""
    return Variable(name, steps, 1, 1)


def vector(name: str, rows: object, *steps: object) -> Variable:
    """A column."""
    return Variable(name, steps, rows, 1)


def matrix(name: str, rows: object, *steps: object) -> Variable:
    """A square matrix."""
    return Variable(name, steps, rows, rows)


def number(value: object) -> Constant:
    """A 1×1 constant."""
    return Constant(value, 1, 1)


def call(function: str, *arguments: MatrixExpr) -> Apply:
    """An elementwise function."""
    return Apply(function, (0,) * len(arguments), *arguments)


def slope(function: str, argument: MatrixExpr) -> Apply:
    """The slope of an elementwise function."""
    return Apply(function, (1,), argument)


def dot(left: MatrixExpr, right: MatrixExpr) -> MatMul:
    """aᵀb, written out also where the two are the same."""
    return MatMul(Transpose(left), right)


def length(vector: MatrixExpr) -> Apply:
    """‖v‖ of a column."""
    return call("sqrt", dot(vector, vector))


def define(target: Variable, value: MatrixExpr) -> Definition:
    """What a variable is."""
    return Definition(target, (Piece(value),))


def meaning(definition: Definition) -> Formula:
    """A definition as a formula."""
    (piece,) = definition.pieces
    return Formula(definition.target, piece.value, piece.domain)


def equal(left: MatrixExpr, *sides: MatrixExpr) -> Formula:
    """left = … = the last side, for all values."""
    return Formula(left, sides[-1], (), sides[:-1])


def tends(
    left: MatrixExpr,
    right: MatrixExpr,
    variable: Variable | Symbol,
    point: Expr,
    *via: MatrixExpr,
    domain: tuple[Range, ...] = (),
) -> Formula:
    """left = via … → right as the variable tends to a point."""
    return Formula(left, right, domain, via, "->", approach=Approach(variable, point))


def assembled(
    title: str,
    source: str,
    sections: Iterable[Section],
    definitions: Iterable[Definition],
    displays: Mapping[str, str] | None = None,
) -> Derivation:
    """The derivation of a topic; what its formulas use and nothing defines is free."""
    parts, defined = tuple(sections), tuple(definitions)
    templates = {definition.name: definition.target for definition in defined}
    steps = [step for section in parts for step in section.steps]
    for used in (*_values(defined), *_sides(steps)):
        for variable in _variables(used):
            known = templates.get(variable.name)
            if known is None or (not _generic(known) and _generic(variable)):
                templates[variable.name] = variable
    cell = Cell(title, source, defined, defined, (), templates, displays=displays or {})
    return Derivation(cell, parts)


def _variables(expr: MatrixExpr) -> list[Variable]:
    """The variables of an expression; an index that is differentiated in is none."""
    indices = {symbol.name for symbol in expr.free_symbols}
    found = nodes_in(expr, Variable)
    if expr.has(Jacobian):
        found = frozenset(v for v in found if v.steps or v.name not in indices)
    return sorted(found, key=str)


def _generic(variable: Variable) -> bool:
    return all(isinstance(step, Symbol) for step in variable.steps)


def _values(definitions: Iterable[Definition]) -> Iterator[MatrixExpr]:
    for definition in definitions:
        for piece in definition.pieces:
            yield piece.value


def _sides(steps: Iterable[Step]) -> Iterator[MatrixExpr]:
    for step in steps:
        for formula in step.formulas:
            yield from (formula.left, *formula.via, formula.right)
            for definition in (*formula.given, *formula.equality):
                yield definition.target
            yield from _values((*formula.given, *formula.equality))
