"""``verify``: every formula of a cell, by every method asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict

from derivations.deriver import Deriver, deriver_of
from derivations.loading import load
from verify.cases import cases
from verify.identities import Identity, identities
from verify.methods import check_count, chosen
from verify.oracles import ORACLES
from verify.report import Report, Result

METHODS: tuple[str, ...] = ("exact", *ORACLES)
"""Exact first: it needs no tolerance and no JAX; the oracles remain as independent evidence."""
CASES = 4
"""Cases tried by default: T = 1, 3, 12 and a saturated one; the full schedule has eight."""
Progress = Callable[[str], None]


def verify(
    cell: str | Sequence[str],
    wrt: str | None = None,
    methods: Iterable[str] = METHODS,
    count: int = CASES,
    seed: int = 0,
    progress: Progress = lambda message: None,
) -> Report:
    """Verify the derived formulas of a cell.

    Args:
        cell: a catalogue name, a path, or equations, one string each.
        wrt: only the gradient of this variable.
        methods: names from :data:`METHODS`.
        count: how many cases (sizes, lengths, regimes) to try.
        seed: with ``count`` fixes every number.
        progress: called with a line before each stage.

    Raises:
        InputError: bad cell, no variable ``wrt``, an unknown method, or no cases.
    """
    asked = chosen(methods, METHODS)
    check_count(count)
    compiled = load(cell)
    deriver = deriver_of(compiled.cell)
    found, missing = identities(deriver, wrt)
    name = cell if isinstance(cell, str) else "<input>"
    report = Report(name, unavailable=[asdict(m) for m in missing])
    for method in asked:
        # The exact method has a schedule of its own.
        cases_too = "" if method == "exact" else f", {count} cases"
        progress(f"{name}: {method}, {len(found)} identities{cases_too}")
        report.results += _stage(method, deriver, found, count, seed)
    return report


def _stage(
    method: str, deriver: Deriver, found: list[Identity], count: int, seed: int
) -> list[Result]:
    """All identities under one method."""
    derived = tuple(deriver.adjoints.values())
    cell = deriver.cell
    if method == "exact":
        from verify.exactly import check_identities as check_exactly

        return check_exactly(cell, derived, found, seed)
    from verify.floating import check_identities

    return check_identities(cell, derived, found, method, list(cases(deriver.cell, count, seed)))
