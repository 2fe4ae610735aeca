"""A design from a file: the lines with a key, and the cell that all other lines are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from sympy import Expr, Integer, Symbol, linsolve

from derivations.cell import Cell
from derivations.errors import InputError
from derivations.functions import FUNCTIONS
from derivations.language import parse_cell
from derivations.language.source import Source
from derivations.language.tree import Span
from derivations.loading import LIMIT
from derivations.typing.compile import compile_cell
from verify.designs.design import Answer, Design, Letter, Matrix
from verify.designs.lines import EXAMPLES, Alphabet, AnswerLine, Assignment, Times, read_line
from verify.designs.specification import Specification
from verify.designs.tokens import KEYS, tokenize, tokenize_spec
from verify.evaluate import Key, variable

_KEYED = re.compile(rf"^\s*({'|'.join(KEYS)})\s*:")
MOST_LETTERS = 256
_FOLDER = Path(__file__).parent / "catalogue"


def names() -> list[str]:
    """The designs that come with the tool."""
    return sorted(path.stem for path in _FOLDER.glob("*.design"))


def design_text(name: str) -> tuple[str, str]:
    """The text of a design and what to call it in messages.

    Args:
        name: one of :func:`names`, or the path of a file.

    Raises:
        InputError: there is no such file, or it is not text.
    """
    path = _FOLDER / f"{name}.design" if name in names() else Path(name)
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LIMIT + 1)
    except UnicodeDecodeError:
        raise InputError(f"{name} is not a text file", remedy="save it as UTF-8 text") from None
    except OSError as error:
        raise InputError(
            f"{name} cannot be read: {error.strerror or error}",
            remedy=f"give a file, - for standard input, or one of {', '.join(names())}",
        ) from None
    if len(text) > LIMIT:
        raise InputError(f"{name} is longer than {LIMIT} characters", remedy="shorten it")
    return text, path.name


@dataclass
class _Lines:
    """The lines of a design by key."""

    assignments: list[Assignment] = field(default_factory=list)
    alphabets: list[Alphabet] = field(default_factory=list)
    answer: AnswerLine | None = None
    spec: tuple[int, int] | None = None
    times: list[Times] = field(default_factory=list)


def read_design(text: str, name: str = "<input>") -> Design:
    """Read a design.

    Raises:
        InputError: a line that does not fit, or one that is missing.
    """
    source = Source(text, name)
    lines, rest = _read_lines(source)
    cell = compile_cell(parse_cell(rest, source=name)).cell
    letters = _letters(lines.alphabets, cell, source)
    columns = tuple((letter.name, _column(letter)) for letter in letters)
    assert lines.spec is not None
    assert lines.answer is not None
    tokens = tokenize_spec(source, tuple(name for name, _ in columns), *lines.spec)
    if len(tokens) > 500:
        source.fail("this specification is too long", *lines.spec, "Write at most 500 signs.")
    (part,) = read_line(source, tokens, columns)
    times = Times(
        next((t.parity for t in lines.times if t.parity is not None), None),
        max((t.since for t in lines.times), default=1),
    )
    sums = tuple(column[0] if len(column) == 1 else Fraction(0) for _, column in columns)
    shown = source.text[slice(*lines.spec)].strip()
    specification = Specification(part, sums, times.parity, times.since, shown)
    given, jumps = _given(lines.assignments, cell)
    sizes = _sizes(cell, letters, lines.assignments)
    answer = _answer(lines.answer, cell, sizes)
    return Design(name, cell, given, sizes, letters, answer, specification, jumps)


def _read_lines(source: Source) -> tuple[_Lines, str]:
    """The lines with a key, and the text with those lines made empty, so that lines still count."""
    lines, rest = _Lines(), []
    for start, raw in source.lines():
        match = _KEYED.match(raw)
        if match is None:
            rest.append(raw)
            continue
        rest.append("")
        key = match.group(1)
        content = raw.split("#")[0]
        span = (start + match.start(1), start + len(content.rstrip()))
        begin, end = start + match.end(), start + len(content.rstrip())
        if key == "spec":
            if lines.spec is not None:
                source.fail("a second specification", *span, "Join them with and, or.")
            lines.spec = (begin, end)
            continue
        read = read_line(source, tokenize(source, key, begin, end))
        if key == "given":
            lines.assignments += read
        elif key == "input":
            lines.alphabets += read
        elif key == "at":
            lines.times += read
        elif lines.answer is not None:
            source.fail("a second answer", *span, "A design has one.")
        else:
            (lines.answer,) = read
    missing = {"input": lines.alphabets, "answer": lines.answer, "spec": lines.spec}
    for key, found in missing.items():
        if not found:
            raise InputError(f"{source.name} has no line '{key}:'", None, f"Add {EXAMPLES[key]}")
    return lines, "\n".join(rest)


def _column(letter: Letter) -> tuple[Fraction, ...]:
    return tuple(entry for matrix in letter.values.values() for (entry,) in matrix)


def _letters(alphabets: Sequence[Alphabet], cell: Cell, source: Source) -> tuple[Letter, ...]:
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


def _given(
    assignments: Sequence[Assignment], cell: Cell
) -> tuple[dict[Key, Matrix], dict[str, Fraction]]:
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


def _sizes(
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
    sizes: dict[Symbol, int] = {}
    shapes = [
        (name, span, cell.templates[name].shape, (len(matrix), len(matrix[0])))
        for name, span, matrix in values
    ]
    for name, span, shape, found in shapes:
        for extent, count in zip(shape, found, strict=True):
            solved = _solve(extent.xreplace(_numbers(sizes)), count)
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


def _answer(line: AnswerLine, cell: Cell, sizes: dict[Symbol, int]) -> Answer:
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
