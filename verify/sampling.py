"""Values for what no equation defines: parameters, inputs, initial states, in several regimes.

A value depends on (seed, key) alone, so it is the same whoever asks first and however long the
sequence is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

import numpy as np
from sympy import Basic, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS, Cell
from derivations.expressions.nodes import (
    Apply,
    Power,
    Quotient,
    Variable,
)
from derivations.functions import lookup
from verify.arithmetic.arbitrary import generator
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import Key, System, variable
from verify.evaluate.indices import compile_integer

Draw = Callable[[np.random.Generator, tuple[int, int], bool], np.ndarray]
"""(generator, shape, whether it is a parameter) to a matrix of that shape."""


def _generic(draw: np.random.Generator, shape: tuple[int, int], parameter: bool) -> np.ndarray:
    matrix = draw.standard_normal(shape)
    # A product with such a matrix keeps the scale of a vector.
    return matrix / np.sqrt(shape[1]) if parameter and shape[1] > 1 else matrix


def _scaled(factor: float) -> Draw:
    return lambda draw, shape, parameter: factor * _generic(draw, shape, parameter)


def _saturated(draw: np.random.Generator, shape: tuple[int, int], parameter: bool) -> np.ndarray:
    """Pre-activations of about 50: parameters grow, the rest stays."""
    return (50.0 if parameter else 1.0) * _generic(draw, shape, parameter)


def _zeros(draw: np.random.Generator, shape: tuple[int, int], parameter: bool) -> np.ndarray:
    """Vectors vanish, matrices do not: sums of products land exactly on a kink at 0."""
    vanish = not parameter or 1 in shape
    return np.zeros(shape) if vanish else _generic(draw, shape, parameter)


def _radius(radius: float) -> Draw:
    """Square parameters of this spectral radius, others of this spectral norm; small biases."""

    def drawn(draw: np.random.Generator, shape: tuple[int, int], parameter: bool) -> np.ndarray:
        matrix = _generic(draw, shape, parameter)
        if not parameter or 1 in shape:
            return 0.1 * matrix
        square = shape[0] == shape[1]
        size = np.max(np.abs(np.linalg.eigvals(matrix))) if square else np.linalg.norm(matrix, 2)
        return np.asarray(matrix * (radius / size))

    return drawn


REGIMES: Mapping[str, Draw] = {
    "generic": _generic,
    "saturated": _saturated,
    "zeros": _zeros,
    "huge": _scaled(1e6),
    "tiny": _scaled(1e-8),
    "exploding": _radius(2.0),
    "vanishing": _radius(0.1),
}
"""How values are drawn, by name."""


LOSS_KEY = variable(LOSS)


class Sampler:
    """Values of the free variables of a cell, by key.

    Args:
        cell: whose variables.
        sizes: concrete value of each size symbol.
        ends: concrete end of each time axis.
        seed: with the key, fixes every value.
        regime: one of :data:`REGIMES`.
        nudge: relative size of a perturbation of every entry; for neighbours of a point.

    Raises:
        KeyError: there is no such regime.
    """

    def __init__(
        self,
        cell: Cell,
        sizes: Mapping[Symbol, int],
        ends: Mapping[Symbol, int],
        seed: int = 0,
        regime: str = "generic",
        nudge: float = 0.0,
    ) -> None:
        self.cell, self.sizes, self.ends = cell, dict(sizes), dict(ends)
        self.seed, self.regime, self.nudge = seed, regime, nudge
        self._draw = REGIMES[regime]
        self._nudge_seed = 0
        self._positive = positive_names(cell)
        self._shapes: dict[str, tuple[int, int]] = {}
        self._values: dict[Key, np.ndarray] = {}

    def __call__(self, key: Key) -> np.ndarray:
        """The value of one free variable, float64 (rows, cols)."""
        value = self._values.get(key)
        if value is None:
            value = self._values[key] = self._sample(key)
        return value

    def neighbour(self, seed: int, nudge: float = 1e-4) -> Sampler:
        """The same point with every entry moved a little, by a perturbation of its own."""
        moved = Sampler(self.cell, self.sizes, self.ends, self.seed, self.regime, nudge)
        moved._nudge_seed = seed
        return moved

    def _sample(self, key: Key) -> np.ndarray:
        name = str(key[1])
        template = self.cell.templates[name]
        draw = generator(self.seed, self.regime, *key)
        value = self._draw(draw, self._shape(name, template), not template.steps)
        if name in self._positive:
            value = np.abs(value) + (0.5 if self.regime == "generic" else 1e-3)
        if name in self.cell.distributions:
            return _distribution(draw, value.shape)
        if self.nudge:
            moves = generator(self.seed, "nudge", self._nudge_seed, *key)
            scale = np.max(np.abs(value), initial=0.0) or 1.0
            value = value + self.nudge * scale * moves.standard_normal(value.shape)
        return value

    def _shape(self, name: str, template: Variable) -> tuple[int, int]:
        if name not in self._shapes:
            env = {**self.ends, **self.sizes}
            rows, cols = (compile_integer(extent)(env) for extent in template.shape)
            self._shapes[name] = (rows, cols)
        return self._shapes[name]


def _distribution(draw: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Probabilities in units of 2⁻⁴⁰, so that they sum to one in every number system."""
    unit = 2**40
    weights = draw.uniform(0.1, 1.0, shape)
    counts = np.floor(weights / weights.sum() * unit)
    counts.flat[0] += unit - counts.sum()
    return np.asarray(counts / unit)


@lru_cache(maxsize=256)
def _positive_in(expression: MatrixExpr) -> frozenset[str]:
    """Variables that stand, bare, where only a positive value makes sense."""
    found: set[str] = set()
    stack: list[Basic] = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, Variable):
            continue
        found.update(child.name for child in _guarded(node) if isinstance(child, Variable))
        stack.extend(node.args)
    return frozenset(found)


def _guarded(node: Basic) -> Iterator[Basic]:
    """Children of ``node`` that must be positive or at least not zero."""
    if isinstance(node, Apply):
        row = lookup(node.function)
        if row is not None and not any(-1.0 in interval for interval in row.domain):
            yield from node.arguments[: row.arity]
    elif isinstance(node, Quotient):
        yield node.denominator
    elif isinstance(node, Power) and not (node.exponent.is_integer and node.exponent.is_positive):
        yield node.base


def positive_names(cell: Cell) -> frozenset[str]:
    """Free variables of the cell that are drawn positive."""
    defined = cell.defined
    pieces = (piece.value for item in cell.definitions for piece in item.pieces)
    return frozenset(
        name for value in pieces for name in _positive_in(value) if name not in defined
    )


def finite_sampler(
    cell: Cell,
    sizes: Mapping[Symbol, int],
    ends: Mapping[Symbol, int],
    seed: int,
    regime: str,
    wanted: Key = LOSS_KEY,
    tries: int = 20,
) -> Sampler | None:
    """The first sampler, over consecutive attempts, at which ``wanted`` and all it reads is finite.

    Returns ``None`` where none is: the caller reports that, it never counts as a pass.
    """
    for attempt in range(tries):
        sampler = Sampler(cell, sizes, ends, seed + attempt * 1_000_003, regime)
        system = System(cell.definitions, NumpyArithmetic(seed=seed), ends, sizes, sampler)
        system.value(wanted)
        if all(np.isfinite(value).all() for value in system.frame.values.values()):
            return sampler
    return None
