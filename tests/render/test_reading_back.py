"""What is printed, read by the parser and computed, is what the object itself is worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, reduce, singledispatch
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Symbol, symbols
from sympy.matrices.expressions import HadamardProduct, MatAdd, MatMul, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import nodes
from derivations.language import tree
from derivations.language.cells import parse_cell
from derivations.language.claims import parse_claim
from derivations.render.latex import latex
from derivations.render.text import text

SIZE = 2
k, j = symbols("k j", integer=True)
CELL = parse_cell("h[t] = A @ B @ h[t-1] + M[t] @ u + c * v + G_ab @ u")
Env = Mapping[str, int]


def _value(name: str, steps: tuple[int, ...], shape: tuple[int, int]) -> np.ndarray:
    seed = [*name.encode(), *steps]
    return np.random.default_rng(seed).integers(-3, 4, shape).astype(float)


SQUARE, COLUMN = (SIZE, SIZE), (SIZE, 1)
SHAPES = {"A": SQUARE, "B": SQUARE, "M": SQUARE, "G_ab": SQUARE, "u": COLUMN, "v": COLUMN}
SHAPES["c"] = (1, 1)


def _product(factors: list[np.ndarray]) -> np.ndarray:
    return reduce(np.matmul, factors, np.eye(SIZE))


@singledispatch
def worth(expr: MatrixExpr, env: Env) -> Any:
    """The value of an expression object."""
    raise TypeError(type(expr))


@worth.register
def _(expr: nodes.Variable, env: Env) -> Any:
    return _value(expr.name, tuple(env[str(s)] for s in expr.steps), SHAPES[expr.name])


@worth.register
def _(expr: nodes.Constant, env: Env) -> Any:
    return np.full([int(extent) for extent in expr.shape], float(expr.value))


@worth.register
def _(expr: MatAdd, env: Env) -> Any:
    return sum(worth(a, env) for a in expr.args)


@worth.register
def _(expr: MatMul, env: Env) -> Any:
    return reduce(np.matmul, [worth(a, env) for a in expr.args])


@worth.register
def _(expr: HadamardProduct, env: Env) -> Any:
    return reduce(np.multiply, [worth(a, env) for a in expr.args])


@worth.register
def _(expr: nodes.Scale, env: Env) -> Any:
    return worth(expr.scalar, env) * worth(expr.matrix, env)


@worth.register
def _(expr: Transpose, env: Env) -> Any:
    return worth(expr.arg, env).T


@worth.register
def _(expr: nodes.Diag, env: Env) -> Any:
    return np.diag(worth(expr.vector, env)[:, 0])


@worth.register
def _(expr: nodes.Power, env: Env) -> Any:
    return worth(expr.base, env) ** int(expr.exponent)


@worth.register
def _(expr: nodes.TimeSum, env: Env) -> Any:
    times = range(int(expr.lower), int(expr.upper) + 1)
    return sum(worth(expr.body, {**env, str(expr.index): time}) for time in times)


@worth.register
def _(expr: nodes.TimeProduct, env: Env) -> Any:
    times = range(int(expr.lower), int(expr.upper) + 1)
    factors = [worth(expr.body, {**env, str(expr.index): time}) for time in times]
    return _product(factors[::-1] if expr.descending else factors)


@singledispatch
def reading(node: tree.Node, env: Env) -> Any:
    """The value of what the parser read."""
    raise TypeError(type(node))


@reading.register
def _(node: tree.Number, env: Env) -> Any:
    return float(node.value)


@reading.register
def _(node: tree.Name, env: Env) -> Any:
    steps = tuple(env[step.name] for step in node.indices if isinstance(step, tree.Name))
    return _value(node.name, steps, SHAPES[node.name])


@reading.register
def _(node: tree.Negative, env: Env) -> Any:
    return -reading(node.operand, env)


@reading.register
def _(node: tree.Transposed, env: Env) -> Any:
    return np.transpose(reading(node.operand, env))


@reading.register
def _(node: tree.Call, env: Env) -> Any:
    assert node.function == "diag"
    return np.diag(reading(node.args[0], env)[:, 0])


@reading.register
def _(node: tree.Binary, env: Env) -> Any:
    left, right = reading(node.left, env), reading(node.right, env)
    scalar = 1 in (np.size(left), np.size(right))
    operators: dict[str, Callable[[Any, Any], Any]] = {
        "+": np.add, "-": np.subtract, "*": np.multiply, "**": np.power, "/": np.divide,
        "@": np.multiply if scalar else np.matmul,
    }  # fmt: skip
    return operators[node.operator](left, right)


@reading.register
def _(node: tree.Reduction, env: Env) -> Any:
    lower, upper = (int(reading(bound, env)) for bound in (node.lower, node.upper))
    parts = [reading(node.body, {**env, node.index: time}) for time in range(lower, upper + 1)]
    if node.kind == "sum":
        return sum(parts)
    return _product(parts[::-1] if node.order == "descending" else parts)


def _leaf(name: str, *steps: Symbol) -> nodes.Variable:
    return nodes.Variable(name, steps, *SHAPES[name])


def _scalars() -> st.SearchStrategy[MatrixExpr]:
    numbers = st.sampled_from([-2, -1, 2, 3]).map(lambda value: nodes.Constant(value, 1, 1))
    return st.one_of(numbers, st.just(_leaf("c")))


@cache
def _vectors(depth: int) -> st.SearchStrategy[MatrixExpr]:
    return st.deferred(lambda: _some_vectors(depth))


def _some_vectors(depth: int) -> st.SearchStrategy[MatrixExpr]:
    leaves = st.sampled_from([_leaf("u"), _leaf("v")])
    if not depth:
        return leaves
    same, square = _vectors(depth - 1), _matrices(depth - 1)
    return st.one_of(
        leaves,
        st.tuples(same, same).map(lambda a: MatAdd(*a, evaluate=False)),
        same.map(lambda a: MatAdd(nodes.Constant(1, SIZE, 1), a, evaluate=False)),
        st.tuples(same, same).map(lambda a: HadamardProduct(*a, evaluate=False)),
        st.tuples(square, same).map(lambda a: MatMul(*a, evaluate=False)),
        st.tuples(_scalars(), same).map(lambda a: nodes.Scale(*a)),
        same.map(lambda a: nodes.Power(a, 2)),
        same.map(lambda a: nodes.TimeSum(a, k, Integer(1), Integer(2))),
    )


@cache
def _matrices(depth: int) -> st.SearchStrategy[MatrixExpr]:
    return st.deferred(lambda: _some_matrices(depth))


def _some_matrices(depth: int) -> st.SearchStrategy[MatrixExpr]:
    leaves = st.sampled_from([_leaf("A"), _leaf("B"), _leaf("G_ab")])
    if not depth:
        return leaves
    same, vector = _matrices(depth - 1), _vectors(depth - 1)
    bodies = st.one_of(same, same.map(lambda a: MatMul(a, _leaf("M", j), evaluate=False)))
    return st.one_of(
        leaves,
        st.tuples(same, same).map(lambda a: MatAdd(*a, evaluate=False)),
        st.tuples(same, same).map(lambda a: MatMul(*a, evaluate=False)),
        st.tuples(same, same).map(lambda a: HadamardProduct(*a, evaluate=False)),
        st.tuples(_scalars(), same).map(lambda a: nodes.Scale(*a)),
        same.map(Transpose),
        same.map(lambda a: nodes.Power(a, 2)),
        vector.map(nodes.Diag),
        bodies.map(lambda a: nodes.TimeSum(a, j, Integer(1), Integer(2))),
        st.tuples(bodies, st.booleans()).map(
            lambda a: nodes.TimeProduct(a[0], j, Integer(1), Integer(3), a[1])
        ),
    )


@pytest.mark.parametrize(("printed", "equals"), [(latex, r"\;="), (text, "=")])
@settings(max_examples=150, deadline=None)
@given(expr=st.one_of(_matrices(3), _vectors(3)))
def test_reads_back(printed: Callable[[MatrixExpr], str], equals: str, expr: MatrixExpr) -> None:
    source = printed(expr)
    read = parse_claim(f"{source} {equals} 0", CELL).left
    np.testing.assert_allclose(reading(read, {}), worth(expr, {}), rtol=1e-9, err_msg=source)


def test_a_lost_bracket_is_noticed() -> None:
    expr = MatMul(MatAdd(_leaf("A"), _leaf("B")), _leaf("u"))
    read = parse_claim(r"A + B u \;= 0", CELL).left
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(reading(read, {}), worth(expr, {}))
