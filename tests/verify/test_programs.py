"""NumPy runs what JAX traced as JAX itself does, and the catalogue needs nothing else."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from derivations.functions import FUNCTIONS
from verify.oracles import programs
from verify.oracles.programs import OPERATIONS, run, traced

A = np.linspace(-1.5, 2.0, 12).reshape(3, 4)
B = np.linspace(0.2, 3.0, 12).reshape(3, 4)
INSIDE = A / 3

EXAMPLES = {
    "abs": (lax.abs, A),
    "acos": (lax.acos, INSIDE),
    "add": (lax.add, A, B),
    "add_any": (jax.grad(lambda x: jnp.sum(jnp.sin(x) + jnp.cos(x))), A),
    "and": (lax.bitwise_and, A > 0, B > 1),
    "asin": (lax.asin, INSIDE),
    "atan": (lax.atan, A),
    "broadcast_in_dim": (lambda x: lax.broadcast_in_dim(x, (2, 3, 5, 4), (1, 3)), A),
    "ceil": (lax.ceil, A),
    "clamp": (lambda x: lax.clamp(-0.5, x, 1.0), A),
    "concatenate": (lambda x, y: lax.concatenate([x, y], 1), A, B),
    "convert_element_type": (lambda x: lax.convert_element_type(x > 0, np.float64), A),
    "copy": (jnp.copy, A),
    "cos": (lax.cos, A),
    "cosh": (lax.cosh, A),
    "div": (lax.div, A, B),
    "dot_general": (lambda x, y: jax.vmap(jnp.dot)(x, y[:, :, None] * y[:, None]), A, B),
    "eq": (lax.eq, A, np.round(A)),
    "erf": (lax.erf, A),
    "erfc": (lax.erfc, A),
    "exp": (lax.exp, A),
    "expm1": (lax.expm1, A),
    "floor": (lax.floor, A),
    "ge": (lax.ge, A, np.round(A)),
    "gt": (lax.gt, A, np.round(A)),
    "integer_pow": (lambda x: lax.integer_pow(x, -3), A),
    "is_finite": (lax.is_finite, np.array([1.0, np.inf, np.nan])),
    "le": (lax.le, A, np.round(A)),
    "log": (lax.log, B),
    "log1p": (lax.log1p, B),
    "logistic": (lax.logistic, 500 * A),
    "lt": (lax.lt, A, np.round(A)),
    "max": (lax.max, A, B),
    "min": (lax.min, A, B),
    "mul": (lax.mul, A, B),
    "ne": (lax.ne, A, np.round(A)),
    "neg": (lax.neg, A),
    "not": (lax.bitwise_not, A > 0),
    "or": (lax.bitwise_or, A > 0, B > 1),
    "pad": (lambda x: lax.pad(x, 7.0, ((2, -1, 1), (-1, 0, 0))), A),
    "pow": (lax.pow, B, A),
    "reduce_max": (lambda x: jnp.max(x, axis=0), A),
    "reduce_min": (lambda x: jnp.min(x, axis=1), A),
    "reduce_sum": (lambda x: jnp.sum(x, axis=(0, 1)), A),
    "reshape": (lambda x: lax.reshape(x, (2, 6)), A),
    "rsqrt": (lax.rsqrt, B),
    "select_n": (lambda x, y: lax.select_n(x > 0, x, y), A, B),
    "sign": (lax.sign, np.round(A)),
    "sin": (lax.sin, A),
    "sinh": (lax.sinh, A),
    "slice": (lambda x: lax.slice(x, (0, 1), (3, 4), (2, 1)), A),
    "sqrt": (lax.sqrt, B),
    "square": (lax.square, A),
    "squeeze": (lambda x: lax.squeeze(x[:1], (0,)), A),
    "stop_gradient": (lax.stop_gradient, A),
    "sub": (lax.sub, A, B),
    "tan": (lax.tan, A),
    "tanh": (lax.tanh, A),
    "transpose": (lambda x: lax.transpose(x, (1, 0)), A),
}  # fmt: skip


def test_every_operation_has_an_example():
    assert set(EXAMPLES) == set(OPERATIONS)


def operations(program):
    """Names of all operations in a traced program, those of inner programs included."""
    for equation in program.eqns:
        yield equation.primitive.name
        for parameter in equation.params.values():
            if hasattr(parameter, "jaxpr"):
                yield from operations(parameter.jaxpr)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_does_what_jax_does(name):
    function, *arguments = EXAMPLES[name]
    with jax.enable_x64(True):
        program = jax.make_jaxpr(function)(*arguments)
        (found,) = run(program, arguments)
        expected = np.asarray(function(*arguments))
    assert name in set(operations(program.jaxpr))
    assert found.shape == expected.shape and found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_the_slope_of_every_function_is_that_of_jax(name):
    row = FUNCTIONS[name]
    compiled = row.compiled("jax", jax=jax, jnp=jnp)
    inside = [x for x in (-2.2, -0.7, -0.2, 0.3, 0.8, 2.5) if any(x in d for d in row.domain)]
    x, rest = np.array(inside), [0.37] * (row.arity - 1) + [float(d) for d in row.defaults]

    def slope(at):
        value, pull = jax.vjp(lambda y: compiled(y, *rest), at)
        return pull(jnp.ones_like(value))[0]

    with jax.enable_x64(True):
        (found,) = traced(slope, x)
        np.testing.assert_allclose(found, np.asarray(slope(x)), rtol=1e-12, atol=1e-15)


def test_what_has_no_row_is_left_to_jax(monkeypatch):
    function, argument = (lambda x: jnp.cumsum(jax.nn.relu(x)), A)
    with jax.enable_x64(True):
        (found,) = traced(function, argument)
        np.testing.assert_allclose(found, np.asarray(function(argument)))
        monkeypatch.setattr(programs, "OPERATIONS", {})
        (found,) = traced(jax.grad(lambda x: jnp.sum(jnp.tanh(x) ** 2)), argument)
    np.testing.assert_allclose(found, 2 * np.tanh(A) / np.cosh(A) ** 2)


@pytest.fixture(scope="module")
def compilations():
    """Names of JAX's timed events, as they happen; a compilation is one of them."""
    seen = []
    jax.monitoring.register_event_duration_secs_listener(lambda name, _, **__: seen.append(name))
    return seen


def test_tracing_compiles_nothing(compilations):
    def slope(x):
        return jax.grad(lambda y: jnp.sum(jnp.tanh(y.T @ y) ** 2))(x)

    with jax.enable_x64(True):
        counts = []
        for run_once in (traced, lambda function, x: jax.jit(function)(x)):
            before = len(compilations)
            run_once(slope, A[:, :3] * 1.25)
            counts.append(sum("backend_compile" in name for name in compilations[before:]))
    assert counts[0] == 0 < counts[1]
