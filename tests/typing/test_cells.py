"""Cells of many kinds, each in text and in LaTeX: shapes, axes, node kinds, adjoints."""

from __future__ import annotations

import pytest
from sympy import preorder_traversal
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.adjoint import adjoints
from derivations.cell import LOSS
from derivations.expressions.nodes import KINDS
from derivations.loading import load
from tests.typing.cells.gates import GATES
from tests.typing.cells.matrices import MATRICES
from tests.typing.cells.structures import STRUCTURES

CASES = {**STRUCTURES, **MATRICES, **GATES}
SOURCES = [(name, kind) for name in CASES for kind in ("text", "latex")]


def _lines(name: str, kind: str) -> list[str]:
    source: str = getattr(CASES[name], kind)
    return source.split("\n")


def _shapes(lines: list[str]) -> str:
    cell = load(lines).cell
    found = []
    for name, variable in cell.templates.items():
        if name != LOSS and name not in cell.auxiliary:
            rows, cols = (str(extent).replace(" ", "") for extent in variable.shape)
            found.append(f"{name}:{rows}" if cols == "1" else f"{name}:{rows},{cols}")
    return " ".join(found)


@pytest.mark.parametrize(("name", "kind"), SOURCES)
def test_shapes_and_axes(name: str, kind: str) -> None:
    lines = _lines(name, kind)
    assert _shapes(lines) == CASES[name].shapes
    axes = load(lines).cell.axes
    assert " ".join(f"{axis.index}:{axis.upper}" for axis in axes) == CASES[name].axes


@pytest.mark.parametrize(("name", "kind"), SOURCES)
def test_adjoints_exist_and_every_node_is_of_a_known_kind(name: str, kind: str) -> None:
    cell = load(_lines(name, kind)).cell
    found = adjoints(cell)
    assert LOSS not in found
    for definition in (*cell.definitions, *found.values()):
        for piece in definition.pieces:
            assert piece.value.shape == definition.target.shape
            for node in preorder_traversal(piece.value):
                if isinstance(node, MatrixExpr):
                    assert isinstance(node, KINDS)
                    operands = node.args if node.func.__name__ == "MatMul" else ()
                    assert all(isinstance(operand, MatrixExpr) for operand in operands)


@pytest.mark.parametrize("name", CASES)
def test_text_and_latex_are_one_cell(name: str) -> None:
    text, latex = (load(_lines(name, kind)).cell for kind in ("text", "latex"))
    assert [d.target for d in text.definitions] == [d.target for d in latex.definitions]


def test_declared_shapes_override() -> None:
    assert _shapes(["S[t]: n x d", "f[t]: scalar", "S[t] = f[t] * S[t-1] + X[t]"]) == (
        "S:n,d f:1 X:n,d"
    )
    assert _shapes(["W: 4n x m", "z[t] = W @ x[t]"]) == "W:4*n,m z:4*n x:m"


def test_the_identity_is_a_variable_where_the_cell_has_one() -> None:
    assert _shapes(["h[t] = W @ h[t-1] + I[t] @ x[t]"]) == "h:n W:n,n I:n,m x:m"
