"""The oracles agree with each other, with hand-written adjoints, and see planted mistakes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer, MatAdd, MatMul, Rational, Symbol, Transpose
from sympy.matrices.expressions import HadamardProduct

from derivations.cell import Definition, Piece, Range
from derivations.expressions.nodes import Adjoint, Apply, Map, MapPartial, Variable
from derivations.functions import FUNCTIONS
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import System, adjoint, variable
from verify.oracles import ORACLES, Derivative, Estimate, differences, gradients, oracle
from verify.oracles.complex_safe import function_is_safe
from verify.oracles.digits import Digits
from verify.precision import relative_error, shrinkage
from verify.sampling import REGIMES

LOSS = variable("loss")
t, T = Symbol("t", integer=True), Symbol("T", integer=True)


def exactly(value):
    """A value that is compared with an oracle's, on the oracle's own tolerance."""
    return Estimate(np.asarray(value), 0.0)


def jacobian(name, of, wrt, problem, immediate=False):
    """One Jacobian by the oracle of this name."""
    asked = Derivative(of, wrt, immediate)
    return oracle(name).derivatives([asked], problem)[asked]


def instances(problem, step=2):
    """Every variable of the cell at one instance, the loss and the targets apart."""
    return [
        variable(name, *[step] * len(template.steps))
        for name, template in problem.templates.items()
        if name not in ("loss", "y")
    ]


@pytest.mark.parametrize("end", [2, 5])
def test_oracles_agree_on_every_gradient(cell_name, end, toolbox):
    problem = toolbox.problem(cell_name, end)
    wrt = instances(problem)
    found = [gradients(oracle(name), LOSS, wrt, problem) for name in ORACLES]
    for key in wrt:
        first, second = (answer[key] for answer in found)
        assert first.value.shape == problem.shape(key)
        assert first.agrees_with(second), key


@pytest.mark.parametrize("immediate", [False, True])
def test_oracles_agree_on_jacobians(immediate, toolbox):
    problem = toolbox.problem("lstm")
    for of, wrt in (("c", ("c", 2)), ("h", ("h", 2)), ("z_f", ("W_f",)), ("h", ("c", 3))):
        key, below = variable(of, 3), variable(*wrt)
        a, b = (jacobian(name, key, below, problem, immediate) for name in ORACLES)
        assert a.value.shape == b.value.shape == (3, 9 if wrt == ("W_f",) else 3)
        assert a.agrees_with(b)


def test_immediate_holds_the_gates_fixed(toolbox):
    """∂⁺c_t/∂c_{t-1} = diag(f_t); the total derivative also runs through h_{t-1} and the gates."""
    problem = toolbox.problem("lstm")
    forget = problem.system(NumpyArithmetic(seed=problem.seed)).value(variable("f", 3))
    for name in ORACLES:
        direct, total = (
            jacobian(name, variable("c", 3), variable("c", 2), problem, immediate)
            for immediate in (True, False)
        )
        assert direct.agrees_with(exactly(np.diag(forget[:, 0])))
        assert not direct.agrees_with(total)


def test_a_jacobian_uses_column_major_vec(toolbox):
    problem = toolbox.problem("matrix_state")
    key = variable("P", 3)
    for name in ORACLES:
        outer = jacobian(name, key, variable("x", 3), problem)
        k = problem.free(variable("k", 3))
        assert outer.agrees_with(exactly(np.kron(k, np.eye(3))))


def test_hand_written_adjoints_of_the_rnn(toolbox):
    problem = toolbox.problem("rnn", end=12)
    wrt = [key for key in instances(problem, 3) if key[1] != "x"]
    system = backward(problem, toolbox.rnn_backward())
    for name in ORACLES:
        truth = gradients(oracle(name), LOSS, wrt, problem)
        for key in wrt:
            assert truth[key].agrees_with(exactly(system.value(adjoint(*key[1:])))), key


def backward(problem, definitions, arithmetic=None):
    return System(
        (*problem.definitions, *definitions),
        arithmetic or NumpyArithmetic(seed=problem.seed),
        problem.ends,
        problem.sizes,
        problem.free,
    )


def skip_backward():
    """Adjoints of the delay-2 cell, whose loss reads h at the end only."""
    n = Symbol("n", integer=True, positive=True)
    A, B = Variable("A", (), n, n), Variable("B", (), n, n)
    h, x = Variable("h", (t,), n, 1), Variable("x", (t,), n, 1)

    def inner(step):
        return MatAdd(MatMul(A, h.at((step - 1,))), MatMul(B, h.at((step - 2,))), x.at((step,)))

    def through(step):
        return HadamardProduct(Apply("phi", (1,), inner(step)), Adjoint(h.at((step,))))

    final = MapPartial(0, Map("ell", (), 1, 1, h.at((T,))))
    low = Integer(-1)
    return [Definition(Adjoint(h), (
        Piece(Transpose(final), (Range(t, T, T),)),
        Piece(MatMul(Transpose(A), through(t + 1)), (Range(t, low + 1, T - 1),)),
        Piece(MatMul(Transpose(B), through(t + 2)), (Range(t, low, T - 2),)),
    ))]  # fmt: skip


@pytest.mark.parametrize("step", [-1, 0, 1, 4, 5])
def test_hand_written_adjoints_over_two_delays(step, toolbox):
    problem = toolbox.problem("skip")
    found = backward(problem, skip_backward()).value(adjoint("h", step))
    for name in ORACLES:
        truth = gradients(oracle(name), LOSS, [variable("h", step)], problem)
        assert truth[variable("h", step)].agrees_with(exactly(found))


def scaled(factor):
    def plant(definition):
        pieces = (replace(definition.pieces[0], value=MatMul(factor, definition.pieces[0].value)),)
        return replace(definition, pieces=pieces + definition.pieces[1:])

    return plant


def dropped(definition):
    return replace(definition, pieces=definition.pieces[:-1])


def shortened(definition):
    """The last piece stops two steps early, as truncated backpropagation does."""
    last = definition.pieces[-1]
    domain = tuple(replace(r, lower=r.lower + 2) for r in last.domain)
    return replace(definition, pieces=(*definition.pieces[:-1], replace(last, domain=domain)))


MISTAKES = {
    "sign": ("z", scaled(Integer(-1))),
    "1e-9 relative": ("z", scaled(1 + Rational(1, 10**9))),
    "no term from the next step": ("h", dropped),
    "truncated": ("h", shortened),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_seen(mistake, toolbox):
    """It does not vanish with the precision, at any of them; the right formula's rounding does."""
    name, plant = MISTAKES[mistake]
    problem = toolbox.problem("rnn")
    right = toolbox.rnn_backward()
    wrong = [plant(d) if d.name == name else d for d in right]
    truth = gradients(oracle("differences"), LOSS, [variable("W")], problem)[variable("W")]

    def discrepancy(definitions):
        return lambda arithmetic: relative_error(
            backward(problem, definitions, arithmetic).value(adjoint("W")),
            backward(problem, right, arithmetic).value(adjoint("W")),
        )

    value = backward(problem, wrong).value(adjoint("W"))
    assert not truth.agrees_with(exactly(value))
    assert not shrinkage(discrepancy(wrong), problem.seed).vanishes
    assert shrinkage(discrepancy(right), problem.seed).vanishes


