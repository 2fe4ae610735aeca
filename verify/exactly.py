"""Verification in a finite field: every identity without a tolerance, with a bound on error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from derivations.cell import Cell, Definition
from verify.exact import Checker, ExactResult
from verify.exact.compare import Identity as Equation
from verify.flat import nothing_compared
from verify.identities import Identity
from verify.report import Failure, Result


def check_identities(
    cell: Cell, derived: Iterable[Definition], identities: Sequence[Identity], seed: int
) -> list[Result]:
    """Check every identity exactly; what they share is computed once."""
    checker = Checker(cell, derived, seed)
    asked = [i.formula for i in identities]
    checker.plan(Equation(f.left, f.right, f.domain) for f in asked)
    return [
        _result(i, checker.check(i.formula.left, i.formula.right, i.formula.domain), cell)
        for i in identities
    ]


def _result(identity: Identity, found: ExactResult, cell: Cell) -> Result:
    if found.status == "pass" and found.zero:
        return Result(
            identity.subject,
            identity.form,
            "exact",
            vacuous=found.cases,
            seconds=found.seconds,
            reason=nothing_compared(cell),
        )
    return Result(
        identity.subject,
        identity.form,
        "exact",
        status=found.status,
        checks=found.cases,
        bound=found.bound if found.status == "pass" else None,
        seconds=found.seconds,
        reason=found.reason,
        failure=_failure(found),
    )


def _failure(found: ExactResult) -> Failure | None:
    if found.failure is None:
        return None
    failure = found.failure
    numbers = ", ".join(f"{k}={v}" for k, v in {**failure.ends, **failure.sizes}.items())
    scale = max(abs(failure.left), abs(failure.right)) or 1.0
    return Failure(
        numbers,
        {str(k): v for k, v in failure.indices.items()},
        [[failure.right]],
        [[failure.left]],
        abs(failure.left - failure.right) / scale,
    )
