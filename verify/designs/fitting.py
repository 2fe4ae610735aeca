"""The values of a design fitted to its cell: letters, given numbers, sizes, the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from sympy import Expr, Integer, Symbol, linsolve

from derivations.cell import Cell
from derivations.errors import InputError
from derivations.functions import FUNCTIONS
from derivations.language.tree import Span
from verify.designs.design import Answer, Letter, Matrix
from verify.designs.lines import EXAMPLES, Alphabet, AnswerLine, Assignment
from verify.evaluate import Key, variable

MOST_LETTERS = 256


def letters_of(alphabets: Sequence[Alphabet], cell: Cell) -> tuple[Letter, ...]:
    """Every letter: one value of each input.

    Raises:
        InputError: an input without values, values without an input, or too many letters.
    """
    inputs = {variable.name for variable in cell.inputs}
    for alphabet in alphabets:
        if alphabet.name not in inputs:
            raise InputError(
                f"{alphabet.name} is no input of the cell",
                alphabet.span,
                f"Its inputs are {', '.join(sorted(inputs)) or 'none'}.",
            )
    given = [alphabet.name for alphabet in alphabets]
    for name in sorted(inputs - set(given)):
        raise InputError(
            f"nothing says which values the input {name} takes", None, f"Add {EXAMPLES['input']}"
        )
    letters: list[Letter] = [Letter("", {})]
    for alphabet in alphabets:
        letters = [
            Letter(
                letter.name + text, {**letter.values, alphabet.name: tuple((e,) for e in column)}
            )
            for letter in letters
            for text, column in alphabet.elements
        ]
        if len(letters) > MOST_LETTERS:
            raise InputError(f"more than {MOST_LETTERS} letters", alphabet.span, "Take fewer.")
    if len({letter.name for letter in letters}) < len(letters):
        raise InputError("two letters are written alike", alphabets[-1].span, "Use one input.")
    return tuple(letters)


def initial(line: Assignment, cell: Cell) -> Assignment:
    """``h_0`` as ``h[0]`` where the cell has a variable h with a time and none called h_0."""
    base, _, step = line.name.rpartition("_")
    template = cell.templates.get(base)
    if line.name in cell.templates or template is None or not template.steps or step != "0":
        return line
    return replace(line, name=base, step=Fraction(0))


def given_values(
    assignments: Sequence[Assignment], cell: Cell
) -> tuple[dict[Key, Matrix], dict[str, Fraction]]:
    """The given numbers by key, and the values at jumps.

    Raises:
        InputError: a name that nothing stands for, or a parameter without a number.
    """
    given: dict[Key, Matrix] = {}
    jumps: dict[str, Fraction] = {}
    parameters = {parameter.name for parameter in cell.parameters}
    for line in assignments:
        if line.jump:
            row = FUNCTIONS.get(line.name)
            with_jump = [n for n, f in FUNCTIONS.items() if any(k.jump for k in f.kinks())]
            if row is None or line.name not in with_jump:
                raise InputError(
                    f"{line.name} has no jump at 0",
                    line.span,
                    f"Functions with one: {', '.join(with_jump)}.",
                )
            jumps[line.name] = line.value[0][0]
            continue
        if line.step is None:
            if line.name not in parameters:
                timed = line.name in cell.templates and bool(cell.templates[line.name].steps)
                raise InputError(
                    f"{line.name} is no parameter of the cell",
                    line.span,
                    f"Write {line.name}[0] = … for an initial value."
                    if timed
                    else f"Its parameters are {', '.join(sorted(parameters)) or 'none'}.",
                )
            key = variable(line.name)
        else:
            template = cell.templates.get(line.name)
            if template is None or not template.steps or line.step > 0 or line.step % 1:
                raise InputError(
                    f"{line.name}[{line.step}] is no initial value of the cell",
                    line.span,
                    "Initial values are those at time 0 and before, as in h[0] = 0.",
                )
            key = variable(line.name, int(line.step))
        if key in given:
            raise InputError(f"{line.name} is given twice", line.span, "Leave one out.")
        given[key] = line.value
    for parameter in cell.parameters:
        if variable(parameter.name) not in given:
            raise InputError(
                f"nothing says what {parameter.name} is", None, f"Add given: {parameter.name} = 1"
            )
    return given, jumps


def fitted_sizes(
    cell: Cell,
    letters: tuple[Letter, ...],
    assignments: Sequence[Assignment],
) -> dict[Symbol, int]:
    """The sizes that make every given value fit.

    Raises:
        InputError: none do, or a size is left open.
    """
    values: list[tuple[str, Span | None, Matrix]] = [
        (line.name, line.span, line.value) for line in assignments if not line.jump
    ]
    values += [(name, None, matrix) for name, matrix in letters[0].values.items()]
    # A single number may stand for a whole vector: those with more entries say how long it is.
    values.sort(key=lambda value: -len(value[2]) * len(value[2][0]))
    sizes: dict[Symbol, int] = {}
    for name, span, matrix in values:
        shape = cell.templates[name].shape
        found = (len(matrix), len(matrix[0]))
        for extent, count in zip(shape, found, strict=True):
            left = extent.xreplace(_numbers(sizes))
            solved = {} if left.is_Integer and found == (1, 1) else _solve(left, count)
            if solved is None:
                want = " x ".join(str(e.xreplace(_numbers(sizes))) for e in shape)
                raise InputError(
                    f"{name} is {found[0]} x {found[1]}, but the cell needs {want}",
                    span,
                    "Rows are parted by semicolons: [1, 2; 3, 4]; [1; 2] is a column.",
                )
            sizes |= solved
    for size in cell.sizes:
        # A size that nothing fixes is that of a unit that stands alone.
        sizes.setdefault(size, 1)
    return sizes


def filled(matrix: Matrix, cell: Cell, name: str, sizes: dict[Symbol, int]) -> Matrix:
    """A single number as the vector or matrix that it stands for."""
    rows, cols = (int(extent.xreplace(_numbers(sizes))) for extent in cell.templates[name].shape)
    return matrix if len(matrix) * len(matrix[0]) > 1 else ((matrix[0][0],) * cols,) * rows


def _numbers(sizes: dict[Symbol, int]) -> dict[Expr, Expr]:
    return {symbol: Integer(size) for symbol, size in sizes.items()}


def _solve(extent: Expr, count: int) -> dict[Symbol, int] | None:
    """The one size in ``extent`` that makes it ``count``; nothing where there is none left."""
    symbols = sorted(extent.free_symbols, key=str)
    if not symbols:
        return {} if extent == count else None
    if len(symbols) > 1:
        return {}
    found = [value for (value,) in linsolve([extent - count], symbols)]
    if len(found) != 1 or not found[0].is_Integer or found[0] < 1:
        return None
    return {symbols[0]: int(found[0])}


def answer_of(line: AnswerLine, cell: Cell, sizes: dict[Symbol, int]) -> Answer:
    """The answer, a single number that the cell computes.

    Raises:
        InputError: there is none of that name, or it is a vector.
    """
    template = cell.templates.get(line.name)
    if template is None or line.name not in cell.defined:
        known = [v.name for v in cell.templates.values() if v.steps and v.name in cell.defined]
        raise InputError(
            f"{line.name} is nothing that the cell computes",
            line.span,
            f"Choose one of {', '.join(n for n in known if n not in cell.auxiliary)}.",
        )
    if not all(extent.xreplace(_numbers(sizes)) == 1 for extent in template.shape):
        raise InputError(
            f"{line.name} is no single number", line.span, "Add an equation for the answer."
        )
    return Answer(line.name, line.relation, line.bound)
