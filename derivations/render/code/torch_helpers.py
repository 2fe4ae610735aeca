"""PyTorch functions that exports call; an export holds the source of those that it needs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from derivations.render.code.checks import fits

if TYPE_CHECKING:
    # Nothing here is called: only the source is read, and PyTorch need not be there for that.
    import torch

Array = Any


def array(name: str, value: Array, dtype: Any) -> Array:
    """A floating-point tensor of one type for all.

    Raises:
        TypeError: it has another type, or is no array.
    """
    try:
        found = torch.as_tensor(value)
    except (TypeError, ValueError, RuntimeError):
        kind = type(value).__name__
        raise TypeError(f"{name} is of type {kind}, expected an array of numbers") from None
    if not found.is_floating_point():
        raise TypeError(f"{name} has dtype {found.dtype}, expected floating point")
    if dtype is not None and found.dtype != dtype:
        raise TypeError(f"{name} has dtype {found.dtype}, the others have {dtype}")
    return found


def nothing(like: Array) -> Array:
    """A zero of the same type and place."""
    return torch.zeros((), dtype=like.dtype, device=like.device)


def choose(condition: Array, chosen: Any, otherwise: Any, dtype: Any) -> Array:
    """A choice entry by entry."""
    both = [torch.as_tensor(x, dtype=dtype, device=condition.device) for x in (chosen, otherwise)]
    return torch.where(condition, *both)


def total(x: Array, rank: int) -> Array:
    """The sum over all axes but the last ``rank``."""
    return x.reshape(-1, *x.shape[x.ndim - rank :]).sum(0)


def outer_total(a: Array, b: Array) -> Array:
    """Σ a bᵀ over all axes but the last: one matrix product."""
    lead = torch.broadcast_shapes(a.shape[:-1], b.shape[:-1])
    left = torch.broadcast_to(a, (*lead, a.shape[-1])).reshape(-1, a.shape[-1])
    right = torch.broadcast_to(b, (*lead, b.shape[-1])).reshape(-1, b.shape[-1])
    return left.T @ right


def only_asked(names: Any, needed: Any, asked: tuple[str, ...]) -> None:
    """Look at what autograd differentiates.

    Raises:
        ValueError: something is differentiated whose gradient is not derived here.
    """
    for name, wanted in zip(names, needed, strict=True):
        if wanted and name not in asked:
            raise ValueError(f"the gradient in {name} was not asked for; export with --wrt {name}")


def recurrence(by: Array, plus: Array, start: Array, reverse: bool) -> Array:
    """s_t = by_t s_{t-1} + plus_t from a start, for all steps; from the last one if ``reverse``."""
    if reverse:
        return recurrence(by.flip(0), plus.flip(0), start, False).flip(0)
    found = torch.cat([plus[:1] + by[:1] * start, plus[1:]], 0)
    if found[:1].numel() > 128 and found.device.type == "cpu":
        # So many numbers take longer than the interpreter's work for a step.
        steps = [found[0]]
        for a, b in zip(by[1:], found[1:], strict=True):
            steps.append(a * steps[-1] + b)
        return torch.stack(steps, 0)
    # Each round joins every step with the one that is as far back as all before reached.
    factor, reach = by, 1
    while reach < len(found):
        later = found[reach:] + factor[reach:] * found[:-reach]
        found = torch.cat([found[:reach], later], 0)
        factor = torch.cat([factor[:reach], factor[reach:] * factor[:-reach]], 0)
        reach *= 2
    return found


def from_later(x: Array, steps: int) -> Array:
    """What stands some steps later along the first axis; zero beyond its end."""
    return torch.concatenate([x[steps:], torch.zeros_like(x[:steps])], 0)


def each(
    name: str,
    function: Callable[..., Array],
    shape: tuple[int | None, ...],
    ranks: tuple[int, ...],
    *arguments: Array,
) -> Array:
    """A function of one example at one step, for all of them; ``ranks`` are of its arguments.

    Raises:
        ValueError: it gives something of another shape than the equations say.
    """
    arrays = [torch.as_tensor(argument) for argument in arguments]
    leads = [a.shape[: a.ndim - rank] for a, rank in zip(arrays, ranks, strict=True)]
    lead = torch.broadcast_shapes(*leads)
    wide = [
        torch.broadcast_to(a, (*lead, *a.shape[len(own) :])).reshape(-1, *a.shape[len(own) :])
        if own
        else a
        for a, own in zip(arrays, leads, strict=True)
    ]
    many = torch.func.vmap(function, tuple(0 if own else None for own in leads))
    found = torch.as_tensor(many(*wide) if lead else function(*wide))
    own_shape = tuple(found.shape[1:] if lead else found.shape)
    if not fits(own_shape, shape):
        raise ValueError(f"{name} gives shape {own_shape}, expected {shape}")
    return found.reshape((*lead, *own_shape))


def entrywise(name: str, function: Callable[..., Array], *arguments: Array) -> Array:
    """An elementwise function of some arguments.

    Raises:
        ValueError: it gives another shape than theirs.
    """
    found = torch.as_tensor(function(*arguments))
    shape = torch.broadcast_shapes(*(x.shape for x in arguments))
    if tuple(found.shape) not in ((), tuple(shape)):
        raise ValueError(f"{name} gives shape {tuple(found.shape)}, expected {tuple(shape)}")
    return torch.broadcast_to(found, shape)


def slope(function: Callable[..., Array], argument: int, *arguments: Array) -> Array:
    """How an elementwise function changes with one of its arguments."""
    wide = torch.broadcast_tensors(*arguments)

    def of(x: Array) -> Array:
        return function(*wide[:argument], x, *wide[argument + 1 :])

    found = torch.func.vjp(of, wide[argument])
    return found[1](torch.ones_like(found[0]))[0]


def pullback(function: Callable[..., Array], argument: int) -> Callable[..., Array]:
    """A cotangent and the arguments of a function to the cotangent of one of them."""

    def pulled(above: Array, *arguments: Array) -> Array:
        def of(x: Array) -> Array:
            return function(*arguments[:argument], x, *arguments[argument + 1 :])

        found = torch.func.vjp(of, arguments[argument])
        return found[1](torch.as_tensor(above).to(found[0]))[0]

    return pulled


def sample_map(shape: tuple[int, ...]) -> Callable[..., Array]:
    """Some smooth map with results of a shape."""
    rows = math.prod(shape)

    def weights(argument: int, like: Array) -> Array:
        down, across = (torch.arange(k).to(like) for k in (rows, like.numel()))
        return torch.cos(1.0 + down[:, None] + 2.0 * across + 3.0 * argument)

    def value(*arguments: Array) -> Array:
        flat = [a.reshape(-1).to(arguments[-1].dtype) for a in arguments]
        total = torch.stack([weights(k, a) @ a for k, a in enumerate(flat)]).sum(0)
        return torch.sin(total).reshape(shape)

    return value


def sample_function(*arguments: Array) -> Array:
    """Some smooth elementwise function."""
    return torch.sin(torch.stack([(k + 1.0) * x for k, x in enumerate(arguments)]).sum(0))
