"""What a compiled expression runs in, and how the value of a leaf is named."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from typing import Any, Protocol

from sympy import Basic, Symbol

from derivations.expressions.nodes import Adjoint, Jacobian, Leaf, Tangent, Variable
from derivations.expressions.traverse import BINDERS
from verify.arithmetic.base import Arithmetic, Array
from verify.evaluate.indices import Env, compile_integer

_MARKS = count()
Visited = dict[tuple[Hashable, ...], set[int]]
Key = tuple[Hashable, ...]
"""(kind, name, *concrete steps), or (kind, name, steps, name, steps) for a Jacobian."""

VARIABLE, ADJOINT, TANGENT = "variable", "adjoint", "tangent"
TOTAL, IMMEDIATE = "total", "immediate"
KINDS: dict[type[Any], str] = {Variable: VARIABLE, Adjoint: ADJOINT, Tangent: TANGENT}


def variable(name: str, *steps: int) -> Key:
    """Key of a variable at concrete steps."""
    return (VARIABLE, name, *steps)


def adjoint(name: str, *steps: int) -> Key:
    """Key of dL/dv at concrete steps."""
    return (ADJOINT, name, *steps)


def tangent(name: str, *steps: int) -> Key:
    """Key of the directional derivative of a variable at concrete steps."""
    return (TANGENT, name, *steps)


@dataclass(slots=True)
class Frame:
    """Bindings and values at run time.

    Attributes:
        arithmetic: number system of every value.
        env: value of each time index, end and size in scope.
        values: value of each leaf computed so far.
        bodies: values of sums, products and their bodies by node and bindings, so that nested
            sums, and formulas that have a part in common, share them.
        common: the same for whatever parts formulas share; ``None`` where little is shared.
        spread: indices that have many values at once, a tuple each in ``env``.
        visited: steps of binders whose leaves are known to be computed.
    """

    arithmetic: Arithmetic
    env: Env
    values: dict[Key, Array] = field(default_factory=dict)
    bodies: dict[Key, Array] = field(default_factory=dict)
    visited: Visited = field(default_factory=dict)
    common: dict[Key, Array] | None = None
    spread: frozenset[Symbol] = frozenset()


Run = Callable[[Frame], Array]
KeyFunction = Callable[[Env], Key]


class Needs(Protocol):
    """Appends every leaf that an expression reads under these bindings.

    What stands under a binder at a step that ``visited`` holds is left out.
    """

    def __call__(self, env: Env, found: list[Key], visited: Visited | None = None) -> None: ...


@lru_cache(maxsize=1 << 12)
def mark(node: Basic) -> int:
    """A number for a node, the same for equal ones as long as it is remembered."""
    return next(_MARKS)


def bindings_of(node: Basic, *bound: Symbol) -> tuple[Symbol, ...]:
    """The time indices and ends that a node depends on; sizes never change in a frame."""
    free = _free(node).difference(bound)
    return tuple(sorted((s for s in free if not s.is_positive), key=str))


@lru_cache(maxsize=1 << 12)
def _free(node: Basic) -> frozenset[Symbol]:
    """Symbols that no binder inside ``node`` binds: a sum does not depend on its own index."""
    if isinstance(node, Symbol):
        return frozenset({node})
    if isinstance(node, BINDERS):
        inside = _free(node.body) - {node.index}
        return inside | _free(node.lower) | _free(node.upper)
    return frozenset[Symbol]().union(*map(_free, node.args))


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression ready to run.

    Attributes:
        run: its value; every leaf that ``needs`` lists must be in the frame.
        needs: the leaves it reads.
    """

    run: Run
    needs: Needs


def leaf_key(leaf: Leaf | Jacobian) -> KeyFunction:
    """The key of a leaf as a function of the bindings."""
    if isinstance(leaf, Jacobian):
        return _jacobian_key(leaf)
    kind, name = KINDS[type(leaf)], leaf.name
    steps = [compile_integer(step) for step in leaf.steps]
    if not steps:
        fixed = (kind, name)
        return lambda env: fixed
    if len(steps) == 1:
        (only,) = steps
        return lambda env: (kind, name, only(env))
    return lambda env: (kind, name, *[step(env) for step in steps])


def _jacobian_key(node: Jacobian) -> KeyFunction:
    kind = IMMEDIATE if node.immediate else TOTAL
    above, below = leaf_key(node.numerator), leaf_key(node.denominator)

    def run(env: Env) -> Key:
        (_, upper, *upper_steps), (_, lower, *lower_steps) = above(env), below(env)
        return (kind, upper, tuple(upper_steps), lower, tuple(lower_steps))

    return run
