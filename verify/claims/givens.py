"""Values stated behind a claim: ``for c[0] = 0``, ``\\text{ if } W = I``, ``(n = 1)``.

What is given of a parameter or an initial value is one more equation of the cell, and a given size
is one of the cell's sizes; times stated beside them are left to :mod:`verify.claims.ranges`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from sympy import Basic, Integer, Symbol

from derivations.errors import InputError
from derivations.language.cell_names import index_names
from derivations.language.tree import (
    CellSource,
    Declaration,
    Equation,
    Name,
    Number,
    Relation,
    walk,
)
from derivations.typing.compile import Compiled, compile_cell
from derivations.typing.statements import relation_of
from verify.claims.ranges import AND, BLANK, CONDITION, ENDING, FOR, GAP, RELATION, is_factor
from verify.readings.cell_changes import resized

_OPENER = re.compile(
    rf"{BLANK}(?:(?:{GAP}{BLANK})+(?P<open>[(\[])?|(?P<bare>[(\[])|(?={FOR})){BLANK}(?:{FOR}{BLANK})?"
)
_TIME = re.compile(CONDITION)
_AND = re.compile(AND)
MOST = 400
"""Characters of a line behind which no condition opens."""
IDENTITY = "I"
Given = TypeVar("Given")


def without_givens(
    text: str, given: Callable[[str], Given | None]
) -> tuple[str, tuple[Given, ...]]:
    """The claim with blanks for the values stated behind it, and what ``given`` makes of them.

    Args:
        given: what a condition says; ``None`` for what it does not know.
    """
    start = max(text.rfind("\n"), text.rfind("\\\\")) + 1
    row = text[start:]
    relation = RELATION.search(row)
    if relation is None or len(row) - relation.end() > MOST:
        return text, ()
    for opener in _OPENER.finditer(row, relation.end()):
        if RELATION.search(row, opener.end()) is None:
            break  # nothing behind it says anything
        if _depth(row[: opener.start()]):
            continue
        bracket = opener["open"] or opener["bare"]
        if bracket and is_factor(row, max(opener.start("open"), opener.start("bare"))):
            continue
        end = ENDING.search(row, opener.end())
        last = end.start() if end is not None else len(row)
        if bracket:
            last = row.rfind({"(": ")", "[": "]"}[bracket], opener.end(), last)
        conditions = list(_conditions(row, opener.end(), last))
        said = [given(row[low:high]) for low, high in conditions]
        times = [
            place
            for place, what in zip(conditions, said, strict=True)
            if what is None and _TIME.fullmatch(row[slice(*place)])
        ]
        found = tuple(what for what in said if what is not None)
        if found and len(found) + len(times) == len(conditions):
            kept = _kept(row, opener, times, last, bool(bracket))
            return text[:start] + kept, found
    return text, ()


def _depth(text: str) -> int:
    return sum(text.count(sign) for sign in "([{") - sum(text.count(sign) for sign in ")]}")


def _conditions(row: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Where the conditions of a list stand."""
    start = first
    for mark in _AND.finditer(row, first, max(first, last)):
        if not _depth(row[start : mark.start()]):
            yield start, mark.start()
            start = mark.end()
    yield start, max(start, last)


def _kept(
    row: str, opener: re.Match[str], times: list[tuple[int, int]], last: int, bracket: bool
) -> str:
    """The row with blanks for all conditions but those on times."""
    if not times:
        end = last + bracket
        return row[: opener.start()] + " " * (end - opener.start()) + row[end:]
    signs = [" "] * (last - opener.end())
    for number, (low, high) in enumerate(times):
        signs[low - opener.end() : high - opener.end()] = row[low:high]
        if number:
            signs[times[number - 1][1] - opener.end()] = ","
    return row[: opener.end()] + "".join(signs) + row[last:]


