"""Definitions and Jacobian formulas as rules: which concrete steps they match, what they run."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Expr, Symbol

from derivations.cell import Definition, Piece, Range
from derivations.expressions.nodes import Jacobian
from verify.evaluate.compile import compile_expression
from verify.evaluate.frame import IMMEDIATE, KINDS, TOTAL, VARIABLE, Compiled, Key
from verify.evaluate.indices import Env, compile_integer

Head = tuple[Hashable, ...]
"""What a key names, without its steps."""

Bindings = dict[Symbol, int]


@dataclass(frozen=True, slots=True)
class Rule:
    """One value and where it applies.

    Attributes:
        binds: (position, symbol) of the target's steps that are index symbols.
        checks: (position, value) of its other steps, such as the ``t - 1`` of ∂h_t/∂h_{t-1}.
        ranges: (index, lower, upper) of the domain.
        body: what to evaluate there.
    """

    binds: tuple[tuple[int, Symbol], ...]
    checks: tuple[tuple[int, Callable[[Env], int]], ...]
    ranges: tuple[tuple[Symbol, Callable[[Env], int], Callable[[Env], int]], ...]
    body: Compiled

    def match(self, steps: tuple[Any, ...], env: Env) -> Bindings | None:
        """The bindings under which the target stands at ``steps`` and its domain holds."""
        bound = {symbol: steps[position] for position, symbol in self.binds}
        scope = {**env, **bound}
        for position, value in self.checks:
            if value(scope) != steps[position]:
                return None
        for index, lower, upper in self.ranges:
            if not lower(scope) <= scope[index] <= upper(scope):
                return None
        return bound


@lru_cache(maxsize=4096)
def definition_rules(definition: Definition) -> tuple[Rule, ...]:
    """The pieces of a definition, compiled."""
    steps = tuple(definition.target.steps)
    return tuple(_rule(steps, piece.domain, piece) for piece in definition.pieces)


@lru_cache(maxsize=4096)
def formula_rules(target: Jacobian, pieces: tuple[Piece, ...]) -> tuple[Rule, ...]:
    """What a Jacobian is where the steps of ``target`` match, compiled."""
    steps = (*target.numerator.steps, *target.denominator.steps)
    return tuple(_rule(steps, piece.domain, piece) for piece in pieces)


def _rule(steps: tuple[Expr, ...], domain: tuple[Range, ...], piece: Piece) -> Rule:
    binds: dict[Symbol, int] = {}
    for position, step in enumerate(steps):
        if isinstance(step, Symbol):
            binds.setdefault(step, position)
    checks = [(k, step) for k, step in enumerate(steps) if binds.get(step) != k]
    return Rule(
        tuple((position, symbol) for symbol, position in binds.items()),
        tuple((position, compile_integer(step)) for position, step in checks),
        tuple((r.index, compile_integer(r.lower), compile_integer(r.upper)) for r in domain),
        compile_expression(piece.value),
    )


def head_of(target: Any) -> Head:
    """What a definition or formula is about."""
    if isinstance(target, Jacobian):
        kind = IMMEDIATE if target.immediate else TOTAL
        return (kind, target.numerator.name, target.denominator.name)
    return (KINDS[type(target)], target.name)


def split(key: Key) -> tuple[Head, tuple[Any, ...]]:
    """The head of a key, and its steps in the order of the target's."""
    if key[0] in (TOTAL, IMMEDIATE):
        kind, above, upper, below, lower = key
        return (kind, above, below), (*upper, *lower)  # type: ignore[misc]  # tuples of steps
    return key[:2], key[2:]


def show_key(key: Key) -> str:
    """A key as a reader writes it, ``h[3]``."""
    if key[0] in (TOTAL, IMMEDIATE):
        kind, above, upper, below, lower = key
        sign = "d" if kind == TOTAL else "direct d"
        return f"{sign}{_at(above, upper)}/d{_at(below, lower)}"
    kind, name, *steps = key
    text = _at(name, steps)
    return text if kind == VARIABLE else f"{kind} of {text}"


def _at(name: Any, steps: Any) -> str:
    return f"{name}[{','.join(map(str, steps))}]" if steps else str(name)
