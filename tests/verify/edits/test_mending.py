"""Mends: wrong claims of the kinds people make, mended to what they meant."""

from __future__ import annotations

import pytest

from derivations.language.tree import walk
from derivations.loading import load
from verify.claims.holding import holds
from verify.claims.typing import read_relation
from verify.edits import mend

SIGMOID = ("z[t] = W @ h[t-1] + U @ x[t] + b", "h[t] = sigmoid(z[t])")
AT_END = (*SIGMOID, "loss = ell(h[T])")
AT_ALL = (*SIGMOID, "loss = sum(t, 1, T, ell(h[t]))")
READOUT = (
    "z[t] = W_hh @ h[t-1] + W_hx @ x[t] + b_h",
    "h[t] = tanh(z[t])",
    "p[t] = W_ph @ h[t] + b_p",
    "loss = cross_entropy(p[T], y)",
)
LSTM = (
    "f_t = \\sigma(W_f x_t + U_f h_{t-1} + b_f)",
    "i_t = \\sigma(W_i x_t + U_i h_{t-1} + b_i)",
    "o_t = \\sigma(W_o x_t + U_o h_{t-1} + b_o)",
    "g_t = \\tanh(W_c x_t + U_c h_{t-1} + b_c)",
    "c_t = f_t \\odot c_{t-1} + i_t \\odot g_t",
    "h_t = o_t \\odot \\tanh(c_t)",
)
GRU = (
    "z[t] = sigmoid(W_z @ x[t] + U_z @ h[t-1] + b_z)",
    "r[t] = sigmoid(W_r @ x[t] + U_r @ h[t-1] + b_r)",
    "g[t] = phi(W_h @ x[t] + U_h @ (r[t] * h[t-1]) + b_h)",
    "h[t] = z[t] * h[t-1] + (1 - z[t]) * g[t]",
)
DIAG = "diag(sigmoid'(z[t])) @ W"
STEP = "dL/dh[t] = W.T @ diag(sigmoid'(z[t+1])) @ dL/dh[t+1]"
LAST = "diag(1 - h[T] * h[T]) @ dL/dh[T] @ h[T-1].T"

MENDS = [
    (AT_END, "dL/dh[t] = W.T @ diag(sigmoid'(h[t])) @ dL/dh[t+1]", STEP),
    (AT_END, "dL/dh[t] = W @ diag(sigmoid'(z[t+1])) @ dL/dh[t+1]", STEP),
    (AT_END, "dL/dh[t] = W @ diag(sigmoid'(h[t])) @ dL/dh[t+1]", STEP),
    (AT_ALL, STEP, "dL/dh[t] = direct dL/dh[t] + " + STEP.partition(" = ")[2]),
    (AT_END, f"dh[T]/dh[0] = prod(t, 1, T-1, {DIAG})", f"dh[T]/dh[0] = prod(t, 1, T, {DIAG})"),
    (AT_END, f"dh[T]/dh[k] = prod(t, k+2, T, {DIAG})", f"dh[T]/dh[k] = prod(t, k+1, T, {DIAG})"),
    (
        AT_END,
        f"dh[T]/dh[0] = prod(t, 1, T, {DIAG}, order=ascending)",
        f"dh[T]/dh[0] = prod(t, 1, T, {DIAG})",
    ),
    (AT_END, "dh[t]/dh[t-1] = W @ diag(sigmoid'(z[t]))", f"dh[t]/dh[t-1] = {DIAG}"),
    (
        READOUT,
        "dL/dW_hh = sum(i, 1, T, diag(1 - h[i] * h[i]) @ dL/dh[i] @ h[i].T)",
        "dL/dW_hh = sum(i, 1, T, diag(1 - h[i] * h[i]) @ dL/dh[i] @ h[i-1].T)",
    ),
    (
        READOUT,
        f"dL/dW_hh = {LAST}",
        "dL/dW_hh = sum(i, 1, T, diag(1 - h[i] * h[i]) @ dL/dh[i] @ h[i-1].T)",
    ),
    (
        READOUT,
        "dL/db_h = sum(i, 1, T, (1 - h[i]) * dL/dh[i])",
        "dL/db_h = sum(i, 1, T, (1 - h[i] * h[i]) * dL/dh[i])",
    ),
    (
        LSTM,
        "dL/db_f = sum(t, 1, T, dL/dc[t] * c[t] * f[t] * (1 - f[t]))",
        "dL/db_f = sum(t, 1, T, dL/dc[t] * c[t-1] * f[t] * (1 - f[t]))",
    ),
    (LSTM, "direct dc[t]/dc[t-1] = diag(i[t])", "direct dc[t]/dc[t-1] = diag(f[t])"),
    (GRU, "dh[t]/dz[t] = diag(g[t] - h[t-1])", "dh[t]/dz[t] = diag(h[t-1] - g[t])"),
    (GRU, "direct dh[t]/dh[t-1] = diag(1 - z[t])", "direct dh[t]/dh[t-1] = diag(z[t])"),
]


