"""Claims of every kind, right and wrong, with the readings that save some."""

import pytest

from verify.checking import check

RNN = (
    "z[t] = W @ h[t-1] + U @ x[t] + b",
    "h[t] = tanh(z[t])",
    "p[t] = V @ h[t]",
    "loss = ell(p[T])",
)
EACH = (*RNN[:3], "loss = sum(t, 1, T, ell(p[t]))")
MEAN = (*RNN[:3], "loss = 1/T * sum(t, 1, T, ell(p[t]))")
LSTM = (
    r"f_t = \sigma(W_f x_t + U_f h_{t-1} + b_f)",
    r"i_t = \sigma(W_i x_t + U_i h_{t-1} + b_i)",
    r"g_t = \tanh(W_c x_t + U_c h_{t-1} + b_c)",
    r"c_t = f_t \odot c_{t-1} + i_t \odot g_t",
    r"h_t = \tanh(c_t)",
)
LINEAR = ("w: scalar", "x[t]: scalar", "h[t] = x[t] + w*h[t-1]", "loss = ell(h[T])")
RELU = ("z[t] = W @ h[t-1] + U @ x[t]", "h[t] = relu(z[t])", "loss = ell(h[T])")
NO_LOSS = ("h[t] = tanh(W @ h[t-1] + U @ x[t])",)

CORRECT = [
    (RNN, "dL/dW = sum(t, 1, T, dL/dz[t] @ h[t-1].T)"),
    (RNN, "dL/dU = sum(t, 1, T, (1 - h[t]*h[t]) * dL/dh[t] @ x[t].T)"),
    (RNN, "dL/dV = dL/dp[T] @ h[T].T"),
    (RNN, "dL/dx[t] = U.T @ dL/dz[t]"),
    (RNN, "dL/dh[T] = V.T @ dL/dp[T]"),
    (RNN, "dL/dh[0] = W.T @ dL/dz[1]"),
    (RNN, "dh[t]/dh[t-1] = diag(1 - h[t]*h[t]) @ W"),
    (RNN, "dh[t]/dh[k] = prod(j, k+1, t, diag(tanh'(z[j])) @ W)"),
    (RNN, r"\frac{\partial h_T}{\partial h_k} = "
          r"\prod_{j=k+1}^{T} \frac{\partial h_j}{\partial h_{j-1}}"),
    (RNN, r"\nabla_{b} L = "
          r"\sum_{t'=1}^{T} \left( 1 - h_{t'} \odot h_{t'} \right) \odot \nabla_{h_{t'}} L"),
    (RNN, "delta[t] = dL/dz[t]\ndL/db = sum(t, 1, T, delta[t])"),
    (RNN, r"\frac{\partial L}{\partial W} = \sum_{t=1}^{T} \bar{z}_t h_{t-1}^\top"),
    (RNN, "dL/dh[k] = prod(j, k+1, T, diag(tanh'(z[j])) @ W).T @ dL/dh[T]"),
    (RNN, "dL/db[i] = sum(t, 1, T, dL/dz[t])[i]"),
    (EACH, "dL/dh[t] = V.T @ dL/dp[t] + W.T @ dL/dz[t+1]"),
    (MEAN, "dL/dV = sum(t, 1, T, dL/dp[t] @ h[t].T)"),
    (LSTM, "direct dc[t]/dc[t-1] = diag(f[t])"),
    (LSTM, "dL/dU_f = sum(t, 1, T, (dL/dc[t] * c[t-1] * f[t] * (1 - f[t])) @ h[t-1].T)"),
    (LINEAR, "dh[T]/dh[k] = w**(T-k)"),
    (RELU, "dL/dh[t] = W.T @ (relu'(z[t+1]) * dL/dh[t+1])"),
    (RNN, "norm(dh[T]/dh[k]) <= norm(W)**(T-k)"),
    (RNN, "tanh'(z[t]) <= 1"),
]  # fmt: skip

WRONG = [
    (RNN, "dL/dW = sum(t, 1, T, dL/dz[t] @ h[t].T)"),
    (RNN, "dL/dW = sum(t, 1, T-1, dL/dz[t] @ h[t-1].T)"),
    (RNN, "dL/dU = sum(t, 1, T, (1 + h[t]*h[t]) * dL/dh[t] @ x[t].T)"),
    (RNN, "dL/dU = sum(t, 1, T, (1 - h[t]) * dL/dh[t] @ x[t].T)"),
    (RNN, "dL/dV = 2 * dL/dp[T] @ h[T].T"),
    (RNN, "dL/dV = 1.000000001 * dL/dp[T] @ h[T].T"),
    (RNN, "dL/dx[t] = U.T @ dL/dh[t]"),
    (RNN, "dL/dh[t] = W.T @ dL/dz[t]"),
    (RNN, "dh[t]/dh[t-1] = diag(1 - h[t-1]*h[t-1]) @ W"),
    (RNN, "dh[t]/dh[k] = prod(j, k, t, diag(tanh'(z[j])) @ W)"),
    (RNN, "dh[T]/dh[k] = W**(T-k)"),
    (RNN, "dL/db = -sum(t, 1, T, dL/dz[t])"),
    (RNN, "dL/db = dL/dz[T] + dL/dz[T-1]"),
    (EACH, "dL/dh[t] = W.T @ dL/dz[t+1]"),
    (EACH, "dL/dV = dL/dp[T] @ h[T].T"),
    (MEAN, "dL/dh[t] = V.T @ dL/dp[t] + T * W.T @ dL/dz[t+1]"),
    (LSTM, "dL/dU_f = sum(t, 1, T, (dL/dc[t] * c[t-1] * (1 - f[t])) @ h[t-1].T)"),
    (LSTM, "direct dc[t]/dc[t-1] = diag(1 - f[t])"),
    (LSTM, "dc[t]/dc[t-1] = diag(i[t])"),
    (LINEAR, "dh[T]/dh[k] = w**(T-k-1)"),
    (RELU, "dL/dh[t] = W.T @ (relu'(h[t]) * dL/dh[t+1])"),
    (RNN, "norm(dh[T]/dh[k]) <= (1/2 * norm(W))**(T-k)"),
    (RNN, "norm(dh[T]/dh[k]) >= norm(W)**(T-k)"),
]

