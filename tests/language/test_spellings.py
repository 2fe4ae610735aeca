"""Text and LaTeX that must read as the same tree."""

from __future__ import annotations

import pytest

from derivations.language import parse_cell, parse_claim, parse_query
from derivations.language.tree import Name

# Each LaTeX line is read in a cell that shows t to be an index and W, h, a, … to be symbols.
FRAME_TEXT = ["h[t] = tanh(W @ h[t-1] + U @ x[t] + b)", "A = B + C"]
FRAME_LATEX = [r"h_t = \tanh(W h_{t-1} + U x_t + b)", "A = B + C"]

EQUATIONS = [
    ("y = h[t]", "y = h_t"),
    ("y = h[t-1]", "y = h_{t-1}"),
    ("y = h[t+2]", "y = h_{t+2}"),
    ("y = h[T]", "y = h_T"),
    ("y = h[T-1]", "y = h_{T-1}"),
    ("y = h[0]", "y = h_0"),
    ("y = h[t]", "y = h^{(t)}"),
    ("y = h[t-1]", "y = h^{(t-1)}"),
    ("y = h[0]", "y = h^{(0)}"),
    ("y = h[t]", "y = h^{<t>}"),
    ("y = h[t-1]", r"y = h^{\langle t-1 \rangle}"),
    ("y = h[t]", r"y = \mathbf{h}_t"),
    ("y = h[t]", r"y = \boldsymbol{h}^{(t)}"),
    ("y = h[t]", r"y = \vec{h}_t"),
    ("y = h_1[t]", "y = h^{(1)}_t"),
    ("y = W_hh", "y = W_{hh}"),
    ("y = W_hh", r"y = \mathbf{W}_{hh}"),
    ("y = W_hh", r"y = W_{\mathrm{hh}}"),
    ("y = W_hh", r"y = \boldsymbol{W}_{\text{hh}}"),
    ("y = W_hh.T", r"y = W_{hh}^\top"),
    ("y = W_hh.T", r"y = {W}_{hh}^{T}"),
    ("y = b_q", "y = b_{q}"),
    ("y = A @ B", "y = A B"),
    ("y = A @ B", r"y = A \cdot B"),
    ("y = A @ B", r"y = A \, B"),
    ("y = A @ B", r"y = A \times B"),
    ("y = a * b", r"y = a \odot b"),
    ("y = a * b", r"y = a \circ b"),
    ("y = a * b", r"y = a * {b}"),
    ("y = a / b", r"y = \frac{a}{b}"),
    ("y = 1 / 2", r"y = \frac12"),
    ("y = a ** 2", "y = a^2"),
    ("y = h[t] ** 2", "y = h[t]^2"),
    ("y = W ** (t-1) @ h[t]", "y = W^(t-1) @ h[t]"),
    ("y = W ** (t-1) @ h[t]", "y = W^{t-1} @ h[t]"),
    ("y = A.T @ B", "y = A^T @ B"),
    ("y = A.T @ B", "y = A^{T} @ B"),
    ("y = 1 - h[t]", "y = 1 - h_t"),
    ("y = A.T", r"y = A^T"),
    ("y = A.T", r"y = A^\top"),
    ("y = A.T", r"y = A^{\mathsf T}"),
    ("y = A.T", r"y = A^{\intercal}"),
    ("y = 1[h[t] > 0]", r"y = \mathbb{1}[h_t > 0]"),
    ("y = (h[t] > 0)", r"y = \mathbf{1}_{h_t > 0}"),
    ("y = I(h[t] >= 0)", r"y = \mathbb{1}_{\{h_t \ge 0\}}"),
    ("y = indicator(h[t] < b)", r"y = \mathbb{I}(h_t < b)"),
    ("y = [0 < h[t]]", r"y = \left[0 < h_t\right]"),
    ("y = step(h[t])", r"y = \mathds{1}\{h_t \geq 0\}"),
    ("y = a * (b > 0)", r"y = a \odot \mathbf{1}[b > 0]"),
    ("y = (0 < a) * (a < b)", r"y = 1_{0 < a < b}"),
    ("y = where(a > 0, b, c)", "y = (a > 0) * b + (1 - (a > 0)) * c"),
    ("y = diag(v)", r"y = \operatorname{diag}(v)"),
    ("y = diag(v)", r"y = \mathrm{Diag}(v)"),
    ("y = diag(v)", r"y = \text{Diag}\left(v\right)"),
    ("y = diag(v)", r"y = D(v)\,"),
    ("y = concat(a, b)", r"y = [{a}, b]"),
    ("y = concat(a, b)", r"y = [{a}; b]"),
    ("y = concat(a, b)", r"y = \begin{bmatrix} a \\ b \end{bmatrix}"),
    ("y = concat(hstack(a, b), hstack(c, d))", r"y = \begin{pmatrix} a & b \\ c & d \\ \end{pmatrix}"),
    ("y = ones().T @ v", r"y = \mathbf{1}^\top v"),
    ("y = ones().T @ v", r"y = \mathbf 1^\top v"),
    ("y = a.T @ b", r"y = a^\top b"),
    ("y = norm(v)", r"y = \lVert v \rVert"),
    ("y = norm(v)", r"y = \|v\|"),
    ("y = abs(v)", r"y = |v|\,"),
    ("y = norm(a) @ norm(b)", r"y = \|a\|\|b\|"),
    ("y = sigmoid(z)", r"y = \sigma(z)"),
    ("y = tanh(z)", r"y = \tanh(z)"),
    ("y = tanh(z)", r"y = \tanh z"),
    ("y = tanh(z) ** 2", r"y = \tanh^2(z)"),
    ("y = log(z)", r"y = \ln(z)"),
    ("y = sqrt(z)", r"y = \sqrt{z}"),
    ("y = max(0, z)", r"y = \max(0, z)"),
    ("y = max(p @ z, z)", r"y = \max[pz, z]"),
    ("y = softmax(v)", r"y = \operatorname{softmax}(v)"),
    ("y = relu(v)", r"y = \mathrm{ReLU}(v)"),
    ("y = phi(z)", r"y = \phi(z)"),
    ("y = f(z)", r"y = f({z})"),
    ("y = phi'(z)", r"y = \phi'(z)"),
    ("y = phi'(z)", r"y = \phi^{\prime}(z)"),
    ("y = sigmoid'(z)", r"y = \sigma'(z)"),
    ("y = f(x[t], h[t-1], w)", r"y = f(x_t, h_{t-1}, w)"),
    ("y = ell(h[t], z)", r"y = \ell(h_t, z)"),
    ("y = sum(k, 1, T, h[k])", r"y = \sum_{k=1}^{T} h_k"),
    ("y = sum(t, 1, T, h[t])", r"y = \sum_t h_t"),
    ("y = prod(j, k+1, T, h[j])", r"y = \prod_{j=k+1}^{T} h_j"),
    ("y = prod(j, k+1, t, h[j])", r"y = \prod_{t \ge j > k} h_j"),
    ("y = prod(j, k, t-1, h[j])", r"y = \prod_{t > j \geq k} h_j"),
    ("y = sum(j, k+1, T, h[j])", r"y = \sum_{j > k} h_j"),
    ("y = sum(k, 1, t, sum(j, 1, k-1, h[j]))", r"y = \sum_{k=1}^t \sum_{j<k} h_j"),
    ("y = sum(k, 1, T, A @ h[k] * a) + b", r"y = \sum_{k=1}^T A h_k \odot a + b"),
    ("y = a * (A @ b)", r"y = a \odot A b"),
    ("y = 1 - h[t]**2", r"y = 1 - h_t^{\odot 2}"),
    ("y = 1 - h[t]**2", r"y = 1 - h_t^{\circ 2}"),
    ("y = yhat", r"y = \hat y"),
    ("y = hbar[t]", r"y = \bar{h}_t"),
    ("y = hbar[t]", r"y = \bar h_t"),
    ("y = ctilde[t-1]", r"y = \tilde{\mathbf{c}}_{t-1}"),
    ("y = hright[t] + hleft[t]", r"y = \overrightarrow{h}_t + \overleftarrow{h}_t"),
    ("y = alpha @ h[t]", r"y = \alpha h_t"),
    ("y = e[t, t-1]", "y = e_{t,t-1}"),
    ("y = W @ (a + b)", r"y = W(a + b)\,"),
    ("y = outer(v, k)", r"y = v \otimes k"),
    ("y = W' @ z", r"y = W' z\,"),
    ("y = W_prime @ phi'(z)", r"y = W^{\prime} \phi'(z)"),
    ("y = sum(t', 1, T, h[t'])", r"y = \sum_{t'=1}^{T} h_{t'}"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "latex"), EQUATIONS)
