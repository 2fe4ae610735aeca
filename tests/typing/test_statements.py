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
        (r"\operatorname{unvec}_{n \times m}(\operatorname{vec}(U)) = U", Unvec),
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


def test_names_are_introduced_in_any_order() -> None:
    cell = load(RNN)
    stacked, corner, claim = (
        r"J_t = \begin{bmatrix} W & J_{zh,t} \\ 0 & I_m \end{bmatrix}",
        r"J_{zh,t} = \operatorname{diag}(h_t) U",
        r"J_{t-1} = 0",
    )
    found = read_claim(cell, f"{stacked}\n{corner}\n{claim}")
    assert found == read_claim(cell, f"{corner}\n{stacked}\n{claim}")
    expected = read_claim(cell, r"\operatorname{diag}(h_{t-1}) U = 0").left
    assert found.left.blocks[1] == expected
    with pytest.raises(InputError, match="J is introduced by itself"):
        read_claim(cell, "J[t] = K[t]\nK[t] = J[t]\nJ[t] = 0")


def test_a_number_below_a_loss_is_a_time() -> None:
    left_out = load(["h_t = \\tanh(W h_{t-1} + x_t)"])
    several = load(["h_t = \\tanh(W h_{t-1} + x_t)", "L = \\ell_1(h_1) + \\ell_2(h_2)"])
    for cell, text in ((left_out, "dell[1]/dh(h[1])"), (several, "dell_1/dh(h[1])")):
        found = read_claim(cell, r"\nabla_h \ell_{1}(h_1) = 0").left
        assert found == read_claim(cell, f"({text}).T = 0").left


def test_a_label_takes_no_time_away() -> None:
    """``a_{h,2}`` is a_h at time 2, though the cell has an a_h_2 as well."""
    cell = load("h[t] = tanh(W @ h[t-1] + tanh(U @ x[t] + b))".splitlines())
    (first, second) = sorted(cell.cell.auxiliary)
    assert (first, second) == ("a_h", "a_h_2")
    for latex, text in (
        ("a_{h,2}", "a_h[2]"),
        ("a_{h,2,t}", "a_h_2[t]"),
        ("a_{h,2,1}", "a_h_2[1]"),
    ):
        assert read_claim(cell, f"{latex} = 0").left == read_claim(cell, f"{text} = 0").left


def test_an_argument_that_stands_twice_has_one_name() -> None:
    cell = load(["h[t] = tanh(W @ h[t-1] + b) * sigmoid(W @ h[t-1] + b) + exp(h[t-1] + b)"]).cell
    assert sorted(cell.auxiliary) == ["a_h", "a_h_2"]


def test_an_identity_that_the_cell_uses_may_state_its_size() -> None:
    cell = load(["h[t] = (I - W @ W.T) @ h[t-1] + U @ x[t]"])
    left = read_claim(cell, r"(I - W W^\top) \otimes I_{m} = 0").left
    assert isinstance(left, Kron) and left.right == Identity(m) and left.shape == (m * n, m * n)


def test_a_sum_of_columns_that_waits_still_scales() -> None:
    cell = load(RNN)
    column = r"\begin{bmatrix} 0 \\ h_t \end{bmatrix}"
    grid = r"\begin{bmatrix} W & 0 \\ 0 & W \end{bmatrix}"
    row = r"b^\top \begin{bmatrix} W & W \end{bmatrix}"
    claim = read_claim(cell, rf"{row} \left({column} + {grid} {column}\right) x_t = 0")
    assert claim.left.shape == (m, 1)


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
