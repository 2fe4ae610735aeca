"""Answers to queries: one gradient or Jacobian, with the recurrences it refers to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sympy import Integer
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.existence import lifetime, times_of
from derivations.calculus.expand import instantiate, intersect
from derivations.calculus.jacobian import apart, together
from derivations.calculus.regions import stretched
from derivations.calculus.unroll import unroll
from derivations.cell import LOSS, Cell, Definition
from derivations.derivation import Formula
from derivations.deriver import Deriver, deriver_of, equations_of
from derivations.errors import InputError
from derivations.expressions import build
from derivations.expressions.nodes import Adjoint, Entry, Jacobian, Variable
from derivations.expressions.traverse import nodes_in
from derivations.fixed import at_fixed_times, existing, is_fixed, stated
from derivations.language import parse_query
from derivations.loading import load
from derivations.pipeline import Form, steps_to_write_out
from derivations.renaming import with_other_sizes
from derivations.render.text import text
from derivations.typing.statements import read_query
from derivations.typing.step_losses import naming_step_losses

if TYPE_CHECKING:
    from derivations.render.document import Document


@dataclass(frozen=True)
class Answer:
    """The formulas asked for, and those of the adjoints that they refer to."""

    cell: Cell
    formulas: tuple[Formula, ...]
    where: tuple[Formula, ...] = ()

    @property
    def document(self) -> Document:
        """What every format prints."""
        from derivations.render.document import formulas_document

        return formulas_document((*self.formulas, *self.where), displays=self.cell.displays)

    def latex(self) -> str:
        """The answer in LaTeX, to be included in a document."""
        return self._printed("latex")

    def text(self) -> str:
        """The answer in plain text."""
        return self._printed("text")

    def html(self) -> str:
        """The answer as one HTML file that needs no network."""
        return self._printed("html")

    def _printed(self, format_: str) -> str:
        from derivations.render.formats import format_named

        return format_named(format_)(self.document)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from derivations.render.html import fragment, notebook

        return notebook(fragment(self.document))

    def _repr_latex_(self) -> str:
        """What a notebook becomes in a printed document."""
        return self.latex()


def query(
    cell: str | Sequence[str], asked: str, form: Form = "adjoint", steps: int | None = None
) -> Answer:
    """Answer a query such as ``dL/dW_hh``, ``dh[T]/dh[k]``, ``direct dc[t]/dc[t-1]``.

    Args:
        cell: a catalogue name, a path, or equations, one string each.
        asked: the query, plain or LaTeX.
        form: of a gradient: through adjoints, closed, or written out for ``steps`` steps.

    Raises:
        InputError: the query does not parse or names what the cell does not have.
        NoClosedForm: the closed form of a group that has none was asked for.
    """
    compiled = load(cell)
    compiled = naming_step_losses(compiled, parse_query(asked, compiled.source))
    wanted = read_query(compiled, asked)
    about, left = with_other_sizes(compiled.cell, wanted.left)
    return Answerer(deriver_of(about)).answer(left, form, steps)


class Answerer:
    """Answers queries about one cell."""

    def __init__(self, deriver: Deriver) -> None:
        self.deriver = deriver
        self.cell = deriver.cell

    def answer(
        self,
        asked: MatrixExpr,
        form: Form,
        steps: int | None = None,
        through: frozenset[str] | None = None,
        solve: bool = False,
    ) -> Answer:
        """The answer to a query that has been read; see :func:`query`.

        Args:
            through: variables whose adjoints alone a gradient shall be told by, if possible.
            solve: whether recurrences of other adjoints are solved for that.
        """
        core = asked.matrix if isinstance(asked, Entry) else asked
        self._check_exists(core)
        if isinstance(core, Jacobian):
            found = list(self._jacobian(core)) or [Formula(core, build.zeros(core.shape))]
        else:
            closed = form in ("closed", "unrolled")
            found = list(self._gradient(core, closed, through, solve))
            found = found or [Formula(core, build.zeros(core.shape))]
        if isinstance(asked, Entry):
            found = [self._entry(f, asked) for f in found]
        if form == "unrolled":
            found = self._unrolled(found, steps)
        return Answer(self.cell, tuple(found), tuple(self._where(found)))

    def _jacobian(self, asked: Jacobian) -> Iterator[Formula]:
        """A Jacobian, with the lengths of the sequence for which both of its times exist."""
        pair = (asked.numerator, asked.denominator)
        needed = [r for v in pair for r in existing(v.steps, lifetime(self.cell, v.name)) or ()]
        for f in self.deriver.jacobian(asked):
            domain = intersect([*f.domain, *needed])
            if domain is not None:
                yield replace(f, domain=stated(domain))

    def _check_exists(self, asked: Adjoint | Jacobian) -> None:
        """Refuse what is about no time, or a derivative with respect to the loss."""
        jacobian = isinstance(asked, Jacobian)
        below = asked.denominator if jacobian else asked.variable
        if below.name == LOSS:
            raise InputError(
                "nothing is computed from the loss",
                remedy="ask for a derivative with respect to a variable of the cell",
            )
        for variable in (asked.numerator, below) if jacobian else (below,):
            if times_of(self.cell, variable) is None:
                raise InputError(
                    f"{text(variable)} is at no time of the cell",
                    remedy="times run from the initial values to the end of the axis",
                )

    def _gradient(
        self, asked: Adjoint, closed: bool, through: frozenset[str] | None, solve: bool
    ) -> Iterator[Formula]:
        """The adjoint of a variable at the times asked about."""
        name = asked.name
        if name not in self.deriver.adjoints:
            return
        if closed:
            pieces = self.deriver.closed_pieces(name)
        elif through is not None:
            pieces = self.deriver.pieces_through(name, through, solve)
        else:
            pieces = self.deriver.pieces(name)
        definition = Definition(self.deriver.adjoints[name].target, pieces)
        if asked.steps and all(map(is_fixed, asked.steps)):
            found = at_fixed_times(definition, asked)
        else:
            there = Adjoint(apart(asked.variable))
            found = stretched(asked, together(list(instantiate(definition, there))))
        for f in found:
            yield replace(f, right=self.deriver.rewriter.value(f.right))

    def _entry(self, formula: Formula, asked: Entry) -> Formula:
        """One entry of both sides, taken as far inside as it goes."""
        left = Entry(formula.left, asked.row, asked.col)
        right = self.deriver.rewriter.value(build.entry(formula.right, asked.row, asked.col))
        return replace(formula, left=left, right=right)

    def _unrolled(self, found: list[Formula], steps: int | None) -> list[Formula]:
        length = Integer(steps_to_write_out(steps))
        ends = {axis.upper: length for axis in self.cell.axes}
        lines = [line for f in found for line in unroll(f, ends)]
        if not lines:
            raise InputError(
                f"there is no such time in {length} steps", remedy="give more with --steps"
            )
        return lines

    def _where(self, found: list[Formula]) -> Iterator[Formula]:
        """The recurrences of the adjoints in the answer, those they refer to included."""
        yield from self._introduced(found)
        names = [a.name for f in found for a in nodes_in(f.right, Adjoint)]
        needed = self.deriver.needed(names)
        asked = {f.left for f in found}
        for definition in reversed(self.cell.definitions):
            if definition.name in needed:
                for f in self.deriver.gradient(definition.name):
                    if f.left not in asked:
                        yield replace(f, right=self.deriver.rewriter.value(f.right))

    def _introduced(self, found: list[Formula]) -> Iterator[Formula]:
        """What the names stand for that the cell as typed does not have."""
        used = {v.name for f in found for v in nodes_in(f.right, Variable)}
        used |= {a.name for f in found for a in nodes_in(f.right, Adjoint)}
        for definition in self.cell.definitions:
            if definition.name in used & self.cell.auxiliary:
                yield from equations_of(definition)
