"""How an export takes its arguments: every key, shape and type is checked and named if wrong.

Exports hold the source of these functions, with the module's own tables beside them. NumPy stands
for whichever library has its functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Array = Any
PARAMETERS: dict[str, tuple[str, ...]] = {}
GIVEN: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
STARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
LENGTHS: tuple[str, ...] = ()


def extent(form: str, sizes: Mapping[str, int]) -> int:
    """The value of a form such as ``4*n + m``."""
    total = 0
    for term in form.split(" + "):
        product = 1
        for factor in term.split("*"):
            product *= int(factor) if factor.lstrip("-").isdigit() else sizes[factor]
        total += product
    return total


def solve(forms: list[tuple[str, str, int]], sizes: dict[str, int]) -> None:
    """Find every size from (array, form, length); what does not fit is named.

    Raises:
        ValueError: an array has a length that does not fit the others, or a size stays open.
    """
    waiting = list(forms)
    while waiting:
        rest = []
        for name, form, length in waiting:
            words = form.replace(" + ", "*").split("*")
            unknown = {w for w in words if not w.lstrip("-").isdigit()} - sizes.keys()
            if not unknown:
                if extent(form, sizes) != length:
                    expected = f"{form} = {extent(form, sizes)}"
                    raise ValueError(f"{name} has an axis of length {length}, expected {expected}")
            elif len(unknown) == 1:
                (size,) = unknown
                none, one = (extent(form, {**sizes, size: k}) for k in (0, 1))
                if (length - none) % (one - none) or length <= none:
                    least = f"{form}, {extent(form, {**sizes, size: 1})} at least"
                    expected = least if length <= none else form
                    raise ValueError(f"{name} has an axis of length {length}, expected {expected}")
                sizes[size] = (length - none) // (one - none)
            else:
                rest.append((name, form, length))
        if len(rest) == len(waiting):
            raise ValueError(f"the sizes in {rest[0][1]}, an axis of {rest[0][0]}, are not known")
        waiting = rest


def array(name: str, value: Array, dtype: Any) -> Array:
    """A floating-point array of one type for all.

    Raises:
        TypeError: it has another type, or is no array.
    """
    try:
        found = np.asarray(value)
    except (TypeError, ValueError):
        kind = type(value).__name__
        raise TypeError(f"{name} is of type {kind}, expected an array of numbers") from None
    if not np.issubdtype(found.dtype, np.floating):
        raise TypeError(f"{name} has dtype {found.dtype}, expected floating point")
    if dtype is not None and found.dtype != dtype:
        raise TypeError(f"{name} has dtype {found.dtype}, the others have {dtype}")
    return found


def nothing(like: Array) -> Array:
    """A zero of the same type."""
    return np.zeros((), like.dtype)


def keys(what: str, found: Mapping[str, Any], needed: Any, optional: Any = ()) -> None:
    """All that is needed is there, and nothing that nobody knows.

    Raises:
        KeyError: a key is missing or unknown.
        TypeError: it is no dict.
    """
    if not isinstance(found, Mapping):
        raise TypeError(f"{what} is of type {type(found).__name__}, expected a dict by name")
    for name in needed:
        if name not in found:
            raise KeyError(f"{what} has no {name!r}; it needs {', '.join(needed)}")
    for name in found:
        if name not in needed and name not in optional:
            known = ", ".join([*needed, *optional])
            raise KeyError(f"{what} has an unknown key {name!r}; it may have {known}")


def steps(name: str, value: Any) -> int:
    """How many steps an axis has, where a caller says so.

    Raises:
        TypeError: it is no whole number.
        ValueError: there is none.
    """
    if not hasattr(value, "__index__"):
        raise TypeError(f"{name} is of type {type(value).__name__}, expected a number of steps")
    if int(value) < 1:
        raise ValueError(f"{name} is {int(value)}, expected one step at least")
    return int(value)


def fits(found: tuple[int, ...], expected: tuple[int | None, ...]) -> bool:
    """Whether a shape is the expected one, of which some extents may be open."""
    same = len(found) == len(expected)
    return same and all(e in (None, f) for f, e in zip(found, expected, strict=True))


def callables(**given: Any) -> None:
    """All arbitrary functions of the equations are functions.

    Raises:
        TypeError: one is something else.
    """
    for name, function in given.items():
        if not callable(function):
            kind = type(function).__name__
            raise TypeError(f"{name} is of type {kind}, expected a function of the equations")


def checked(
    params: Mapping[str, Array], data: Mapping[str, Array], needed: tuple[str, ...]
) -> tuple[dict[str, Array], dict[str, int], tuple[int, ...]]:
    """All arrays by name, the sizes by name, and the shape of the batch.

    Raises:
        KeyError: a key is missing or unknown.
        TypeError: an array is not floating point, or of another type than the others.
        ValueError: a shape does not fit, or there is no example.
    """
    keys("params", params, tuple(PARAMETERS))
    keys("data", data, needed, (*STARTS, *LENGTHS))
    lengths = [name for name in LENGTHS if name in data]
    values: dict[str, Array] = {}
    dtype: Any = None
    for name, value in {**params, **{k: v for k, v in data.items() if k not in lengths}}.items():
        values[name] = array(name, value, dtype)
        dtype = values[name].dtype
    sizes = {name: steps(name, data[name]) for name in lengths}
    forms: list[tuple[str, str, int]] = []
    batch: tuple[int, ...] | None = None
    for name, form in PARAMETERS.items():
        if values[name].ndim != len(form):
            shape = f"({', '.join(form)})"
            own_shape = tuple(values[name].shape)
            raise ValueError(f"{name} has shape {own_shape}, expected {shape}")
        forms += [(name, e, k) for e, k in zip(form, values[name].shape, strict=True)]
    for name in [name for name in (*needed, *STARTS) if name in values]:
        times, form = GIVEN[name] if name in GIVEN else STARTS[name]
        shape, between = values[name].shape, values[name].ndim - len(times) - len(form)
        if between < 0:
            expected = ", ".join([*times, "...", *form])
            raise ValueError(f"{name} has shape {tuple(shape)}, expected ({expected})")
        found = shape[len(times) : len(times) + between]
        if name in GIVEN or found:
            if batch is not None and batch != tuple(found):
                raise ValueError(f"{name} has batch axes {tuple(found)}, the others have {batch}")
            batch = tuple(found)
            if 0 in batch:
                raise ValueError(f"{name} has batch axes {batch}, which hold no example")
        ends = (*shape[: len(times)], *shape[len(times) + between :])
        forms += [(name, e, k) for e, k in zip((*times, *form), ends, strict=True)]
    solve(forms, sizes)
    for name in LENGTHS:
        if name not in sizes:
            raise KeyError(f"no input has {name} steps: give {name!r} beside the inputs, a number")
    batch = batch or ()
    for name, (times, form) in STARTS.items():
        lead, own = ([extent(e, sizes) for e in part] for part in (times, form))
        start = values[name] if name in values else nothing(next(iter(values.values())))
        if name in values and start.ndim == len(lead) + len(own):
            start = start.reshape((*lead, *(1 for _ in batch), *own))
        values[name] = np.broadcast_to(start, (*lead, *batch, *own))
    return values, sizes, batch
