"""Shape inference: every sub-expression's shape, by unification, with nothing declared.

Sums and products whose meaning depends on a shape that is not known yet wait in a list; the
rules that settle them are in :mod:`derivations.typing.settle`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import singledispatchmethod

from sympy import Expr, Integer

from derivations.cell import LOSS
from derivations.errors import InputError
from derivations.functions import lookup
from derivations.language.tree import (
    Binary,
    Call,
    Declaration,
    Element,
    Equation,
    Name,
    Negative,
    Node,
    Number,
    Partial,
    Reduction,
    SlotDerivative,
    Transposed,
)
from derivations.typing.builtins import BUILTINS
from derivations.typing.counting import counts
from derivations.typing.direct_sums import direct_sum_shape
from derivations.typing.maps import map_shape, slot_shape
from derivations.typing.scope import Scope
from derivations.typing.settle import advance, settle
from derivations.typing.sized import SIZED, identity_shape, is_identity
from derivations.typing.sizes import Clash, Shape, Sizes, declared_size, scalar

ONE = Integer(1)
SCALAR: Shape = (ONE, ONE)


@dataclass(frozen=True, eq=False)
class Pending:
    """A sum or product of known operands whose rule cannot be chosen yet."""

    node: Binary
    left: Shape
    right: Shape
    result: Shape


@dataclass
class Inference:
    """Shapes of a cell.

    Attributes:
        scope: the time structure.
        scalars: names that are 1×1 by their use.
        scalar_calls: ids of calls of unknown functions that stand for a scalar loss.
        shapes: ``id(node)`` → shape, ``None`` for a number that takes any shape.
        variables: name → shape.
        vector_sizes: extents that matrices and reductions speak of; never forced to 1.
        maps: arbitrary map → shape of its result.
        size_names: names that mean sizes.
        targets: names of variables that an equation defines.
        taken: names of variables that would else be read as an identity matrix.
        rows: whether a gradient stands as a row (the transpose of its variable's shape).
        small: sizes that are 1 unless something else fixes them.
        spread: ``id`` of a sum → "rows" or "columns": where its lone vector is repeated.
    """

    scope: Scope
    declarations: Iterable[Declaration] = ()
    scalars: frozenset[str] = frozenset()
    scalar_calls: frozenset[int] = frozenset()
    sizes: Sizes = field(default_factory=Sizes)
    shapes: dict[int, Shape | None] = field(default_factory=dict)
    variables: dict[str, Shape] = field(default_factory=dict)
    vector_sizes: list[Expr] = field(default_factory=list)
    spread: dict[int, str] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)
    local: Mapping[str, Shape] = field(default_factory=dict)
    maps: dict[str, Shape] = field(default_factory=dict)
    size_names: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    rows: bool = False
    small: list[Expr] = field(default_factory=list)

    def __post_init__(self) -> None:
        for declaration in self.declarations:
            if declaration.shape is not None:
                rows, cols = map(declared_size, declaration.shape)
                self.variables[declaration.name] = (rows, cols)

    def equations(self, equations: Iterable[Equation]) -> None:
        """Infer from a list of equations, and settle everything that waits.

        Raises:
            InputError: two shapes that do not fit, with both shapes and the place.
        """
        for equation in equations:
            target = SCALAR if equation.target.name == LOSS else None
            shape = self.name_shape(equation.target.name, target)
            value = self.visit(equation.value)
            if value is not None:
                self.unify(shape, value, equation.target, "the left side", "the right side")
        settle(self)

    def name_shape(self, name: str, known: Shape | None = None) -> Shape:
        """The shape of a variable; by its spelling where nothing else is known."""
        if name not in self.variables:
            if known is not None or name in self.scalars:
                shape = known or SCALAR
            elif name[:1].isupper():
                shape = (self.sizes.fresh(), self.sizes.fresh())
                self.vector_sizes.extend(shape)
            else:
                shape = (self.sizes.fresh(), ONE)
            self.variables[name] = shape
        return self.variables[name]

    def visit(self, node: Node) -> Shape | None:
        """Infer a node and remember its shape."""
        # The rule by its class: a bound singledispatchmethod is made anew at every access.
        shape = _RULES(type(node))(self, node)
        self.shapes[id(node)] = shape
        return shape

    @singledispatchmethod
    def _infer(self, node: Node) -> Shape | None:
        raise InputError(
            f"{type(node).__name__} cannot stand inside an expression",
            node.span,
            "write an expression of variables, functions, sums and products",
        )

    @_infer.register
    def _(self, node: Number) -> Shape | None:
        return None

    @_infer.register
    def _(self, node: Name) -> Shape | None:
        if node.name in self.local:
            return self.local[node.name]
        if not node.indices and (node.name in self.scope.letters or node.name in self.size_names):
            return None
        if is_identity(node, self):
            return identity_shape(node, self)
        return self.name_shape(node.name)

    @_infer.register
    def _(self, node: Negative) -> Shape | None:
        return self.visit(node.operand)

    @_infer.register
    def _(self, node: Transposed) -> Shape | None:
        shape = self.visit(node.operand)
        return None if shape is None else (shape[1], shape[0])

    @_infer.register
    def _(self, node: Reduction) -> Shape | None:
        shape = self.visit(node.body)
        if node.kind == "directsum":
            return direct_sum_shape(self, node, shape or SCALAR)
        if node.kind == "prod" and shape is not None and not self.sizes.is_column(shape):
            square = (shape[1], shape[0])
            self.unify(shape, square, node, "a factor of a product over time", "its transpose")
        return shape

    @_infer.register
    def _(self, node: Element) -> Shape | None:
        self.visit(node.operand)
        return SCALAR

    @_infer.register
    def _(self, node: Partial) -> Shape | None:
        top, bottom = self.visit(node.numerator), self.visit(node.denominator)
        if top is None or bottom is None:
            raise InputError(
                "a derivative is of one variable with respect to another",
                node.span,
                "write for example dL/dW, dh[T]/dh[k]",
            )
        if isinstance(node.numerator, Name) and node.numerator.name == LOSS:
            return (bottom[1], bottom[0]) if self.rows else bottom
        return top[0] * top[1], bottom[0] * bottom[1]

    @_infer.register
    def _(self, node: SlotDerivative) -> Shape | None:
        return slot_shape(self, node)

    @_infer.register
    def _(self, node: Call) -> Shape | None:
        if node.function in SIZED:
            return SIZED[node.function].infer(self, node)
        if counts(node, self.maps):
            return None
        shapes = [self.visit(argument) for argument in node.args]
        if node.function in BUILTINS:
            return BUILTINS[node.function].infer(self, node, shapes)
        found = map_shape(self, node)
        return self._elementwise(node, shapes) if found is None else found

    def _elementwise(self, node: Call, shapes: list[Shape | None]) -> Shape | None:
        """A function of the table or an arbitrary one: all arguments as large as the result."""
        row = lookup(node.function)
        if row is not None and not 0 <= len(shapes) - row.arity <= len(row.parameters):
            raise InputError(
                f"{node.function} takes {row.arity} argument(s), {len(shapes)} given",
                node.span,
                f"give it {'what it applies to' if row.arity == 1 else 'its arguments'} alone",
            )
        result: Shape | None = None
        for position, shape in enumerate(shapes):
            if shape is None:
                continue
            parameter = row is not None and position >= 1 and len(node.args) > 1
            if parameter and self._parameter(node, position, shape):
                continue
            if result is None or scalar(self.sizes.shape(result)):
                result = shape
            elif not scalar(self.sizes.shape(shape)):
                self.unify(result, shape, node.args[position], "another argument", "this one")
        return result

    def _parameter(self, node: Call, position: int, shape: Shape) -> bool:
        """A lone name passed as the parameter of a function (leaky_relu's slope) is a scalar."""
        argument = node.args[position]
        row = lookup(node.function)
        if row is None or position > len(row.parameters) or not isinstance(argument, Name):
            return False
        if argument.indices:
            return False
        self.unify(shape, SCALAR, argument, "a function's parameter", "a scalar")
        return True

    @_infer.register
    def _(self, node: Binary) -> Shape | None:
        left, right = self.visit(node.left), self.visit(node.right)
        if node.operator == "**":
            return self._power(node, left, right)
        if left is None or right is None:
            return left or right
        result = (self.sizes.fresh(), self.sizes.fresh())
        self.pending.append(Pending(node, left, right, result))
        advance(self)
        return result

    def _power(self, node: Binary, base: Shape | None, exponent: Shape | None) -> Shape | None:
        if exponent is not None:
            raise InputError(
                "an exponent is a number or an index",
                node.right.span,
                "write exp(a * log(b)) for a power with a variable exponent",
            )
        return base

    def unify(self, a: Shape, b: Shape, node: Node, first: str, second: str) -> None:
        """Make two shapes equal.

        Raises:
            InputError: they cannot be.
        """
        try:
            self.sizes.unify(a, b)
        except Clash:
            raise self.clash(a, b, node, first, second) from None

    def clash(self, a: Shape, b: Shape, node: Node, first: str, second: str) -> InputError:
        """The error for two shapes that do not fit, both written out."""
        a_text, b_text = self.describe(a), self.describe(b)
        return InputError(
            f"shapes do not fit: {first} is {a_text}, {second} is {b_text}",
            node.span,
            "transpose one side with .T, use @ for a matrix product and * elementwise, "
            "or declare a shape on its own line (W: n x m, or alpha: scalar)",
        )

    def describe(self, shape: Shape) -> str:
        """``n×1``, with letters for the sizes that have no name yet."""
        self.sizes.name_unknowns([*self.variables.values(), shape], set(self.scope.letters))
        rows, cols = self.sizes.shape(shape)
        return f"{rows}×{cols}"

    def expression(self, node: Node, local: Mapping[str, Shape] | None = None) -> Shape | None:
        """Infer one expression on its own, with the shapes of some names given."""
        saved, self.local = self.local, local or {}
        shape = self.visit(node)
        settle(self)
        self.local = saved
        return shape


_RULES = Inference.__dict__["_infer"].dispatcher.dispatch
