"""Evidence about a claim from floating point: an oracle's derivative beside the claimed value."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from sympy import Symbol

from derivations.cell import Cell
from derivations.derivation import Formula
from derivations.errors import GradproofError
from derivations.expressions.nodes import Adjoint, Jacobian, Variable
from derivations.expressions.traverse import nodes_in
from derivations.typing.compile import Compiled
from verify.claims.holding import Identity
from verify.derived import answerer
from verify.exact.result import Failure
from verify.oracles import ORACLES

METHODS = ("exact", *ORACLES)
CASES = 3
"""Sizes and lengths that an oracle looks at."""


def floating_evidence(
    compiled: Compiled,
    identity: Identity,
    methods: Sequence[str],
    seed: int,
    failure: Failure | None = None,
) -> list[dict[str, Any]]:
    """What each oracle among ``methods`` says; nothing where none applies to the left side.

    Args:
        failure: where the exact method sees a difference: an oracle looks there, too.
    """
    return [found for method in methods for found in _of(compiled, identity, method, seed, failure)]


def _of(
    compiled: Compiled, identity: Identity, method: str, seed: int, failure: Failure | None
) -> Iterator[dict[str, Any]]:
    if method not in ORACLES or not isinstance(identity.left, Adjoint | Jacobian | Variable):
        return
    if nodes_in(identity.right, Jacobian) or _letters(identity) - _times(compiled.cell, identity):
        return  # an oracle gives the left side alone, at plain times
    from verify.cases import Case, cases
    from verify.floating import check_identities
    from verify.identities import Identity as Named

    begun = time.perf_counter()
    formula = Formula(identity.left, identity.right, identity.domain)
    derived = tuple(answerer(compiled).deriver.adjoints.values())
    tried = list(cases(compiled.cell, CASES, seed))
    if failure is not None:
        tried.append(Case(failure.sizes, failure.ends, "generic", seed + CASES))
    try:
        (result,) = check_identities(
            compiled.cell,
            derived,
            [Named("claimed", formula)],
            method,
            tried,
        )
    except GradproofError:
        return
    if result.status in ("pass", "fail"):
        yield {
            "method": method,
            "status": result.status,
            "cases": result.checks,
            "relative_error": result.relative_error
            if result.failure is None
            else result.failure.relative_error,
            "seconds": round(time.perf_counter() - begun, 3),
        }


def _letters(identity: Identity) -> set[Symbol]:
    return {r.index for r in identity.domain}


def _times(cell: Cell, identity: Identity) -> set[Symbol]:
    """Indices that stand in a time step, whose ranges speak of times only."""
    sizes = set(cell.sizes)
    return {r.index for r in identity.domain if not (r.upper.free_symbols & sizes)} - sizes