@pytest.mark.parametrize("regime", sorted(REGIMES))
def test_central_differences_keep_their_error_bound(regime, toolbox, monkeypatch):
    """The fallback, forced, stays within the error that it states."""
    problem = toolbox.problem("lstm", regime=regime)
    key = variable("W_f")
    exact = gradients(oracle("differences"), LOSS, [key], problem)[key]
    monkeypatch.setattr(differences, "is_complex_safe", lambda definitions: False)
    central = gradients(oracle("differences"), LOSS, [key], problem)[key]
    assert central.agrees_with(exact)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_takes_a_complex_step(name):
    row = FUNCTIONS[name]
    assert function_is_safe(name, (0,) * row.arity, row.arity)


def test_the_trial_of_complex_safety_can_fail(monkeypatch):
    original = NumpyArithmetic.apply

    def conjugating(self, function, orders, args):
        return original(self, function, orders, [np.conj(arg) for arg in args])

    monkeypatch.setattr(NumpyArithmetic, "apply", conjugating)
    assert not function_is_safe.__wrapped__("tanh", (0,), 1)


HARD = [
    ("lstm", "saturated", 3),
    ("rnn", "saturated", 1),
    ("attention", "saturated", 2),
    ("matrix_state", "saturated", 3),
    ("skip", "exploding", 20),
    ("lstm", "vanishing", 12),
    ("backward_in_time", "huge", 2),
    ("lstm", "tiny", 3),
]


@pytest.mark.parametrize(("cell", "regime", "end"), HARD)
def test_many_digits_settle_hard_points(cell, regime, end, toolbox):
    """Autodiff may lose every digit there; the arbiter has digits to spare."""
    problem = toolbox.problem(cell, end, regime=regime, sizes=dict.fromkeys(toolbox.sizes, 2))
    key = variable({"attention": "Q", "matrix_state": "f", "skip": "A"}.get(cell, "W"))
    key = variable("W_f") if cell == "lstm" else key
    truth = gradients(oracle("digits"), LOSS, [key], problem)[key].value
    finer = gradients(Digits(90), LOSS, [key], problem)[key].value
    assert relative_error(truth, finer) < 1e-40


def test_saturation_is_rounding_and_not_a_mistake(toolbox):
    problem = toolbox.problem("rnn", end=1, regime="saturated")
    truth = gradients(oracle("digits"), LOSS, [variable("W")], problem)[variable("W")].value

    def discrepancy(arithmetic):
        system = backward(problem, toolbox.rnn_backward(), arithmetic)
        return relative_error(system.value(adjoint("W")), truth)

    found = shrinkage(discrepancy, problem.seed)
    assert found.discrepancies[0] > 0.5
    assert found.vanishes


def test_long_and_exploding(toolbox):
    problem = toolbox.problem("rnn", end=50, regime="exploding")
    found = [gradients(oracle(name), LOSS, [variable("W")], problem) for name in ORACLES]
    a, b = (answer[variable("W")] for answer in found)
    assert np.linalg.norm(a.value) > 0
    assert a.agrees_with(b)


def test_jax_is_imported_by_autodiff_alone():
    script = (
        "import sys; from verify.oracles import oracle; import verify.precision, verify.sampling; "
        "oracle('differences'); sys.exit('jax' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
