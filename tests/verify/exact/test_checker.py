"""The exact check: derived formulas of the catalogue pass, planted mistakes of every kind fail."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sympy import Integer, MatAdd, MatMul, Rational, Transpose
from sympy.matrices.expressions import HadamardProduct

from derivations.calculus.adjoint import adjoints
from derivations.cell import Range
from derivations.expressions.nodes import (
    Adjoint,
    Apply,
    Constant,
    Diag,
    Jacobian,
    LogSoftmax,
    LogSumExp,
    Softmax,
    TimeSum,
)
from derivations.loading import load
from verify.checking import check as check_claim
from verify.exact import Checker, check
from verify.exact.compare import Identity

ONE = Integer(1)


def typed(*equations):
    cell = load(list(equations)).cell
    return cell, adjoints(cell)


RNN = typed("z[t] = W @ h[t-1] + U @ x[t] + b", "h[t] = tanh(z[t])", "loss = ell(h[T])")
LEAKY = typed("z[t] = W @ h[t-1] + b", "h[t] = leaky_relu(z[t], p)", "loss = ell(h[T])")


def at(cell, name, *steps):
    return cell.templates[name].at(steps)


def index(cell):
    return cell.axes[0].index, cell.axes[0].upper


def bias_gradient(cell, body_of=lambda term, step, end: term):
    """Σ_t ∂L/∂z_t, each term changed by ``body_of``."""
    step, end = index(cell)
    z = cell.templates["z"]
    return TimeSum(body_of(Adjoint(z), step, end), step, ONE, end)


def expect_fail(cell, right, derived, wrt="b"):
    left = Adjoint(cell.templates[wrt])
    result = check(cell, left, right, (), derived.values())
    assert result.status == "fail", result
    return result


def test_a_correct_sum_passes():
    cell, derived = RNN
    assert (
        check(cell, Adjoint(at(cell, "b")), bias_gradient(cell), (), derived.values()).status
        == "pass"
    )


def test_a_relative_error_of_1e_minus_9_in_one_term_fails():
    cell, derived = RNN
    _, end = index(cell)
    last = Adjoint(at(cell, "z", end))
    wrong = MatAdd(bias_gradient(cell), MatMul(Rational(1, 10**9), last))
    assert expect_fail(cell, wrong, derived).failure.ends == {end: 1}


def test_one_missing_term_fails():
    cell, derived = RNN
    step, end = index(cell)
    z = cell.templates["z"]
    wrong = TimeSum(Adjoint(z), step, Integer(2), end)
    assert expect_fail(cell, wrong, derived).failure.ends == {end: 1}


def test_equal_up_to_five_steps_only_fails():
    cell, derived = RNN
    step, end = index(cell)
    z = cell.templates["z"]
    tail = TimeSum(Adjoint(z), step, ONE, end - 5)
    result = expect_fail(cell, MatAdd(bias_gradient(cell), tail), derived)
    assert result.failure.ends[end] > 5


def test_a_truncated_sum_fails_where_its_first_term_is_missing():
    cell, derived = RNN
    step, end = index(cell)
    wrong = TimeSum(Adjoint(cell.templates["z"]), step, end - 1, end)
    # Terms before t = 1 are no variables of the cell: their adjoint is zero.
    assert expect_fail(cell, wrong, derived).failure.ends[end] == 3


def test_equal_for_a_symmetric_weight_only_fails():
    cell, _ = RNN
    step, end = index(cell)
    z, before = at(cell, "z", step), at(cell, "h", step - 1)
    W = cell.templates["W"]
    right, wrong = W, Transpose(W)
    domain = (Range(step, ONE, end),)
    left = Jacobian(z, before, True)
    assert check(cell, left, right, domain).status == "pass"
    assert check(cell, left, wrong, domain).status == "fail"


def test_equal_when_all_slopes_agree_only_fails():
    cell, _ = RNN
    step, end = index(cell)
    h, before = at(cell, "h", step), at(cell, "h", step - 2)
    W, z = cell.templates["W"], cell.templates["z"]

    def factor(when, slope_at):
        slope = Apply("tanh", (1,), z.at((slope_at,)))
        return MatMul(Diag(slope), W)

    domain = (Range(step, Integer(2), end),)
    good = MatMul(factor(step, step), factor(step - 1, step - 1))
    bad = MatMul(factor(step, step), factor(step - 1, step))
    assert check(cell, Jacobian(h, before), good, domain).status == "pass"
    assert check(cell, Jacobian(h, before), bad, domain).status == "fail"


def test_wrong_in_one_branch_only_fails():
    cell, _ = LEAKY
    step, end = index(cell)
    h, z, p = at(cell, "h", step), at(cell, "z", step), cell.templates["p"]
    good = Diag(Apply("leaky_relu", (1, 0), z, p))
    bad = Diag(Apply("relu", (1,), z))
    domain = (Range(step, ONE, end),)
    passed = check(cell, Jacobian(h, z, True), good, domain)
    assert passed.status == "pass" and passed.bound < 1e-15
    assert check(cell, Jacobian(h, z, True), bad, domain).status == "fail"


def test_a_failure_names_the_smallest_case_and_the_values():
    cell, derived = RNN
    result = expect_fail(cell, MatMul(Integer(-1), bias_gradient(cell)), derived)
    assert set(result.failure.sizes.values()) == {1}
    assert result.failure.left == pytest.approx(-result.failure.right)


def test_adjoints_without_recurrences_come_from_the_truth_side():
    cell, _ = RNN
    assert check(cell, Adjoint(at(cell, "b")), bias_gradient(cell)).status == "pass"
    wrong = MatMul(Integer(2), bias_gradient(cell))
    assert check(cell, Adjoint(at(cell, "b")), wrong).status == "fail"


IDENTITIES = [
    ("sigmoid of minus x", lambda x: (
        Apply("sigmoid", (0,), MatMul(-ONE, x)),
        MatAdd(Constant(1, *x.shape), MatMul(-ONE, Apply("sigmoid", (0,), x))))),
    ("tanh by sigmoid", lambda x: (
        Apply("tanh", (0,), x),
        MatAdd(MatMul(Integer(2), Apply("sigmoid", (0,), MatMul(Integer(2), x))),
               Constant(-1, *x.shape)))),
    ("slope of softplus", lambda x: (Apply("softplus", (1,), x), Apply("sigmoid", (0,), x))),
    ("sin² + cos²", lambda x: (
        MatAdd(HadamardProduct(Apply("sin", (0,), x), Apply("sin", (0,), x)),
               HadamardProduct(Apply("cos", (0,), x), Apply("cos", (0,), x))),
        Constant(1, *x.shape))),
    ("log of exp", lambda x: (Apply("log", (0,), Apply("exp", (0,), x)), x)),
    ("log of softmax", lambda x: (Apply("log", (0,), Softmax(x)), LogSoftmax(x))),
    ("log of softmax, written out", lambda x: (
        Apply("log", (0,), Softmax(x)),
        MatAdd(x, MatMul(Constant(-1, *x.shape), LogSumExp(x))))),
    ("tanh is sinh / cosh", lambda x: (
        HadamardProduct(Apply("tanh", (0,), x), Apply("cosh", (0,), x)),
        Apply("sinh", (0,), x))),
    ("abs by relu", lambda x: (
        Apply("abs", (0,), x),
        MatAdd(Apply("relu", (0,), x), Apply("relu", (0,), MatMul(-ONE, x))))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make"), IDENTITIES, ids=[name for name, _ in IDENTITIES])
def test_ties_between_functions_hold(name, make):
    cell, _ = RNN
    left, right = make(cell.templates["b"])
    assert check(cell, left, right).status == "pass"
    assert check(cell, left, MatMul(Integer(2), right)).status == "fail"


def test_an_identity_the_field_lacks_is_undecided_and_never_wrong():
    cell, _ = RNN
    b = cell.templates["b"]
    double = Apply("exp", (0,), MatMul(Integer(2), b))
    square = HadamardProduct(Apply("exp", (0,), b), Apply("exp", (0,), b))
    result = check(cell, double, square)
    assert result.status == "undecided" and "exp" in result.reason
    assert result.agreed > 0
    off = MatMul(1 + Rational(1, 10**18), square)
    assert check(cell, double, off).status == "fail"


ENTROPY = ["tau: scalar", "p = exp(tau*x) / sum(exp(tau*x))", "H = -p.T @ log(p)"]
CANCELLING = ["a: scalar", "b: scalar", "s = sin(a + b) - sin(a)*cos(b) - cos(a)*sin(b)"]


@pytest.mark.parametrize(
    ("cell", "claim"),
    [
        (ENTROPY, "dH/dtau = -tau*(p.T @ (x*x) - (p.T @ x)**2)"),
        (CANCELLING, "ds/da = 0"),
    ],
    ids=["what saturates vanishes beside 1", "what cancels leaves rounding"],
)
def test_rounding_in_however_many_digits_is_no_difference(cell, claim):
    """The field lacks the identity; the digits must not see one either where there is none."""
    grade = check_claim(cell, claim, mend=False)
    assert grade.verdict == "correct", grade.reason
    exact = next(e for e in grade.evidence if e["method"] == "exact")
    assert exact["status"] == "undecided"
    wrong = check_claim(cell, f"{claim} + 10**(-20)", mend=False)
    assert wrong.verdict == "wrong"


def test_what_shares_a_pass_is_judged_one_by_one():
    cell, derived = RNN
    step, end = index(cell)
    z = Adjoint(at(cell, "z", step))
    (everywhere,) = {p.domain for p in derived["z"].pieces}
    last = HadamardProduct(z, Apply("tanh", (0,), at(cell, "z", end)))
    good = Identity(Adjoint(at(cell, "b")), bias_gradient(cell))
    short = Identity(good.left, bias_gradient(cell, lambda term, t, T: MatMul(t - T, term)))
    stated = Identity(z, derived["z"].pieces[0].value, everywhere)
    wrong = Identity(z, MatAdd(stated.right, last), everywhere)
    checker = Checker(cell, derived.values())
    plan = (good, short, stated, wrong)
    checker.plan(plan)
    found = [checker.check(i.left, i.right, i.domain) for i in plan]
    assert [f.status for f in found] == ["pass", "fail", "pass", "fail"]
    alone = check(cell, wrong.left, wrong.right, wrong.domain, derived.values())
    assert found[3].failure.indices.keys() == alone.failure.indices.keys() == {step}


def test_a_mistake_that_one_class_hides_fails():
    # With one class softmax is 1 and so is its target: their difference is 0, whatever its sign.
    cell, derived = typed(
        "p[t] = V @ h[t]", "h[t] = tanh(W @ h[t-1] + b)",
        "loss = sum(t, 1, T, cross_entropy(p[t], y[t]))",
    )  # fmt: skip
    (piece,) = derived["p"].pieces
    target = derived["p"].target
    good = check(cell, target, piece.value, piece.domain, derived.values())
    bad = check(cell, target, MatMul(-ONE, piece.value), piece.domain, derived.values())
    assert (good.status, bad.status) == ("pass", "fail")
    assert max(bad.failure.sizes.values()) > 1


def test_a_difference_that_only_the_field_sees_is_looked_for_in_larger_cases():
    # exp(x + x) = exp(x)², which the field lacks, hides nothing that is wrong beside it.
    cell, _ = RNN
    b, step = cell.templates["b"], index(cell)[0]
    double = Apply("exp", (0,), MatMul(Integer(2), b))
    square = HadamardProduct(Apply("exp", (0,), b), Apply("exp", (0,), b))
    h = at(cell, "h", step)
    inner = MatAdd(MatMul(h, Transpose(h)), MatMul(Integer(-1), Diag(HadamardProduct(h, h))))
    domain = (Range(step, ONE, index(cell)[1]),)
    wrong = MatAdd(square, MatMul(inner, b))
    result = check(cell, double, wrong, domain)
    assert result.status == "fail" and max(result.failure.sizes.values()) > 1


def test_an_identity_that_is_claimed_nowhere_is_no_pass():
    cell, _ = RNN
    step, end = index(cell)
    h = at(cell, "h", step)
    nowhere = (Range(step, end + 1, end),)
    assert check(cell, h, MatMul(Integer(2), h), nowhere).status == "undecided"


def test_a_run_is_reproduced_by_its_seed():
    cell, derived = RNN
    wrong = MatMul(Integer(3), bias_gradient(cell))
    first, again = (
        check(cell, Adjoint(at(cell, "b")), wrong, (), derived.values(), seed=5) for _ in range(2)
    )
    assert first.failure == again.failure


def test_jax_is_not_imported():
    program = (
        "import sys; from verify import verify;"
        "assert verify('rnn', wrt='b_h', methods=['exact']).ok;"
        "assert not any(m.split('.')[0] in ('jax', 'torch') for m in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
