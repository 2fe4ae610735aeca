"""What every format prints: a derivation, or the answer to a query, with its table and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from derivations.cell import Axis, Cell
from derivations.derivation import Derivation, Formula, Section, Step
from derivations.render.notes import Note, notes
from derivations.render.style import AdjointLook, Style
from derivations.render.symbols import Entry, symbol_table


@dataclass(frozen=True)
class Document:
    """Everything a format needs; what is empty is not printed.

    Attributes:
        standalone: whether a LaTeX document must compile by itself; the other formats always do.
        cell: what is derived, for a format that can draw it.
    """

    sections: tuple[Section, ...]
    style: Style = field(default_factory=Style)
    title: str = ""
    source: str = ""
    axes: tuple[Axis, ...] = ()
    symbols: tuple[Entry, ...] = ()
    standalone: bool = False
    cell: Cell | None = None

    @property
    def notes(self) -> tuple[Note, ...]:
        """The notes on notation that the formulas need."""
        steps = (step for section in self.sections for step in section.steps)
        return notes((formula for step in steps for formula in step.formulas), self.style)

    @property
    def drawn_notes(self) -> tuple[Note, ...]:
        """The notes for a format that sets formulas in LaTeX."""
        return tuple(note for note in self.notes if not note.plain)


def derivation_document(
    derivation: Derivation, adjoint: AdjointLook = "partial", standalone: bool = False
) -> Document:
    """The document of a whole derivation."""
    cell = derivation.cell
    return Document(
        derivation.sections,
        Style(adjoint, cell.displays),
        cell.title,
        cell.source,
        cell.axes,
        symbol_table(cell),
        standalone,
        cell,
    )


def formulas_document(
    formulas: Sequence[Formula],
    adjoint: AdjointLook = "partial",
    standalone: bool = False,
    displays: Mapping[str, str] | None = None,
) -> Document:
    """The document of a few formulas alone, the answer to a query."""
    answer = Section("", (Step("", "", tuple(formulas)),))
    return Document((answer,), Style(adjoint, displays or {}), standalone=standalone)