def test_equation_reads_the_same(text: str, latex: str) -> None:
    expected = parse_cell([*FRAME_TEXT, text])
    assert parse_cell([*FRAME_LATEX, latex]) == expected
    assert parse_cell([*FRAME_TEXT, latex]).equations[-1] == expected.equations[-1]


def test_defined_function_reads_the_same() -> None:
    text = ["phi(u) = max(p @ u, u)", "v[t] = phi(W @ v[t-1])"]
    latex = [r"\phi(u) = \max[pu, u]", r"v_t = \phi(W v_{t-1})"]
    assert parse_cell(latex) == parse_cell(text)


CELL = parse_cell([*FRAME_TEXT, "c[t] = c[t-1] + h[t]", "y = W_hh @ h[T]", "L = ell(y)"])

QUERIES = [
    ("dL/dW_hh", r"\frac{\partial L}{\partial W_{hh}}"),
    ("dL/dW_hh", r"\nabla_{W_{hh}} L"),
    ("dL/dW", r"\frac{dL}{dW}"),
    ("dL/dW", r"\frac{\mathrm{d} L}{\mathrm{d} W}"),
    ("dL/dW", r"\frac{\partial \mathcal{L}}{\partial \mathbf{W}}"),
    ("dL/dW", r"\partial L / \partial W\,"),
    ("dloss/dW", r"\frac{\partial}{\partial W} L"),
    ("dL/dh[t]", r"\frac{\partial L}{\partial h_t}"),
    ("dL/dh[0]", r"\frac{\partial L}{\partial h_0}"),
    ("dh[T]/dh[k]", r"\frac{\partial h_T}{\partial h_k}"),
    ("dh[T]/dh[k]", r"\partial h_T / \partial h_k"),
    ("direct dc[t]/dc[t-1]", r"\frac{\partial^{+} c_t}{\partial c_{t-1}}"),
    ("direct dc[t]/dc[t-1]", "∂⁺c[t]/∂c[t-1]"),
    ("dL/dW[i,j]", r"\frac{\partial L}{\partial W_{ij}}"),
    ("dL/dh[t][i]", r"\frac{\partial L}{\partial h_{t,i}}"),
]


