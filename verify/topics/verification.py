"""``verify_topic``: both sides of every formula of a topic, at random numbers, as digits are added.

A topic has no loss and no time axis: its variables are replaced by their definitions, so a
formula is about indices and free matrices alone, and positions need not be whole numbers.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Definition
from derivations.derivation import Derivation, Formula, Relation
from derivations.expressions.nodes import Jacobian
from derivations.render.style import Style
from derivations.render.text import text
from derivations.topics import topic
from verify.arithmetic.base import Arithmetic, Array
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import Key, System
from verify.methods import check_count, chosen
from verify.oracles import ROUNDINGS
from verify.precision import is_vacuous, relative_error, shrinkage
from verify.report import Failure, Report, Result
from verify.topics.derivatives import DERIVATIVES, moving
from verify.topics.exact import EXACT, check_exactly, draws, obstacle
from verify.topics.points import Point, draw, inlined
from verify.topics.proofs import PROOF, proof
from verify.topics.relations import at, distance, many_digits, ordered, reaches, stations

METHODS: tuple[str, ...] = (EXACT, "digits", PROOF, *DERIVATIVES)
"""``digits`` for the formulas without a derivative and the last ones for those with one; besides,
``exact`` where a finite field can tell and ``proof`` where the rules of norms prove a bound."""
CASES = 6


def verify_topic(
    name: str, methods: Iterable[str] = METHODS, seed: int = 0, count: int = CASES
) -> Report:
    """Verify every formula of a topic.

    Args:
        name: of the topic.
        methods: names from :data:`METHODS`.
        seed: with ``count`` fixes every number.
        count: how many random points each formula is compared at.

    Raises:
        InputError: there is no such topic or method, or no cases.
    """
    return verify_derivation(topic(name).build(), name, methods, seed, count)


def verify_derivation(
    derivation: Derivation,
    name: str,
    methods: Iterable[str] = METHODS,
    seed: int = 0,
    count: int = CASES,
) -> Report:
    """Verify the formulas of a derivation without time axes; see :func:`verify_topic`."""
    asked = chosen(methods, METHODS)
    check_count(count)
    report = Report(name)
    beyond: Counter[str] = Counter()
    for formula in derivation.formulas:
        check = Check(derivation.cell, formula, "digits")
        for method in asked:
            if method == EXACT:
                found = exactly(check, seed, count)
                if isinstance(found, str):
                    beyond[found] += 1
                else:
                    report.results.append(found)
            elif method == PROOF:
                proved = proof(formula, derivation, check.subject)
                if proved is not None:
                    report.results.append(proved)
            elif (method in DERIVATIVES) == has_derivative(formula):
                report.results.append(replace(check, method=method).run(seed, count))
    for why, number in beyond.items():
        report.unavailable.append(
            {"form": EXACT, "reason": f"{why} ({number} formula{'s' * (number != 1)})"}
        )
    return report


def sides(formula: Formula) -> tuple[MatrixExpr, ...]:
    """Everything that a formula says is equal."""
    return (formula.left, *formula.via, formula.right)


def has_derivative(formula: Formula) -> bool:
    """Whether a side holds a derivative."""
    return any(side.has(Jacobian) for side in sides(formula))


FORMS: dict[Relation, str] = {
    "<=": "bound", ">=": "bound", "<": "strict bound", ">": "strict bound", "->": "limit",
}  # fmt: skip
"""What a formula that is no equation is called in a report."""


@dataclass(frozen=True)
class Check:
    """One formula under one method."""

    cell: Cell
    formula: Formula
    method: str

    @property
    def form(self) -> str:
        """``definition``, ``identity`` or ``derivative``, or one of :data:`FORMS`."""
        left, right = self.formula.left, self.formula.right
        if self.formula.relation in FORMS:
            return FORMS[self.formula.relation]
        if any(d.target == left and d.pieces[0].value == right for d in self.cell.definitions):
            return "definition"
        return "derivative" if has_derivative(self.formula) else "identity"

    @property
    def subject(self) -> str:
        """The left side, and the right one where it is not a value of the left one."""
        style, formula = Style(displays=self.cell.displays), self.formula
        left = text(formula.left, style)
        if formula.relation == "=":
            return left
        return f"{left} {formula.relation} {text(formula.right, style)}"

    def run(self, seed: int, count: int) -> Result:
        """The result over ``count`` random points."""
        result = Result(self.subject, self.form, self.method)
        if result.form == "definition":
            result.reason = "true by definition; evaluated to see that it has a value"
        begun = time.perf_counter()
        for number in range(count):
            self._equalities(self.formula.given, self._equal, result, (seed, number))
            if self.formula.relation != "=" and result.status != "fail":
                self._related(result, (seed, number))
            if self.formula.equality:
                given = (*self.formula.given, *self.formula.equality)
                self._equalities(given, sides(self.formula), result, (seed, number))
        result.seconds = time.perf_counter() - begun
        return result

    @property
    def _equal(self) -> tuple[MatrixExpr, ...]:
        """The sides that are equal everywhere."""
        every = sides(self.formula)
        return every if self.formula.relation == "=" else every[:-1]

    def _equalities(
        self,
        given: tuple[Definition, ...],
        equal: tuple[MatrixExpr, ...],
        result: Result,
        seed: tuple[int, int],
    ) -> None:
        cell = at(self.cell, given)
        first, *others = (inlined(side, cell) for side in equal)
        point = draw(cell, (first, *others), self.formula.domain, seed)
        for other in others:
            if result.status != "fail":
                self.compare(cell, first, other, point, result)

    def _related(self, result: Result, seed: tuple[int, int]) -> None:
        """The bound or the limit at one point; what stands before it equals the left side."""
        cell, formula = at(self.cell, self.formula.given), self.formula
        left, right = (inlined(side, cell) for side in sides(formula)[-2:])
        point = draw(cell, (left, right), formula.domain, seed)
        system = many_digits()

        def value(expr: MatrixExpr, place: Point) -> Array:
            return System((), system, {}, place.bindings, place.free).evaluate(expr)

        limit = value(right, point)
        if formula.approach is None:
            found = value(left, point)
            holds, error = ordered(found, limit, formula.relation), 0.0
        else:
            way = [value(s.expr, s.point) for s in stations(left, point, formula.approach)]
            errors = [distance(step, limit) for step in way]
            found, error, holds = way[-1], errors[-1], reaches(errors)
        if result.status != "fail" and not holds:
            _fail(result, point, limit, found, distance(found, limit))
        elif result.status != "fail":
            result.saw(error)

    def compare(
        self, cell: Cell, left: MatrixExpr, right: MatrixExpr, point: Point, result: Result
    ) -> None:
        """Note in ``result`` whether two sides without defined variables are equal at a point."""

        def values(arithmetic: Arithmetic) -> tuple[Array, Array]:
            def derivative(key: Key) -> Array:
                return DERIVATIVES[self.method](moving(cell, key, point), arithmetic)

            system = System((), arithmetic, {}, point.bindings, point.free, jacobian=derivative)
            return system.evaluate(left), system.evaluate(right)

        plain = NumpyArithmetic()
        truth, claimed = (np.asarray(value, dtype=float) for value in values(plain))
        error = relative_error(truth, claimed)
        if truth.shape != claimed.shape:
            holds = False
        elif self.method == "autodiff":
            holds = error <= ROUNDINGS * plain.epsilon
        else:
            found = shrinkage(lambda arithmetic: relative_error(*values(arithmetic)))
            holds = found.vanishes
            # What is left with the most digits; float64 may be ill-conditioned at the point.
            error = found.discrepancies[-1] if holds else error
        if not holds:
            _fail(result, point, claimed, truth, error)
            return
        if not is_vacuous(truth, claimed):
            result.status = "pass"
        result.saw(error)


def _fail(result: Result, point: Point, claimed: Array, truth: Array, error: float) -> None:
    """Say where and by how much a formula is wrong."""
    result.status = "fail"
    result.failure = Failure(
        f"seed {point.seed[0]}, point {point.seed[1]}: "
        + ", ".join(f"{name} = {value}" for name, value in point.describe().items()),
        {str(s): v for s, v in point.bindings.items() if isinstance(v, int)},
        np.asarray(claimed, dtype=float).tolist(),
        np.asarray(truth, dtype=float).tolist(),
        error,
    )


def exactly(check: Check, seed: int, count: int) -> Result | str:
    """The result of the exact method, or why it has none.

    A field knows some laws of a function and not others, such as those of exp at a sum: where only
    it disagrees, the digits decide, and it has nothing to say.
    """
    why = obstacle(check.formula, check.cell)
    if why:
        return why
    result = check_exactly(check.formula, check.cell, check.subject, seed, count)
    if result.status == "fail" and draws(check.formula, check.cell):
        method = "differences" if has_derivative(check.formula) else "digits"
        if replace(check, method=method).run(seed, count).status != "fail":
            return "a law of a function is used that a field does not know"
    return result
