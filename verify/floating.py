"""Verification with floating point: formulas against an oracle that sees forward equations only.

A disagreement is not called wrong before it was measured again with more digits (rounding
shrinks with the precision, a mistake does not) and beside the point (a kink is one point).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sympy import Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS, Cell, Definition
from derivations.expressions.nodes import Adjoint, Entry, Jacobian, Variable
from verify.arithmetic.base import Arithmetic
from verify.arithmetic.multiprecision import MultiprecisionArithmetic
from verify.arithmetic.numpy import NumpyArithmetic
from verify.cases import Case, times
from verify.evaluate import Key, System, variable
from verify.evaluate.indices import compile_integer
from verify.identities import Identity
from verify.oracles import Estimate, Oracle, oracle, rounding_bound
from verify.oracles.digits import Digits
from verify.precision import frobenius, is_kink, is_vacuous, relative_error, shrinkage
from verify.problem import ForwardProblem
from verify.report import Failure, Result
from verify.sampling import Sampler, finite_sampler

Instance = tuple[Identity, dict[Symbol, int]]
LOSS_KEY = variable(LOSS)
DIGITS = (60, 240)
"""Digits tried in turn; a slope of 1e-100 beside values of 1 uses up more than sixty."""


@dataclass(frozen=True)
class Point:
    """A cell at one case, with its forward problem and its derived recurrences."""

    cell: Cell
    derived: tuple[Definition, ...]
    case: Case
    sampler: Sampler

    @cached_property
    def problem(self) -> ForwardProblem:
        """What an oracle sees."""
        cell, case = self.cell, self.case
        return ForwardProblem.of(cell, case.ends, case.sizes, self.sampler, case.seed)

    def system(self, arithmetic: Arithmetic) -> System:
        """Forward equations and derived recurrences together."""
        definitions = (*self.cell.definitions, *self.derived)
        return System(definitions, arithmetic, self.case.ends, self.case.sizes, self.sampler)

    def beside(self, number: int) -> Point:
        """The same case at a neighbouring point."""
        return Point(self.cell, self.derived, self.case, self.sampler.neighbour(number))


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
            continue
        point = Point(cell, derived, case, sampler)
        open_ones = [i for i in identities if results[id(i)].status != "fail"]
        _check_case(point, open_ones, judge, results)
    return list(results.values())


def _check_case(
    point: Point, identities: Sequence[Identity], judge: Oracle, results: Mapping[int, Result]
) -> None:
    ends = point.case.ends
    instances = [(i, at) for i in identities for at in times(i.formula.domain, ends)]
    truths = _truths(point, instances, judge)
    system = point.system(NumpyArithmetic(seed=point.case.seed))
    for (identity, at), truth in zip(instances, truths, strict=True):
        result = results[id(identity)]
        if result.status == "fail":
            continue
        begun = time.perf_counter()
        claimed = np.asarray(system.evaluate(identity.formula.right, at))
        error = relative_error(claimed, truth.value)
        own = Estimate(claimed, rounding_bound(claimed, np.finfo(float).eps, point.problem))
        if own.agrees_with(truth) or _explained(point, identity, at, judge, result):
            if not is_vacuous(claimed, truth.value):
                result.status = "pass"
            result.saw(error if own.agrees_with(truth) else 0.0)
        else:
            result.status = "fail"
            result.failure = Failure(
                point.case.describe(),
                {str(k): v for k, v in at.items()},
                claimed.tolist(),
                truth.value.tolist(),
                error,
            )
        result.seconds += time.perf_counter() - begun


def _truths(point: Point, instances: Sequence[Instance], judge: Oracle) -> list[Estimate]:
    """The oracle's value of every left side; all gradients of a case in one pass."""
    env = {**point.case.ends, **point.case.sizes}
    gradients = {
        _key(_core(i.formula.left), {**env, **at})
        for i, at in instances
        if isinstance(_core(i.formula.left), Adjoint)
    }
    found: Mapping[Key, Estimate] = {}
    if gradients:
        found = judge.gradient(LOSS_KEY, sorted(gradients, key=str), point.problem)
    return [_truth(point, i.formula.left, {**env, **at}, judge, found) for i, at in instances]