CONDITIONAL = [
    (RNN, "dL/dh[T] = dL/dp[T] @ V", "rows"),
    (RNN, "dL/dh[t] = dL/dh[t+1] @ diag(tanh'(z[t+1])) @ W", "rows"),
    (RNN, "dL/dV = h[T] @ dL/dp[T].T", "transposed"),
    (RNN, "dh[t]/dh[t-1] = W.T @ diag(1 - h[t]*h[t])", "denominator layout"),
    (RNN, "dL/dh[k] = prod(j, k+1, T, W.T @ diag(tanh'(z[j]))) @ dL/dh[T]", "earliest time"),
    (RNN, "dL/dx[t] = U @ dL/dz[t]", "scalars"),
    (LSTM, "dc[t]/dc[t-1] = diag(f[t])", "immediate"),
    (LINEAR, "h[T] = sum(k, 1, T, w**(T-k) * x[k])", "initial state"),
    (RNN, "dL/dW = sum(t, 2, T, dL/dz[t] @ h[t-1].T)", "initial state"),
    (NO_LOSS, "dL/dh[t] = W.T @ diag(1 - h[t+1]*h[t+1]) @ dL/dh[t+1]", "last step"),
    (RNN, r"\frac{\partial L}{\partial W} = \sum_{i=1}^{T} \frac{\partial L}{\partial h_T}"
          r"\left(\prod_{j=i+1}^{T}\frac{\partial h_j}{\partial h_{j-1}}\right)"
          r"\frac{\partial h_i}{\partial W}", "earlier states held fixed"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "claim"), CORRECT)
def test_right_claims_are_correct(cell, claim):
    grade = check(list(cell), claim, ("exact",), mend=False)
    assert grade.verdict == "correct", grade


@pytest.mark.parametrize(("cell", "claim"), WRONG)
def test_wrong_claims_are_wrong(cell, claim):
    grade = check(list(cell), claim, ("exact",), mend=False)
    assert grade.verdict == "wrong", grade
    assert grade.counterexample is not None


@pytest.mark.parametrize(("cell", "claim", "assumption"), CONDITIONAL)
def test_conditional_claims_name_the_reading(cell, claim, assumption):
    grade = check(list(cell), claim, ("exact",), mend=False)
    assert grade.verdict == "conditional", grade
    assert any(assumption in condition for condition in grade.conditions), grade.conditions


def test_a_chain_of_derivatives_contracts_to_the_shape_of_the_parameter():
    cell = [r"h_t = \tanh(W h_{t-1} + U x_t)", r"p_t = V h_t", r"L = \ell(p_T)"]
    claim = (
        r"\frac{\partial L}{\partial W} = \sum_{i=1}^{T} \frac{\partial L}{\partial p_T}"
        r"\frac{\partial p_T}{\partial h_T}\left(\prod_{j=i+1}^{T}"
        r"\frac{\partial h_j}{\partial h_{j-1}}\right)\frac{\partial^{+} h_i}{\partial W}"
    )
    assert check(cell, claim, ("exact",), mend=False).verdict == "correct"


def test_floating_evidence_stands_beside_the_exact_one():
    grade = check(list(RNN), "dL/dh[T] = V.T @ dL/dp[T]")
    assert [e["method"] for e in grade.evidence] == ["exact", "differences"]
    assert all(e["status"] == "pass" for e in grade.evidence)


def test_a_norm_of_a_gradient_is_bounded_through_the_chain():
    cell = ["z[t] = W @ h[t-1] + b", "h[t] = sigmoid(z[t])", "loss = ell(h[T])"]
    claim = "norm(dL/dh[k]) <= (1/4 * norm(W))**(T-k) * norm(dL/dh[T])"
    assert check(cell, claim).verdict == "correct"


def test_what_is_neither_proved_nor_refuted_is_undecided():
    grade = check(list(RNN), "norm(h[t]) <= norm(z[t])")
    assert grade.verdict == "undecided"
    assert "Not refuted" in grade.reason
