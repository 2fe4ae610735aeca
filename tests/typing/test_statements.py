"""Queries and claims about a typed cell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from sympy import Symbol
from sympy.matrices.expressions import Identity, Transpose, ZeroMatrix

from derivations.errors import InputError
from derivations.expressions.nodes import (
    Adjoint,
    Blocks,
    Commutation,
    Entry,
    Jacobian,
    Kron,
    MapPartial,
    MatrixPower,
    Power,
    Tangent,
    TimeSum,
    Unvec,
)
from derivations.loading import load
from derivations.typing.statements import Gradients, read_claim, read_query

RNN = ["z[t] = W @ h[t-1] + U @ x[t] + b", "h[t] = sigmoid(z[t])", "loss = ell(h[T])"]
MAPS = ["h[t] = f(x[t], h[t-1], w)", "loss = sum(t, 1, T, ell(h[t]))"]
EXAMPLES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data/claims_examples.jsonl").read_text().splitlines()
]
t, k, i, j = (Symbol(name, integer=True) for name in "tkij")
n, m = (Symbol(name, integer=True, positive=True) for name in "nm")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["id"]))
def test_every_example_reads_in_one_layout(example: dict[str, Sequence[str]]) -> None:
    cell = load(example["cell"])
    shapes = []
    layouts: tuple[Gradients, ...] = ("columns", "rows")
    for layout in layouts:
        try:
            claim = read_claim(cell, str(example["claim"]), gradients=layout)
        except InputError:
            continue
        shapes.append((claim.left.shape, claim.right.shape))
    assert any(left == right for left, right in shapes)


@pytest.mark.parametrize(
    ("text", "kind", "entry"),
    [
        ("dL/dW", Adjoint, None),
        (r"\frac{\partial L}{\partial W}", Adjoint, None),
        (r"\nabla_{W} L", Adjoint, None),
        ("dL/dh[t]", Adjoint, None),
        ("dL/dh[0]", Adjoint, None),
        ("dh[T]/dh[k]", Jacobian, None),
        (r"\frac{\partial h_T}{\partial h_k}", Jacobian, None),
        ("direct dh[t]/dh[t-1]", Jacobian, None),
        ("dL/dW[i,j]", Adjoint, (i, j)),
        ("dL/db[2]", Adjoint, (2, 1)),
    ],
)
def test_queries(text: str, kind: type, entry: tuple[object, object] | None) -> None:
    query = read_query(load(RNN), text)
    assert isinstance(query.derivative, kind)
    assert query.entry == entry
    assert isinstance(query.left, Entry if entry else kind)


def test_immediate_is_kept() -> None:
    query = read_query(load(RNN), r"\frac{\partial^{+} h_t}{\partial h_{t-1}}")
    assert isinstance(query.derivative, Jacobian)
    assert query.derivative.immediate


def test_free_letters() -> None:
    claim = read_claim(load(RNN), "(dh[t]/dh[k])[i,j] = sum(r, 1, T, (dh[t]/dh[k])[i,j])")
    assert claim.indices == (k, t)
    assert claim.entries == (i, j)


def test_sides_may_differ_in_shape() -> None:
    claim = read_claim(load(RNN), "dL/dW = dL/dU")
    assert claim.left.shape == (n, n)
    assert claim.right.shape == (n, m)


def test_rows_are_transposes() -> None:
    columns = read_claim(load(RNN), "dL/dU = dL/dU")
    rows = read_claim(load(RNN), "dL/dU = dL/dU", gradients="rows")
    assert rows.left == Transpose(columns.left)


def test_powers() -> None:
    cell = load(RNN)
    text = "dh[T]/dh[k] = W ** (T-k)"
    assert isinstance(read_claim(cell, text).right, MatrixPower)
    assert isinstance(read_claim(cell, text, matrix_powers=False).right, Power)


@pytest.mark.parametrize(
    "text",
    [
        "(df/dh(x[t], h[t-1], w)).T = 0",
        "partial(f(x[t], h[t-1], w), 2).T = 0",
        r"\left(\frac{\partial f}{\partial h}(x_t, h_{t-1}, w)\right)^{\top} = 0",
        r"\left(\partial_{2} f(x_t, h_{t-1}, w)\right)^\top = 0",
    ],
)
def test_derivatives_of_maps(text: str) -> None:
    left = read_claim(load(MAPS), text).left
    assert isinstance(left, Transpose)
    assert isinstance(left.arg, MapPartial)
    assert left.arg.slot == 1
    assert left.shape == (n, n)


@pytest.mark.parametrize("text", [r"\nabla_{h} \ell_t(h_t) = 0", "(dell[t]/dh(h[t])).T = 0"])
def test_gradients_of_a_loss(text: str) -> None:
    left = read_claim(load(MAPS), text).left
    assert isinstance(left.arg, MapPartial)
    assert left.shape == (n, 1)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("eye(n) = I", Identity),
        (r"I_{n} = I_n", Identity),
        ("zeros(n, m) = dL/dU", ZeroMatrix),
        ("kron(h[t-1].T, eye(n)) = 0", Kron),
        (r"h_{t-1}^\top \otimes I_n = 0", Kron),
        ("unvec(vec(U), n, m) = U", Unvec),
        ("commutation(n, m) = 0", Commutation),
        (r"\begin{bmatrix} W & U \\ 0 & I_m \end{bmatrix} = 0", Blocks),
        (r"\dot{h}_t = 0", Tangent),
        (r"\bar{h}_t = 0", Adjoint),
        ("sum(k, max(1, t), T, h[k]) = 0", TimeSum),
    ],
)
def test_notation(text: str, kind: type) -> None:
    assert isinstance(read_claim(load(RNN), text).left, kind)


def test_blocks_take_their_sizes_from_their_neighbours() -> None:
    left = read_claim(load(RNN), r"\begin{bmatrix} W & U \\ 0 & I \end{bmatrix} = 0").left
    assert left.blocks[2:] == (ZeroMatrix(m, n), Identity(m))


def test_an_outer_product_of_columns() -> None:
    cell = load(RNN)
    expected = read_claim(cell, "h[t] @ x[t].T = 0")
    assert read_claim(cell, r"h_t \otimes x_t = 0") == expected


def test_lines_before_a_claim_introduce_names() -> None:
    cell = load(RNN)
    claim = read_claim(cell, "delta[t] = dL/dz[t]\ndL/db = sum(k, 1, T, delta[k])")
    assert claim.right == read_claim(cell, "dL/db = sum(k, 1, T, dL/dz[k])").right
    latex = (
        "\\delta_t = \\frac{\\partial L}{\\partial z_t}\n"
        "\\frac{\\partial L}{\\partial b} = \\sum_{k=1}^{T} \\delta_k"
    )
    assert read_claim(cell, latex) == claim


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dL/dV = 0", ["no variable V", "its variables"]),
        ("dL/dWh = W", ["no variable Wh", "did you mean"]),
        ("dL/dh = 0", ["0 time step(s) here", "write h[t]"]),
        ("dL/dh[N] = 0", ["time N is never defined", "T"]),
        ("g(h[t]) = 0", ["no function g", "ell"]),
        ("dL/dh[t] = W @ U @ h[t]", ["W @ U is n×m", "h[t] is n×1"]),
        ("eye(q) = W", ["no size q"]),
        ("dL/dW[1,2,3] = 0", ["a row and a column"]),
        ("partial(ell(h[T]), 2) = 0", ["1 argument(s), not 2"]),
    ],
)
def test_refused(text: str, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        read_claim(load(RNN), text)
    assert all(word in str(caught.value) for word in words), str(caught.value)
