"""Independent sources of derivatives, one file each: forward equations in, numbers out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import numpy as np

from verify.evaluate import Key
from verify.precision import frobenius
from verify.problem import ForwardProblem


@dataclass(frozen=True)
class Estimate:
    """A derivative and how far it may be off.

    Attributes:
        value: vec × vec (column-major); in the shape of the variable for a gradient.
        error: bound on ‖value − truth‖ from dtype and step, as the method itself knows it.
    """

    value: np.ndarray
    error: float

    def agrees_with(self, other: Estimate) -> bool:
        """Whether two estimates of one derivative can both be right; never if one is not finite."""
        bound = self.error + other.error
        return math.isfinite(bound) and frobenius(self.value - other.value) <= bound


ROUNDINGS = 64.0
"""Rounding errors of one well-conditioned time step, in units of epsilon times the norm."""


def rounding_bound(value: np.ndarray, epsilon: float, problem: ForwardProblem) -> float:
    """What rounding may do to a derivative: its errors add up over the time steps.

    It says nothing about an ill-conditioned point; ``verify.precision`` tells those.
    """
    steps = 1 + sum(problem.ends.values())
    return ROUNDINGS * steps * epsilon * frobenius(value)


@dataclass(frozen=True, slots=True)
class Derivative:
    """∂of/∂wrt, vec × vec (column-major), of two variables at concrete steps.

    Attributes:
        immediate: hold everything else that ``of`` reads fixed; else total, through everything
            downstream of that instance of ``wrt``.
    """

    of: Key
    wrt: Key
    immediate: bool = False


class Oracle(Protocol):
    """What every oracle answers."""

    name: str

    def derivatives(
        self, asked: Sequence[Derivative], problem: ForwardProblem
    ) -> Mapping[Derivative, Estimate]:
        """All that is asked about one problem; what the answers share is computed once."""


def gradients(
    judge: Oracle, of: Key, wrt: Sequence[Key], problem: ForwardProblem
) -> Mapping[Key, Estimate]:
    """The gradient of a 1×1 variable in each of ``wrt``, in the shape of that variable."""
    found = judge.derivatives([Derivative(of, key) for key in wrt], problem)
    return {asked.wrt: as_gradient(row, asked.wrt, problem) for asked, row in found.items()}


def as_gradient(row: Estimate, wrt: Key, problem: ForwardProblem) -> Estimate:
    """A Jacobian of one row in the shape of the variable."""
    rows, cols = problem.shape(wrt)
    return Estimate(row.value.reshape(cols, rows).T, row.error)


_FILES = {"autodiff": "Autodiff", "differences": "Differences", "digits": "Digits"}

ARBITER = "digits"
"""Too slow to ask first; settles what the others dispute."""

ORACLES: tuple[str, ...] = tuple(name for name in _FILES if name != ARBITER)
"""Names of the oracles that give evidence."""


def oracle(name: str) -> Oracle:
    """The oracle called ``name``; imports what it needs only now.

    Raises:
        KeyError: there is no such oracle.
    """
    module = import_module(f"verify.oracles.{name}")
    made: Oracle = getattr(module, _FILES[name])()
    return made