def _core(left: MatrixExpr) -> MatrixExpr:
    return left.matrix if isinstance(left, Entry) else left


def _key(leaf: MatrixExpr, env: dict[Symbol, int]) -> Key:
    """The variable at concrete steps that a leaf is, or is the adjoint of."""
    return variable(leaf.name, *(compile_integer(step)(env) for step in leaf.steps))


def _truth(
    point: Point,
    left: MatrixExpr,
    env: dict[Symbol, int],
    judge: Oracle,
    gradients: Mapping[Key, Estimate],
) -> Estimate:
    if isinstance(left, Entry):
        whole = _truth(point, left.matrix, env, judge, gradients)
        row, col = (compile_integer(place)(env) - 1 for place in (left.row, left.col))
        return Estimate(whole.value[row : row + 1, col : col + 1], whole.error)
    if isinstance(left, Adjoint):
        return gradients[_key(left, env)]
    if isinstance(left, Jacobian):
        top, bottom = _key(left.numerator, env), _key(left.denominator, env)
        return judge.jacobian(top, bottom, point.problem, immediate=left.immediate)
    if isinstance(left, Variable):
        system = point.problem.system(NumpyArithmetic(seed=point.case.seed))
        value = np.asarray(system.value(_key(left, env)))
        return Estimate(value, rounding_bound(value, np.finfo(float).eps, point.problem))
    raise TypeError(f"no oracle gives the value of a {type(left).__name__}")


def _explained(
    point: Point, identity: Identity, at: dict[Symbol, int], judge: Oracle, result: Result
) -> bool:
    """Whether a disagreement is rounding, or belongs to a kink."""
    if _vanishes(point, identity, at):
        result.ill_conditioned += 1
        return True
    if is_kink(lambda number: _agrees(point.beside(number), identity, at, judge)):
        result.kinks += 1
        return True
    return False


def _vanishes(point: Point, identity: Identity, at: dict[Symbol, int]) -> bool:
    """Whether the discrepancy from a truth of many digits shrinks as digits are added."""
    for digits in DIGITS:
        (truth,) = _truths(point, [(identity, at)], Digits(digits))
        if not np.isfinite(frobenius(truth.value)):
            return False

        # One scale for the whole ladder: where the truth is zero, a rounding error shrinks too.
        coarse = point.system(NumpyArithmetic(seed=point.case.seed))
        scale = max(frobenius(coarse.evaluate(identity.formula.right, at)), frobenius(truth.value))

        def discrepancy(
            arithmetic: Arithmetic, truth: Estimate = truth, scale: float = scale
        ) -> float:
            claimed = point.system(arithmetic).evaluate(identity.formula.right, at)
            own = max(frobenius(claimed), frobenius(truth.value))
            return relative_error(claimed, truth.value) * own / scale if scale else 0.0

        seed = point.case.seed
        ladder = (
            NumpyArithmetic(np.float64, seed),
            NumpyArithmetic(np.longdouble, seed),
            MultiprecisionArithmetic(digits, seed),
        )
        found = shrinkage(discrepancy, seed, ladder)
        if found.vanishes:
            return True
    return False


def _agrees(point: Point, identity: Identity, at: dict[Symbol, int], judge: Oracle) -> bool:
    (truth,) = _truths(point, [(identity, at)], judge)
    system = point.system(NumpyArithmetic(seed=point.case.seed))
    claimed = np.asarray(system.evaluate(identity.formula.right, at))
    own = Estimate(claimed, rounding_bound(claimed, np.finfo(float).eps, point.problem))
    return own.agrees_with(truth) or _vanishes(point, identity, at)
