"""Runs what JAX traced without compiling it: each operation as NumPy does it.

JAX differentiates and hands over a list of elementary operations. Compiling takes XLA some 40 ms
for each kind and shape, running takes NumPy microseconds. An operation without a row here is run
by JAX itself, compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np
import scipy.special
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

Values = list[Any]
Operation = Callable[..., Any]
"""Arrays and the parameters of one operation to its one result."""


def traced(function: Callable[..., Any], *arguments: Any) -> Values:
    """``function(*arguments)``, flattened: traced by JAX, run by NumPy.

    Args:
        function: any JAX function, such as one that pulls cotangents back.
        arguments: trees of arrays.
    """
    program = jax.make_jaxpr(function)(*arguments)
    return run(program, jax.tree.leaves(arguments))


def run(program: ClosedJaxpr, arguments: Sequence[Any]) -> Values:
    """The results of a traced program.

    Args:
        arguments: one array for each input, flattened.
    """
    with np.errstate(all="ignore"):
        return _run(program.jaxpr, program.consts, arguments)


def _run(program: Jaxpr, constants: Sequence[Any], arguments: Sequence[Any]) -> Values:
    known: dict[Any, Any] = {}

    def value(atom: Any) -> Any:
        return atom.val if isinstance(atom, Literal) else known[atom]

    known.update(zip(program.constvars, map(np.asarray, constants), strict=True))
    known.update(zip(program.invars, arguments, strict=True))
    for equation in program.eqns:
        given = [value(atom) for atom in equation.invars]
        found = _results(equation, given)
        known.update(zip(equation.outvars, found, strict=True))
    return [np.asarray(value(atom)) for atom in program.outvars]


def _results(equation: Any, given: Values) -> Sequence[Any]:
    name, parameters = equation.primitive.name, equation.params
    operation = OPERATIONS.get(name)
    if operation is not None:
        return (operation(*given, **parameters),)
    inner = next((parameters[key] for key in INNER if key in parameters), None)
    if inner is not None and name in CALLS:
        return _run(inner.jaxpr, inner.consts, given)
    found = equation.primitive.bind(*given, **parameters)
    results = found if equation.primitive.multiple_results else [found]
    return [np.asarray(result) for result in results]


CALLS = frozenset({"jit", "pjit", "closed_call", "custom_jvp_call", "custom_vjp_call"})
"""Operations that only call another program, and the parameters which may hold it."""
INNER = ("jaxpr", "call_jaxpr")


def _plain(function: Callable[..., Any]) -> Operation:
    """NumPy's function of the same meaning; JAX's parameters are about devices and accuracy."""
    return lambda *given, **_: function(*given)


def _logistic(x: Any, **_: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _select(which: Any, *choices: Any, **_: Any) -> Any:
    return np.choose(np.asarray(which, dtype=np.intp), choices)


def _dot(
    a: Any, b: Any, *, dimension_numbers: Any, preferred_element_type: Any = None, **_: Any
) -> Any:
    """Contraction over some axes with others in step: batch axes first, then those left over."""
    (over_a, over_b), (batch_a, batch_b) = dimension_numbers
    free_a = [k for k in range(np.ndim(a)) if k not in (*over_a, *batch_a)]
    free_b = [k for k in range(np.ndim(b)) if k not in (*over_b, *batch_b)]
    left = np.transpose(a, (*batch_a, *free_a, *over_a))
    right = np.transpose(b, (*batch_b, *over_b, *free_b))
    batch = left.shape[: len(batch_a)]
    rows = left.shape[len(batch) : len(batch) + len(free_a)]
    cols = right.shape[len(batch) + len(over_b) :]
    inner = int(np.prod(left.shape[len(batch) + len(rows) :], dtype=int))
    flat = np.matmul(
        left.reshape(*batch, int(np.prod(rows, dtype=int)), inner),
        right.reshape(*batch, inner, int(np.prod(cols, dtype=int))),
    )
    return flat.reshape((*batch, *rows, *cols))


def _spread(a: Any, *, shape: Any, broadcast_dimensions: Any, **_: Any) -> Any:
    kept = [1] * len(shape)
    for place, extent in zip(broadcast_dimensions, np.shape(a), strict=True):
        kept[place] = extent
    return np.broadcast_to(np.reshape(a, kept), shape)


def _slice(a: Any, *, start_indices: Any, limit_indices: Any, strides: Any, **_: Any) -> Any:
    steps = strides or [1] * len(start_indices)
    return a[tuple(map(slice, start_indices, limit_indices, steps))]


def _pad(a: Any, filler: Any, *, padding_config: Any, **_: Any) -> Any:
    """``filler`` before, after and between the entries; a negative margin cuts some off."""
    extents, inside, kept = [], [], []
    for extent, (before, after, between) in zip(np.shape(a), padding_config, strict=True):
        spread = extent + max(extent - 1, 0) * between
        start = max(before, 0)
        extents.append(start + spread + max(after, 0))
        inside.append(slice(start, start + spread, between + 1))
        kept.append(slice(max(-before, 0), extents[-1] - max(-after, 0)))
    padded = np.full(extents, filler)
    padded[tuple(inside)] = a
    return padded[tuple(kept)]


def _reduced(function: Callable[..., Any]) -> Operation:
    return lambda a, *, axes, **_: function(a, axis=tuple(axes))


_PLAIN: Mapping[str, Callable[..., Any]] = {
    "abs": np.abs,
    "acos": np.arccos,
    "add": np.add,
    "add_any": np.add,
    "and": np.bitwise_and,
    "asin": np.arcsin,
    "atan": np.arctan,
    "ceil": np.ceil,
    "clamp": lambda low, x, high: np.clip(x, low, high),
    "copy": np.asarray,
    "cos": np.cos,
    "cosh": np.cosh,
    "div": np.divide,
    "eq": np.equal,
    "erf": scipy.special.erf,
    "erfc": scipy.special.erfc,
    "exp": np.exp,
    "expm1": np.expm1,
    "floor": np.floor,
    "ge": np.greater_equal,
    "gt": np.greater,
    "is_finite": np.isfinite,
    "le": np.less_equal,
    "log": np.log,
    "log1p": np.log1p,
    "lt": np.less,
    "max": np.maximum,
    "min": np.minimum,
    "mul": np.multiply,
    "ne": np.not_equal,
    "neg": np.negative,
    "not": np.invert,
    "or": np.bitwise_or,
    "pow": np.power,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "sign": np.sign,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "square": np.square,
    "stop_gradient": np.asarray,
    "sub": np.subtract,
    "tan": np.tan,
    "tanh": np.tanh,
}

OPERATIONS: Mapping[str, Operation] = {
    **{name: _plain(function) for name, function in _PLAIN.items()},
    "broadcast_in_dim": _spread,
    "concatenate": lambda *given, dimension, **_: np.concatenate(given, axis=dimension),
    "convert_element_type": lambda a, *, new_dtype, **_: np.asarray(a, dtype=new_dtype),
    "dot_general": _dot,
    "integer_pow": lambda a, *, y, **_: np.power(a, float(y)),
    "logistic": _logistic,
    "pad": _pad,
    "reduce_max": _reduced(np.max),
    "reduce_min": _reduced(np.min),
    "reduce_sum": _reduced(np.sum),
    "reshape": lambda a, *, new_sizes, **_: np.reshape(a, new_sizes),
    "select_n": _select,
    "slice": _slice,
    "squeeze": lambda a, *, dimensions, **_: np.squeeze(a, axis=tuple(dimensions)),
    "transpose": lambda a, *, permutation, **_: np.transpose(a, permutation),
}
"""What JAX's operations are in NumPy, by JAX's name."""
