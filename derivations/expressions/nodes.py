"""The closed set of node kinds: SymPy matrix expressions whose time step is an argument.

Every value is a matrix; a vector is a column, a scalar is 1×1. Sizes and time steps are SymPy
integers and symbols. SymPy supplies ``MatMul``, ``MatAdd``, ``HadamardProduct``, ``Transpose``,
``Identity`` and ``ZeroMatrix``; the kinds below are what it lacks. :data:`KINDS` names them all,
and a test walks it to list every table (VJP, JVP, renderer, evaluator) that misses one.
"""

from __future__ import annotations

from sympy import Basic, Expr, Integer, Symbol, Tuple, sympify
from sympy.core.symbol import Str
from sympy.matrices.expressions import (
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions.matexpr import MatrixExpr

Size = Expr
Steps = Tuple


class Variable(MatrixExpr):
    """A named value at time ``steps`` (empty for a parameter): ``Variable("h", (t - 1,), n, 1)``."""

    def __new__(cls, name: str | Str, steps: object, rows: object, cols: object) -> Variable:
        label = name if isinstance(name, Str) else Str(name)
        times = steps if isinstance(steps, Tuple) else Tuple(*steps)  # type: ignore[misc]
        return Basic.__new__(cls, label, times, sympify(rows), sympify(cols))

    name = property(lambda self: self.args[0].name)
    steps = property(lambda self: self.args[1])
    shape = property(lambda self: (self.args[2], self.args[3]))

    def at(self, steps: object) -> Variable:
        """The same variable at other time steps."""
        return Variable(self.args[0], steps, *self.shape)


class Adjoint(MatrixExpr):
    """dL/dv, the cotangent of one variable at one time; shape of the variable."""

    def __new__(cls, variable: Variable) -> Adjoint:
        return Basic.__new__(cls, variable)

    variable = property(lambda self: self.args[0])
    name = property(lambda self: self.args[0].name)
    steps = property(lambda self: self.args[0].steps)
    shape = property(lambda self: self.args[0].shape)

    def at(self, steps: object) -> Adjoint:
        """The same adjoint at other time steps."""
        return Adjoint(self.variable.at(steps))


class Tangent(MatrixExpr):
    """The directional derivative of one variable at one time; shape of the variable."""

    def __new__(cls, variable: Variable) -> Tangent:
        return Basic.__new__(cls, variable)

    variable = property(lambda self: self.args[0])
    name = property(lambda self: self.args[0].name)
    steps = property(lambda self: self.args[0].steps)
    shape = property(lambda self: self.args[0].shape)

    def at(self, steps: object) -> Tangent:
        """The same tangent at other time steps."""
        return Tangent(self.variable.at(steps))


Leaf = Variable | Adjoint | Tangent


class Constant(MatrixExpr):
    """A rows×cols matrix whose every entry is ``value``: a number, a size, an index expression."""

    def __new__(cls, value: object, rows: object, cols: object) -> Constant:
        return Basic.__new__(cls, sympify(value), sympify(rows), sympify(cols))

    value = property(lambda self: self.args[0])
    shape = property(lambda self: (self.args[1], self.args[2]))


class Apply(MatrixExpr):
    """An elementwise function, or a slope of it: ``orders`` counts the derivatives per argument.

    Arguments have the shape of the result or are 1×1 (broadcast): ``leaky_relu(z, p)`` has two.
    ``Apply("sigmoid", (1,), z)`` is σ′(z). A name outside the function table is arbitrary.
    """

    def __new__(cls, function: str | Str, orders: object, *args: MatrixExpr) -> Apply:
        label = function if isinstance(function, Str) else Str(function)
        counts = orders if isinstance(orders, Tuple) else Tuple(*orders)  # type: ignore[misc]
        return Basic.__new__(cls, label, counts, *args)

    function = property(lambda self: self.args[0].name)
    orders = property(lambda self: tuple(int(k) for k in self.args[1]))
    arguments = property(lambda self: self.args[2:])

    @property
    def shape(self) -> tuple[Expr, Expr]:
        for argument in self.arguments:
            if argument.shape != (1, 1):
                return argument.shape
        return self.arguments[0].shape


class Map(MatrixExpr):
    """An arbitrary differentiable map ``name(args)`` with a rows×cols result.

    ``steps`` holds a time index of the map itself: ``ell_t(h_t)`` is another function at each t.
    """

    def __new__(
        cls, name: str | Str, steps: object, rows: object, cols: object, *args: MatrixExpr
    ) -> Map:
        label = name if isinstance(name, Str) else Str(name)
        times = steps if isinstance(steps, Tuple) else Tuple(*steps)  # type: ignore[misc]
        return Basic.__new__(cls, label, times, sympify(rows), sympify(cols), *args)

    name = property(lambda self: self.args[0].name)
    steps = property(lambda self: self.args[1])
    shape = property(lambda self: (self.args[2], self.args[3]))
    arguments = property(lambda self: self.args[4:])


class MapPartial(MatrixExpr):
    """∂f/∂(argument ``slot``) of an arbitrary map: vec(result) × vec(argument), all others fixed."""

    def __new__(cls, slot: object, map_: Map) -> MapPartial:
        return Basic.__new__(cls, sympify(slot), map_)

    slot = property(lambda self: int(self.args[0]))
    map = property(lambda self: self.args[1])

    @property
    def shape(self) -> tuple[Expr, Expr]:
        rows, cols = self.map.shape
        inner_rows, inner_cols = self.map.arguments[self.slot].shape
        return rows * cols, inner_rows * inner_cols


class Softmax(MatrixExpr):
    """softmax of a vector."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: self.args[0].shape)


class LogSoftmax(MatrixExpr):
    """log softmax of a vector, in its stable form."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: self.args[0].shape)


class LogSumExp(MatrixExpr):
    """log Σ exp of a vector, 1×1."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: (Integer(1), Integer(1)))


class Scale(MatrixExpr):
    """A 1×1 value times a matrix."""

    def __new__(cls, scalar: MatrixExpr, matrix: MatrixExpr) -> Scale:
        return Basic.__new__(cls, scalar, matrix)

    scalar = property(lambda self: self.args[0])
    matrix = property(lambda self: self.args[1])
    shape = property(lambda self: self.args[1].shape)


class Quotient(MatrixExpr):
    """numerator / denominator, elementwise; the denominator has the same shape or is 1×1."""

    def __new__(cls, numerator: MatrixExpr, denominator: MatrixExpr) -> Quotient:
        return Basic.__new__(cls, numerator, denominator)

    numerator = property(lambda self: self.args[0])
    denominator = property(lambda self: self.args[1])
    shape = property(lambda self: self.args[0].shape)


class Power(MatrixExpr):
    """base ** exponent, elementwise; the exponent is a number or an index expression."""

    def __new__(cls, base: MatrixExpr, exponent: object) -> Power:
        return Basic.__new__(cls, base, sympify(exponent))

    base = property(lambda self: self.args[0])
    exponent = property(lambda self: self.args[1])
    shape = property(lambda self: self.args[0].shape)


class MatrixPower(MatrixExpr):
    """base^exponent of a square matrix, as repeated matrix product; exponent ≥ 0."""

    def __new__(cls, base: MatrixExpr, exponent: object) -> MatrixPower:
        return Basic.__new__(cls, base, sympify(exponent))

    base = property(lambda self: self.args[0])
    exponent = property(lambda self: self.args[1])
    shape = property(lambda self: self.args[0].shape)


class Diag(MatrixExpr):
    """The diagonal matrix of a vector (column or row) of size n: n×n."""

    def __new__(cls, vector: MatrixExpr) -> Diag:
        return Basic.__new__(cls, vector)

    vector = property(lambda self: self.args[0])

    @property
    def shape(self) -> tuple[Expr, Expr]:
        rows, cols = self.vector.shape
        size = rows if cols == 1 else cols
        return size, size


class Blocks(MatrixExpr):
    """A block matrix with ``down`` × ``across`` blocks, given row by row; concat is across = 1."""

    def __new__(cls, down: object, across: object, *blocks: MatrixExpr) -> Blocks:
        return Basic.__new__(cls, sympify(down), sympify(across), *blocks)

    down = property(lambda self: int(self.args[0]))
    across = property(lambda self: int(self.args[1]))
    blocks = property(lambda self: self.args[2:])

    @property
    def grid(self) -> tuple[tuple[MatrixExpr, ...], ...]:
        """The blocks as a tuple of block rows."""
        width = self.across
        return tuple(self.blocks[i * width : (i + 1) * width] for i in range(self.down))

    @property
    def shape(self) -> tuple[Expr, Expr]:
        rows = sum((row[0].shape[0] for row in self.grid), Integer(0))
        cols = sum((block.shape[1] for block in self.grid[0]), Integer(0))
        return rows, cols


class TimeSum(MatrixExpr):
    """Σ body for ``index`` from ``lower`` to ``upper``, both inclusive; empty sums are zero."""

    def __new__(cls, body: MatrixExpr, index: Symbol, lower: object, upper: object) -> TimeSum:
        return Basic.__new__(cls, body, index, sympify(lower), sympify(upper))

    body = property(lambda self: self.args[0])
    index = property(lambda self: self.args[1])
    lower = property(lambda self: self.args[2])
    upper = property(lambda self: self.args[3])
    shape = property(lambda self: self.args[0].shape)


class TimeProduct(MatrixExpr):
    """∏ body (square) for ``index`` from ``lower`` to ``upper``; an empty product is the identity.

    ``descending``: the latest time stands on the left.
    """

    def __new__(
        cls,
        body: MatrixExpr,
        index: Symbol,
        lower: object,
        upper: object,
        descending: object = True,
    ) -> TimeProduct:
        return Basic.__new__(
            cls, body, index, sympify(lower), sympify(upper), sympify(descending)
        )

    body = property(lambda self: self.args[0])
    index = property(lambda self: self.args[1])
    lower = property(lambda self: self.args[2])
    upper = property(lambda self: self.args[3])
    descending = property(lambda self: bool(self.args[4]))
    shape = property(lambda self: self.args[0].shape)


class DirectSum(MatrixExpr):
    """The block-diagonal matrix of the bodies for ``index`` from ``lower`` to ``upper``.

    Bodies need not be square: the direct sum of m columns of size n is nm×m, and times the
    vector of ones it stacks them.
    """

    def __new__(cls, body: MatrixExpr, index: Symbol, lower: object, upper: object) -> DirectSum:
        return Basic.__new__(cls, body, index, sympify(lower), sympify(upper))

    body = property(lambda self: self.args[0])
    index = property(lambda self: self.args[1])
    lower = property(lambda self: self.args[2])
    upper = property(lambda self: self.args[3])

    @property
    def shape(self) -> tuple[Expr, Expr]:
        count = self.upper - self.lower + 1
        rows, cols = self.body.shape
        return count * rows, count * cols


class MatrixExponential(MatrixExpr):
    """exp A = Σ A^j / j! of a square matrix."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: self.args[0].shape)


class Kron(MatrixExpr):
    """The Kronecker product A ⊗ B; vec(B X Aᵀ) = (A ⊗ B) vec X with column-major vec."""

    def __new__(cls, left: MatrixExpr, right: MatrixExpr) -> Kron:
        return Basic.__new__(cls, left, right)

    left = property(lambda self: self.args[0])
    right = property(lambda self: self.args[1])

    @property
    def shape(self) -> tuple[Expr, Expr]:
        (a, b), (c, d) = self.left.shape, self.right.shape
        return a * c, b * d


class Vec(MatrixExpr):
    """vec X: the columns of X stacked, (rows·cols)×1."""

    def __new__(cls, matrix: MatrixExpr) -> Vec:
        return Basic.__new__(cls, matrix)

    matrix = property(lambda self: self.args[0])
    shape = property(lambda self: (self.args[0].shape[0] * self.args[0].shape[1], Integer(1)))


class Unvec(MatrixExpr):
    """The rows×cols matrix whose vec is the given (rows·cols)×1 vector."""

    def __new__(cls, vector: MatrixExpr, rows: object, cols: object) -> Unvec:
        return Basic.__new__(cls, vector, sympify(rows), sympify(cols))

    vector = property(lambda self: self.args[0])
    shape = property(lambda self: (self.args[1], self.args[2]))


class Commutation(MatrixExpr):
    """K with K vec X = vec Xᵀ for every rows×cols X (Magnus & Neudecker 1979)."""

    def __new__(cls, rows: object, cols: object) -> Commutation:
        return Basic.__new__(cls, sympify(rows), sympify(cols))

    shape = property(lambda self: (self.args[0] * self.args[1],) * 2)


class Diagonalizer(MatrixExpr):
    """The n²×n constant E with vec(diag(x)) = E x."""

    def __new__(cls, size: object) -> Diagonalizer:
        return Basic.__new__(cls, sympify(size))

    size = property(lambda self: self.args[0])
    shape = property(lambda self: (self.args[0] ** 2, self.args[0]))


class Entry(MatrixExpr):
    """One entry of a matrix as a 1×1 value; ``row`` and ``col`` count from 1."""

    def __new__(cls, matrix: MatrixExpr, row: object, col: object) -> Entry:
        return Basic.__new__(cls, matrix, sympify(row), sympify(col))

    matrix = property(lambda self: self.args[0])
    row = property(lambda self: self.args[1])
    col = property(lambda self: self.args[2])
    shape = property(lambda self: (Integer(1), Integer(1)))


class SpectralNorm(MatrixExpr):
    """‖A‖, the largest singular value, 1×1. Bounds speak of it; it is never differentiated."""

    arg = property(lambda self: self.args[0])
    shape = property(lambda self: (Integer(1), Integer(1)))


class Jacobian(MatrixExpr):
    """∂numerator/∂denominator as vec(numerator) × vec(denominator), total or ``immediate`` (∂⁺).

    Stands for the derivative itself, before anything has been derived: the left side of a
    formula, or a factor in a formula whose value another formula gives.
    """

    def __new__(
        cls, numerator: Variable, denominator: Variable, immediate: object = False
    ) -> Jacobian:
        return Basic.__new__(cls, numerator, denominator, sympify(immediate))

    numerator = property(lambda self: self.args[0])
    denominator = property(lambda self: self.args[1])
    immediate = property(lambda self: bool(self.args[2]))

    @property
    def shape(self) -> tuple[Expr, Expr]:
        (a, b), (c, d) = self.numerator.shape, self.denominator.shape
        return a * b, c * d


KINDS: tuple[type[MatrixExpr], ...] = (
    Variable, Adjoint, Tangent, Constant, Apply, Map, MapPartial, Softmax, LogSoftmax, LogSumExp,
    Scale, Quotient, Power, MatrixPower, MatrixExponential, Diag, Blocks, TimeSum, TimeProduct,
    DirectSum, Kron, Vec, Unvec, Commutation, Diagonalizer, Entry, SpectralNorm, Jacobian,
    MatMul, MatAdd, HadamardProduct, Transpose, Identity, ZeroMatrix,
)  # fmt: skip
"""Every kind of node there is."""
