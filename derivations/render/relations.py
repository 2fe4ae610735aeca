"""What stands around the sides of a formula: its sign, its times, and its conditions."""

from __future__ import annotations

from collections.abc import Callable

from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Definition
from derivations.derivation import Approach, Formula, Relation
from derivations.expressions.nodes import Variable
from derivations.render.domains import latex_domain, text_domain
from derivations.render.latex import latex, latex_terms
from derivations.render.names import latex_index, text_index
from derivations.render.style import Style
from derivations.render.text import text, text_terms

LATEX_SIGNS: dict[Relation, str] = {
    "=": "=", "<=": r"\le", ">=": r"\ge", "<": "<", ">": ">", "->": r"\to",
}  # fmt: skip
"""The signs of all relations; in plain text a relation is its own sign."""
GIVEN, EQUAL = "for", "with equality for"


def latex_note(formula: Formula, style: Style) -> str:
    """For which times a formula holds, or what tends where; empty where nothing is to be said."""
    parts = [latex_domain(formula)]
    if formula.approach is not None:
        parts.append(_tends(formula.approach, latex, latex_index, r"\to", style))
    return r",\quad ".join(part for part in parts if part)


def text_note(formula: Formula, style: Style) -> str:
    """The same in plain text."""
    parts = [text_domain(formula)]
    if formula.approach is not None:
        parts.append(_tends(formula.approach, text, text_index, "->", style))
    return "; ".join(part for part in parts if part)


def latex_conditions(formula: Formula, style: Style) -> list[str]:
    """What variables are given, and where a bound is an equality; one line each."""
    return [
        rf"\text{{{word} }} " + r",\ ".join(_value(d, style, latex, latex_terms) for d in found)
        for word, found in _conditions(formula)
    ]


def text_conditions(formula: Formula, style: Style) -> list[str]:
    """The same in plain text."""
    return [
        f"{word} " + ", ".join(_value(d, style, text, text_terms) for d in found)
        for word, found in _conditions(formula)
    ]


def _conditions(formula: Formula) -> list[tuple[str, tuple[Definition, ...]]]:
    both = ((GIVEN, formula.given), (EQUAL, formula.equality))
    return [(word, found) for word, found in both if found]


def _value(
    definition: Definition,
    style: Style,
    printed: Callable[[MatrixExpr, Style], str],
    terms: Callable[[MatrixExpr, Style], list[str]],
) -> str:
    (piece,) = definition.pieces
    # A vector of one number is that number; of a matrix that would be a multiple of the identity.
    is_matrix = 1 not in piece.value.shape
    value = printed(piece.value, style) if is_matrix else " ".join(terms(piece.value, style))
    return f"{printed(definition.target, style)} = {value}"


def _tends(
    approach: Approach,
    printed: Callable[[MatrixExpr, Style], str],
    index: Callable[[object], str],
    arrow: str,
    style: Style,
) -> str:
    moving = approach.variable
    name = printed(moving, style) if isinstance(moving, Variable) else index(moving)
    return f"{name} {arrow} {index(approach.point)}"