BELOW = [
    ("dh_T/dh_k", "dh[T]/dh[k]"),
    ("dL/dh_t", "dL/dh[t]"),
    ("dL/dh_0", "dL/dh[0]"),
    ("dL_t/dc_k", "dL[t]/dc[k]"),
    ("dell_t/dc_k", "dL[t]/dc[k]"),
    ("dloss[t]/dc[k]", "dL[t]/dc[k]"),
]


@pytest.mark.parametrize(("typed", "meant"), BELOW)
def test_times_may_stand_below_in_text(typed: str, meant: str) -> None:
    assert parse_query(typed, CELL) == parse_query(meant, CELL)


def test_a_label_is_no_time() -> None:
    cell = parse_cell(["h_k[t] = tanh(W_t @ h_k[t-1] + U_h @ h[t-1])", "h[t] = h_k[t]"])
    assert parse_query("dL/dW_t", cell).denominator == Name("W_t")
    assert parse_query("dL/dh_k", cell).denominator == Name("h_k")
    assert parse_query("dL/dh_x", cell).denominator == Name("h_x")


@pytest.mark.parametrize(("text", "latex"), QUERIES)
def test_query_reads_the_same(text: str, latex: str) -> None:
    assert parse_query(latex, CELL) == parse_query(text, CELL)


CLAIMS = [
    ("hbar[t] = W.T @ hbar[t+1]", r"\bar{h}_t = W^\top \bar h_{t+1}"),
    ("delta_h[t] <= 1 / 4", r"\delta^h_t \leq \frac{1}{4}"),
    ("norm(W) ** 2 >= 0", r"\lVert W \rVert^2 \ge 0"),
    ("dh[T]/dh[k] = prod(j, k+1, T, dh[j]/dh[j-1])",
     r"\frac{\partial h_T}{\partial h_k} = \Bigl( \prod_{j=k+1}^{T} \frac{\partial h_j}{\partial h_{j-1}} \Bigr)"),
    ("dL/dW = dL/dh[t] @ dh[t]/dh[k]",
     r"\frac{\partial L}{\partial W} = \frac{\partial L}{\partial h_t}\frac{\partial h_t}{\partial h_k}"),
    ("dL/dh[t_prime] = diag(1 - h[t_prime]**2)", r"\frac{dL}{dh_{t'}} = D(1 - h_{t'}^2)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "latex"), CLAIMS)
def test_claim_reads_the_same(text: str, latex: str) -> None:
    assert parse_claim(latex, CELL) == parse_claim(text, CELL)


def test_short_latex_is_told_from_text() -> None:
    cell = parse_cell("h[t] = A @ B @ h[t-1] + M[t] @ u")
    assert parse_claim("(A + B) u = 0", cell) == parse_claim("(A + B) @ u = 0", cell)
