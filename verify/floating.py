"""Verification with floating point: formulas against an oracle that sees forward equations only.

A disagreement is not called wrong before it was measured again with more digits (rounding
shrinks with the precision, a mistake does not) and beside the point (a kink is one point).
Where both sides are zero nothing was compared: what underflows agrees with any mistake.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from derivations.cell import Cell, Definition
from verify.cases import Case
from verify.disputes import kinks, rounding
from verify.flat import nothing_compared
from verify.identities import Identity
from verify.oracles import Estimate, Oracle, oracle
from verify.points import Instance, Point
from verify.precision import is_vacuous, relative_error
from verify.report import Failure, Result
from verify.sampling import finite_sampler


def check_identities(
    cell: Cell,
    derived: Iterable[Definition],
    identities: Sequence[Identity],
    method: str,
    schedule: Iterable[Case],
) -> list[Result]:
    """Compare every identity with one oracle over a schedule of cases.

    Args:
        derived: the adjoint recurrences that the identities refer to.
        method: name of the oracle.
    """
    judge = oracle(method)
    results = {id(i): Result(i.subject, i.form, method) for i in identities}
    derived = tuple(derived)
    for case in schedule:
        sampler = finite_sampler(cell, case.sizes, case.ends, case.seed, case.regime)
        if sampler is None:
            _skip(results.values(), case)
            continue
        point = Point(cell, derived, case, sampler)
        left = [i for i in identities if results[id(i)].status != "fail"]
        _check_case(point, left, judge, results)
    for result in results.values():
        if result.status == "vacuous" and result.vacuous:
            result.reason = nothing_compared(cell)
    return list(results.values())


def _skip(results: Iterable[Result], case: Case) -> None:
    for result in results:
        result.reason = f"no finite values were found at {case.describe()}"


def _check_case(
    point: Point, identities: Sequence[Identity], judge: Oracle, results: Mapping[int, Result]
) -> None:
    begun = time.perf_counter()
    instances = point.instances(identities)
    truths = dict(zip(instances, point.truths(instances, judge), strict=True))
    claims = {instance: point.claimed(instance) for instance in instances}
    disputed = []
    for instance in instances:
        result, claim, truth = results[id(instance.identity)], claims[instance], truths[instance]
        if is_vacuous(claim.value, truth.value):
            result.vacuous += 1
        elif claim.agrees_with(truth):
            result.saw(relative_error(claim.value, truth.value))
        else:
            disputed.append(instance)
    if disputed:
        _settle(point, disputed, judge, results, claims, truths)
    seconds = time.perf_counter() - begun
    for identity in identities:
        results[id(identity)].seconds += seconds / len(identities)


def _settle(
    point: Point,
    disputed: Sequence[Instance],
    judge: Oracle,
    results: Mapping[int, Result],
    claims: Mapping[Instance, Estimate],
    truths: Mapping[Instance, Estimate],
) -> None:
    """Each disagreement is rounding, a kink or a failure."""
    rounded = rounding(point, disputed)
    kinked = kinks(point, [i for i in disputed if i not in rounded], judge)
    for instance in disputed:
        result, claim, truth = results[id(instance.identity)], claims[instance], truths[instance]
        if instance in rounded:
            result.ill_conditioned += 1
            result.saw(0.0)
        elif instance in kinked:
            result.kinks += 1
            result.saw(0.0)
        elif result.status != "fail":
            result.status = "fail"
            result.failure = Failure(
                point.case.describe(),
                {str(k): v for k, v in instance.at.items()},
                claim.value.tolist(),
                truth.value.tolist(),
                relative_error(claim.value, truth.value),
            )
