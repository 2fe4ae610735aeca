"""JAX reverse mode through the forward equations, op by op.

Nothing is compiled as a whole: unrolled over T = 50 that costs more than it saves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from verify.evaluate import Key
from verify.oracles import Estimate, rounding_bound
from verify.oracles.jax_arithmetic import JaxArithmetic
from verify.problem import ForwardProblem

Shifts = dict[Key, Any]


class Autodiff:
    """The oracle of this file."""

    name = "autodiff"

    def gradient(
        self, loss: Key, wrt: Sequence[Key], problem: ForwardProblem
    ) -> Mapping[Key, Estimate]:
        """dL/dv for each of ``wrt`` in the shape of v; one reverse pass gives them all."""
        arithmetic = JaxArithmetic(problem.seed)

        def value(shifts: Shifts) -> Any:
            return jnp.reshape(problem.system(arithmetic, shifts).value(loss), ())

        with jax.enable_x64(True):
            at = {key: jnp.zeros(problem.shape(key)) for key in wrt}
            _, pull = jax.vjp(value, at)
            (found,) = pull(jnp.ones(()))
        return {key: _estimate(np.asarray(found[key]), problem) for key in wrt}

    def jacobian(
        self, of: Key, wrt: Key, problem: ForwardProblem, *, immediate: bool = False
    ) -> Estimate:
        """∂of/∂wrt as vec(of) × vec(wrt), column-major."""
        arithmetic = JaxArithmetic(problem.seed)
        constants = {} if immediate else problem.constants(of, wrt)

        def total(shift: Any) -> Any:
            system = problem.system(arithmetic, {wrt: shift})
            system.preset(constants)
            return arithmetic.vec(jnp.asarray(system.value(of)))[:, 0]

        def direct(shift: Any) -> Any:
            system = problem.immediate_system(arithmetic, of)
            reads = system.reads(of)
            system.preset({key: problem.computed.value(key) for key in (*reads, wrt)})
            replaced = {wrt: system.value(wrt) + shift}
            return arithmetic.vec(jnp.asarray(system.reevaluate(of, replaced)))[:, 0]

        with jax.enable_x64(True):
            columns = _rows(direct if immediate else total, problem.shape(wrt))
        return _estimate(columns, problem)


def _estimate(value: np.ndarray, problem: ForwardProblem) -> Estimate:
    return Estimate(value, rounding_bound(value, float(np.finfo(np.float64).eps), problem))


def _rows(function: Callable[[Any], Any], shape: tuple[int, int]) -> np.ndarray:
    """The Jacobian of a vector-valued function of one matrix, a reverse pass per row."""
    out, pull = jax.vjp(function, jnp.zeros(shape))
    (found,) = jax.vmap(pull)(jnp.eye(out.size))
    return np.asarray(found).swapaxes(-1, -2).reshape(out.size, -1)
