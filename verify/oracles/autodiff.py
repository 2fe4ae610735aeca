"""JAX reverse mode through the forward equations, in float64.

The forward equations are traced once for all that is asked about a problem, and JAX pulls the
unit cotangents of every output back through them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from verify.evaluate import Key
from verify.oracles import Derivative, Estimate, rounding_bound
from verify.oracles.jax_arithmetic import JaxArithmetic
from verify.oracles.programs import traced
from verify.problem import ForwardProblem

EPSILON = float(np.finfo(np.float64).eps)

Arrays = list[Any]
Function = Callable[[Arrays], Arrays]
"""Shifts of variables, in their shapes, to the shifted outputs as flat vectors."""


class Autodiff:
    """The oracle of this file."""

    name = "autodiff"

    def derivatives(
        self, asked: Sequence[Derivative], problem: ForwardProblem
    ) -> Mapping[Derivative, Estimate]:
        """Two traces: the equations as a whole, and one by one for immediate partials."""
        found: dict[Derivative, Estimate] = {}
        for immediate in (False, True):
            chosen = [derivative for derivative in asked if derivative.immediate is immediate]
            if chosen:
                found |= (_immediate if immediate else _total)(chosen, problem)
        return found


def _total(asked: Sequence[Derivative], problem: ForwardProblem) -> Mapping[Derivative, Estimate]:
    tops, bottoms = _distinct(d.of for d in asked), _distinct(d.wrt for d in asked)
    arithmetic = JaxArithmetic(problem.seed)

    def outputs(shifts: Arrays) -> Arrays:
        system = problem.system(arithmetic, dict(zip(bottoms, shifts, strict=True)))
        return [_flat(arithmetic, system.value(key)) for key in tops]

    sizes = [int(np.prod(problem.shape(key))) for key in tops]
    blocks = _blocks(outputs, [problem.shape(key) for key in bottoms], np.eye(sum(sizes)), sizes)
    starts = dict(zip(tops, np.cumsum([0, *sizes]), strict=False))
    found = {}
    for derivative in asked:
        start = starts[derivative.of]
        rows = slice(start, start + int(np.prod(problem.shape(derivative.of))))
        found[derivative] = _estimate(blocks[bottoms.index(derivative.wrt)][rows], problem)
    return found


def _immediate(
    asked: Sequence[Derivative], problem: ForwardProblem
) -> Mapping[Derivative, Estimate]:
    """Each equation is evaluated once more at fixed values; none sees the shifts of another."""
    arithmetic = JaxArithmetic(problem.seed)
    kinds = {derivative: (derivative.of, _by_names(derivative, problem)) for derivative in asked}
    tops = list(dict.fromkeys(kinds.values()))

    def outputs(shifts: Arrays) -> Arrays:
        moved = dict(zip(asked, shifts, strict=True))
        return [
            _flat(arithmetic, _once_more(key, named, moved, problem, arithmetic))
            for key, named in tops
        ]

    sizes = [int(np.prod(problem.shape(key))) for key, _ in tops]
    # The k-th cotangent is the k-th unit in every output at once: no shift reaches two outputs.
    units = np.hstack([np.eye(max(sizes), size) for size in sizes])
    blocks = _blocks(outputs, [problem.shape(d.wrt) for d in asked], units, sizes)
    rows = dict(zip(tops, sizes, strict=True))
    return {
        derivative: _estimate(block[: rows[kinds[derivative]]], problem)
        for derivative, block in zip(asked, blocks, strict=True)
    }


def _by_names(derivative: Derivative, problem: ForwardProblem) -> bool:
    return problem.by_names(derivative.of, derivative.wrt)


def _once_more(
    key: Key,
    named: bool,
    moved: Mapping[Derivative, Any],
    problem: ForwardProblem,
    arithmetic: JaxArithmetic,
) -> Any:
    """The equation of ``key`` with the shifts of its own derivatives."""
    own = {
        derivative.wrt: shift
        for derivative, shift in moved.items()
        if derivative.of == key and _by_names(derivative, problem) is named
    }
    system = problem.immediate_system(arithmetic, named)
    known = {k: problem.computed.value(k) for k in (*system.reads(key), *own)}
    system.preset(known)
    return system.reevaluate(key, {wrt: known[wrt] + shift for wrt, shift in own.items()})


def _blocks(
    function: Function, shapes: Sequence[tuple[int, int]], units: np.ndarray, sizes: Sequence[int]
) -> list[np.ndarray]:
    """Each row of ``units``, a cotangent of all outputs, pulled back: a Jacobian per shape."""
    cotangents = np.split(units, np.cumsum(sizes)[:-1], axis=1)

    def pulled(at: Arrays, rows: Arrays) -> Arrays:
        _, pull = jax.vjp(function, at)
        (found,) = jax.vmap(pull)(rows)
        return list(found)

    with jax.enable_x64(True):
        found = traced(pulled, [np.zeros(shape) for shape in shapes], cotangents)
    return [block.swapaxes(-1, -2).reshape(len(units), -1) for block in found]


def _flat(arithmetic: JaxArithmetic, value: Any) -> Any:
    return arithmetic.vec(jnp.asarray(value))[:, 0]


def _distinct(keys: Iterable[Key]) -> list[Key]:
    return list(dict.fromkeys(keys))


def _estimate(value: np.ndarray, problem: ForwardProblem) -> Estimate:
    return Estimate(value, rounding_bound(value, EPSILON, problem))
