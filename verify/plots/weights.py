"""Weights to measure at: seeded ones whose recurrent part has a chosen spectral radius, or given.

Drawn weights look like those of a network that trains: matrices keep the scale of a vector
(Glorot and Bengio 2010), biases are small, initial states are zero. Only what multiplies a state
from step to step is scaled: it decides whether gradients vanish or explode.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from sympy import Symbol
from sympy.matrices.expressions import MatAdd, MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.states import Group
from derivations.cell import Cell
from derivations.expressions.nodes import Blocks, Scale, Variable
from derivations.expressions.traverse import operands
from verify.evaluate import Key
from verify.sampling import Sampler

WIDE, NARROW = 32, 6
"""Rows of a state that is a vector, and of one that is a matrix, where nobody says."""
OTHER = 4
QUIET = 0.1
"""Drawn inputs and biases are this small, so that slopes stay near their largest."""

Arrays = Mapping[str, np.ndarray]


class Weights:
    """Values of everything that no equation defines.

    Args:
        radius: spectral radius of the recurrent parameters; as they are where ``None``.
        recurrent: names of the parameters that are scaled.
        given: arrays by name: parameters, and inputs stacked over time, (T, rows).
    """

    def __init__(
        self,
        cell: Cell,
        sizes: Mapping[Symbol, int],
        ends: Mapping[Symbol, int],
        seed: int,
        radius: float | None,
        recurrent: frozenset[str],
        given: Arrays,
    ) -> None:
        self._drawn = Sampler(cell, sizes, ends, seed)
        self._cell, self._given = cell, given
        self._radius, self._recurrent = radius, recurrent
        self._parameters = {parameter.name for parameter in cell.parameters}

    def __call__(self, key: Key) -> np.ndarray:
        """The value of one free variable, (rows, cols)."""
        name, steps = str(key[1]), key[2:]
        drawn = self._drawn(key)
        if name in self._given:
            value = self._stated(name, steps, drawn.shape)
        elif name in self._cell.defined:
            value = np.zeros_like(drawn)
        elif name in self._cell.distributions or 1 not in drawn.shape:
            value = drawn
        else:
            value = drawn if drawn.size == 1 else QUIET * drawn
        scaled = name in self._recurrent and self._radius is not None
        return with_radius(value, self._radius or 0.0) if scaled else value

    def _stated(self, name: str, steps: tuple[object, ...], shape: tuple[int, int]) -> np.ndarray:
        value = self._given[name]
        if name not in self._parameters:
            (step,) = steps
            value = value[int(str(step)) - 1]
        return value.reshape(shape)


def with_radius(matrix: np.ndarray, radius: float) -> np.ndarray:
    """A matrix scaled so that each of its square blocks has this spectral radius.

    Gates stacked in one matrix are blocks; a matrix that has no square blocks is scaled to this
    spectral norm.
    """
    rows, cols = matrix.shape
    if rows % cols:
        return matrix * (radius / np.linalg.norm(matrix, 2))
    blocks = []
    for block in np.split(matrix, rows // cols):
        size = np.max(np.abs(np.linalg.eigvals(block)))
        blocks.append(block * (radius / size) if size > 0 else block)
    return np.concatenate(blocks)


def recurrent_parameters(cell: Cell, groups: list[Group]) -> frozenset[str]:
    """The parameters that are a factor of a step Jacobian: matrices, and numbers that scale."""
    free = {p.name for p in cell.parameters}
    found = {v.name for group in groups for v in _factors(group.step)}
    shapes = {name: cell.templates[name].shape for name in found & free}
    return frozenset(name for name, shape in shapes.items() if shape == (1, 1) or 1 not in shape)


def _factors(jacobian: MatrixExpr) -> Iterator[Variable]:
    """Variables that stand as a factor or a whole block; the slope of a leaky unit does not."""
    bare = jacobian.arg if isinstance(jacobian, Transpose) else jacobian
    if isinstance(bare, Variable):
        yield bare
    elif isinstance(bare, MatMul | MatAdd | Scale | Blocks):
        for part in operands(bare):
            yield from _factors(part)


def default_sizes(cell: Cell, groups: list[Group]) -> dict[Symbol, int]:
    """A size for every symbol: states are wide, whatever else is narrow."""
    sizes = dict.fromkeys(cell.sizes, OTHER)
    for group in groups:
        for name in group.states:
            rows, cols = cell.templates[name].shape
            wide = WIDE if rows.is_number or cols.is_number else NARROW
            sizes.update(dict.fromkeys(rows.free_symbols | cols.free_symbols, wide))
    return sizes
