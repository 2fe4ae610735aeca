"""The grade of a claim about a topic: verified like the topic's own formulas, or refuted.

What a topic assumes in some of its formulas (weights of a stated variance, a gradient above the
threshold) is the list of readings under which a claim may hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any

from sympy import Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Definition, Piece
from derivations.derivation import Derivation, Formula
from derivations.errors import GradproofError, InputError
from derivations.expressions import build
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import nodes_in, operands, with_operands
from derivations.render.style import Style
from derivations.render.text import text
from derivations.topics import topic
from verify.arithmetic.numpy import NumpyArithmetic
from verify.claims.chains import links, worst
from verify.claims.counterexample import VISIBLE
from verify.claims.givens import without_givens
from verify.claims.grade import Grade, Text, Verdict
from verify.evaluate import System
from verify.inequalities.numbers import value_of
from verify.precision import relative_error
from verify.report import Result
from verify.topics.mending import mended, said_instead
from verify.topics.points import inlined
from verify.topics.proofs import rule_of
from verify.topics.reading import Spoken, TopicClaim, TopicReader, read_claim
from verify.topics.refutation import inside, search
from verify.topics.relations import at
from verify.topics.small import small_points
from verify.topics.verification import Check, exactly, has_derivative

CASES = 12
"""Random points at which a claim is compared."""
SMALL = 4
"""Small points at which it is compared, too."""
LAYOUT = "the left side stands transposed (the other layout)"


def grade_topic(name: str, claim: str, seed: int = 0, mend: bool = True) -> Grade:
    """Grade one claim about a topic, or a chain of them.

    Args:
        mend: whether a wrong claim is searched for the edit that mends it.

    Raises:
        InputError: there is no such topic, or the claim cannot be read.
    """
    derivation = topic(name).build()
    said, given = without_givens(claim, lambda condition: _given(derivation, condition))
    grades = [_link(derivation, link, given, seed, mend) for link in links(said)]
    return worst(grades, claim) if len(grades) > 1 else replace(grades[0], claim=claim)


def _given(derivation: Derivation, condition: str) -> Definition | None:
    """What a condition says that a variable is."""
    try:
        formula = read_claim(derivation, condition).formula
    except InputError:
        return None
    if formula.relation != "=" or not isinstance(formula.left, Variable):
        return None
    return Definition(formula.left, (Piece(formula.right),))


def _link(
    derivation: Derivation, said: str, given: tuple[Definition, ...], seed: int, mend: bool
) -> Grade:
    reader = TopicReader(derivation)
    spoken = reader.relation(said)
    read = reader.typed(spoken)
    read = replace(read, formula=replace(read.formula, given=given))
    _check_given(derivation.cell, read.formula)
    if read.formula.relation != "=":
        return _bound(derivation, read, seed)
    grade = _equation(derivation, read, seed)
    if grade.verdict == "correct":
        return grade
    form = said_instead(derivation, read)
    found = _mended(derivation, spoken, given, seed) if mend else None
    if found is None:
        return replace(grade, correct_form=form)
    repair, sentence = found
    reason = grade.reason
    if grade.verdict == "wrong":
        reason = f"{reason} To mend it, {sentence}."
    return replace(grade, repair=repair, correct_form=form, reason=reason)


def _check_given(cell: Cell, formula: Formula) -> None:
    """Refuse what is given of a variable on which nothing in the claim depends."""
    for definition in formula.given:
        there = at(cell, (definition,))
        if all(inlined(s, cell) == inlined(s, there) for s in (formula.left, formula.right)):
            name = text(definition.target, Style(displays=cell.displays))
            raise InputError(
                f"nothing in the claim is computed from {name}",
                remedy="state values of what the sides of the claim are defined by",
            )


def _mended(
    derivation: Derivation, spoken: Spoken, given: tuple[Definition, ...], seed: int
) -> tuple[Text, str] | None:
    """The smallest mend of a claim under the same assumptions."""
    cell = derivation.cell

    def with_given(claim: TopicClaim) -> TopicClaim:
        return replace(claim, formula=replace(claim.formula, given=given))

    def likely(claim: TopicClaim) -> bool:
        return not _differs(cell, with_given(claim), seed)

    def holds(claim: TopicClaim) -> bool:
        return _holds(cell, with_given(claim), seed)

    return mended(derivation, spoken, likely, holds)


def _differs(cell: Cell, claim: TopicClaim, seed: int) -> bool:
    """Whether both sides are seen to differ at one point, in floating point where that will do."""
    there = at(cell, claim.formula.given)
    left, right = (inlined(side, there) for side in (claim.formula.left, claim.formula.right))
    if has_derivative(claim.formula):
        return False
    try:
        point = next(iter(inside(there, (left, right), claim, seed, 1)), None)
        if point is None:
            return True
        system = System((), NumpyArithmetic(), {}, point.bindings, point.free)
        return bool(relative_error(system.evaluate(left), system.evaluate(right)) > VISIBLE)
    except (GradproofError, ArithmeticError, ValueError, LookupError):
        return True


def _equation(derivation: Derivation, claim: TopicClaim, seed: int) -> Grade:
    formula, cell = claim.formula, derivation.cell
    fits = formula.left.shape == formula.right.shape
    found = _compared(cell, claim, seed) if fits else None
    evidence = [_evidence(found)] if found is not None else []
    if found is not None and found.status != "fail":
        exact = exactly(Check(cell, formula, "digits"), seed, CASES) if not claim.gaps else ""
        if isinstance(exact, Result):
            evidence.insert(0, _evidence(exact))
        reason = "The claim holds at every point, at which both sides are compared in many digits."
        if isinstance(exact, Result):
            reason = "The claim holds for all sizes and values."
        return Grade("correct", evidence=tuple(evidence), reason=reason)
    shown = search(cell, claim, seed).found if fits else None
    conditions = tuple(_conditions(derivation, claim, seed))
    if conditions:
        reason = f"The claim holds only if {'; or if '.join(conditions)}."
        return Grade("conditional", conditions, tuple(evidence), shown, reason=reason)
    reason = "The claim is wrong."
    if not fits:
        rows = " and ".join(
            f"{rows}×{cols}" for rows, cols in (formula.left.shape, formula.right.shape)
        )
        reason = f"The claim is wrong: the two sides have different shapes, {rows}."
    return Grade("wrong", (), tuple(evidence), shown, reason=reason)


def _compared(cell: Cell, claim: TopicClaim, seed: int) -> Result:
    """Both sides at random points within the stated times, in more and more digits."""
    formula = claim.formula
    method = "differences" if has_derivative(formula) else "digits"
    check = Check(cell, formula, method)
    result = Result(check.subject, check.form, method)
    there = at(cell, formula.given)
    left, right = (inlined(side, there) for side in (formula.left, formula.right))
    points = [
        *islice(small_points(there, (left, right), formula.domain, claim.gaps), SMALL),
        *inside(there, (left, right), claim, seed, CASES),
    ]
    if not points:
        raise InputError(
            "the claim is about no point at all: nothing lies in the range that it states",
            remedy="state a range that holds some index, as in t >= 1",
        )
    for point in points:
        if result.status != "fail":
            with suppress(ArithmeticError):  # no value here, as of a quotient by zero
                check.compare(there, left, right, point, result)
    return result


def _evidence(result: Result) -> dict[str, Any]:
    """One method of a report as evidence about a claim."""
    found: dict[str, Any] = {"method": result.method, "status": result.status}
    if result.checks:
        found["evaluations"] = result.checks
    error = result.failure.relative_error if result.failure else result.relative_error
    if error is not None:
        found["relative_error"] = error
    if result.method == "exact":
        found["reason"] = f"a wrong claim passes with probability < {result.bound:.0e}"
    return found


def _conditions(derivation: Derivation, claim: TopicClaim, seed: int) -> Iterator[str]:
    """Readings under which an equation holds: the other layout, what the topic assumes itself."""
    formula = claim.formula
    turned = replace(formula, left=Transpose(formula.left).doit())
    fits = turned.left.shape == formula.right.shape and turned.left != formula.left
    fits = fits and has_derivative(formula)
    if fits and _holds(derivation.cell, replace(claim, formula=turned), seed):
        yield LAYOUT
        return
    if formula.left.shape != formula.right.shape:
        return
    style = Style(displays=derivation.cell.displays)
    used = {v.name for side in (formula.left, formula.right) for v in _free(side, derivation.cell)}
    for given in dict.fromkeys(f.given for f in derivation.formulas if f.given and not f.domain):
        empty = any(build.is_zero(d.pieces[0].value) for d in given)
        if empty or not used & {d.name for d in given}:
            continue
        narrowed = replace(claim, formula=replace(formula, given=given))
        if _holds(derivation.cell, narrowed, seed):
            yield ", ".join(
                f"{text(d.target, style)} = {text(d.pieces[0].value, style)}" for d in given
            )


def _free(side: MatrixExpr, cell: Cell) -> frozenset[Variable]:
    return nodes_in(inlined(side, cell), Variable)


def _holds(cell: Cell, claim: TopicClaim, seed: int) -> bool:
    """Whether both sides agree at every point, and not because both are zero."""
    try:
        return _compared(cell, claim, seed).status == "pass"
    except (GradproofError, ArithmeticError, ValueError, LookupError):
        return False


def _bound(derivation: Derivation, claim: TopicClaim, seed: int) -> Grade:
    """The grade of a relation by size."""
    formula, cell = claim.formula, derivation.cell
    said = next((f for f in derivation.formulas if _says(f, formula)), None)
    proved = rule_of(formula, derivation, claim.gaps)
    tried = search(cell, claim, seed)
    evidence: list[dict[str, Any]] = []
    if said is not None:
        evidence.append({"method": "derivation", "status": "pass"})
    if proved:
        evidence.append({"method": "proof", "status": "pass", "rule": proved})
    status = "pass" if tried.found is None else "fail"
    evidence.append({"method": "search", "status": status, "evaluations": tried.evaluations})
    if tried.found is not None:
        known = said is not None or bool(proved)
        return Grade(
            "undecided" if known else "wrong", evidence=tuple(evidence), counterexample=tried.found,
            reason="The claim is violated at the counterexample.",
        )  # fmt: skip
    if said is not None:
        reason = "The claim is a step of the topic's derivation."
    elif proved:
        reason = f"The claim is proved by {proved}."
    else:
        reason = f"Not refuted in {tried.evaluations} evaluations, and no rule proves it."
    verdict: Verdict = "correct" if said is not None or proved else "undecided"
    return Grade(verdict, evidence=tuple(evidence), reason=reason)


_OTHER = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}


def _says(formula: Formula, claimed: Formula) -> bool:
    """Whether a bound of the topic is the one that is claimed, or a strict form of it."""
    if formula.given or formula.relation not in _OTHER:
        return False
    said = (_plain(formula.left), _plain(formula.right))
    asked = (_plain(claimed.left), _plain(claimed.right))
    pairs = ((formula.relation, said), (_OTHER[formula.relation], said[::-1]))
    return any(
        relation in (claimed.relation, claimed.relation[0]) and sides == asked
        for relation, sides in pairs
    )


def _plain(side: MatrixExpr) -> MatrixExpr:
    """A side with its numbers as numbers: √n, not the root of n."""
    number = value_of(side, lambda value: value)
    if number is not None:
        return build.constant(number)
    parts = tuple(map(_plain, operands(side)))
    return with_operands(side, parts) if parts else side
