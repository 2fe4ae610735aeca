"""The value of an untyped tree at a point: one rule for each kind of node.

Every operation is NumPy's, and nothing is typed. So it is quick enough for thousands of candidates,
and independent of the exact check that decides about them.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np

from derivations.cell import LOSS
from derivations.errors import GradproofError
from derivations.functions import lookup
from derivations.language.tree import (
    Binary,
    Call,
    Element,
    Name,
    Negative,
    Node,
    Number,
    Partial,
    Reduction,
    SlotDerivative,
    Transposed,
)
from verify.edits.operations import (
    ELEMENTWISE,
    FOREIGN,
    OPERATIONS,
    SIZED,
    Absent,
    Matrix,
    Misfit,
    Unknown,
)
from verify.edits.point import LONG, Env, Point
from verify.evaluate.frame import ADJOINT, IMMEDIATE, TOTAL, VARIABLE
from verify.readings.cell_changes import agreed_slope


def kept(node: Node, point: Point, env: Env) -> Matrix:
    """The value of a side, or of a body, computed once for the letters that it depends on.

    Raises:
        Absent, Misfit, Unknown: as :func:`value`.
    """
    letters = point.letters_of(node)
    key = (id(node), *[env.get(letter) for letter in letters])
    found = point.kept.get(key)
    if found is None:
        found = point.kept[key] = value(node, point, env)
    return found


def value(node: Node, point: Point, env: Env) -> Matrix:
    """The value of a node, (rows, cols).

    Raises:
        Absent: a term at a time at which it has no value.
        Misfit: shapes do not fit.
        Unknown: an operation outside this evaluator.
    """
    # A plain table: nothing is asked for more often, and functools looks classes up weakly.
    rule = _RULES.get(type(node))
    if rule is None:
        raise Unknown(type(node).__name__)
    return rule(node, point, env)


_Rule = Callable[[Any, Point, Env], Matrix]
_RULES: dict[type[Node], _Rule] = {}
R = TypeVar("R", bound=_Rule)


def _of(kind: type[Node]) -> Callable[[R], R]:
    """Registers the rule for a kind of node."""

    def register(rule: R) -> R:
        _RULES[kind] = rule
        return rule

    return register


@_of(Number)
def _(node: Number, point: Point, env: Env) -> Matrix:
    return _number(node.value)


@lru_cache(maxsize=256)
def _number(value: Fraction) -> Matrix:
    found = np.full((1, 1), float(value))
    found.setflags(write=False)  # shared by all who ask
    return found


@_of(Name)
def _(node: Name, point: Point, env: Env) -> Matrix:
    if node.name in point.templates:
        return point.leaf((VARIABLE, node.name, *point.steps(node, env)))
    if not node.indices and node.name in env:
        return np.full((1, 1), float(env[node.name]))
    raise Unknown(node.name)


@_of(Partial)
def _(node: Partial, point: Point, env: Env) -> Matrix:
    above, below = node.numerator, node.denominator
    if isinstance(above, Call):
        return _of_call(above, below, point, env)
    if not isinstance(above, Name) or not isinstance(below, Name):
        raise Unknown("a derivative of more than one variable")
    upper, lower = point.steps(above, env), point.steps(below, env)
    if above.name == LOSS and not node.immediate:
        return point.leaf((ADJOINT, below.name, *lower))
    kind = IMMEDIATE if node.immediate else TOTAL
    found = point.leaf((kind, above.name, upper, below.name, lower))
    if above.name == LOSS:
        rows, cols = point.leaf((VARIABLE, below.name, *lower)).shape
        return found.reshape(cols, rows).T
    if not node.immediate and upper != lower and len(upper) == len(lower) and not found.any():
        raise Absent("against the flow of time")
    return found


def _of_call(call: Call, below: Node, point: Point, env: Env) -> Matrix:
    """``∂f(x, w)/∂w``, every other argument held fixed."""
    slots = [place for place, arg in enumerate(call.args, start=1) if arg == below]
    if len(slots) != 1:
        raise Unknown("a derivative of an expression")
    found = value(SlotDerivative(call, slots[0]), point, env)
    if call.function in point.maps:
        return found
    if found.shape[1] != 1:
        raise Unknown("an elementwise function of a matrix")
    return np.diag(found[:, 0])


@_of(Call)
def _(node: Call, point: Point, env: Env) -> Matrix:
    if node.function in point.maps:
        rows, cols = point.maps[node.function]
        steps = _map_steps(node, point, env)
        args = [value(arg, point, env) for arg in node.args]
        return point.arithmetic.map(node.function, steps, rows, cols, args)
    if node.function in SIZED and not node.order:
        return SIZED[node.function](*(point.integer(arg, env) for arg in node.args))
    args = [value(arg, point, env) for arg in node.args]
    if node.order == 1 and len(args) == 1 and isinstance(node.args[0], Name):
        common = agreed_slope(node.function, node.args[0].name)
        if common in point.templates:
            steps = point.steps(node.args[0], env)
            return point.leaf((VARIABLE, common, *steps)) * np.ones(args[0].shape)
    if node.function in OPERATIONS and not node.order:
        return OPERATIONS[node.function](point.arithmetic, *args)
    foreign = lookup(node.function) is None and node.function in FOREIGN
    if foreign or node.function in point.compiled.known.functions:
        raise Unknown(node.function)
    return _apply(point, node.function, (node.order, *[0] * (len(args) - 1)), args)


@_of(SlotDerivative)
def _(node: SlotDerivative, point: Point, env: Env) -> Matrix:
    inner = node.operand
    if not isinstance(inner, Call):
        raise Unknown("a second derivative")
    args = [value(arg, point, env) for arg in inner.args]
    if inner.function not in point.maps:
        orders = tuple(int(k == node.slot - 1) for k in range(len(args)))
        return _apply(point, inner.function, orders, args)
    rows, cols = point.maps[inner.function]
    steps = _map_steps(inner, point, env)
    return point.arithmetic.map_partial(inner.function, steps, node.slot - 1, rows, cols, args)


def _map_steps(call: Call, point: Point, env: Env) -> tuple[int, ...]:
    """Times of a map of its own at every step, such as ``ell[t]``: it exists at 1 … T only."""
    steps = tuple(point.integer(index, env) for index in call.indices)
    if any(not 1 <= step <= point.last for step in steps):
        raise Absent(call.function)
    return steps


def _apply(point: Point, name: str, orders: tuple[int, ...], args: list[Matrix]) -> Matrix:
    if any(arg.shape not in (args[0].shape, (1, 1)) for arg in args):
        raise Misfit(name)
    try:
        return np.asarray(point.arithmetic.apply(name, orders, args))
    except GradproofError as error:
        raise Unknown(name) from error


@_of(Negative)
def _(node: Negative, point: Point, env: Env) -> Matrix:
    return -value(node.operand, point, env)


@_of(Transposed)
def _(node: Transposed, point: Point, env: Env) -> Matrix:
    return value(node.operand, point, env).T


@_of(Binary)
def _(node: Binary, point: Point, env: Env) -> Matrix:
    left = value(node.left, point, env)
    if node.operator == "**":
        return _power(left, node.right, point, env)
    right = value(node.right, point, env)
    if left.size != 1 and right.size != 1:
        if node.operator == "@":
            if left.shape[1] != right.shape[0]:
                raise Misfit("@")
            return left @ right
        if left.shape != right.shape:
            raise Misfit(node.operator)
    found: Matrix = ELEMENTWISE[node.operator](left, right)
    return found


def _power(base: Matrix, exponent: Node, point: Point, env: Env) -> Matrix:
    if isinstance(exponent, Number):
        power: Fraction | int = exponent.value
    else:
        power = point.integer(exponent, env)
    if base.shape != (1, 1) and base.shape[0] == base.shape[1]:
        if power != int(power) or power < 0:
            raise Unknown("a matrix to a power that is no whole number")
        return np.linalg.matrix_power(base, int(power))
    return np.asarray(base ** float(power))


@_of(Element)
def _(node: Element, point: Point, env: Env) -> Matrix:
    whole = value(node.operand, point, env)
    row, col = (*(point.integer(index, env) for index in node.indices), 1)[:2]
    if not (1 <= row <= whole.shape[0] and 1 <= col <= whole.shape[1]):
        raise Absent("an entry outside the matrix")
    return whole[row - 1 : row, col - 1 : col]


@_of(Reduction)
def _(node: Reduction, point: Point, env: Env) -> Matrix:
    if node.kind == "directsum":
        raise Unknown(node.kind)
    low, high = point.integer(node.lower, env), point.integer(node.upper, env)
    if high < low:
        return _empty(node, point, env)
    parts = [kept(node.body, point, {**env, node.index: k}) for k in range(low, high + 1)]
    if len({part.shape for part in parts}) > 1:
        raise Misfit(node.kind)
    if node.kind == "sum":
        return np.asarray(sum(parts))
    if node.order == "descending":
        parts.reverse()
    found = parts[0]
    if found.shape[1] == 1 != found.shape[0]:  # columns, entry by entry
        return np.asarray(np.prod(parts, axis=0))
    for part in parts[1:]:
        if found.shape[1] != part.shape[0]:
            raise Misfit("prod")
        found = found @ part
    return found


def _empty(node: Reduction, point: Point, env: Env) -> Matrix:
    """Zero or the identity, in the shape of the body at some time at which it exists."""
    for step in range(LONG + 2):
        try:
            rows, cols = kept(node.body, point, {**env, node.index: step}).shape
        except Absent:
            continue
        if node.kind == "sum":
            return np.zeros((rows, cols))
        return np.ones((rows, cols)) if cols == 1 else np.eye(rows)
    raise Absent("an empty range of what never exists")
