"""A sieve for edited claims: whether both sides agree at one random point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Literal

import numpy as np

from derivations.cell import Cell, Range
from derivations.language.tree import Node, Relation
from derivations.typing.inline import inline
from derivations.typing.names import Vocabulary
from derivations.typing.scope import index_symbol
from verify.edits.operations import Absent, Matrix, Misfit, Unknown
from verify.edits.point import LONG, Env, Point
from verify.edits.values import kept
from verify.evaluate.indices import compile_integer

Verdict = Literal["agrees", "differs", "misfit", "unknown"]
TOLERANCE = 1e-8
"""Relative error above which two values differ; rounding at these short lengths is below 1e-12."""


@dataclass(frozen=True)
class Letters:
    """The free letters of a claim.

    Attributes:
        positions: those that stand for a row or a column only; claims that end in [i, j] need
            every entry only once.
    """

    all: tuple[str, ...]
    positions: frozenset[str]


def letters_of(cell: Cell, relation: Relation) -> Letters:
    """The free letters of a claim about a cell."""
    vocabulary = Vocabulary(cell)
    vocabulary.check(relation)
    free, positions = vocabulary.free, vocabulary.positions
    return Letters(tuple(sorted(free | positions)), frozenset(positions - free))


class Sieve:
    """Compares the two sides of claims about one cell at one point.

    Args:
        point: where.
        relation: the claim whose free letters its edits share.
        domain: ranges of those letters, where not every time is meant.
        letters: the letters, where they are known already.
    """

    def __init__(
        self,
        point: Point,
        relation: Relation,
        domain: tuple[Range, ...] = (),
        letters: Letters | None = None,
    ) -> None:
        self.point = point
        point.turn_to(relation)
        self._ranges = [
            (str(r.index), compile_integer(r.lower), compile_integer(r.upper)) for r in domain
        ]
        found = letters or letters_of(point.compiled.cell, relation)
        self._letters, self._positions = found.all, found.positions

    def verdict(self, relation: Relation, contracts: bool = False) -> Verdict:
        """Whether both sides agree at every choice of the letters at which all terms exist.

        Args:
            contracts: whether a row may stand for the matrix whose entries it lists, as the product
                of a gradient and a Jacobian does.
        """
        compared = False
        try:
            with np.errstate(all="ignore"):
                for left, right in self.pairs(relation):
                    compared = True
                    if not (np.isfinite(left).all() and np.isfinite(right).all()):
                        return "unknown"
                    if not (close(left, right) or (contracts and _lists(left, right))):
                        return "misfit" if left.shape != right.shape else "differs"
        except Misfit:
            return "misfit"
        except (Unknown, ValueError, ArithmeticError):
            return "unknown"
        return "agrees" if compared else "misfit"

    def vanishes(self, side: Node) -> bool:
        """Whether a side is zero at every choice of the letters at which it has a value."""
        try:
            values = [left for left, _ in self.pairs(Relation("=", side, side))]
        except (Misfit, Unknown, ValueError, ArithmeticError):
            return False
        return bool(values) and not any(value.any() for value in values)

    def pairs(self, relation: Relation) -> Iterator[tuple[Matrix, Matrix]]:
        """Both sides at every choice of the letters at which all terms exist."""
        known = self.point.compiled.known
        sides = [relation.left, relation.right]
        if known.functions:
            sides = [inline(side, known) for side in sides]
        for env in self._choices(relation.conditions):
            try:
                left, right = (kept(side, self.point, env) for side in sides)
            except Absent:
                continue
            yield left, right

    def _choices(self, stated: tuple[Relation, ...]) -> Iterator[Env]:
        for chosen in self._chosen:
            env = {**self.point.env, **chosen}
            if self._holds(stated, env) and (not self._ranges or self._inside(env)):
                yield env

    @cached_property
    def _chosen(self) -> list[dict[str, int]]:
        """Values of the letters, close to each other and late ones first: sums are short there."""
        ranges = [
            range(1, 3) if letter in self._positions else range(LONG + 2)
            for letter in self._letters
        ]
        chosen = sorted(product(*ranges), key=_spread)
        return [dict(zip(self._letters, one, strict=True)) for one in chosen]

    def _holds(self, stated: tuple[Relation, ...], env: Env) -> bool:
        """Whether these are times that a claim is made for."""
        integer = self.point.integer
        return all(integer(c.left, env) <= integer(c.right, env) for c in stated)

    def _inside(self, env: Env) -> bool:
        symbols = {index_symbol(name): value for name, value in env.items()}
        symbols |= self.point.sizes
        return all(low(symbols) <= env[name] <= high(symbols) for name, low, high in self._ranges)


def _spread(chosen: tuple[int, ...]) -> tuple[int, ...]:
    return max(chosen, default=0) - min(chosen, default=0), *(-k for k in chosen)


def close(left: Matrix, right: Matrix) -> bool:
    """Whether two values have one shape and differ by rounding only."""
    if left.shape != right.shape:
        return False
    scale = max(np.abs(left).max(initial=0.0), np.abs(right).max(initial=0.0))
    return bool(np.abs(left - right).max(initial=0.0) <= TOLERANCE * scale)


def _lists(left: Matrix, right: Matrix) -> bool:
    """Whether one value is a row or a column with the entries of the other, column by column."""
    if left.shape == right.shape or left.size != right.size:
        return False
    row, matrix = sorted((left, right), key=lambda side: min(side.shape))
    entries = row.reshape(-1, 1)
    return min(row.shape) == 1 and any(
        close(entries, one.reshape(-1, 1, order="F")) for one in (matrix, matrix.T)
    )
