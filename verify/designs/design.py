"""A design: a cell with numbers, the letters of its input, its answer, its specification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from sympy import Symbol

from derivations.cell import Cell
from verify.designs.specification import Specification
from verify.evaluate import Key

Matrix = tuple[tuple[Fraction, ...], ...]
"""Rows of exact numbers."""


@dataclass(frozen=True)
class Letter:
    """One letter: how it is written, and the value of each input that it stands for."""

    name: str
    values: Mapping[str, Matrix]


@dataclass(frozen=True)
class Answer:
    """The answer is yes where ``variable relation bound`` holds."""

    variable: str
    relation: str
    bound: Fraction

    def __str__(self) -> str:
        return f"{self.variable}[t] {self.relation} {self.bound}"


@dataclass(frozen=True)
class Entry:
    """One entry of a value that is given: what a repair may change."""

    key: Key
    row: int
    col: int
    name: str


@dataclass(frozen=True)
class Design:
    """A design ready to run.

    Attributes:
        given: parameters and initial values by key, exact.
        sizes: the sizes that the given values fix.
        jumps: value at 0 of a function with a jump there.
    """

    name: str
    cell: Cell
    given: Mapping[Key, Matrix]
    sizes: Mapping[Symbol, int]
    letters: tuple[Letter, ...]
    answer: Answer
    specification: Specification
    jumps: Mapping[str, Fraction]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every number that is given, named as in ``b[1]`` or ``W[1,2]``."""
        found: list[Entry] = []
        for key, matrix in self.given.items():
            _, name, *steps = key
            text = f"{name}[{steps[0]}]" if steps else str(name)
            rows, cols = len(matrix), len(matrix[0])
            for row in range(rows):
                for col in range(cols):
                    place = f"{row + 1}" if cols == 1 else f"{row + 1},{col + 1}"
                    shown = text if rows == cols == 1 else f"{text}[{place}]"
                    found.append(Entry(key, row, col, shown))
        return tuple(found)

    def value(self, entry: Entry) -> Fraction:
        """The number that stands there."""
        return self.given[entry.key][entry.row][entry.col]

    def with_value(self, entry: Entry, value: Fraction) -> Design:
        """The same design with one number changed."""
        rows = [list(row) for row in self.given[entry.key]]
        rows[entry.row][entry.col] = value
        matrix = tuple(tuple(row) for row in rows)
        return replace(self, given={**self.given, entry.key: matrix})
