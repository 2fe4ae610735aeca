"""The pipeline: from a typed cell to its derivation, section by section.

Forward equations → who depends on whom → adjoint recurrences → parameter gradients → closed form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Literal

from derivations.cell import LOSS
from derivations.derivation import Derivation, Section
from derivations.deriver import Deriver, deriver_of
from derivations.errors import InputError
from derivations.loading import load
from derivations.sections import backward, closed, introduction, unrolled

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
    return derivation(deriver_of(load(cell).cell), wrt, form, steps)


def derivation(
    deriver: Deriver, wrt: str | None = None, form: Form = "steps", steps: int | None = None
) -> Derivation:
    """The derivation of a typed cell in one of its forms; see :func:`derive`."""
    return Derivation(deriver.cell, tuple(sections(deriver, wrt, form, steps)))


def sections(
    deriver: Deriver, wrt: str | None = None, form: Form = "steps", steps: int | None = None
) -> Iterator[Section]:
    """Its sections, each as soon as it is derived.

    Raises:
        InputError: the cell has no variable ``wrt``, or too many steps are asked for.
    """
    names = wanted(deriver, wrt)
    length = steps_to_write_out(steps)
    parts: dict[Form, Callable[[], Iterable[Section]]] = {
        "steps": lambda: chain(
            introduction(deriver),
            backward(deriver, names),
            closed(deriver, names, explicit=wrt is not None),
        ),
        "adjoint": lambda: backward(deriver, names),
        "closed": lambda: closed(deriver, names, explicit=True),
        "unrolled": lambda: unrolled(deriver, names, length),
    }
    return (section for section in parts[form]() if section.steps)


def steps_to_write_out(steps: int | None) -> int:
    """How many steps to write out; three if nobody says.

    Raises:
        InputError: none, or too many.
    """
    length = 3 if steps is None else steps
    if not 1 <= length <= MOST_STEPS:
        raise InputError(
            f"{length} steps cannot be written out",
            remedy=f"give --steps between 1 and {MOST_STEPS}; every other form holds for all T",
        )
    return length


def wanted(deriver: Deriver, wrt: str | None) -> list[str]:
    """The variables whose gradients are asked for and not zero by structure.

    Raises:
        InputError: the cell has no variable ``wrt``.
    """
    cell = deriver.cell
    if wrt is None:
        found = [p.name for p in cell.parameters if p.name in deriver.adjoints]
        # A cell whose weights are all indexed (W[l]) has inputs only.
        return found or [v.name for v in cell.inputs if v.name in deriver.adjoints]
    if wrt not in cell.templates or wrt == LOSS:
        known = ", ".join(name for name in cell.templates if name != LOSS)
        raise InputError(f"the cell has no variable {wrt}", remedy=f"its variables: {known}")
    return [wrt] if wrt in deriver.adjoints else []
