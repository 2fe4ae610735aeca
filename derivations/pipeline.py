"""The pipeline: from a typed cell to its derivation, section by section.

Forward equations → who depends on whom → adjoint recurrences → parameter gradients → closed
form. Nothing here depends on T, and nothing is unrolled unless the unrolled form is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import Literal

from sympy import Expr, Integer
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.adjoint import adjoints
from derivations.calculus.closed import ClosedForms
from derivations.calculus.existence import times_of
from derivations.calculus.expand import Alternative, expand, gather, intersect
from derivations.calculus.graph import edges
from derivations.calculus.jacobian import Flow, immediate, total
from derivations.calculus.regions import formulas
from derivations.calculus.rewrites import rewrite
from derivations.calculus.states import NoClosedForm
from derivations.calculus.tangent import tangents
from derivations.calculus.unroll import unroll
from derivations.cell import LOSS, Cell, Definition, Piece
from derivations.derivation import Derivation, Formula, Section, Step
from derivations.errors import InputError
from derivations.expressions.nodes import Adjoint, Jacobian
from derivations.loading import load

Form = Literal["steps", "adjoint", "closed", "unrolled"]
FORMS: tuple[Form, ...] = ("steps", "adjoint", "closed", "unrolled")
MOST_STEPS = 50
"""Longest sequence that may be written out term by term."""


def derive(
    cell: str | Sequence[str],
    wrt: str | None = None,
    form: Form = "steps",
    steps: int | None = None,
) -> Derivation:
    """Derive the gradients of a cell.

    Args:
        cell: a catalogue name, a path, or equations, one string each.
        wrt: one variable to derive the gradient of; all parameters if left out.
        form: every step; the adjoint recurrences alone; the closed form; or the closed form
            written out for ``steps`` time steps.

    Raises:
        InputError: the cell does not exist, does not parse, or has no variable ``wrt``.
    """
    return Deriver(load(cell).cell).derivation(wrt, form, steps)


class Deriver:
    """Everything that can be derived about one cell, each part computed once."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell

    @cached_property
    def adjoints(self) -> dict[str, Definition]:
        """The adjoint recurrences."""
        return adjoints(self.cell)

    @cached_property
    def tangents(self) -> dict[str, Definition]:
        """The tangent recurrences."""
        return tangents(self.cell)

    @cached_property
    def flow(self) -> Flow:
        """The tangent recurrences with their groups, for total derivatives."""
        return Flow(self.cell)

    @cached_property
    def closed(self) -> ClosedForms:
        """The solved adjoints.

        Raises:
            NoClosedForm: some group of the cell has none.
        """
        return ClosedForms(self.cell, self.adjoints, self.tangents)

    def derivation(
        self, wrt: str | None = None, form: Form = "steps", steps: int | None = None
    ) -> Derivation:
        """The derivation in one of its forms; see :func:`derive`."""
        names = self._wanted(wrt)
        length = Integer(steps if steps is not None else 3)
        if form == "unrolled" and not 1 <= length <= MOST_STEPS:
            raise InputError(
                f"{length} steps cannot be written out",
                remedy=f"give --steps between 1 and {MOST_STEPS}; every other form holds for all T",
            )
        sections: dict[Form, Callable[[], Iterable[Section]]] = {
            "steps": lambda: chain(
                self._introduction(),
                self._backward(names),
                self._closed(names, explicit=wrt is not None),
            ),
            "adjoint": lambda: self._backward(names),
            "closed": lambda: self._closed(names, explicit=True),
            "unrolled": lambda: self._unrolled(names, length),
        }
        return Derivation(self.cell, tuple(s for s in sections[form]() if s.steps))

    def _wanted(self, wrt: str | None) -> list[str]:
        if wrt is None:
            return [p.name for p in self.cell.parameters if p.name in self.adjoints]
        if wrt not in self.cell.templates or wrt == LOSS:
            known = ", ".join(n for n in self.cell.templates if n != LOSS)
            raise InputError(f"the cell has no variable {wrt}", remedy=f"its variables: {known}")
        return [wrt] if wrt in self.adjoints else []

    def _introduction(self) -> Iterator[Section]:
        given = tuple(self._forward(d) for d in self.cell.written)
        steps = [Step("given", "the equations of the cell as they were typed", _flat(given))]
        named = [d for d in self.cell.definitions if d.name in self.cell.auxiliary]
        if named:
            changed = [
                d
                for d in self.cell.definitions
                if d.name in {e.name for e in self.cell.written} and d not in self.cell.written
            ]
            steps.append(
                Step(
                    "name the argument of a nonlinearity",
                    "a slope is taken at the argument of the function, so the argument gets a name",
                    _flat(self._forward(d) for d in (*named, *changed)),
                )
            )
        yield Section("Forward equations", tuple(steps))
        local = tuple(self.local_jacobians())
        if local:
            why = "each equation is differentiated with every other variable held fixed"
            yield Section("Local Jacobians", (Step("immediate partials", why, local),))

    def _forward(self, definition: Definition) -> tuple[Formula, ...]:
        found = []
        for piece in definition.pieces:
            pinned = {r.index: r.lower for r in piece.domain if r.pinned}
            left = definition.target.at([s.xreplace(pinned) for s in definition.target.steps])
            found.append(Formula(left, piece.value, tuple(r for r in piece.domain if not r.pinned)))
        return tuple(found)

    def local_jacobians(self) -> Iterator[Formula]:
        """∂⁺u/∂v for every variable u and every computed v that its equation reads."""
        named = replace(self.cell, written=self.cell.definitions)
        defined = self.cell.defined
        for edge in edges(self.cell.definitions):
            if edge.used not in defined or edge.user == LOSS or edge.pinned or None in edge.delays:
                continue
            user, used = self.cell.templates[edge.user], self.cell.templates[edge.used]
            top, bottom = user, used.at(edge.steps)
            yield from self.jacobian(Jacobian(top, bottom, True), named)

    def jacobian(self, left: Jacobian, cell: Cell | None = None) -> Iterator[Formula]:
        """A Jacobian, immediate or total, one formula per stretch of time; none means zero.

        Args:
            left: the Jacobian asked for.
            cell: the equations that an immediate partial refers to, if not those as typed.

        Raises:
            NoClosedForm: a total derivative through a group that has none.
        """
        cell = cell or self.cell
        alive = [
            *(times_of(cell, left.numerator, computed=True) or ()),
            *(times_of(cell, left.denominator) or ()),
        ]
        pair = (left.numerator, left.denominator)
        for found in immediate(cell, *pair) if left.immediate else total(cell, *pair, self.flow):
            domain = intersect([*found.domain, *alive])
            if domain is not None:
                yield Formula(left, rewrite(found.value, cell)[0], domain)

    def _backward(self, names: list[str]) -> Iterator[Section]:
        needed = self.needed(names)
        timed = [d.name for d in reversed(self.cell.definitions) if d.name in needed]
        recurrences = [self._rewritten(n) for n in timed if n not in names and n != LOSS]
        if recurrences:
            yield Section("Adjoint recurrence", tuple(step for r in recurrences for step in r))
        wanted = [step for name in names for step in self._rewritten(name)]
        if wanted:
            yield Section("Gradients", tuple(wanted))

    def needed(self, names: list[str]) -> set[str]:
        """The adjoints that the wanted ones refer to, directly or not."""
        needed, waiting = set(names), list(names)
        while waiting:
            definition = self.adjoints.get(waiting.pop())
            for piece in definition.pieces if definition else ():
                for adjoint in piece.value.atoms(Adjoint):
                    if adjoint.name not in needed:
                        needed.add(adjoint.name)
                        waiting.append(adjoint.name)
        return needed

    def gradient(self, name: str) -> tuple[Formula, ...]:
        """The adjoint of one variable, one formula per stretch of time."""
        return tuple(formulas(Definition(self.adjoints[name].target, self.pieces(name))))

    def pieces(self, name: str) -> tuple[Piece, ...]:
        """The pieces of an adjoint, those of the shortest delay first.

        Adjoints that exist at one time only are put in, so that a loss at T leaves no sum.
        """
        return self._pieces(name, lambda value: gather(expand(value, self._at_one_time)))

    def closed_pieces(self, name: str) -> tuple[Piece, ...]:
        """The same without any adjoint.

        Raises:
            NoClosedForm: a group on the way has none.
        """
        return self._pieces(name, self.closed.closed)

    def _pieces(
        self, name: str, rewritten: Callable[[MatrixExpr], list[Alternative]]
    ) -> tuple[Piece, ...]:
        found = []
        for piece in self.adjoints[name].pieces:
            for a in rewritten(piece.value):
                domain = intersect((*piece.domain, *a.domain))
                if domain is not None:
                    found.append(Piece(a.value, domain))
        return tuple(found)

    def _at_one_time(self, leaf: MatrixExpr) -> Definition | None:
        definition = self.adjoints.get(leaf.name)
        if definition is None or not leaf.steps or not isinstance(leaf, Adjoint):
            return None
        everywhere = definition.pieces
        if all(any(r.pinned for r in p.domain) for p in everywhere) and len(everywhere) == 1:
            only = everywhere[0]
            pinned = {r.index: r.lower for r in only.domain if r.pinned}
            at = Adjoint(leaf.variable.at([s.xreplace(pinned) for s in definition.target.steps]))
            return None if at == leaf else Definition(definition.target, (replace(only, value=at),))
        return None

    def _rewritten(self, name: str) -> Iterator[Step]:
        """The formulas of one adjoint, and the rewrites that shape them, as steps."""
        raw = self.gradient(name)
        if not raw:
            return
        rule = "chain rule (VJP)" if self.cell.templates[name].steps else "sum over the uses"
        shaped, used = [], set[str]()
        for f in raw:
            right, names = rewrite(f.right, self.cell)
            used |= names
            via = (f.right,) if names and right != f.right else ()
            shaped.append(replace(f, right=right, via=via))
        yield Step(", ".join([rule, *sorted(used)]), self._why(name), tuple(shaped))

    def _why(self, name: str) -> str:
        users = list(dict.fromkeys(e.user for e in edges(self.cell.definitions) if e.used == name))
        readable = ["the loss" if user == LOSS else user for user in users]
        if not self.cell.templates[name].steps:
            return (
                f"{name} is the same at every step, so the contributions of all its uses "
                f"(in {', '.join(readable)}) are added"
            )
        return f"{name} is used by {', '.join(readable)}: each use sends back its VJP"

    def _closed(self, names: list[str], explicit: bool) -> Iterator[Section]:
        """Step Jacobians, then the gradients themselves, or only the adjoints they are built of."""
        try:
            closed = self.closed
        except NoClosedForm as reason:
            yield Section("Closed form", (Step("none", str(reason), ()),))
            return
        steps = []
        for group in closed.groups:
            for name in group.states:
                state = self.cell.templates[name]
                before = state.at([group.earlier(1)])
                why = f"everything between two steps of {name} is eliminated"
                found = tuple(self.jacobian(Jacobian(state, before)))
                steps.append(Step("step Jacobian", why, found))
        if explicit:
            solved = (self.closed_gradient(name) for name in names)
        else:
            solved = (self._solved(name) for group in closed.groups for name in group.states)
        for formulas_ in solved:
            found = tuple(formulas_)
            if found:
                why = "the linear adjoint recurrence is solved: sums of ordered products"
                steps.append(Step("solve the recurrence", why, found))
        yield Section("Closed form", tuple(steps))

    def _solved(self, name: str) -> Iterator[Formula]:
        """The adjoint of a state without recurrence; what drives it stays as it is named."""
        if name in self.adjoints:
            for f in formulas(self.closed.solved(name)):
                yield replace(f, right=rewrite(f.right, self.cell)[0])

    def closed_gradient(self, name: str) -> Iterator[Formula]:
        """The gradient of one variable without any adjoint in it."""
        target = self.adjoints[name].target
        for f in formulas(Definition(target, self.closed_pieces(name))):
            yield replace(f, right=rewrite(f.right, self.cell)[0])

    def _unrolled(self, names: list[str], length: Expr) -> Iterator[Section]:
        ends = {axis.upper: length for axis in self.cell.axes}
        found: list[Formula] = []
        for name in names:
            for f in self.closed_gradient(name):
                found.extend(unroll(f, ends))
        why = f"every sum and product is written out for {length} step(s)"
        yield Section("Unrolled", (Step("write out", why, tuple(found)),))


def _flat(
    groups: Sequence[tuple[Formula, ...]] | Iterator[tuple[Formula, ...]],
) -> tuple[Formula, ...]:
    return tuple(formula for group in groups for formula in group)


__all__ = ["FORMS", "Deriver", "Form", "derive"]
