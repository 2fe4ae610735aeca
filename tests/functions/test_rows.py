"""Every row of the table against every other statement of the same row; the checkers, too."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterator
from dataclasses import replace

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import sympy

from derivations.functions import FUNCTIONS, Function

jax.config.update("jax_enable_x64", True)

ROWS = pytest.mark.parametrize("row", FUNCTIONS.values(), ids=FUNCTIONS.keys())
UNARY = pytest.mark.parametrize(
    "row", [r for r in FUNCTIONS.values() if r.arity == 1], ids=lambda row: row.name
)
EXTREMES = (-800.0, -745.5, -40.0, -1e-8, 0.0, 1e-300, 1e-8, 40.0, 709.0, 800.0)
EPSILON = float(np.finfo(float).eps)


@pytest.fixture(autouse=True)
def _many_digits() -> Iterator[None]:
    """Comparisons below lose nothing to mpmath's default of 15 digits."""
    with mpmath.workdps(90):
        yield


def points(row: Function, count: int = 12, spread: float = 4.0) -> list[tuple[float, ...]]:
    """Random argument tuples in the domain, away from kinks."""
    draw = random.Random(row.name)
    kinks = [float(kink.at) for kink in row.kinks()]
    found: list[tuple[float, ...]] = []
    while len(found) < count:
        x = tuple(draw.uniform(-spread, spread) for _ in range(row.arity))
        place = x[0] if row.arity == 1 else x[0] - x[1]
        in_domain = all(any(v in interval for interval in row.domain) for v in x)
        if in_domain and all(abs(place - at) > 1e-3 for at in kinks):
            found.append(x)
    return found


def extremes(row: Function) -> list[float]:
    """Extreme arguments in the domain at which the exact value is a finite float."""
    if row.arity == 2:
        return []
    inside = [x for x in EXTREMES if any(x in interval for interval in row.domain)]
    return [x for x in inside if abs(row.mpmath_value(x)) < sys.float_info.max]


def check_slope(row: Function) -> None:
    """The stated slope is the derivative of the value, to 28 digits at random points."""
    for x in points(row):
        for wrt in range(row.arity):

            def value(t: object, x: tuple[float, ...] = x, wrt: int = wrt) -> object:
                return row.mpmath_value(*(*x[:wrt], t, *x[wrt + 1 :]), digits=90)

            with mpmath.workdps(32):
                true = mpmath.diff(value, x[wrt])
            error = abs(row.mpmath_slope(x, wrt=wrt) - true)
            assert error <= 1e-28 * (1 + abs(true)), (row.name, x, wrt)


def check_symbolic_slope(row: Function) -> None:
    """SymPy proves slope = d(value)/dx between any two neighbouring kinks."""
    s, r = sympy.symbols("s r", positive=True)
    places = [sympy.Integer(0), *(sympy.sympify(kink.at) for kink in row.kinks())]
    substitutions = [min(places) - s, max(places) + s]
    if len(places) > 2:  # One bounded piece from the least kink to the greatest.
        substitutions.append(min(places) + (max(places) - min(places)) * r / (r + 1))
    z = sympy.Symbol("z", real=True)
    value = row.value(z)
    slope = written_out(row.slope(z, value))
    for substitution in substitutions:
        if len(row.domain) == 1 and row.domain[0].low == 0 and substitution == -s:
            continue
        variable = next(iter(substitution.free_symbols))
        there = sympy.refine(value.subs(z, substitution))
        derivative = there.diff(variable) / substitution.diff(variable)
        difference = derivative - slope.subs(z, substitution)
        exponential = (sympy.simplify(difference.rewrite(sympy.exp)), sympy.simplify(difference))
        assert 0 in exponential, (row.name, exponential)


def written_out(expression: sympy.Expr) -> sympy.Expr:
    """The expression with every applied row replaced by its value."""
    while applied := expression.atoms(sympy.core.function.AppliedUndef):
        replacements = {call: FUNCTIONS[call.func.__name__].value(*call.args) for call in applied}
        expression = expression.subs(replacements)
    return expression


