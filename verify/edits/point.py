"""A cell at one random point: the leaves of claims about it, in plain floating point.

They come from the evaluator: variables and Jacobians from the forward equations, adjoints from
their recurrences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np
from sympy import Symbol

from derivations.calculus.adjoint import adjoints
from derivations.calculus.existence import lifetime
from derivations.cell import Definition
from derivations.errors import GradproofError
from derivations.language.tree import (
    Binary,
    Name,
    Negative,
    Node,
    Number,
    Relation,
    walk,
)
from derivations.same import Same
from derivations.typing.compile import Compiled
from derivations.typing.maps import maps_of
from verify.arithmetic.base import Array
from verify.arithmetic.numpy import NumpyArithmetic
from verify.edits.operations import INTEGERS, Absent, Matrix, Unknown
from verify.evaluate.frame import Key
from verify.evaluate.indices import compile_integer
from verify.exact.schedule import Case
from verify.exact.settings import FloatSetting
from verify.exact.world import World
from verify.readings.cell_changes import scalar_sizes

Env = Mapping[str, int]
LONG = 4
"""End of the first axis; one more for each further axis."""
MOST_TREES = 500
"""Sides, and bodies of sums, whose values a point keeps for one claim and its edits."""


@lru_cache(maxsize=MOST_TREES)
def _plain_names(node: Same[Node]) -> frozenset[str]:
    """The names in a tree that have no time; the same trees are asked for at several points."""
    return frozenset(n.name for n in walk(node.value) if isinstance(n, Name) and not n.indices)


class _AtRest(FloatSetting):
    """Zero for every value of a state that no equation gives."""

    def free(self, key: Key, rows: int, cols: int) -> Array:
        value = super().free(key, rows, cols)
        return 0 * value if key[1] in self.states else value


class Point:
    """A cell at concrete sizes, lengths and values.

    Args:
        compiled: the cell.
        seed: fixes every value.
        scalar: all sizes 1, but for those that a softmax runs over.
        rest: whether initial and final values of states are zero.
        derived: adjoint recurrences, where they are known already.

    Attributes:
        env: what the names of ends and sizes stand for.
        kept: values of trees by the tree, as an object, and the letters it depends on.
    """

    def __init__(
        self,
        compiled: Compiled,
        seed: int = 0,
        scalar: bool = False,
        rest: bool = False,
        derived: Iterable[Definition] | None = None,
    ) -> None:
        self.compiled, cell = compiled, compiled.cell
        distinct = dict(zip(cell.sizes, (3, 2, *range(4, 40)), strict=False))
        if scalar:
            distinct |= dict.fromkeys(scalar_sizes(cell), 1)
        ends = {axis.upper: LONG + k for k, axis in enumerate(cell.axes)}
        case = Case(distinct, ends)
        setting = (_AtRest if rest else FloatSetting)(cell, case, seed, "generic")
        derived = adjoints(cell).values() if derived is None else derived
        self.world = World(cell, case, setting, derived)
        self.arithmetic = NumpyArithmetic(seed=seed)
        self.sizes: dict[Symbol, int] = distinct
        self.last = max(ends.values(), default=1)
        numbers: dict[Symbol, int] = {**ends, **distinct}
        self.env: dict[str, int] = {str(symbol): value for symbol, value in numbers.items()}
        self.reach = {
            name: tuple(
                (compile_integer(low)(numbers), compile_integer(high)(numbers))
                for low, high in lifetime(cell, name)
            )
            for name in cell.templates
        }
        self.maps = {
            name: tuple(compile_integer(extent)(numbers) for extent in shape)
            for name, shape in maps_of(cell).items()
        }
        self.templates = cell.templates
        self._known: dict[Key, Matrix] = {}
        self.kept: dict[tuple[int | None, ...], Matrix] = {}
        self._letters: dict[int, tuple[Node, tuple[str, ...]]] = {}
        self._about: Relation | None = None

    def turn_to(self, claim: Relation) -> None:
        """Forget the trees of another claim: this one and its edits share few with it."""
        if self._about is not claim:
            self._about = claim
            self._forget()

    def _forget(self) -> None:
        self._letters.clear()
        self.kept.clear()

    def letters_of(self, node: Node) -> tuple[str, ...]:
        """Names in a tree that may stand for a number; the tree is kept with its values."""
        found = self._letters.get(id(node))
        if found is None:
            if len(self._letters) >= MOST_TREES:
                self._forget()
            letters = tuple(sorted(_plain_names(Same(node)) - self.templates.keys()))
            found = self._letters[id(node)] = (node, letters)
        return found[1]

    def leaf(self, key: Key) -> Matrix:
        """The value behind a key of the evaluator, float64."""
        if key not in self._known:
            try:
                value = self.world.system.value(key)
            except (GradproofError, KeyError, ValueError) as error:
                raise Unknown(str(error)) from error
            self._known[key] = np.asarray(value, dtype=float)
        return self._known[key]

    def steps(self, name: Name, env: Env) -> tuple[int, ...]:
        """Concrete times of a variable.

        Raises:
            Absent: it has no value there.
        """
        reach = self.reach.get(name.name)
        if reach is None or len(reach) != len(name.indices):
            raise Unknown(name.name)
        if not reach:
            return ()
        found = tuple([self.integer(index, env) for index in name.indices])
        for step, (low, high) in zip(found, reach, strict=True):
            if not low <= step <= high:
                raise Absent(name.name)
        return found

    def integer(self, node: Node, env: Env) -> int:
        """A time, a bound or an exponent."""
        # Names first: nothing is asked for more often.
        if isinstance(node, Name) and node.name in env and not node.indices:
            return env[node.name]
        if isinstance(node, Number) and node.value.denominator == 1:
            return int(node.value)
        if isinstance(node, Negative):
            return -self.integer(node.operand, env)
        if isinstance(node, Binary):
            left, right = self.integer(node.left, env), self.integer(node.right, env)
            if node.operator in INTEGERS:
                return INTEGERS[node.operator](left, right)
        raise Unknown("not a time")
