"""What there is to verify about a cell: every formula that a derivation of it would print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sympy import Symbol

from derivations.calculus.states import NoClosedForm
from derivations.cell import LOSS
from derivations.derivation import Formula
from derivations.deriver import Deriver
from derivations.errors import InputError
from derivations.expressions.nodes import Jacobian, Variable
from derivations.render.text import text


@dataclass(frozen=True)
class Identity:
    """A formula under a name a report can print.

    Attributes:
        form: ``adjoint``, ``closed``, ``total`` or ``immediate``.
        subject: the left side, as in ``dL/dW``.
    """

    form: str
    formula: Formula

    @property
    def subject(self) -> str:
        """The left side as text."""
        return text(self.formula.left)


@dataclass(frozen=True)
class Unavailable:
    """A form that the cell does not have, and why."""

    form: str
    reason: str


def identities(
    deriver: Deriver, wrt: str | None = None
) -> tuple[list[Identity], list[Unavailable]]:
    """The formulas of a cell: adjoints, closed gradients, Jacobians.

    Args:
        wrt: only the gradient of this variable.

    Raises:
        InputError: the cell has no variable ``wrt``.
    """
    cell = deriver.cell
    if wrt is not None and (wrt not in cell.templates or wrt == LOSS):
        known = ", ".join(name for name in cell.templates if name != LOSS)
        raise InputError(f"the cell has no variable {wrt}", remedy=f"its variables: {known}")
    found = [*_adjoints(deriver, wrt)]
    missing: list[Unavailable] = []
    try:
        found.extend(_closed(deriver, wrt))
        if wrt is None:
            found.extend(_totals(deriver))
    except NoClosedForm as reason:
        missing.append(Unavailable("closed", str(reason)))
    if wrt is None:
        found.extend(_immediate(deriver))
    return found, missing


def _adjoints(deriver: Deriver, wrt: str | None) -> Iterator[Identity]:
    for name in deriver.adjoints:
        if wrt in (None, name):
            for formula in deriver.gradient(name):
                right = deriver.rewriter.value(formula.right)
                yield Identity("adjoint", replace(formula, right=right))


def _closed(deriver: Deriver, wrt: str | None) -> Iterator[Identity]:
    wanted = [p.name for p in deriver.cell.parameters] if wrt is None else [wrt]
    for name in wanted:
        if name in deriver.adjoints:
            for formula in deriver.closed_gradient(name):
                yield Identity("closed", formula)


def _totals(deriver: Deriver) -> Iterator[Identity]:
    """∂s_t/∂s_{t-1} and ∂s_T/∂s_k for every state."""
    for group in deriver.closed.groups:
        for name in group.states:
            state = deriver.cell.templates[name]
            some = Symbol("k", integer=True)
            ends = (group.end, some) if group.forward else (some, group.end)
            for top, bottom in (
                (state, state.at([group.earlier(1)])),
                (state.at([ends[0]]), state.at([ends[1]])),
            ):
                yield from total_identities(deriver, top, bottom)


def total_identities(deriver: Deriver, top: Variable, bottom: Variable) -> Iterator[Identity]:
    """The total derivative of one variable with respect to another."""
    for formula in deriver.jacobian(Jacobian(top, bottom)):
        yield Identity("total", formula)


def _immediate(deriver: Deriver) -> Iterator[Identity]:
    for formula in deriver.local_jacobians():
        yield Identity("immediate", formula)