def check_numpy(row: Function) -> None:
    """NumPy agrees with mpmath up to the rounding of argument and value."""
    run = row.compiled("numpy")
    defaults = [float(value) for value in row.defaults]
    for x in points(row, spread=30.0) + [(x,) for x in extremes(row)]:
        true = row.mpmath_value(*x, *defaults)
        got = run(*(np.array([value]) for value in x), *defaults)[0]
        sensitivity = sum(
            abs(value * row.mpmath_slope(x, *defaults, wrt=k)) for k, value in enumerate(x)
        )
        allowed = 4 * EPSILON * (abs(true) + sensitivity) + 5e-324 * (1 + abs(x[0]))
        assert abs(mpmath.mpf(float(got)) - true) <= allowed, (row.name, x, float(got), true)


def check_complex_step(row: Function) -> None:
    """Im f(x + ih)/h is the slope: an analytic evaluation, at ordinary and extreme points."""
    step = 1e-30
    defaults = [float(value) for value in row.defaults]
    arguments = [x[0] for x in points(row)]
    kinks = [float(kink.at) for kink in row.kinks()]
    arguments += [x for x in extremes(row) if x not in kinks and abs(x) > 1e-10]
    for x in arguments:
        got = float(np.imag(row.compiled("complex")(np.array([x + 1j * step]), *defaults))[0])
        true = row.mpmath_slope(x, *defaults)
        relative = 1e-12 * (1 + x * x if abs(x) > 10 else 1)
        rounding = 4 * EPSILON * abs(row.mpmath_value(x, *defaults)) + 5e-324 / step
        assert abs(got / step - true) <= relative * abs(true) + rounding, (row.name, x, got / step)


def check_gamma(row: Function) -> None:
    """γ bounds |slope| on a grid, and nothing smaller by a millionth does."""
    gamma = row.slope_bound()
    low = max(row.domain[0].low, -12.0)
    high = min(row.domain[-1].high, 12.0)
    grid = [low + (high - low) * (k + 0.5) / 600 for k in range(600)]
    if len(row.domain) > 1 or row.domain[0].low == 0:
        grid += [10.0**-k for k in range(2, 12)]
    slopes = [(abs(row.mpmath_slope(x, digits=20)), x) for x in grid]
    top, where = max(slopes)
    if math.isinf(gamma):
        assert top > 8, (row.name, top)
        return
    width = (high - low) / 600
    for _ in range(12):  # Narrow the grid around its best point.
        near = [where + width * k / 4 for k in range(-8, 9)]
        top, where = max((abs(row.mpmath_slope(x, digits=20)), x) for x in near)
        width /= 4
    assert top <= gamma * (1 + EPSILON), (row.name, top, where)
    if row.name not in ("softplus", "log_sigmoid"):  # Their supremum lies at infinity.
        assert top >= gamma * (1 - 1e-6), (row.name, top, where)
    else:
        assert row.mpmath_slope(40.0) + row.mpmath_slope(-40.0) >= gamma * (1 - 1e-6)


def check_kinks(row: Function) -> None:
    """One-sided slopes and jumps are the true limits."""
    h = mpmath.mpf(10) ** -30
    for kink in row.kinks():
        at = mpmath.mpf(kink.at)
        left, right = (
            (row.mpmath_value(at + sign * 2 * h) - row.mpmath_value(at + sign * h)) / (sign * h)
            for sign in (-1, 1)
        )
        assert abs(left - float(kink.left)) < 1e-15 and abs(right - float(kink.right)) < 1e-15
        gap = abs(row.mpmath_value(at + h) - row.mpmath_value(at - h))
        assert (gap > 0.5) == kink.jump
        assert abs(row.mpmath_slope(at) - float(kink.convention)) < 1e-15


@ROWS
def test_slope_is_the_derivative_of_the_value(row: Function) -> None:
    check_slope(row)


@UNARY
def test_slope_is_proved_symbolically(row: Function) -> None:
    check_symbolic_slope(row)


@ROWS
def test_numpy_agrees_with_mpmath(row: Function) -> None:
    check_numpy(row)


@UNARY
def test_complex_step_gives_the_slope(row: Function) -> None:
    check_complex_step(row)


@UNARY
def test_gamma_is_the_supremum_of_the_slope(row: Function) -> None:
    check_gamma(row)


