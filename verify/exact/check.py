"""The exact check of one identity: sizes from small to large, many trials each, a bound at the end."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
from sympy import Basic
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Definition, Range
from derivations.errors import MissingRule
from derivations.expressions.nodes import Apply, Power
from derivations.functions import FUNCTIONS, lookup
from verify.arithmetic.exact import NotRational
from verify.arithmetic.modular import PRIME
from verify.evaluate.indices import UnboundIndex
from verify.exact.arbiter import differs
from verify.exact.compare import Identity, bindings, sides
from verify.exact.result import ExactResult, Failure
from verify.exact.schedule import Case, schedule
from verify.exact.settings import DegreeSetting, FieldSetting
from verify.exact.world import World

TRIALS = 6
"""Independent evaluations per case; the bound says what they are worth."""
BRANCH_TRIALS = 256
"""The same in small cases where a branch or a root leaves each trial to chance."""
TARGET = 1e-15
"""Largest acceptable probability of a false pass."""

_TIED = frozenset({"linear", "square", "reciprocal"})
"""Functions of the table without an identity that the field lacks."""


class Checker:
    """Exact checks of one cell; what the identities share is computed once.

    Args:
        cell: forward equations.
        derived: definitions that right sides may refer to (adjoint recurrences); adjoints that are
            not among them are computed from the forward equations.
        seed: fixes every random value.
        trials: independent evaluations per case.
    """

    def __init__(
        self, cell: Cell, derived: Iterable[Definition] = (), seed: int = 0, trials: int = TRIALS
    ) -> None:
        self.cell, self.derived = cell, tuple(derived)
        self.seed, self.trials = seed, trials
        self._worlds: dict[tuple[int, bool, int], World] = {}
        used = {f for d in (*cell.definitions, *self.derived) for f in _functions(d)}
        self._functions = frozenset(used)

    def check(
        self, left: MatrixExpr, right: MatrixExpr, domain: tuple[Range, ...] = ()
    ) -> ExactResult:
        """Whether ``left = right`` for every index of ``domain``, at every size and time tried."""
        started = time.perf_counter()
        identity = Identity(left, right, domain)
        functions = self._functions | _in(left) | _in(right)
        try:
            outcome = self._decide(identity, functions)
        except NotRational as reason:
            outcome = ("undecided", 0, None, str(reason))
        except (MissingRule, UnboundIndex) as reason:
            outcome = ("undecided", 0, None, str(reason))
        status, cases, failure, reason_text = outcome
        degree, bound = (0, 1.0) if status != "pass" else self._bound
        return ExactResult(
            status, cases, bound, degree, failure, reason_text, time.perf_counter() - started
        )

    def _decide(self, identity, functions):
        ...
