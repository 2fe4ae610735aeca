"""No node takes text for an expression: what a user types is parsed, and by one parser only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sympy import Symbol, SympifyError
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.nodes import (
    Blocks,
    Commutation,
    Constant,
    Diagonalizer,
    DirectSum,
    Entry,
    Map,
    MapPartial,
    MatrixPower,
    Power,
    Softmax,
    TimeProduct,
    TimeSum,
    Unvec,
    Variable,
)

t = Symbol("t", integer=True)
n = Symbol("n", integer=True, positive=True)
A = Variable("A", (), n, n)

TEXTS: dict[str, Callable[[], MatrixExpr]] = {
    "rows of a variable": lambda: Variable("h", (), "n", 1),
    "step of a variable": lambda: Variable("h", ("t - 1",), n, 1),
    "value of a constant": lambda: Constant("1/2", 1, 1),
    "rows of a map": lambda: Map("f", (), "n", 1, A),
    "slot": lambda: MapPartial("0", Map("f", (), n, 1, A)),
    "exponent": lambda: Power(A, "2"),
    "matrix exponent": lambda: MatrixPower(A, "2"),
    "argument": lambda: Softmax("A"),
    "blocks": lambda: Blocks("1", "1", A),
    "entry": lambda: Entry(A, "i", 1),
    "unvec": lambda: Unvec(A, "n", 1),
    "commutation": lambda: Commutation("n", 1),
    "diagonalizer": lambda: Diagonalizer("n"),
    "bound of a sum": lambda: TimeSum(A, t, "1", 2),
    "bound of a product": lambda: TimeProduct(A, t, 1, "T"),
    "bound of a direct sum": lambda: DirectSum(A, t, 1, "T"),
}


@pytest.mark.parametrize("place", TEXTS)
def test_text_is_refused(place: str) -> None:
    with pytest.raises(SympifyError):
        TEXTS[place]()