@UNARY
def test_kinks_are_true_limits(row: Function) -> None:
    check_kinks(row)


@ROWS
def test_jax_agrees_with_numpy(row: Function) -> None:
    columns = np.array(points(row)).T
    expected = row.compiled("numpy")(*columns, *map(float, row.defaults))
    got = row.compiled("jax", jax=jax, jnp=jnp)(
        *map(jnp.asarray, columns), *map(float, row.defaults)
    )
    np.testing.assert_allclose(np.asarray(got), expected, rtol=1e-13, atol=1e-15)


@ROWS
def test_torch_agrees_with_numpy(row: Function) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra: peers)")
    columns = np.array(points(row)).T
    expected = row.compiled("numpy")(*columns, *map(float, row.defaults))
    tensors = [torch.from_numpy(column.copy()) for column in columns]
    got = row.compiled("torch", torch=torch)(*tensors, *map(float, row.defaults))
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-12, atol=1e-14)


@UNARY
def test_jax_slope_agrees_at_extremes_and_kinks(row: Function) -> None:
    defaults = tuple(map(float, row.defaults))
    gradient = jax.grad(lambda x: jnp.sum(row.compiled("jax", jax=jax, jnp=jnp)(x, *defaults)))
    for x in extremes(row) + [float(kink.at) for kink in row.kinks()]:
        true = row.mpmath_slope(x, *defaults)
        if (abs(true) < sys.float_info.max and abs(x) > 1e-200) or x in (-3.0, -1.0, 0.0, 1.0, 3.0):
            allowed = 1e-12 * (1 + x * x if abs(x) > 10 else 1) * (abs(true) + 1e-290)
            assert abs(float(gradient(x)) - true) <= allowed + 1e-15, (row.name, x)


@ROWS
def test_range_and_slope_in_value_are_as_stated(row: Function) -> None:
    if row.arity == 1:
        values = [row.mpmath_value(*x) for x in points(row, 40, 9.0)] + [
            row.mpmath_value(x) for x in extremes(row)
        ]
        assert all(row.range.low <= value <= row.range.high for value in values)
    for wrt in range(row.arity):
        names = {symbol.name for symbol in row.slope_expr(wrt).free_symbols}
        assert row.slope_in_value == (not names & {"X", "X2"})
        assert names <= {"X", "X2", "Y", *row.parameter_names}


SIGMOID, RELU = FUNCTIONS["sigmoid"], FUNCTIONS["relu"]
PLANTED = [
    (
        check_slope,
        replace(SIGMOID, slope_rules=(lambda f, x, y: y * (1 - y) * f.number(f"1.{0:026}9"),)),
    ),
    (check_slope, replace(FUNCTIONS["max"], slope_rules=FUNCTIONS["min"].slope_rules)),
    (check_symbolic_slope, replace(SIGMOID, slope_rules=(lambda f, x, y: y * (1 - y**2),))),
    (check_symbolic_slope, replace(RELU, slope_rules=(lambda f, x, y: f.compare(x, 0, 1, 1),))),
    (check_numpy, replace(SIGMOID, numpy="(sigmoid({x}) * (1 + 2e-14))")),
    (check_numpy, replace(SIGMOID, numpy="(0.5 + 0.5 * np.tanh(0.5 * {x}))")),
    (check_complex_step, replace(FUNCTIONS["abs"], complex_numpy="np.abs({x})")),
    (check_gamma, replace(SIGMOID, gamma=0.26)),
    (check_gamma, replace(SIGMOID, gamma=0.2499)),
    (check_gamma, replace(FUNCTIONS["exp"], gamma=1.0)),
    (check_kinks, replace(RELU, kink_rule=FUNCTIONS["abs"].kink_rule)),
    (check_kinks, replace(RELU, kink_rule=FUNCTIONS["sign"].kink_rule)),
]


@pytest.mark.parametrize(("check", "row"), PLANTED, ids=lambda value: getattr(value, "name", ""))
def test_a_wrong_row_is_caught(check: object, row: Function) -> None:
    assert callable(check)
    with pytest.raises(AssertionError):
        check(row)
