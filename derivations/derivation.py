"""A derivation: sections of steps, each with the rule used, the reason, and what it gives.

Formulas hold expression objects, never text; every renderer prints the same objects that the
verifier evaluates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sympy import Expr, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Definition, Range
from derivations.expressions.nodes import Variable

Relation = Literal["=", "<=", ">=", "<", ">", "->"]
"""How the last two sides of a formula are related, entry by entry; ``->`` is a limit."""


@dataclass(frozen=True)
class Approach:
    """``variable`` (1×1, or an index) tends to ``point``: to 0 from above, or to infinity."""

    variable: Variable | Symbol
    point: Expr


@dataclass(frozen=True)
class Formula:
    """``left = right`` for every time in ``domain``; ``via`` are equal forms between the two.

    Attributes:
        relation: of ``right`` to the form before it; every ``via`` equals ``left``.
        given: what some variables are in this formula alone.
        equality: values at which the two sides of a bound are equal.
        approach: what tends where, in a limit.
    """

    left: MatrixExpr
    right: MatrixExpr
    domain: tuple[Range, ...] = ()
    via: tuple[MatrixExpr, ...] = ()
    relation: Relation = "="
    given: tuple[Definition, ...] = ()
    equality: tuple[Definition, ...] = ()
    approach: Approach | None = None


@dataclass(frozen=True)
class Step:
    """One step: ``rule`` names what was applied, ``why`` says it to a student in one sentence."""

    rule: str
    why: str
    formulas: tuple[Formula, ...]


@dataclass(frozen=True)
class Section:
    """Steps that belong together, under a heading."""

    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Derivation:
    """The derivation of a cell's gradients, section by section."""

    cell: Cell
    sections: tuple[Section, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in order, without the sections."""
        return tuple(step for section in self.sections for step in section.steps)

    def latex(self) -> str:
        """The derivation in LaTeX, to be included in a document."""
        from derivations.render import render

        return render(self, "latex")

    def text(self) -> str:
        """The derivation in plain text."""
        from derivations.render import render

        return render(self, "text")

    def html(self) -> str:
        """The derivation as one HTML file that needs no network."""
        from derivations.render import render

        return render(self, "html")

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from derivations.render.document import derivation_document
        from derivations.render.html import fragment, notebook

        return notebook(fragment(derivation_document(self)))

    def _repr_latex_(self) -> str:
        """What a notebook becomes in a printed document."""
        return self.latex()

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """All formulas in order."""
        return tuple(formula for step in self.steps for formula in step.formulas)
