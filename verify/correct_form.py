"""What the left side of a claim really is, in a shape close to the claim's."""

from __future__ import annotations

from functools import lru_cache

from sympy import Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.states import NoClosedForm
from derivations.cell import Cell
from derivations.derivation import Formula
from derivations.errors import GradproofError, InputError
from derivations.expressions.nodes import Adjoint, Entry, Jacobian, Variable
from derivations.language.tree import Name, Node, Partial, Relation, walk
from derivations.pipeline import Form
from derivations.render.domains import latex_domain
from derivations.render.latex import latex
from derivations.render.layout import text_lines
from derivations.render.style import Style
from derivations.typing.compile import Compiled
from verify.claim_typing import type_relation
from verify.derived import MOST_CELLS, answerer
from verify.same import Same

MOST_FORMS = 500
"""Formulas that are kept about one."""


class Forms:
    """Correct forms about one cell, each derived once."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self._known: dict[tuple[MatrixExpr, Form], dict[str, str] | None] = {}

    def of(self, subject: MatrixExpr, form: Form) -> dict[str, str] | None:
        """The derived formula for a derivative or a variable, as text and LaTeX."""
        key = (subject, form)
        if key not in self._known:
            if len(self._known) >= MOST_FORMS:
                self._known.clear()
            self._known[key] = self._printed(subject, form)
        return self._known[key]

    def _printed(self, subject: MatrixExpr, form: Form) -> dict[str, str] | None:
        try:
            formulas = self._formulas(subject, form)
        except NoClosedForm:
            formulas = self._formulas(subject, "adjoint")
        except GradproofError:
            return None
        return printed(formulas, self.compiled.cell) if formulas else None

    def _formulas(self, subject: MatrixExpr, form: Form) -> tuple[Formula, ...]:
        if isinstance(subject, Variable):
            return _equations(self.compiled.cell, subject)
        return answerer(self.compiled).answer(subject, form).formulas


def correct_form(compiled: Compiled, relation: Relation) -> dict[str, str] | None:
    """The derived formula of a claim's left side: closed where the claim names no adjoint.

    ``None`` where there is nothing to derive, as for a claim without a derivative or a variable.
    """
    subject = _subject(compiled, relation)
    if subject is None:
        return None
    adjoints = any(_of_loss(node) for node in walk(relation.right))
    return _forms(Same(compiled)).of(subject, "adjoint" if adjoints else "closed")


@lru_cache(maxsize=MOST_CELLS)
def _forms(compiled: Same[Compiled]) -> Forms:
    return Forms(compiled.value)


def printed(formulas: tuple[Formula, ...], cell: Cell) -> dict[str, str]:
    """Formulas as text and as LaTeX, one a line."""
    style = Style(displays=cell.displays)
    lines = []
    for formula in formulas:
        line = f"{latex(formula.left, style)} = {latex(formula.right, style)}"
        times = latex_domain(formula)
        lines.append(rf"{line} \qquad {times}" if times else line)
    return {
        "text": "\n".join(line for f in formulas for line in text_lines(f, style)),
        "latex": " \\\\\n".join(lines),
    }


def where(compiled: Compiled, *shown: dict[str, str] | None) -> tuple[str, ...]:
    """The equations of the names in some formulas that nobody typed: arguments of functions."""
    said = " ".join(formula["text"] for formula in shown if formula is not None)
    cell = compiled.cell
    return tuple(
        line
        for definition in cell.definitions
        if definition.name in cell.auxiliary and f"{definition.name}[" in said
        for piece in definition.pieces
        for line in text_lines(Formula(definition.target, piece.value), Style())
    )


def _equations(cell: Cell, variable: Variable) -> tuple[Formula, ...]:
    """What the cell says about a variable, at its generic times."""
    definition = next((d for d in cell.written if d.name == variable.name), None)
    if definition is None:
        return ()
    found = []
    for piece in definition.pieces:
        pinned = {r.index: r.lower for r in piece.domain if r.pinned}
        left = variable.at([s.xreplace(pinned) for s in definition.target.steps])
        domain = tuple(r for r in piece.domain if not r.pinned)
        found.append(Formula(left, piece.value, domain))
    return tuple(found)


def _subject(compiled: Compiled, relation: Relation) -> MatrixExpr | None:
    """What the claim is about: its left side, or the first derivative in it."""
    candidates = [relation.left, *_partials(relation.left), *_partials(relation.right)]
    subjects = (_derivable(Same(compiled), node) for node in candidates)
    return next((subject for subject in subjects if subject is not None), None)


@lru_cache(maxsize=1024)
def _derivable(compiled: Same[Compiled], node: Node) -> MatrixExpr | None:
    """The derivative, its entry, or the variable that a node is; ``None`` for any other."""
    try:
        typed = type_relation(compiled.value, Relation("=", node, node)).left
    except InputError:
        return None
    inner = typed.arg if isinstance(typed, Transpose) else typed
    core = inner.matrix if isinstance(inner, Entry) else inner
    if isinstance(core, Adjoint | Jacobian):
        return inner
    return core if isinstance(core, Variable) else None


def _partials(node: Node) -> list[Node]:
    return [part for part in walk(node) if isinstance(part, Partial)]


def _of_loss(node: Node) -> bool:
    if not isinstance(node, Partial):
        return False
    return isinstance(node.numerator, Name) and node.numerator.name == "loss"
