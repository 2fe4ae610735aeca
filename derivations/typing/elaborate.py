"""From an untyped expression with known shapes to a typed SymPy matrix expression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import TypeAlias

from sympy import Expr, Integer, Rational
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS
from derivations.errors import InputError
from derivations.expressions import build
from derivations.expressions.nodes import (
    Adjoint,
    DirectSum,
    Jacobian,
    MatrixPower,
    TimeProduct,
    TimeSum,
    Variable,
)
from derivations.expressions.traverse import fresh_index
from derivations.language.tree import (
    Binary,
    Call,
    Element,
    FunctionDefinition,
    Name,
    Negative,
    Node,
    Number,
    Partial,
    Reduction,
    SlotDerivative,
    Transposed,
)
from derivations.typing.builtins import squared_norm
from derivations.typing.calls import build_call
from derivations.typing.counting import counts
from derivations.typing.entry_sums import ends_at_size
from derivations.typing.infer import Inference
from derivations.typing.maps import build_slot
from derivations.typing.numbers import (
    divides_by_zero,
    entry_index,
    jacobian_entry,
    number,
)
from derivations.typing.scope import index_value
from derivations.typing.sized import is_identity, size_symbol
from derivations.typing.sizes import Shape
from derivations.typing.written_out import derivative_of_written

Value: TypeAlias = MatrixExpr | Expr


@dataclass
class Elaborator:
    """Builds nodes from trees whose shapes an :class:`Inference` has settled.

    Attributes:
        letters: index names in reach → SymPy symbols.
        functions: the functions that the cell defines, for their slopes.
        matrix_powers: whether a power of a square matrix is a matrix power (claims).
    """

    inference: Inference
    letters: dict[str, Expr] = field(default_factory=dict)
    functions: Mapping[str, FunctionDefinition] = field(default_factory=dict)
    matrix_powers: bool = False
    local: Mapping[str, MatrixExpr] = field(default_factory=dict)

    def matrix(self, node: Node, shape: Shape | None = None) -> MatrixExpr:
        """The node as a matrix expression; a number is repeated to ``shape``."""
        value = self._built(node)
        if isinstance(value, MatrixExpr):
            return value if shape is None else build.broadcast(value, shape)
        rows, cols = shape or (1, 1)
        if value == 0 and (rows, cols) != (1, 1):
            return build.zeros((rows, cols))
        return build.constant(value, rows, cols)

    def shape(self, node: Node) -> Shape | None:
        """The inferred shape; None for a number that takes any."""
        shape = self.inference.shapes.get(id(node))
        return None if shape is None else self.inference.sizes.shape(shape)

    def variable(self, node: Name) -> Variable:
        """A variable at the time steps it is written with."""
        rows, cols = self.inference.sizes.shape(self.inference.name_shape(node.name))
        steps = [index_value(step, self.letters) for step in node.indices]
        return Variable(node.name, steps, rows, cols)

    def _built(self, node: Node) -> Value:
        # The rule by its class: a bound singledispatchmethod is made anew at every access.
        return _RULES(type(node))(self, node)

    @singledispatchmethod
    def _build(self, node: Node) -> Value:
        raise InputError(f"{type(node).__name__} cannot stand inside an expression", node.span)

    @_build.register
    def _(self, node: Number) -> Value:
        return Rational(node.value.numerator, node.value.denominator)

    @_build.register
    def _(self, node: Name) -> Value:
        if node.name in self.local:
            return self.local[node.name]
        if node.name in self.inference.scope.letters and not node.indices:
            return index_value(node, self.letters)
        if node.name in self.inference.size_names and not node.indices:
            return size_symbol(node.name)
        if is_identity(node, self.inference):
            return Identity((self.shape(node) or (1, 1))[0])
        return self.variable(node)

    @_build.register
    def _(self, node: Negative) -> Value:
        value = self._built(node.operand)
        return build.negative(value) if isinstance(value, MatrixExpr) else -value

    @_build.register
    def _(self, node: Transposed) -> Value:
        value = self._built(node.operand)
        return build.transpose(value) if isinstance(value, MatrixExpr) else value

    @_build.register
    def _(self, node: Binary) -> Value:
        if node.operator == "**":
            return self._power(node)
        left, right = self._built(node.left), self._built(node.right)
        if not isinstance(left, MatrixExpr) and not isinstance(right, MatrixExpr):
            return number(node, left, right)
        if node.operator == "/" and right == 0:
            raise divides_by_zero(node)
        shape = self.shape(node) or (1, 1)
        if node.operator in ("+", "-"):
            left, right = self._spread(node, left, right, shape)
            return build.add(left, right if node.operator == "+" else build.negative(right))
        left, right = (
            side if isinstance(side, MatrixExpr) else build.constant(side) for side in (left, right)
        )
        if node.operator == "@":
            if build.is_scalar(left) or build.is_scalar(right):  # xᵀy z scales z by xᵀy
                return build.hadamard(left, right)
            return build.matmul(left, right)
        if node.operator == "*":
            return build.hadamard(left, right)
        if build.is_scalar(left) and not build.is_scalar(right):
            return build.quotient(build.broadcast(left, right.shape), right)
        return build.quotient(left, right)

    def _spread(
        self, node: Binary, left: Value, right: Value, shape: Shape
    ) -> tuple[MatrixExpr, MatrixExpr]:
        """Both terms of a sum at its shape: numbers, 1×1 values and biases are repeated."""
        where = self.inference.spread.get(id(node))
        rows, cols = shape

        def fit(value: Value) -> MatrixExpr:
            if not isinstance(value, MatrixExpr):
                return build.constant(value, rows, cols)
            if where is None or value.shape == shape:
                return build.broadcast(value, shape) if build.is_scalar(value) else value
            if where == "rows":
                return build.matmul(build.ones(rows, 1), build.transpose(value))
            return build.matmul(value, build.ones(1, cols))

        return fit(left), fit(right)

    def _power(self, node: Binary) -> Value:
        exponent = self._built(node.right)
        if isinstance(exponent, MatrixExpr):
            raise InputError(
                "an exponent is a number or an index",
                node.right.span,
                "write exp(a * log(b)) for a power with a variable exponent",
            )
        if exponent == 2 and isinstance(node.left, Call) and node.left.function == "norm":
            return squared_norm(self.matrix(node.left.args[0]))
        base = self._built(node.left)
        if not isinstance(base, MatrixExpr):
            if base == 0 and exponent.is_negative:
                raise divides_by_zero(node)
            return base**exponent
        rows, cols = base.shape
        if self.matrix_powers and rows == cols and rows != 1:
            if not exponent.is_integer:
                raise InputError(
                    f"a matrix to the power {exponent}, which is no whole number",
                    node.right.span,
                    "take a whole number or an index for the exponent, or expm(A) of a matrix",
                )
            return MatrixPower(base, exponent)
        return build.power(base, exponent)

    @_build.register
    def _(self, node: Reduction) -> Value:
        known = self.letters
        if ends_at_size(node, self.inference.size_names):
            known = {**{name: size_symbol(name) for name in self.inference.size_names}, **known}
        lower, upper = index_value(node.lower, known), index_value(node.upper, known)
        taken = {s for value in self.letters.values() for s in value.free_symbols}
        index = fresh_index(node.index, taken | lower.free_symbols | upper.free_symbols)
        saved = self.letters
        self.letters = {**saved, node.index: index}
        body = self.matrix(node.body)
        self.letters = saved
        if node.kind == "sum":
            return TimeSum(body, index, lower, upper)
        if node.kind == "directsum":
            known = {s: size_symbol(s.name) for s in lower.free_symbols | upper.free_symbols}
            return DirectSum(body, index, lower.xreplace(known), upper.xreplace(known))
        if body.shape[1] == 1 != body.shape[0]:  # of columns, entry by entry
            factors = TimeProduct(build.diag(body), index, lower, upper, node.order == "descending")
            return build.matmul(factors, build.ones(body.shape[0], 1))
        if body.shape[0] != body.shape[1]:
            raise InputError(
                f"a product over time needs square factors, these are "
                f"{body.shape[0]}×{body.shape[1]}",
                node.span,
                "use diag(v) for a vector that acts elementwise",
            )
        return TimeProduct(body, index, lower, upper, node.order == "descending")

    @_build.register
    def _(self, node: Element) -> Value:
        return build.entry(self.matrix(node.operand), *self.position(node))

    def position(self, node: Element) -> tuple[Expr, Expr]:
        """Row and column of an entry, counted from 1; a column needs no second number."""
        known = self.inference.size_names
        places = tuple(entry_index(index, self.letters, known) for index in node.indices)
        if isinstance(node.operand, Partial) and not _of_loss(node.operand):
            parts = (node.operand.numerator, node.operand.denominator)
            above, below = (self._named(part).shape for part in parts)
            places = jacobian_entry(places, above, below, node.span)
        row, *rest = places
        if len(rest) > 1:
            raise InputError(
                "an entry has a row and a column",
                node.span,
                "write for example dL/dW[i,j], or W[1,2]",
            )
        return row, rest[0] if rest else Integer(1)

    @_build.register
    def _(self, node: Partial) -> Value:
        if not isinstance(node.numerator, Name):
            return derivative_of_written(self, node, self._named(node.denominator))
        found: MatrixExpr = self.derivative(node)
        if not _of_loss(node):
            return found
        if isinstance(found, Jacobian):  # the immediate gradient: its row of partials, unpacked
            found = build.unvec(build.transpose(found), *found.denominator.shape)
        return build.transpose(found) if self.inference.rows else found

    def derivative(self, node: Partial) -> Adjoint | Jacobian:
        """The derivative itself: dL/dv as an adjoint, everything else as a Jacobian."""
        bottom = self._named(node.denominator)
        if _of_loss(node) and not node.immediate:
            return Adjoint(bottom)
        return Jacobian(self._named(node.numerator), bottom, node.immediate)

    @_build.register
    def _(self, node: SlotDerivative) -> Value:
        return build_slot(self, node)

    def _named(self, node: Node) -> Variable:
        if not isinstance(node, Name):
            raise InputError(
                "a derivative is of one variable with respect to another",
                node.span,
                "write for example dL/dW, dh[T]/dh[k]",
            )
        return self.variable(node)

    @_build.register
    def _(self, node: Call) -> Value:
        if counts(node, self.functions, self.inference.maps):
            return index_value(node, self.letters)
        return build_call(self, node)


_RULES = Elaborator.__dict__["_build"].dispatcher.dispatch


def _of_loss(node: Partial) -> bool:
    return isinstance(node.numerator, Name) and node.numerator.name == LOSS