@pytest.mark.parametrize(("cell", "claim", "mended"), MENDS)
def test_is_mended_to_what_was_meant(cell: tuple[str, ...], claim: str, mended: str) -> None:
    compiled = load(cell)
    repair = mend(compiled, read_relation(compiled, claim), holds, seconds=20)
    assert repair is not None
    assert repair.text == mended
    assert holds(compiled, repair.relation).status == "holds"


def test_a_mend_reads_back_in_both_languages() -> None:
    compiled = load(AT_END)
    repair = mend(compiled, read_relation(compiled, MENDS[1][1]), holds, seconds=20)
    assert repair is not None
    for source in (repair.text, repair.latex):
        assert holds(compiled, read_relation(compiled, source)).status == "holds"


def test_a_side_that_the_claim_is_about_never_mends_it() -> None:
    compiled = load(AT_END)
    claim = read_relation(compiled, "dL/dh[t] = 7 * x[t]")
    repair = mend(compiled, claim, holds, seconds=2)
    assert repair is None or claim.left not in set(walk(repair.relation.right))


def test_inequalities_are_left_alone() -> None:
    compiled = load(AT_END)
    claim = read_relation(compiled, "norm(W) <= 1")
    assert mend(compiled, claim, holds) is None


def test_the_search_ends_in_time() -> None:
    compiled = load(AT_END)
    claim = read_relation(compiled, MENDS[0][1])
    assert mend(compiled, claim, holds, seconds=0.0) is None


def test_whatever_the_exact_check_refuses_is_no_mend() -> None:
    compiled = load(AT_END)
    claim = read_relation(compiled, MENDS[0][1])

    class Refused:
        status = "fails"

    assert mend(compiled, claim, lambda cell, relation: Refused(), seconds=3) is None


PLACES = [
    ("dL/dW = sum(t, 1, T, dL/dz[t] @ h[t].T)", "h[t]", "h[t-1]"),
    ("dL/dW = sum(t, 1, T-1, dL/dz[t] @ h[t-1].T)", "T-1", "T"),
    (r"\frac{\partial L}{\partial b} = \sum_{t=1}^{T} \frac{\partial L}{\partial h_t}",
     r"\frac{\partial L}{\partial h_t}", r"\frac{\partial L}{\partial z_{t}}"),
    ("d[t] = dL/dz[t]\ndL/dW = sum(t, 1, T, d[t] @ h[t].T)", "h[t]", "h[t-1]"),
    ("dL/db = -sum(t, 1, T, dL/dz[t])", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "part", "replacement"), PLACES)
def test_the_one_part_that_is_replaced_is_named(claim, part, replacement):
    compiled = load(("z[t] = W @ h[t-1] + b", "h[t] = tanh(z[t])", "loss = ell(h[T])"))
    found = mend(compiled, read_relation(compiled, claim), holds)
    assert found is not None
    if part is None:
        assert found.place is None
        return
    span = found.place.span
    assert (found.place.part, found.place.replacement) == (part, replacement)
    assert span.text[span.column - 1 : span.end_column - 1] == part
    assert span.line == len(claim.splitlines())
