"""Weights from a file: arrays by name, and the sizes that follow from their shapes."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from sympy import Expr, Integer, Symbol

from derivations.cell import Cell
from derivations.errors import InputError
from verify.plots.weights import Arrays


def read_weights(path: str, cell: Cell) -> dict[str, np.ndarray]:
    """Arrays by name from an ``.npz`` file, as ``numpy.savez`` writes it.

    Raises:
        InputError: it cannot be read, or names what the cell does not have.
    """
    try:
        with np.load(Path(path), allow_pickle=False) as file:
            found = {name: np.asarray(file[name], dtype=float) for name in file.files}
    except (OSError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path} cannot be read as weights: {error}",
            remedy="save arrays by name: numpy.savez('weights.npz', W_hh=…, W_hx=…)",
        ) from None
    known = [v.name for v in (*cell.parameters, *cell.inputs)]
    for name in found:
        if name not in known:
            raise InputError(
                f"the cell has no parameter or input {name}", remedy=f"it has: {', '.join(known)}"
            )
    return found


def given_sizes(cell: Cell, given: Arrays) -> dict[Symbol, int]:
    """The sizes and ends that given arrays have.

    Raises:
        InputError: two arrays disagree, or one has the wrong shape.
    """
    ends = {axis.index: axis.upper for axis in cell.axes}
    found: dict[Symbol, tuple[int, str]] = {}
    pairs: list[tuple[str, Expr, int]] = []
    for name, array in given.items():
        template = cell.templates[name]
        extents = [ends[step] for step in template.steps] + list(template.shape)
        shape = array.shape + (1,) * (len(extents) - array.ndim)
        if len(shape) != len(extents):
            raise _misshapen(name, array, extents)
        pairs += [(name, extent, size) for extent, size in zip(extents, shape, strict=True)]
    # What has one unknown size first: it tells the sizes of which another is a sum.
    for name, extent, size in sorted(pairs, key=lambda pair: len(pair[1].free_symbols)):
        known = {symbol: Integer(value) for symbol, (value, _) in found.items()}
        rest = extent.xreplace(known)
        if not rest.is_number:
            unknown = sorted(rest.free_symbols, key=str)
            value = (size - rest.subs(unknown[0], 0)) / rest.coeff(unknown[0])
            if len(unknown) == 1 and value.is_Integer and value > 0:
                found[unknown[0]] = (int(value), name)
                continue
            raise _misshapen(name, given[name], [extent])
        if rest != size:
            others = ", ".join(found[s][1] for s in extent.free_symbols)
            raise InputError(
                f"{name} has {size} where {extent} = {rest}" + (f" by {others}" if others else ""),
                remedy="give arrays whose sizes fit together",
            )
    return {symbol: value for symbol, (value, _) in found.items()}


def _misshapen(name: str, array: np.ndarray, extents: list[Expr]) -> InputError:
    expected = " x ".join(map(str, extents))
    return InputError(
        f"{name} has the shape {array.shape}", remedy=f"the cell has {expected} there"
    )
