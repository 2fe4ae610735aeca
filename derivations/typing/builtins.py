"""The named operations of the language that are not elementwise: one row each.

A row says what shape a call has (``infer``) and what node it becomes (``build``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sympy import Expr, Integer
from sympy.matrices.expressions import Identity, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.errors import InputError
from derivations.expressions import build
from derivations.expressions.nodes import (
    Determinant,
    LogSoftmax,
    LogSumExp,
    MatrixExponential,
    SmallestSingular,
    Softmax,
    SpectralNorm,
    Tangent,
)
from derivations.language.tree import Call, Node, Number
from derivations.typing.blocks import beside, block_shapes, stack
from derivations.typing.sizes import Shape

if TYPE_CHECKING:
    from derivations.typing.infer import Inference

ONE = Integer(1)
Shapes = list[Shape | None]


@dataclass(frozen=True)
class Builtin:
    """A named operation: argument counts allowed, shape rule, node rule."""

    arity: range
    shape: Callable[[Inference, Call, list[Shape]], Shape]
    build: Callable[[Call, list[MatrixExpr]], MatrixExpr]

    def infer(self, inference: Inference, call: Call, shapes: Shapes) -> Shape:
        """The shape of a call.

        Raises:
            InputError: wrong number of arguments, primes on it, or shapes that do not fit.
        """
        if call.order:
            raise InputError(
                f"{call.function} has no slope: it is not elementwise",
                call.span,
                "write a derivative as a query, like dp[t]/dz[t]",
            )
        if len(shapes) not in self.arity:
            wanted = f"{self.arity.start}" if len(self.arity) == 1 else "one or more"
            raise InputError(
                f"{call.function} takes {wanted} argument(s), {len(shapes)} given",
                call.span,
                "separate arguments with commas",
            )
        if call.function in ("concat", "hstack"):
            shapes = block_shapes(inference, call, shapes)
        return self.shape(inference, call, [_given(s) for s in shapes])


def _given(shape: Shape | None) -> Shape:
    return (ONE, ONE) if shape is None else shape


def _same(inference: Inference, call: Call, shapes: list[Shape]) -> Shape:
    inference.vector_sizes.extend(shapes[0])
    return shapes[0]


def _same_square(inference: Inference, call: Call, shapes: list[Shape]) -> Shape:
    inference.unify(shapes[0], shapes[0][::-1], call, "the argument", "its transpose")
    return _same(inference, call, shapes)


def _reduce_square(inference: Inference, call: Call, shapes: list[Shape]) -> Shape:
    _same_square(inference, call, shapes)
    return ONE, ONE


def _reduce(inference: Inference, call: Call, shapes: list[Shape]) -> Shape:
    inference.vector_sizes.extend(shapes[0])
    return ONE, ONE


def _pair(inference: Inference, call: Call, shapes: list[Shape]) -> Shape:
    inference.unify(shapes[0], shapes[1], call, "the first argument", "the second argument")
    return _reduce(inference, call, shapes)


def _outer(inference: Inference, call: Call, shapes: list[Shape]) -> Shape:
    (a, b), (c, d) = (inference.sizes.shape(shape) for shape in shapes)
    return (a, c) if b == d == 1 else (a * c, b * d)


def _build_outer(call: Call, args: list[MatrixExpr]) -> MatrixExpr:
    """a ⊗ b: a bᵀ for two columns, the Kronecker product of anything else."""
    left, right = args
    if left.shape[1] == right.shape[1] == 1:
        return build.matmul(left, build.transpose(right))
    return build.kron(left, right)


def _square(inference: Inference, call: Call, shapes: list[Shape]) -> Shape:
    inference.vector_sizes.extend(shapes[0])
    rows, cols = inference.sizes.shape(shapes[0])
    if rows != 1 and cols != 1:
        column = (inference.sizes.fresh(), ONE)
        inference.unify(shapes[0], column, call, "the argument of diag", "a vector")
        return column[0], column[0]
    size = cols if rows == 1 and cols != 1 else rows
    return size, size


def _whole(call: Call, position: int) -> int:
    argument = call.args[position]
    if not isinstance(argument, Number) or argument.value.denominator != 1:
        raise InputError(
            f"argument {position + 1} of {call.function} is a whole number",
            argument.span,
            "write for example rows(v, 1, 4): the first of 4 equal blocks of rows",
        )
    return argument.value.numerator


def _block_rows(inference: Inference, call: Call, shapes: list[Shape]) -> Shape:
    parts, chosen = _whole(call, 2), _whole(call, 1)
    if not 1 <= chosen <= parts:
        raise InputError(
            f"there is no block {chosen} of {parts}", call.span, f"count from 1 to {parts}"
        )
    height = inference.sizes.fresh()
    inference.unify(
        shapes[0], (parts * height, shapes[0][1]), call, "the argument", "the blocks together"
    )
    return height, shapes[0][1]


def _take_block(call: Call, args: list[MatrixExpr]) -> MatrixExpr:
    parts, chosen = _whole(call, 2), _whole(call, 1)
    height: Expr = args[0].shape[0] / parts
    row = [
        Identity(height) if i == chosen else ZeroMatrix(height, height) for i in range(1, parts + 1)
    ]
    return build.matmul(build.blocks([row]), args[0])


def _mean(call: Call, args: list[MatrixExpr]) -> MatrixExpr:
    rows, cols = args[0].shape
    return build.scale(build.constant(1 / (rows * cols)), build.total(args[0]))


def _norm(call: Call, args: list[MatrixExpr]) -> MatrixExpr:
    if 1 in args[0].shape:
        return build.apply("sqrt", (0,), build.inner(args[0], args[0]))
    return SpectralNorm(args[0])


def squared_norm(value: MatrixExpr) -> MatrixExpr:
    """‖v‖² of a vector is vᵀv, smooth at 0 where the norm itself is not."""
    if 1 in value.shape:
        return build.inner(value, value)
    return build.power(SpectralNorm(value), 2)


def rectified(call: Call) -> Node | None:
    """The z of ``max(0, z)``, which is relu(z); None for any other call."""
    if call.function != "max" or call.order or len(call.args) != 2:
        return None
    rest = [node for node in call.args if not isinstance(node, Number) or node.value != 0]
    return rest[0] if len(rest) == 1 else None


def _trace(call: Call, args: list[MatrixExpr]) -> MatrixExpr:
    size = args[0].shape[0]
    return build.inner(args[0], Identity(size))


_ANY = range(1, 1000)
_UNARY = range(1, 2)
BUILTINS: dict[str, Builtin] = {
    "softmax": Builtin(_UNARY, _same, lambda call, a: Softmax(a[0])),
    "log_softmax": Builtin(_UNARY, _same, lambda call, a: LogSoftmax(a[0])),
    "logsumexp": Builtin(_UNARY, _reduce, lambda call, a: LogSumExp(a[0])),
    "sum": Builtin(_UNARY, _reduce, lambda call, a: build.total(a[0])),
    "mean": Builtin(_UNARY, _reduce, _mean),
    "norm": Builtin(_UNARY, _reduce, _norm),
    "sigma_min": Builtin(_UNARY, _reduce, lambda call, a: SmallestSingular(a[0])),
    "expm": Builtin(_UNARY, _same_square, lambda call, a: MatrixExponential(a[0])),
    "det": Builtin(_UNARY, _reduce_square, lambda call, a: Determinant(a[0])),
    "trace": Builtin(_UNARY, _reduce, _trace),
    "dot": Builtin(range(2, 3), _pair, lambda call, a: build.inner(*a)),
    "outer": Builtin(range(2, 3), _outer, _build_outer),
    "diag": Builtin(_UNARY, _square, lambda call, a: build.diag(a[0])),
    "concat": Builtin(_ANY, stack, lambda call, a: build.blocks([x] for x in a)),
    "hstack": Builtin(_ANY, beside, lambda call, a: build.blocks([a])),
    "rows": Builtin(range(3, 4), _block_rows, _take_block),
    "transpose": Builtin(
        _UNARY, lambda i, c, s: (s[0][1], s[0][0]), lambda call, a: build.transpose(a[0])
    ),
    "tangent": Builtin(_UNARY, lambda i, c, s: s[0], lambda call, a: Tangent(a[0])),
    "kron": Builtin(
        range(2, 3),
        lambda i, c, s: (s[0][0] * s[1][0], s[0][1] * s[1][1]),
        lambda call, a: build.kron(*a),
    ),
    "vec": Builtin(_UNARY, lambda i, c, s: (s[0][0] * s[0][1], ONE), lambda call, a: build.vec(*a)),
}
"""Every named operation."""
