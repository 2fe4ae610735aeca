"""JAX's and PyTorch's gradient checkers on wrong gradients of one parameter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec

import numpy as np
from recurrences import POINTS, Claim
from trust import check_grads, gradcheck

from derivations.cell import Definition, Piece
from derivations.deriver import Deriver
from derivations.loading import load
from verify.cases import Case
from verify.claims.holding import Identity
from verify.evaluate import Key, variable
from verify.sampling import Sampler


@dataclass(frozen=True)
class Mistake:
    """An effective mistake, typed."""

    kind: str
    cell: str
    identity: Identity


@dataclass(frozen=True, eq=False)
class OneGradient(Claim):
    """The claimed gradient of one parameter."""

    parameter: str = ""

    @cached_property
    def keys(self) -> list[Key]:
        return [variable(self.parameter)]


def peers(mistakes: Sequence[Mistake], seed: int) -> dict[str, Counter[bool]]:
    """How often each peer accepts (True) and rejects (False) a wrong gradient."""
    methods: dict[str, Callable[[Claim], bool | None]] = {
        "jax check_grads, float64": lambda c: check_grads(c, seed, np.float64),
        "torch gradcheck": lambda c: gradcheck(c, seed, False),
    }
    if find_spec("torch") is None:
        del methods["torch gradcheck"]
    found: dict[str, Counter[bool]] = {name: Counter() for name in methods}
    for mistake in mistakes:
        claim = _claim(mistake, seed)
        for name, accepts in methods.items():
            found[name][bool(accepts(claim))] += 1
    return found


def _claim(mistake: Mistake, seed: int) -> OneGradient:
    """A mistake as the backward pass of a function of one parameter."""
    cell = load(mistake.cell).cell
    left = mistake.identity.left
    derived = tuple(
        Definition(left, (Piece(mistake.identity.right),)) if d.name == left.name else d
        for d in Deriver(cell).adjoints.values()
    )
    sizes = dict(zip(cell.sizes, (3, 2, *range(4, 40)), strict=False))
    ends = {axis.upper: 4 + k for k, axis in enumerate(cell.axes)}
    case = Case(sizes, ends, "generic", seed)
    sampler = Sampler(cell, sizes, ends, seed)
    return OneGradient(
        mistake.cell, POINTS[0], cell, derived, case, sampler, mistake.kind, left.name
    )
