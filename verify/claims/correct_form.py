"""What the left side of a claim really is, in a shape close to the claim's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.elimination import recurrent
from derivations.calculus.states import NoClosedForm
from derivations.cell import Cell
from derivations.derivation import Formula
from derivations.deriver import MOST_CELLS
from derivations.errors import GradproofError, InputError
from derivations.expressions.nodes import Adjoint, Entry, Jacobian, Unvec, Variable
from derivations.language.tree import Binary, Name, Node, Partial, Reduction, Relation, walk
from derivations.pipeline import Form
from derivations.render.domains import latex_domain
from derivations.render.latex import latex
from derivations.render.layout import text_lines
from derivations.render.style import Style
from derivations.same import Same
from derivations.typing.compile import Compiled
from derivations.typing.scope import is_end
from verify.claims.typing import type_relation
from verify.derived import answerer

LONGEST = 600
"""Characters of a formula beyond which one with more adjoints in it reads better."""
MOST_FORMS = 500
"""Formulas that are kept about one."""


@dataclass(frozen=True)
class Shape:
    """In which terms a gradient is told.

    Attributes:
        form: through adjoints or closed.
        through: the variables whose adjoints the claim speaks of.
        solve: whether recurrences of others are solved, as the claim does.
    """

    form: Form
    through: frozenset[str] = frozenset()
    solve: bool = False


class Forms:
    """Correct forms about one cell, each derived once."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self._known: dict[tuple[MatrixExpr, Shape], dict[str, str] | None] = {}

    def of(self, subject: MatrixExpr, shape: Shape) -> dict[str, str] | None:
        """The derived formula for a derivative or a variable, as text and LaTeX."""
        key = (subject, shape)
        if key not in self._known:
            if len(self._known) >= MOST_FORMS:
                self._known.clear()
            self._known[key] = self._printed(subject, shape)
        return self._known[key]

    def _printed(self, subject: MatrixExpr, shape: Shape) -> dict[str, str] | None:
        """In this shape if that reads well, else in the next simpler one."""
        simplest = Shape("adjoint")
        for one in dict.fromkeys((shape, replace(shape, solve=False), simplest)):
            try:
                formulas = self._formulas(subject, one)
            except NoClosedForm:
                continue
            except GradproofError:
                return None
            found = printed(formulas, self.compiled.cell) if formulas else None
            if found is None or one == simplest or one.form == "closed":
                return found
            flat = any(formula.right.has(Unvec) for formula in formulas)
            if len(found["text"]) <= LONGEST and not (flat and one.solve):
                return found
        return None

    def _formulas(self, subject: MatrixExpr, shape: Shape) -> tuple[Formula, ...]:
        if isinstance(subject, Variable):
            return _equations(self.compiled.cell, subject)
        return derived(self.compiled, subject, shape)


def derived(compiled: Compiled, subject: MatrixExpr, shape: Shape) -> tuple[Formula, ...]:
    """The formulas of a derivative.

    Raises:
        NoClosedForm: it is to be solved and cannot be.
        GradproofError: there is no such derivative.
    """
    asked = answerer(compiled)
    through = shape.through or None
    return asked.answer(subject, shape.form, through=through, solve=shape.solve).formulas


def correct_form(compiled: Compiled, relation: Relation) -> dict[str, str] | None:
    """The derived formula of a claim's left side, in the adjoints that the claim speaks of.

    Closed where it speaks of none. ``None`` where there is nothing to derive, as for a claim
    without a derivative or a variable.
    """
    subject = _subject(compiled, relation)
    if subject is None:
        return None
    return _forms(Same(compiled)).of(subject, shape_of(compiled, relation, subject))


def shape_of(compiled: Compiled, relation: Relation, subject: MatrixExpr) -> Shape:
    """In which terms a claim tells its subject."""
    spoken = _spoken(compiled, relation)
    if not spoken:
        return Shape("closed")
    # A sum for a state, or a sum within the sum of a parameter, is a recurrence written out.
    nodes = walk(relation.right)
    written_out = sum(isinstance(node, Reduction) or _is_power(node) for node in nodes)
    solve = isinstance(subject, Adjoint) and written_out > (not subject.steps)
    return Shape("adjoint", spoken, solve)


def _spoken(compiled: Compiled, relation: Relation) -> frozenset[str]:
    """The variables whose adjoints a claim speaks of; at one time alone, only if none recurs."""
    below = [
        node.denominator
        for node in _partials(relation.right)
        if _of_loss(node) and isinstance(node.denominator, Name)
    ]
    anywhere = {name.name for name in below if not name.indices or _moves(name)}
    fixed = {name.name for name in below} - anywhere
    if fixed:
        fixed -= recurrent(answerer(compiled).deriver.adjoints)
    return frozenset(anywhere | fixed)


def _moves(name: Name) -> bool:
    """Whether a letter stands in the time of a variable."""
    parts = (part for index in name.indices for part in walk(index))
    return any(isinstance(part, Name) and not is_end(part.name) for part in parts)


def _is_power(node: Node) -> bool:
    """Whether a power has a time in its exponent."""
    if not isinstance(node, Binary) or node.operator != "**":
        return False
    return any(isinstance(part, Name) for part in walk(node.right))


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


def _partials(node: Node) -> list[Partial]:
    return [part for part in walk(node) if isinstance(part, Partial)]


def _of_loss(node: Partial) -> bool:
    return isinstance(node.numerator, Name) and node.numerator.name == "loss"
