"""A design from a file: the lines with a key, and the cell that all other lines are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from derivations.errors import InputError
from derivations.language import parse_cell
from derivations.language.source import Source
from derivations.typing.compile import compile_cell
from verify.designs.design import Design, Letter
from verify.designs.fitting import (
    answer_of,
    filled,
    fitted_sizes,
    given_values,
    initial,
    letters_of,
)
from verify.designs.lines import EXAMPLES, Alphabet, AnswerLine, Assignment, Times, read_line
from verify.designs.specification import Specification
from verify.designs.tokens import KEYS, tokenize, tokenize_spec

_KEYED = re.compile(rf"^\s*({'|'.join(KEYS)})\s*:")


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
    lines.assignments = [initial(assignment, cell) for assignment in lines.assignments]
    letters = letters_of(lines.alphabets, cell)
    columns = tuple((letter.name, column_of(letter)) for letter in letters)
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
    given, jumps = given_values(lines.assignments, cell)
    sizes = fitted_sizes(cell, letters, lines.assignments)
    given = {key: filled(matrix, cell, str(key[1]), sizes) for key, matrix in given.items()}
    letters = tuple(
        Letter(letter.name, {n: filled(m, cell, n, sizes) for n, m in letter.values.items()})
        for letter in letters
    )
    answer = answer_of(lines.answer, cell, sizes)
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


def column_of(letter: Letter) -> tuple[Fraction, ...]:
    """The entries of a letter, input after input."""
    return tuple(entry for matrix in letter.values.values() for (entry,) in matrix)
