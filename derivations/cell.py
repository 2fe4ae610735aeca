"""The typed cell: equations over matrix expressions with symbolic sizes and time steps.

A :class:`Definition` says what one variable is. Its target stands at generic steps (one index
symbol per time axis) and each piece says where it applies, so ``h[0] = tanh(V @ c)`` beside
``h[t] = …`` is one definition of two pieces. Where no piece applies the value is free: an
initial state, an input. The same type carries adjoint recurrences, where the pieces that apply
are added and nothing applying means zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Expr, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.nodes import Leaf, Variable

LOSS = "loss"
"""Canonical name of the loss, whatever the user calls it."""


@dataclass(frozen=True)
class Range:
    """``lower ≤ index ≤ upper``, inclusive; equal bounds pin the index to one time."""

    index: Symbol
    lower: Expr
    upper: Expr

    @property
    def pinned(self) -> bool:
        """Whether the index can take one value only."""
        return self.lower == self.upper


@dataclass(frozen=True)
class Piece:
    """``value`` where every range holds; ranges are about the index symbols of the target."""

    value: MatrixExpr
    domain: tuple[Range, ...] = ()


@dataclass(frozen=True)
class Definition:
    """What ``target`` is: the sum of the pieces whose domain holds."""

    target: Leaf
    pieces: tuple[Piece, ...]

    @property
    def name(self) -> str:
        """Name of the variable (or of the variable whose adjoint this is)."""
        return self.target.name


@dataclass(frozen=True)
class Axis:
    """A time axis: ``index`` runs over 1 … ``upper``."""

    index: Symbol
    upper: Symbol


@dataclass(frozen=True)
class Cell:
    """A typed cell.

    Attributes:
        written: the equations as the user wrote them, one definition per variable.
        definitions: the same with every compound argument of a nonlinearity named.
        auxiliary: the names that the tool introduced for those arguments.
        templates: every variable by name, at its generic steps; inputs and parameters too.
        distributions: names of vectors that sum to one.
        displays: name → what the user calls it where that differs (the loss: ``L``).
    """

    title: str
    source: str
    written: tuple[Definition, ...]
    definitions: tuple[Definition, ...]
    axes: tuple[Axis, ...]
    templates: Mapping[str, Variable]
    auxiliary: frozenset[str] = frozenset()
    distributions: frozenset[str] = frozenset()
    displays: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def defined(self) -> dict[str, Definition]:
        """Definition by name, intermediates included."""
        return {definition.name: definition for definition in self.definitions}

    @cached_property
    def parameters(self) -> tuple[Variable, ...]:
        """The variables without a time that no equation defines."""
        names = self.defined
        return tuple(v for k, v in self.templates.items() if k not in names and not v.steps)

    @cached_property
    def inputs(self) -> tuple[Variable, ...]:
        """The timed variables that no equation defines, at generic steps."""
        names = self.defined
        return tuple(v for k, v in self.templates.items() if k not in names and v.steps)

    @cached_property
    def sizes(self) -> tuple[Symbol, ...]:
        """The independent symbolic sizes, in order of first use."""
        seen: dict[Symbol, None] = {}
        for variable in self.templates.values():
            for extent in variable.shape:
                for symbol in sorted(extent.free_symbols, key=str):
                    seen.setdefault(symbol)
        return tuple(seen)
