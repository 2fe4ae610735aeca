"""Evaluating expressions: every node kind against plain NumPy, order, cycles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import block_diag, expm
from sympy import Integer, MatAdd, MatMul, Rational, Symbol, Transpose, sqrt
from sympy.matrices.expressions import HadamardProduct, Identity, ZeroMatrix

from derivations.cell import Definition, Piece, Range
from derivations.errors import MissingRule
from derivations.expressions.nodes import (
    KINDS,
    Adjoint,
    Apply,
    Blocks,
    Commutation,
    Constant,
    Determinant,
    Diag,
    Diagonalizer,
    DirectSum,
    Entry,
    Jacobian,
    Kron,
    LogSoftmax,
    LogSumExp,
    Map,
    MapPartial,
    MatrixExponential,
    MatrixPower,
    Power,
    Quotient,
    Scale,
    SmallestSingular,
    Softmax,
    SpectralNorm,
    Tangent,
    TimeProduct,
    TimeSum,
    Unvec,
    Variable,
    Vec,
)
from verify.arithmetic.multiprecision import MultiprecisionArithmetic
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import InstantaneousCycle, System, compile_expression, variable
from verify.evaluate.compile import _rule

t, k, j, T = (Symbol(name, integer=True) for name in "tkjT")
n, m = (Symbol(name, integer=True, positive=True) for name in "nm")
SIZES, ENDS = {n: 3, m: 2}, {T: 4}
DRAW = np.random.default_rng(0)
FREE = {
    "A": DRAW.standard_normal((3, 3)),
    "B": DRAW.standard_normal((3, 2)),
    "u": DRAW.standard_normal((3, 1)),
    "w": DRAW.standard_normal((3, 1)),
    "r": DRAW.uniform(1.0, 2.0, (1, 1)),
    "J": DRAW.standard_normal((6, 3, 3)),
}
A, B = Variable("A", (), n, n), Variable("B", (), n, m)
u, w, r = Variable("u", (), n, 1), Variable("w", (), n, 1), Variable("r", (), 1, 1)
J = Variable("J", (k,), n, n)
a, b, x, y, c = (FREE[name] for name in ("A", "B", "u", "w", "r"))
SYSTEMS = (
    NumpyArithmetic(np.float64),
    NumpyArithmetic(np.longdouble),
    NumpyArithmetic(np.complex128),
    MultiprecisionArithmetic(),
)


def free(key):
    _, name, *steps = key
    return FREE[name][steps[0]] if steps else FREE[name]


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def vec(z):
    return z.reshape(-1, 1, order="F")


IDENTITIES = {
    "sum": (MatAdd(A, A, MatMul(B, Transpose(B))), 2 * a + b @ b.T),
    "product with a coefficient": (MatMul(Rational(-1, 3), A, B), -a @ b / 3),
    "a size as a coefficient": (MatMul(1 / n, A), a / 3),
    "transpose": (Transpose(B), b.T),
    "hadamard": (HadamardProduct(u, w, u), x * y * x),
    "identity": (Identity(n), np.eye(3)),
    "zero": (ZeroMatrix(n, m), np.zeros((3, 2))),
    "constant": (Constant(T - 1, n, m), np.full((3, 2), 3.0)),
    "irrational constant": (Constant(1 / sqrt(n), 1, 1), np.full((1, 1), 3**-0.5)),
    "scale": (Scale(r, B), c * b),
    "quotient": (Quotient(u, r), x / c),
    "entrywise quotient": (Quotient(u, w), x / y),
    "power": (Power(u, 3), x**3),
    "negative power": (Power(u, -2), x**-2.0),
    "root": (Power(r, Rational(-1, 2)), c**-0.5),
    "other power": (Power(r, Rational(1, 3)), c ** (1 / 3)),
    "matrix power": (MatrixPower(A, T + 1), np.linalg.matrix_power(a, 5)),
    "matrix power zero": (MatrixPower(A, T - 4), np.eye(3)),
    "inverse": (MatrixPower(A, -2), np.linalg.matrix_power(a, -2)),
    "determinant": (Determinant(A), np.linalg.det(a).reshape(1, 1)),
    "determinant of nothing": (Determinant(ZeroMatrix(0, 0)), np.ones((1, 1))),
    "matrix exponential": (MatrixExponential(Scale(Constant(3, 1, 1), A)), expm(3 * a)),
    "exponential of zero": (MatrixExponential(ZeroMatrix(n, n)), np.eye(3)),
    "direct sum": (DirectSum(J, k, Integer(1), Integer(2)), block_diag(*FREE["J"][1:3])),
    "direct sum of columns": (
        MatMul(DirectSum(MatMul(J, u), k, Integer(1), m), Constant(1, m, 1)),
        np.concatenate([FREE["J"][1] @ x, FREE["J"][2] @ x]),
    ),
    "empty direct sum": (DirectSum(J, k, T, T - 1), np.zeros((0, 0))),
    "diag": (Diag(u), np.diag(x[:, 0])),
    "diag of a row": (Diag(Transpose(u)), np.diag(x[:, 0])),
    "blocks": (Blocks(2, 2, A, B, Transpose(B), Identity(m)), np.block([[a, b], [b.T, np.eye(2)]])),
    "kron": (Kron(B, A), np.kron(b, a)),
    "vec": (Vec(B), vec(b)),
    "unvec": (Unvec(MatMul(Identity(n * m), Vec(B)), n, m), b),
    "spectral norm": (SpectralNorm(B), np.linalg.norm(b, 2).reshape(1, 1)),
    "smallest singular value": (
        SmallestSingular(J.at([4])),
        np.linalg.norm(FREE["J"][4], -2).reshape(1, 1),
    ),
    "commutation": (MatMul(Commutation(n, m), Vec(B)), vec(b.T)),
    "diagonalizer": (MatMul(Diagonalizer(n), u), vec(np.diag(x[:, 0]))),
    "entry": (Entry(B, 3, 2), b[2:3, 1:2]),
    "softmax": (Softmax(u), softmax(x)),
    "log softmax": (LogSoftmax(u), np.log(softmax(x))),
    "logsumexp": (LogSumExp(u), np.log(np.exp(x).sum()).reshape(1, 1)),
    "tanh": (Apply("tanh", (0,), u), np.tanh(x)),
    "slope of tanh": (Apply("tanh", (1,), u), 1 - np.tanh(x) ** 2),
    "curvature of tanh": (Apply("tanh", (2,), u), -2 * np.tanh(x) * (1 - np.tanh(x) ** 2)),
    "time sum": (TimeSum(J, k, Integer(1), T), FREE["J"][1:5].sum(0)),
    "empty time sum": (TimeSum(MatMul(J, B), k, T, Integer(1)), np.zeros((3, 2))),
    "latest on the left": (
        TimeProduct(J, k, Integer(1), T - 1),
        FREE["J"][3] @ FREE["J"][2] @ FREE["J"][1],
    ),
    "ascending": (
        TimeProduct(J, k, Integer(1), T - 1, False),
        FREE["J"][1] @ FREE["J"][2] @ FREE["J"][3],
    ),
    "empty time product": (TimeProduct(J, k, T, T - 1), np.eye(3)),
    "nested": (
        TimeSum(TimeProduct(J, k, j + 1, T), j, Integer(2), T),
        FREE["J"][4] @ FREE["J"][3] + FREE["J"][4] + np.eye(3),
    ),
}


@pytest.mark.parametrize("arithmetic", SYSTEMS, ids=lambda arithmetic: arithmetic.name)
@pytest.mark.parametrize("name", IDENTITIES)
def test_value_is_what_numpy_says(name, arithmetic, close):
    expression, expected = IDENTITIES[name]
    found = System((), arithmetic, ENDS, SIZES, free).evaluate(expression)
    assert found.shape == expected.shape
    assert close(found.astype(complex), expected) <= 64 * np.finfo(float).eps


def test_every_kind_has_a_rule():
    bare = [kind.__name__ for kind in KINDS if _rule.dispatch(kind) is _rule.dispatch(object)]
    assert not bare


def test_a_kind_without_a_rule_is_named():
    with pytest.raises(MissingRule, match="MatPow"):
        compile_expression(A**2)


def test_a_batch_goes_through_every_kind(close):
    """A leading axis gives the same numbers as one evaluation per copy."""
    copies = np.random.default_rng(1).standard_normal((5, 3, 1))
    arithmetic = NumpyArithmetic()
    for name, (expression, _) in IDENTITIES.items():
        batch = System(
            (), arithmetic, ENDS, SIZES, lambda key: copies if key[1] == "u" else free(key)
        ).evaluate(expression)
        for number, copy in enumerate(copies):
            alone = System(
                (), arithmetic, ENDS, SIZES, lambda key, z=copy: z if key[1] == "u" else free(key)
            ).evaluate(expression)
            part = np.broadcast_to(batch, (5, *alone.shape))[number]
            assert close(part, alone) <= 64 * np.finfo(float).eps, name


@pytest.mark.parametrize("slot", [0, 1])
def test_partial_of_a_map_is_its_derivative(slot, close):
    map_ = Map("f", (Integer(2),), n, m, B, u)
    arithmetic, h = NumpyArithmetic(np.complex128, seed=3), 1e-60
    arguments = [b, x]
    columns = []
    for index in range(arguments[slot].size):
        moved = [argument.astype(complex) for argument in arguments]
        rows = moved[slot].shape[0]
        moved[slot][index % rows, index // rows] += 1j * h
        columns.append(vec(arithmetic.map("f", (2,), 3, 2, moved)).imag / h)
    exact = System((), NumpyArithmetic(seed=3), ENDS, SIZES, free).evaluate(MapPartial(slot, map_))
    assert close(exact, np.hstack(columns)) <= 64 * np.finfo(float).eps


def test_a_map_differs_from_time_to_time():
    system = System((), NumpyArithmetic(), ENDS, SIZES, free)
    first, second, again = (
        system.evaluate(Map("ell", (Integer(step),), 1, 1, u)) for step in (1, 2, 1)
    )
    assert first == again != second


def chain(shift):
    target = Variable("h", (t,), n, 1)
    value = MatAdd(MatMul(A, target.at((t + shift,))), u)
    return Definition(target, (Piece(value, (Range(t, Integer(1), T),)),))


def test_an_instantaneous_cycle_is_named():
    with pytest.raises(InstantaneousCycle, match=r"h\[3\] → h\[3\]"):
        System((chain(0),), NumpyArithmetic(), ENDS, SIZES, free).value(variable("h", 3))


def test_no_recursion_over_time():
    def values(key):
        return np.zeros((3, 1)) if key[1] == "h" else 0.1 * free(key[:2])

    system = System((chain(-1),), NumpyArithmetic(), {T: 10_000}, SIZES, values)
    assert np.isfinite(system.value(variable("h", 10_000))).all()


def test_a_sum_is_computed_once_whatever_its_own_index_is_outside(monkeypatch):
    """Σ_j (Σ_t φ(J_t)) ⊙ J_j, once more under the name t: the inner sum is the same each time."""
    calls = []
    original = NumpyArithmetic.apply
    monkeypatch.setattr(
        NumpyArithmetic, "apply", lambda self, *a: calls.append(a) or original(self, *a)
    )
    inner = TimeSum(Apply("tanh", (0,), J.xreplace({k: t})), t, Integer(1), T)
    outer = MatAdd(*(
        TimeSum(HadamardProduct(inner, J.xreplace({k: index})), index, Integer(1), T)
        for index in (j, t)
    ))  # fmt: skip
    found = System((), NumpyArithmetic(), ENDS, SIZES, free).evaluate(outer)
    expected = 2 * np.tanh(FREE["J"][1:5]).sum(axis=0) * FREE["J"][1:5].sum(axis=0)
    np.testing.assert_allclose(found, expected)
    assert len(calls) == ENDS[T]


def test_jacobians_follow_their_formulas(close):
    """∂h_t/∂h_k as a recurrence over formulas: J_t ∂h_{t-1}/∂h_k, the identity at k."""
    h = Variable("h", (t,), n, 1)
    later, before = Jacobian(h, h.at((k,))), Jacobian(h.at((t - 1,)), h.at((k,)))
    step = Jacobian(h, h.at((t - 1,)), True)
    formulas = {
        later: (
            Piece(MatMul(step, before), (Range(t, k + 1, T),)),
            Piece(Identity(n), (Range(t, k, k),)),
        ),
        step: (Piece(J.at((t,))),),
    }
    system = System((), NumpyArithmetic(), ENDS, SIZES, free, formulas=formulas)
    found = system.evaluate(Jacobian(h.at((T,)), h.at((Integer(1),))))
    assert close(found, FREE["J"][4] @ FREE["J"][3] @ FREE["J"][2]) < 1e-15


def test_a_second_definition_of_a_variable_is_refused():
    with pytest.raises(ValueError, match="defined twice"):
        System((chain(-1), chain(-2)), NumpyArithmetic(), ENDS, SIZES, free)


def test_a_missing_time_step_is_refused():
    system = System((chain(-1),), NumpyArithmetic(), ENDS, SIZES, free)
    with pytest.raises(ValueError, match="0 time steps, not 1"):
        system.value(variable("h"))


@pytest.mark.parametrize("entry", [(0, 1), (4, 1), (1, 3)])
def test_an_entry_outside_the_matrix_is_refused(entry):
    with pytest.raises(IndexError, match="3×2"):
        System((), NumpyArithmetic(), ENDS, SIZES, free).evaluate(Entry(B, *entry))


def test_zero_where_no_piece_of_an_adjoint_applies():
    h = Variable("h", (t,), n, 1)
    for kind in (Adjoint, Tangent):
        nothing = Definition(kind(h), (Piece(u, (Range(t, T, T),)),))
        system = System((nothing,), NumpyArithmetic(), ENDS, SIZES, free)
        assert not system.evaluate(kind(h.at((Integer(2),)))).any()
        assert system.evaluate(kind(h.at((T,)))).any()


def test_an_adjoint_that_nothing_defines_is_refused():
    with pytest.raises(ValueError, match=r"adjoint of h\[2\]"):
        System((), NumpyArithmetic(), ENDS, SIZES, free).value(("adjoint", "h", 2))
