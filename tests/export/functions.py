"""Arbitrary functions as an export asks for them, in each library: the same waves everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from derivations.expressions.nodes import Map
from derivations.render.code.code import has_axis
from verify.arithmetic import arbitrary
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate.indices import compile_integer

SEED = 3


def numpy_elementwise(name: str, slope: bool) -> Callable[..., Any]:
    arithmetic = NumpyArithmetic(seed=SEED)

    def run(*arguments: Any) -> Any:
        chosen, count = arbitrary.elementwise(SEED, name, len(arguments)), len(arguments)
        if not slope:
            return chosen(arithmetic, (0,) * count, arguments)
        found = [
            chosen(arithmetic, tuple(int(k == j) for j in range(count)), arguments)
            for k in range(count)
        ]
        return found[0] if count == 1 else found

    return run


def numpy_map(node: Map, env: Mapping[Any, int]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The value and the pullback of an arbitrary map, of one example at one step."""
    arithmetic, timed = NumpyArithmetic(seed=SEED), len(node.steps)
    rows, cols = (compile_integer(e)(env) for e in node.shape)
    dims = [n for n, e in zip((rows, cols), node.shape, strict=True) if has_axis(e)]

    def matrices(arguments: Sequence[Any]) -> Iterator[np.ndarray]:
        for x, template in zip(arguments[timed:], node.arguments, strict=True):
            down, across = (compile_integer(e)(env) for e in template.shape)
            yield np.asarray(x).reshape(down, across)

    def steps(arguments: Sequence[Any]) -> tuple[int, ...]:
        return tuple(int(a) for a in arguments[:timed])

    def value(*arguments: Any) -> Any:
        found = arithmetic.map(node.name, steps(arguments), rows, cols, [*matrices(arguments)])
        return found.reshape(dims)

    def vjp(above: Any, *arguments: Any) -> Any:
        values, down = [*matrices(arguments)], [None] * timed
        column = np.asarray(above).reshape(rows, cols).T.reshape(-1, 1)
        for slot, x in enumerate(values):
            partial = arithmetic.map_partial(node.name, steps(arguments), slot, rows, cols, values)
            pulled = (partial.T @ column).reshape(x.shape[1], x.shape[0]).T
            down.append(pulled.reshape(np.shape(arguments[timed + slot])))
        return tuple(down)

    return value, vjp


def jax_elementwise(name: str) -> Callable[..., Any]:
    from verify.oracles.jax_arithmetic import JaxArithmetic

    def run(*arguments: Any) -> Any:
        chosen = arbitrary.elementwise(SEED, name, len(arguments))
        return chosen(JaxArithmetic(SEED), (0,) * len(arguments), arguments)

    return run


def jax_map(node: Map, env: Mapping[Any, int]) -> Callable[..., Any]:
    import jax.numpy as jnp

    from verify.oracles.jax_arithmetic import JaxArithmetic

    timed, longest = len(node.steps), 1 + max(env.values())
    rows, cols = (compile_integer(e)(env) for e in node.shape)
    dims = [n for n, e in zip((rows, cols), node.shape, strict=True) if has_axis(e)]

    def at(step: int) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            templates = zip(arguments, node.arguments, strict=True)
            values = [
                jnp.reshape(x, [compile_integer(e)(env) for e in t.shape]) for x, t in templates
            ]
            steps = (step,) * timed
            return JaxArithmetic(SEED).map(node.name, steps, rows, cols, values).reshape(dims)

        return run

    def value(*arguments: Any) -> Any:
        if not timed:
            return at(0)(*arguments)
        chosen = [at(step)(*arguments[1:]) for step in range(longest)]
        return sum(jnp.where(arguments[0] == k, x, 0.0) for k, x in enumerate(chosen))

    return value


class TorchWaves:
    """What an arbitrary function needs, in PyTorch."""

    def asarray(self, value: Any) -> Any:
        import torch

        return torch.as_tensor(value, dtype=torch.float64)

    def wave(self, a: Any, order: int) -> Any:
        import torch

        return (torch.sin, torch.cos)[order % 2](a) * (-1) ** (order // 2)

    def matmul(self, a: Any, b: Any) -> Any:
        return a @ b


def torch_elementwise(name: str) -> Callable[..., Any]:
    """An arbitrary elementwise function in PyTorch."""

    def run(*arguments: Any) -> Any:
        chosen = arbitrary.elementwise(SEED, name, len(arguments))
        return chosen(TorchWaves(), (0,) * len(arguments), arguments)

    return run


def torch_map(node: Map, env: Mapping[Any, int]) -> Callable[..., Any]:
    """An arbitrary map of one example at one step in PyTorch."""
    import torch

    timed, longest = len(node.steps), 1 + max(env.values())
    rows, cols = (compile_integer(e)(env) for e in node.shape)
    dims = [n for n, e in zip((rows, cols), node.shape, strict=True) if has_axis(e)]

    def value(*arguments: Any) -> Any:
        shapes = [[compile_integer(e)(env) for e in a.shape] for a in node.arguments]
        parts = zip(arguments[timed:], shapes, strict=True)
        stacked = torch.cat([x.reshape(shape).T.reshape(-1, 1) for x, shape in parts])

        def at(*steps: int) -> Any:
            count = stacked.shape[0]
            chosen = arbitrary.wave_map(SEED, node.name, steps, rows * cols, count)
            return chosen.value(TorchWaves(), stacked).reshape(cols, rows).T.reshape(dims)

        if not timed:
            return at()
        return sum((arguments[0] == k) * at(k) for k in range(longest))

    return value
