"""Mathematics inside sentences and tables, alike for the formats that set it in LaTeX."""

from __future__ import annotations

from collections.abc import Callable

from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Axis
from derivations.render.latex import latex
from derivations.render.names import latex_index, text_index
from derivations.render.notes import Note
from derivations.render.style import Style
from derivations.render.symbols import Entry


def inline_latex(expr: MatrixExpr, style: Style) -> str:
    """An expression between dollar signs."""
    return f"${latex(expr, style)}$"


def note_sentence(
    note: Note,
    style: Style,
    prose: Callable[[str], str],
    printed: Callable[[MatrixExpr, Style], str] = inline_latex,
) -> str:
    """The sentence of a note with its expressions printed."""
    pieces = map(prose, note.sentence.split("{}"))
    examples = [printed(example, style) for example in note.examples]
    return next(pieces) + "".join(map(str.__add__, examples, pieces))


def symbol_cells(entry: Entry, style: Style) -> tuple[str, str]:
    """The symbol and the shape of a row of the table, between dollar signs."""
    shape = r" \times ".join(map(latex_index, entry.shape))
    return inline_latex(entry.variable, style), f"${shape}$"


def latex_axes(axes: tuple[Axis, ...]) -> str:
    """The sentence that says what time runs over."""
    runs = (f"${latex_index(a.index)} = 1, \\dots, {latex_index(a.upper)}$" for a in axes)
    return f"Time runs over {' and '.join(runs)}."


def text_axes(axes: tuple[Axis, ...]) -> str:
    """The sentence that says what time runs over."""
    runs = (f"{text_index(a.index)} = 1, ..., {text_index(a.upper)}" for a in axes)
    return f"Time runs over {' and '.join(runs)}."
