"""The untyped tree at one random point, in plain floating point.

Leaves come from the evaluator (variables and Jacobians from the forward equations, adjoints from
their recurrences); every operation is NumPy's, and nothing is typed. So it is quick enough for
thousands of candidates, and independent of the exact check that decides about them.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import singledispatchmethod

import numpy as np
from sympy import Symbol

from derivations.calculus.adjoint import adjoints
from derivations.calculus.existence import lifetime
from derivations.cell import LOSS
from derivations.errors import GradproofError
from derivations.expressions.nodes import Map
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
from derivations.typing.compile import Compiled
from verify.arithmetic.numpy import NumpyArithmetic
from verify.cell_changes import scalar_sizes
from verify.edits.operations import (
    ELEMENTWISE,
    FOREIGN,
    INTEGERS,
    OPERATIONS,
    SIZED,
    Absent,
    Matrix,
    Misfit,
    Unknown,
)
from verify.evaluate.frame import ADJOINT, IMMEDIATE, TOTAL, VARIABLE, Key
from verify.evaluate.indices import compile_integer
from verify.exact.schedule import Case
from verify.exact.settings import FloatSetting
from verify.exact.world import World

Env = Mapping[str, int]
LONG = 4
"""End of the first axis; one more for each further axis."""


class Point:
    """A cell at concrete sizes, lengths and values.

    Args:
        compiled: the cell.
        seed: fixes every value.
        scalar: all sizes 1, but for those that a softmax runs over.
    """

    def __init__(self, compiled: Compiled, seed: int = 0, scalar: bool = False) -> None:
        self.compiled, cell = compiled, compiled.cell
        distinct = dict(zip(cell.sizes, (3, 2, *range(4, 40)), strict=False))
        if scalar:
            distinct |= dict.fromkeys(scalar_sizes(cell), 1)
        ends = {axis.upper: LONG + k for k, axis in enumerate(cell.axes)}
        case = Case(distinct, ends)
        setting = FloatSetting(cell, case, seed, "generic")
        self.world = World(cell, case, setting, adjoints(cell).values())
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
            node.name: tuple(compile_integer(extent)(numbers) for extent in node.shape)
            for definition in cell.definitions
            for piece in definition.pieces
            for node in piece.value.atoms(Map)
        }
        self.templates = cell.templates
        self._known: dict[Key, Matrix] = {}

    # Leaves.

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
        found = tuple(self.integer(index, env) for index in name.indices)
        reach = self.reach.get(name.name)
        if reach is None or len(reach) != len(found):
            raise Unknown(name.name)
        if any(not low <= step <= high for step, (low, high) in zip(found, reach, strict=True)):
            raise Absent(name.name)
        return found

    def integer(self, node: Node, env: Env) -> int:
        """A time, a bound or an exponent."""
        if isinstance(node, Number) and node.value.denominator == 1:
            return int(node.value)
        if isinstance(node, Name) and node.name in env and not node.indices:
            return env[node.name]
        if isinstance(node, Negative):
            return -self.integer(node.operand, env)
        if isinstance(node, Binary):
            left, right = self.integer(node.left, env), self.integer(node.right, env)
            if node.operator in INTEGERS:
                return INTEGERS[node.operator](left, right)
        raise Unknown("not a time")

    # Values.

    @singledispatchmethod
    def value(self, node: Node, env: Env) -> Matrix:
        """The value of a node, (rows, cols).

        Raises:
            Absent: a term at a time at which it has no value.
            Misfit: shapes do not fit.
            Unknown: an operation outside this evaluator.
        """
        raise Unknown(type(node).__name__)

    @value.register
    def _(self, node: Number, env: Env) -> Matrix:
        return np.full((1, 1), float(node.value))

    @value.register
    def _(self, node: Name, env: Env) -> Matrix:
        if node.name in self.templates:
            return self.leaf((VARIABLE, node.name, *self.steps(node, env)))
        if not node.indices and node.name in env:
            return np.full((1, 1), float(env[node.name]))
        raise Unknown(node.name)

    @value.register
    def _(self, node: Partial, env: Env) -> Matrix:
        above, below = node.numerator, node.denominator
        if not isinstance(above, Name) or not isinstance(below, Name):
            raise Unknown("a derivative of more than one variable")
        upper, lower = self.steps(above, env), self.steps(below, env)
        if above.name == LOSS and not node.immediate:
            return self.leaf((ADJOINT, below.name, *lower))
        kind = IMMEDIATE if node.immediate else TOTAL
        found = self.leaf((kind, above.name, upper, below.name, lower))
        if above.name == LOSS:
            rows, cols = self.leaf((VARIABLE, below.name, *lower)).shape
            return found.reshape(cols, rows).T
        if not node.immediate and upper != lower and len(upper) == len(lower) and not found.any():
            raise Absent("against the flow of time")
        return found

    @value.register
    def _(self, node: Call, env: Env) -> Matrix:
        if node.function in self.maps:
            rows, cols = self.maps[node.function]
            steps = self._map_steps(node, env)
            args = [self.value(arg, env) for arg in node.args]
            return self.arithmetic.map(node.function, steps, rows, cols, args)
        if node.function in SIZED and not node.order:
            return SIZED[node.function](*(self.integer(arg, env) for arg in node.args))
        args = [self.value(arg, env) for arg in node.args]
        if node.function in OPERATIONS and not node.order:
            return OPERATIONS[node.function](self.arithmetic, *args)
        foreign = lookup(node.function) is None and node.function in FOREIGN
        if foreign or node.function in self.compiled.known.functions:
            raise Unknown(node.function)
        return self._apply(node.function, (node.order, *[0] * (len(args) - 1)), args)

    @value.register
    def _(self, node: SlotDerivative, env: Env) -> Matrix:
        inner = node.operand
        if not isinstance(inner, Call):
            raise Unknown("a second derivative")
        args = [self.value(arg, env) for arg in inner.args]
        if inner.function not in self.maps:
            orders = tuple(int(k == node.slot - 1) for k in range(len(args)))
            return self._apply(inner.function, orders, args)
        rows, cols = self.maps[inner.function]
        steps = self._map_steps(inner, env)
        return self.arithmetic.map_partial(inner.function, steps, node.slot - 1, rows, cols, args)

    def _map_steps(self, call: Call, env: Env) -> tuple[int, ...]:
        """Times of a map of its own at every step, such as ``ell[t]``: it exists at 1 … T only."""
        steps = tuple(self.integer(index, env) for index in call.indices)
        if any(not 1 <= step <= self.last for step in steps):
            raise Absent(call.function)
        return steps

    def _apply(self, name: str, orders: tuple[int, ...], args: list[Matrix]) -> Matrix:
        if any(arg.shape not in (args[0].shape, (1, 1)) for arg in args):
            raise Misfit(name)
        with np.errstate(all="ignore"):
            try:
                return np.asarray(self.arithmetic.apply(name, orders, args))
            except GradproofError as error:
                raise Unknown(name) from error

    @value.register
    def _(self, node: Negative, env: Env) -> Matrix:
        return -self.value(node.operand, env)

    @value.register
    def _(self, node: Transposed, env: Env) -> Matrix:
        return self.value(node.operand, env).T

    @value.register
    def _(self, node: Binary, env: Env) -> Matrix:
        left = self.value(node.left, env)
        if node.operator == "**":
            return self._power(left, node.right, env)
        right = self.value(node.right, env)
        small = (1, 1) in (left.shape, right.shape)
        if node.operator == "@" and not small:
            if left.shape[1] != right.shape[0]:
                raise Misfit("@")
            return left @ right
        if not small and left.shape != right.shape:
            raise Misfit(node.operator)
        with np.errstate(all="ignore"):
            return np.asarray(ELEMENTWISE[node.operator](left, right))

    def _power(self, base: Matrix, exponent: Node, env: Env) -> Matrix:
        if isinstance(exponent, Number):
            power: Fraction | int = exponent.value
        else:
            power = self.integer(exponent, env)
        if base.shape != (1, 1) and base.shape[0] == base.shape[1]:
            if power != int(power) or power < 0:
                raise Unknown("a matrix to a power that is no whole number")
            return np.linalg.matrix_power(base, int(power))
        with np.errstate(all="ignore"):
            return np.asarray(base ** float(power))

    @value.register
    def _(self, node: Element, env: Env) -> Matrix:
        whole = self.value(node.operand, env)
        row, col = (*(self.integer(index, env) for index in node.indices), 1)[:2]
        if not (1 <= row <= whole.shape[0] and 1 <= col <= whole.shape[1]):
            raise Absent("an entry outside the matrix")
        return whole[row - 1 : row, col - 1 : col]

    @value.register
    def _(self, node: Reduction, env: Env) -> Matrix:
        low, high = self.integer(node.lower, env), self.integer(node.upper, env)
        if high < low:
            return self._empty(node, env)
        parts = [self.value(node.body, {**env, node.index: k}) for k in range(low, high + 1)]
        if len({part.shape for part in parts}) > 1:
            raise Misfit(node.kind)
        if node.kind == "sum":
            return np.asarray(sum(parts))
        if node.order == "descending":
            parts.reverse()
        found = parts[0]
        for part in parts[1:]:
            if found.shape[1] != part.shape[0]:
                raise Misfit("prod")
            found = found @ part
        return found

    def _empty(self, node: Reduction, env: Env) -> Matrix:
        """Zero or the identity, in the shape of the body at some time at which it exists."""
        for step in range(LONG + 2):
            try:
                rows, cols = self.value(node.body, {**env, node.index: step}).shape
            except Absent:
                continue
            return np.zeros((rows, cols)) if node.kind == "sum" else np.eye(rows, cols)
        raise Absent("an empty range of what never exists")