def given_about(cell: Compiled, text: str) -> tuple[Compiled, str]:
    """The cell with what a claim states of its values and sizes, and the claim without that.

    Raises:
        InputError: a value is given that the cell computes itself.
    """
    said, found = without_givens(text, lambda condition: _given(cell, condition))
    equations = tuple(e for e in found if isinstance(e, Equation))
    if equations:
        cell = compile_cell(_source(cell, equations))
    sizes = {symbol: size for e in found if isinstance(e, dict) for symbol, size in e.items()}
    lines = [e for e in found if isinstance(e, str)]
    if any(_letters(line) not in said for line in lines):
        return cell, text  # what is said of a name that is not used is no part of the claim
    return (replace(cell, cell=resized(cell.cell, sizes)) if sizes else cell), "\n".join(
        [*lines, said]
    )


def _given(cell: Compiled, condition: str) -> Equation | dict[Symbol, Basic] | str | None:
    """The equation of a parameter or an initial value, or a size as a number or another size.

    What says what a name of the claim's own means is a line of the claim: that text itself.
    """
    try:
        relation = relation_of(cell, condition)
    except InputError:
        return None
    if relation.operator != "=" or not isinstance(relation.left, Name):
        return None
    return (
        _size(cell, relation) or _value(cell, relation) or _introduction(cell, relation, condition)
    )


def _letters(line: str) -> str:
    """How the name of a line begins."""
    found = re.match(r"\s*(\\?[^\W\d_]+)", line)
    return found[1] if found else line


def _introduction(cell: Compiled, relation: Relation, condition: str) -> str | None:
    left = relation.left
    assert isinstance(left, Name)
    variables = cell.cell.templates
    own = left.name in variables or left.name in index_names(cell.source)
    speaks = any(isinstance(n, Name) and n.name in variables for n in walk(relation.right))
    return condition if speaks and not own else None


def _size(cell: Compiled, relation: Relation) -> dict[Symbol, Basic] | None:
    sizes = {symbol.name: symbol for symbol in cell.cell.sizes}
    left, right = relation.left, relation.right
    if not isinstance(left, Name) or left.indices or left.name not in sizes:
        return None
    if isinstance(right, Number) and right.value.denominator == 1 and right.value > 0:
        return {sizes[left.name]: Integer(right.value.numerator)}
    if isinstance(right, Name) and right.name in sizes:
        return {sizes[left.name]: sizes[right.name]}
    return None


def _value(cell: Compiled, relation: Relation) -> Equation | None:
    """A parameter, a value at one time, or a constant for what the cell computes at all times."""
    left = relation.left
    assert isinstance(left, Name)
    if left.name not in cell.cell.templates:
        return None
    steps = cell.cell.templates[left.name].steps
    named = {node.name for node in walk(relation.right) if isinstance(node, Name)}
    at_one_time = all(isinstance(step, Number) for step in left.indices)
    at_all_times = left.indices == tuple(Name(str(step)) for step in steps)
    constant = not named & cell.cell.templates.keys()
    known = {*cell.cell.templates, *(size.name for size in cell.cell.sizes), IDENTITY}
    if len(left.indices) != len(steps) or left.name in named or named - known:
        return None
    if not (at_one_time or (at_all_times and constant)):
        return None
    return Equation(left, relation.right, span=relation.span)


def _source(cell: Compiled, given: tuple[Equation, ...]) -> CellSource:
    """The cell's equations with those that are given, and the shapes that these may speak of."""
    names = {e.target.name for e in given if any(isinstance(i, Name) for i in e.target.indices)}
    kept = tuple(e for e in cell.source.equations if e.target.name not in names)
    stated = {declaration.name for declaration in cell.source.declarations}
    shapes = {e.target.name: cell.cell.templates[e.target.name].shape for e in given}
    declared = tuple(
        Declaration(name, (str(rows), str(cols)))
        for name, (rows, cols) in shapes.items()
        if name not in stated and all(extent.is_Symbol or extent == 1 for extent in (rows, cols))
    )
    return replace(
        cell.source,
        equations=(*kept, *given),
        declarations=(*cell.source.declarations, *declared),
    )
