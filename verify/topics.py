"""``verify_topic``: both sides of every formula of a topic, at random numbers, as digits are added.

A topic has no loss and no time axis: its variables are replaced by their definitions, so a
formula is about indices and free matrices alone, and positions need not be whole numbers.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell
from derivations.derivation import Derivation, Formula
from derivations.errors import InputError
from derivations.expressions.nodes import Jacobian
from derivations.render.style import Style
from derivations.render.text import text
from derivations.topics import topic
from verify.arithmetic.base import Arithmetic, Array
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import Key, System
from verify.oracles import ROUNDINGS
from verify.precision import is_vacuous, relative_error, shrinkage
from verify.report import Failure, Report, Result
from verify.topic_derivatives import DERIVATIVES
from verify.topic_points import Point, draw, inlined, position_of

METHODS: tuple[str, ...] = ("digits", *DERIVATIVES)
"""``digits`` for the formulas without a derivative, the others for those with one."""
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
    chosen = tuple(methods)
    unknown = [method for method in chosen if method not in METHODS]
    if unknown:
        raise InputError(
            f"there is no method {unknown[0]}", remedy=f"methods: {', '.join(METHODS)}"
        )
    if count < 1:
        raise InputError("no cases to try", remedy="give --cases 1 or more")
    report = Report(name)
    for formula in derivation.formulas:
        for method in chosen:
            if (method in DERIVATIVES) == _has_derivative(formula):
                report.results.append(Check(derivation.cell, formula, method).run(seed, count))
    return report


def sides(formula: Formula) -> tuple[MatrixExpr, ...]:
    """Everything that a formula says is equal."""
    return (formula.left, *formula.via, formula.right)


def _has_derivative(formula: Formula) -> bool:
    return any(side.has(Jacobian) for side in sides(formula))


@dataclass(frozen=True)
class Check:
    """One formula under one method."""

    cell: Cell
    formula: Formula
    method: str

    @property
    def form(self) -> str:
        """``definition``, ``identity`` or ``derivative``."""
        left, right = self.formula.left, self.formula.right
        if any(d.target == left and d.pieces[0].value == right for d in self.cell.definitions):
            return "definition"
        return "derivative" if _has_derivative(self.formula) else "identity"

    def run(self, seed: int, count: int) -> Result:
        """The result over ``count`` random points."""
        subject = text(self.formula.left, Style(displays=self.cell.displays))
        result = Result(subject, self.form, self.method)
        if result.form == "definition":
            result.reason = "true by definition; evaluated to see that it has a value"
        first, *others = (inlined(side, self.cell) for side in sides(self.formula))
        begun = time.perf_counter()
        for number in range(count):
            point = draw(self.cell, (first, *others), self.formula.domain, (seed, number))
            for other in others:
                if result.status != "fail":
                    self._compare(first, other, point, result)
        result.seconds = time.perf_counter() - begun
        return result

    def _compare(self, left: MatrixExpr, right: MatrixExpr, point: Point, result: Result) -> None:
        def values(arithmetic: Arithmetic) -> tuple[Array, Array]:
            def derivative(key: Key) -> Array:
                return self._derivative(key, point, arithmetic)

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
            holds = shrinkage(lambda arithmetic: relative_error(*values(arithmetic))).vanishes
        if not holds:
            result.status = "fail"
            result.failure = Failure(
                f"seed {point.seed[0]}, point {point.seed[1]}: "
                + ", ".join(f"{name} = {value}" for name, value in point.describe().items()),
                {str(s): v for s, v in point.bindings.items() if isinstance(v, int)},
                claimed.tolist(),
                truth.tolist(),
                error,
            )
            return
        if not is_vacuous(truth, claimed):
            result.status = "pass"
        result.saw(error)

    def _derivative(self, key: Key, point: Point, arithmetic: Arithmetic) -> Array:
        """The value of a ``Jacobian`` node, from the definition of its numerator."""
        _, above, steps, below, _ = key
        target = self.cell.defined[str(above)].target
        index, bound = position_of(target, str(below), steps)  # type: ignore[arg-type]  # a tuple
        env = {**point.bindings, **bound}
        return DERIVATIVES[self.method](inlined(target, self.cell), index, env, arithmetic)
