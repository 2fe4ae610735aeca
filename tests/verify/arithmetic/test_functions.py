"""Elementwise functions: every row, every number system, derivatives of several orders."""

from __future__ import annotations

import math

import jax
import numpy as np
import pytest

from derivations.functions import FUNCTIONS
from verify.arithmetic import arbitrary
from verify.arithmetic.multiprecision import MultiprecisionArithmetic
from verify.arithmetic.numpy import NumpyArithmetic
from verify.oracles.jax_arithmetic import JaxArithmetic
from verify.precision import relative_error

POINTS = np.array([-1.7, -0.61, -0.23, 0.19, 0.53, 0.88, 1.3])
STEP = 1e-60
MANY = MultiprecisionArithmetic(seed=5)


def arguments(row):
    inside = [x for x in POINTS if any(x in interval for interval in row.domain)]
    first = np.array(inside).reshape(-1, 1)
    return [first, 0.6 * first[::-1] + 0.07][: row.arity]


def ceiling(dtype):
    """A few roundings of a function that is well-conditioned at the points."""
    return 500 * float(np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", [np.float64, np.longdouble, np.complex128])
@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_floating_point_against_sixty_digits(name, order, dtype):
    row = FUNCTIONS[name]
    orders = (order,) + (0,) * (row.arity - 1)
    args = arguments(row)
    exact = MANY.apply(name, orders, [MANY.asarray(x) for x in args])
    system = NumpyArithmetic(dtype)
    found = system.apply(name, orders, [system.asarray(x) for x in args])
    assert found.shape == args[0].shape
    assert found.dtype == dtype
    # The code of a row may hold constants rounded to double precision.
    floor = np.float64 if dtype is np.longdouble else dtype
    assert relative_error(MANY.asarray(found.real), exact) <= ceiling(floor)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("name", [*sorted(FUNCTIONS), "phi"])
def test_each_order_is_the_slope_of_the_one_before(name, order):
    row = FUNCTIONS.get(name)
    args = arguments(row) if row else [POINTS.reshape(-1, 1)]
    rest = (0,) * (len(args) - 1)
    real, complex_ = NumpyArithmetic(seed=5), NumpyArithmetic(np.complex128, seed=5)
    moved = [args[0] + 1j * STEP, *args[1:]]
    slope = complex_.apply(name, (order - 1, *rest), moved).imag / STEP
    found = real.apply(name, (order, *rest), args)
    assert relative_error(found, slope) <= ceiling(np.float64)


@pytest.mark.parametrize("orders", [(0, 1), (1, 1), (2, 1), (0, 2)])
def test_derivatives_in_a_parameter(orders):
    """elu(x, a) = a (exp(x) − 1) below 0."""
    x, a = np.array([[-0.7], [0.4]]), np.array([[0.3]])
    below = {(0, 1): np.expm1(x), (1, 1): np.exp(x), (2, 1): np.exp(x), (0, 2): 0 * x}[orders]
    found = NumpyArithmetic().apply("elu", orders, [x, a])
    assert relative_error(found, np.where(x < 0, below, 0)) <= ceiling(np.float64)


def test_mixed_derivatives_of_an_arbitrary_function():
    x, y = POINTS.reshape(-1, 1), 0.5 - POINTS.reshape(-1, 1)
    real, complex_ = NumpyArithmetic(seed=5), NumpyArithmetic(np.complex128, seed=5)
    slope = complex_.apply("f", (1, 1), [x, y + 1j * STEP]).imag / STEP
    assert relative_error(real.apply("f", (1, 2), [x, y]), slope) <= ceiling(np.float64)


def test_arbitrary_functions_share_nothing():
    x = POINTS.reshape(-1, 1)
    values = [
        NumpyArithmetic(seed=seed).apply(name, (0,), [x])
        for seed, name in ((0, "phi"), (0, "psi"), (1, "phi"))
    ]
    assert all(relative_error(values[i], values[j]) > 1e-2 for i in range(3) for j in range(i))


@pytest.mark.parametrize("name", [*sorted(FUNCTIONS), "phi"])
def test_arbitrary_and_tabled_functions_are_the_same_in_jax(name):
    row = FUNCTIONS.get(name)
    args = arguments(row) if row else [POINTS.reshape(-1, 1)]
    orders = (0,) * len(args)
    with jax.enable_x64(True):
        system = JaxArithmetic(seed=5)
        found = np.asarray(system.apply(name, orders, [system.asarray(x) for x in args]))
    expected = NumpyArithmetic(seed=5).apply(name, orders, args)
    assert relative_error(found, expected) <= ceiling(np.float64)


def test_draws_do_not_depend_on_what_was_drawn_before():
    arbitrary.elementwise.cache_clear()
    second = arbitrary.elementwise(3, "g", 1)
    arbitrary.elementwise.cache_clear()
    arbitrary.elementwise(3, "f", 1)
    assert (arbitrary.elementwise(3, "g", 1).phases == second.phases).all()


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("exp", 0, math.inf),
        ("sinh", -math.inf, math.inf),
        ("cosh", math.inf, math.inf),
        ("sin", math.nan, math.nan),
    ],
)
def test_many_digits_have_limits_where_digits_would_fill_the_memory(
    name: str, low: float, high: float
) -> None:
    arithmetic = MultiprecisionArithmetic()
    points = arithmetic.asarray(np.array([[-1e60], [1e60], [np.nan], [1.0]]))
    points[:2] = 10 ** (points[:2] ** 2) * np.sign(points[:2])
    first, second, none, one = arithmetic.apply(name, (0,), (points,))[:, 0]
    assert [float(first), float(second)] == pytest.approx([low, high], nan_ok=True)
    assert math.isnan(none)
    assert float(one) == pytest.approx(getattr(math, name)(1.0), rel=1e-15)
