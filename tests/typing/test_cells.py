"""Cells of many kinds, each in text and in LaTeX: shapes, axes, node kinds, adjoints."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sympy import preorder_traversal
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.adjoint import adjoints
from derivations.cell import LOSS
from derivations.expressions.nodes import KINDS
from derivations.loading import load


@dataclass(frozen=True)
class Case:
    """A cell: its text, the same in LaTeX, and the shapes expected (``h:n W:n,n``)."""

    text: str
    latex: str
    shapes: str
    axes: str = "t:T"


CASES = {
    "elman": Case(
        "h[t] = tanh(W @ h[t-1] + U @ x[t] + b)",
        r"h_t = \tanh(W h_{t-1} + U x_t + b)",
        "h:n W:n,n U:n,m x:m b:n",
    ),
    "two delays": Case(
        "h[t] = tanh(W @ h[t-1] + V @ h[t-2] + U @ x[t])",
        r"h_t = \tanh(W h_{t-1} + V h_{t-2} + U x_t)",
        "h:n W:n,n V:n,n U:n,m x:m",
    ),
    "distant delay": Case(
        "y[t] = a * y[t-1] + c * y[t-3] + x[t]",
        r"y_t = a \odot y_{t-1} + c \odot y_{t-3} + x_t",
        "y:n a:n c:n x:n",
    ),
    "backward": Case(
        "h[t] = tanh(W @ h[t+1] + U @ x[t])",
        r"h_t = \tanh(W h_{t+1} + U x_t)",
        "h:n W:n,n U:n,m x:m",
    ),
    "both directions": Case(
        "f[t] = tanh(W_f @ f[t-1] + U_f @ x[t])"
        "\n"
        "g[t] = tanh(W_g @ g[t+1] + U_g @ x[t])"
        "\n"
        "y[t] = V @ concat(f[t], g[t])",
        r"f_t = \tanh(W_f f_{t-1} + U_f x_t)"
        "\n"
        r"g_t = \tanh(W_g g_{t+1} + U_g x_t)"
        "\n"
        "y_t = V [f_t; g_t]",
        "f:n W_f:n,n U_f:n,p x:p g:m W_g:m,m U_g:m,p y:d V:d,m+n",
    ),
    "layers": Case(
        "h_1[t] = tanh(W_1 @ h_1[t-1] + U_1 @ x[t])\nh_2[t] = tanh(W_2 @ h_2[t-1] + U_2 @ h_1[t])",
        r"h^{(1)}_t = \tanh(W_1 h^{(1)}_{t-1} + U_1 x_t)"
        "\n"
        r"h^{(2)}_t = \tanh(W_2 h^{(2)}_{t-1} + U_2 h^{(1)}_t)",
        "h_1:n W_1:n,n U_1:n,d x:d h_2:m W_2:m,m U_2:m,n",
    ),
    "initial value": Case(
        "h[0] = tanh(V @ c)\nh[t] = tanh(W @ h[t-1] + U @ x[t])",
        r"h_0 = \tanh(V c)"
        "\n"
        r"h_t = \tanh(W h_{t-1} + U x_t)",
        "h:n V:n,d c:d W:n,n U:n,m x:m",
    ),
    "first step apart": Case(
        "h[1] = tanh(U @ x[1])\nh[t] = tanh(W @ h[t-1] + U @ x[t])",
        r"h_1 = \tanh(U x_1)"
        "\n"
        r"h_t = \tanh(W h_{t-1} + U x_t)",
        "h:n U:n,m x:m W:n,n",
    ),
    "attention": Case(
        "h[s] = tanh(A @ h[s-1] + B @ x[s])"
        "\n"
        "e[t,s] = dot(d[t-1], h[s])"
        "\n"
        "a[t,s] = exp(e[t,s]) / sum(r, 1, S, exp(e[t,r]))"
        "\n"
        "c[t] = sum(s, 1, S, a[t,s] * h[s])"
        "\n"
        "d[t] = tanh(W @ d[t-1] + C @ c[t])",
        r"h_s = \tanh(A h_{s-1} + B x_s)"
        "\n"
        r"e_{t,s} = d_{t-1}^\top h_s"
        "\n"
        r"a_{t,s} = \frac{\exp(e_{t,s})}{\sum_{r=1}^{S} \exp(e_{t,r})}"
        "\n"
        r"c_t = \sum_{s=1}^{S} a_{t,s} h_s"
        "\n"
        r"d_t = \tanh(W d_{t-1} + C c_t)",
        "h:n A:n,n B:n,m x:m e:1 d:n a:1 c:n W:n,n C:n,n",
        "s:S t:T",
    ),
    "encoder decoder": Case(
        "h[s] = tanh(A @ h[s-1] + B @ x[s])\nd[0] = h[S]\nd[t] = tanh(W @ d[t-1] + C @ y[t-1])",
        r"h_s = \tanh(A h_{s-1} + B x_s)"
        "\n"
        "d_0 = h_S"
        "\n"
        r"d_t = \tanh(W d_{t-1} + C y_{t-1})",
        "h:n A:n,n B:n,m x:m d:n W:n,n C:n,p y:p",
        "s:S t:T",
    ),
    "causal sum": Case(
        "c[t] = sum(k, 1, t, dot(q[t], x[k]) * x[k])",
        r"c_t = \sum_{k=1}^{t} q_t^\top x_k \odot x_k",
        "c:n q:n x:n",
    ),
    "causal kernel": Case(
        "y[t] = sum(k, 1, t, W @ x[k])",
        r"y_t = \sum_{k=1}^{t} W x_k",
        "y:n W:n,m x:m",
    ),
    "linear attention": Case(
        "S[t] = S[t-1] + v[t] @ k[t].T\no[t] = S[t] @ q[t]",
        r"S_t = S_{t-1} + v_t k_t^\top"
        "\n"
        "o_t = S_t q_t",
        "S:n,m v:n k:m o:n q:m",
    ),
    "gated linear attention": Case(
        "S[t] = f[t]*S[t-1] + v[t] @ k[t].T\no[t] = S[t] @ q[t]",
        r"S_t = f_t \odot S_{t-1} + v_t \otimes k_t"
        "\n"
        "o_t = S_t q_t",
        "S:n,m f:1 v:n k:m o:n q:m",
    ),
    "decaying linear attention": Case(
        "S[t] = lambda * S[t-1] + outer(v[t], k[t])\no[t] = S[t] @ q[t]",
        r"S_t = \lambda S_{t-1} + v_t \otimes k_t"
        "\n"
        "o_t = S_t q_t",
        "S:n,m lambda:1 v:n k:m o:n q:m",
    ),
    "normalized linear attention": Case(
        "S[t] = S[t-1] + v[t] @ k[t].T\nz[t] = z[t-1] + k[t]\no[t] = S[t] @ q[t] / dot(z[t], q[t])",
        r"S_t = S_{t-1} + v_t k_t^\top"
        "\n"
        "z_t = z_{t-1} + k_t"
        "\n"
        r"o_t = \frac{S_t q_t}{z_t^\top q_t}",
        "S:n,m v:n k:m z:m o:n q:m",
    ),
    "delta rule": Case(
        "S[t] = S[t-1] @ (I - beta[t] * k[t] @ k[t].T) + beta[t] * v[t] @ k[t].T"
        "\n"
        "o[t] = S[t] @ q[t]",
        r"S_t = S_{t-1}(I - \beta_t k_t k_t^\top) + \beta_t v_t k_t^\top"
        "\n"
        "o_t = S_t q_t",
        "S:n,m beta:1 k:m v:n o:n q:m",
    ),
    "fast weights": Case(
        "S[t] = lambda * S[t-1] + eta * (h[t-1] @ h[t-1].T)"
        "\n"
        "h[t] = tanh(W @ h[t-1] + S[t] @ h[t-1] + U @ x[t])",
        r"S_t = \lambda S_{t-1} + \eta h_{t-1} h_{t-1}^\top"
        "\n"
        r"h_t = \tanh(W h_{t-1} + S_t h_{t-1} + U x_t)",
        "S:n,n lambda:1 eta:1 h:n W:n,n U:n,m x:m",
    ),
    "matrix gate": Case(
        "S[t] = sigmoid(G[t]) * S[t-1] + (1 - sigmoid(G[t])) * (v[t] @ k[t].T)",
        r"S_t = \sigma(G_t) \odot S_{t-1} + (1 - \sigma(G_t)) \odot (v_t k_t^\top)",
        "S:n,m G:n,m v:n k:m",
    ),
    "two-sided matrix state": Case(
        "S[t] = tanh(A @ S[t-1] @ B + X[t])",
        r"S_t = \tanh(A S_{t-1} B + X_t)",
        "S:n,m A:n,n B:m,m X:n,m",
    ),
    "batch": Case(
        "H[t] = tanh(X[t] @ W + H[t-1] @ U + b)",
        r"H_t = \tanh(X_t W + H_{t-1} U + b)",
        "H:n,m X:n,d W:d,m U:m,m b:m",
    ),
    "batch of columns": Case(
        "H[t] = tanh(W @ X[t] + U @ H[t-1] + b)",
        r"H_t = \tanh(W X_t + U H_{t-1} + b)",
        "H:n,m W:n,d X:d,m U:n,n b:n",
    ),
    "layer norm": Case(
        "z[t] = W @ h[t-1] + U @ x[t]"
        "\n"
        "m[t] = mean(z[t])"
        "\n"
        "s[t] = mean((z[t] - m[t])**2)"
        "\n"
        "h[t] = tanh(g * (z[t] - m[t]) / sqrt(s[t] + 0.001) + b)",
        "z_t = W h_{t-1} + U x_t"
        "\n"
        r"m_t = \operatorname{mean}(z_t)"
        "\n"
        r"s_t = \operatorname{mean}((z_t - m_t)^2)"
        "\n"
        r"h_t = \tanh\left(g \odot \frac{z_t - m_t}{\sqrt{s_t + 0.001}} + b\right)",
        "z:n W:n,n h:n U:n,d x:d m:1 s:1 g:n b:n",
    ),
    "normalized input": Case(
        "h[t] = (x[t] - mean(x[t])) / sqrt(mean((x[t] - mean(x[t]))**2) + 0.001) + h[t-1]",
        r"h_t = \frac{x_t - \operatorname{mean}(x_t)}"
        r"{\sqrt{\operatorname{mean}((x_t - \operatorname{mean}(x_t))^2) + 0.001}} + h_{t-1}",
        "h:n x:n",
    ),
    "unit norm": Case(
        "z[t] = W @ h[t-1] + x[t]\nh[t] = z[t] / norm(z[t])",
        "z_t = W h_{t-1} + x_t"
        "\n"
        r"h_t = \frac{z_t}{\lVert z_t \rVert}",
        "z:n W:n,n h:n x:n",
    ),
    "oscillators": Case(
        "y[t] = y[t-1] + tau * z[t]"
        "\n"
        "z[t] = z[t-1] + tau * (tanh(W @ y[t-1] + V @ z[t-1] + U @ x[t] + b)"
        " - gamma * y[t-1] - epsilon * z[t-1])",
        r"y_t = y_{t-1} + \tau z_t"
        "\n"
        r"z_t = z_{t-1} + \tau (\tanh(W y_{t-1} + V z_{t-1} + U x_t + b)"
        r" - \gamma y_{t-1} - \epsilon z_{t-1})",
        "y:n tau:1 z:n W:n,n V:n,n U:n,m x:m b:n gamma:1 epsilon:1",
    ),
    "gated oscillators": Case(
        "a[t] = sigmoid(dot(w, x[t]))"
        "\n"
        "y[t] = y[t-1] + a[t] * z[t-1]"
        "\n"
        "z[t] = (1 - a[t]) * z[t-1] - a[t] * (K @ y[t-1])",
        r"a_t = \sigma(w^\top x_t)"
        "\n"
        "y_t = y_{t-1} + a_t z_{t-1}"
        "\n"
        "z_t = (1 - a_t) z_{t-1} - a_t (K y_{t-1})",
        "a:1 w:m x:m y:n z:n K:n,n",
    ),
    "scalar gate": Case(
        "beta[t] = sigmoid(dot(w, x[t]))\nh[t] = beta[t] * h[t-1] + (1 - beta[t]) * tanh(W @ x[t])",
        r"\beta_t = \sigma(w^\top x_t)"
        "\n"
        r"h_t = \beta_t h_{t-1} + (1 - \beta_t) \tanh(W x_t)",
        "beta:1 w:m x:m h:n W:n,m",
    ),
    "minimal gated unit": Case(
        "z[t] = sigmoid(W_z @ x[t])\nh[t] = (1 - z[t]) * h[t-1] + z[t] * (W_h @ x[t])",
        r"z_t = \sigma(W_z x_t)"
        "\n"
        r"h_t = (1 - z_t) \odot h_{t-1} + z_t \odot (W_h x_t)",
        "z:n W_z:n,m x:m h:n W_h:n,m",
    ),
    "state space": Case(
        "h[t] = diag(a) @ h[t-1] + B @ u[t]\ny[t] = C @ h[t] + D @ u[t]",
        r"h_t = \operatorname{diag}(a) h_{t-1} + B u_t"
        "\n"
        "y_t = C h_t + D u_t",
        "h:n a:n B:n,d u:d y:m C:m,n D:m,d",
    ),
    "state space, capital diagonal": Case(
        "h[t] = diag(A) @ h[t-1] + B @ u[t]\ny[t] = C @ h[t]",
        r"h_t = \operatorname{diag}(A) h_{t-1} + B u_t"
        "\n"
        "y_t = C h_t",
        "h:n A:n B:n,d u:d y:m C:m,n",
    ),
    "selective state space": Case(
        "d[t] = softplus(W @ u[t])\nh[t] = exp(-d[t] * a) * h[t-1] + d[t] * (B @ u[t])",
        r"d_t = \operatorname{softplus}(W u_t)"
        "\n"
        r"h_t = \exp(-d_t \odot a) \odot h_{t-1} + d_t \odot (B u_t)",
        "d:n W:n,m u:m h:n a:n B:n,m",
    ),
    "leaky integrator": Case(
        "h[t] = (1 - alpha) * h[t-1] + alpha * tanh(W @ h[t-1] + U @ x[t] + b)",
        r"h_t = (1-\alpha) h_{t-1} + \alpha \tanh(W h_{t-1} + U x_t + b)",
        "h:n alpha:1 W:n,n U:n,m x:m b:n",
    ),
    "antisymmetric": Case(
        "h[t] = h[t-1] + epsilon * tanh((W - W.T - gamma * I) @ h[t-1] + V @ x[t] + b)",
        r"h_t = h_{t-1} + \epsilon \tanh((W - W^\top - \gamma I) h_{t-1} + V x_t + b)",
        "h:n epsilon:1 W:n,n gamma:1 V:n,m x:m b:n",
    ),
    "multiplicative": Case(
        "m[t] = (W_mx @ x[t]) * (W_mh @ h[t-1])\nh[t] = tanh(W_hm @ m[t] + U @ x[t])",
        r"m_t = (W_{mx} x_t) \odot (W_{mh} h_{t-1})"
        "\n"
        r"h_t = \tanh(W_{hm} m_t + U x_t)",
        "m:n W_mx:n,p x:p W_mh:n,d h:d W_hm:d,n U:d,p",
    ),
    "memory slots": Case(
        "p[t] = softmax(M.T @ h[t-1])\nh[t] = tanh(W @ (M @ p[t]) + U @ x[t])",
        r"p_t = \operatorname{softmax}(M^\top h_{t-1})"
        "\n"
        r"h_t = \tanh(W (M p_t) + U x_t)",
        "p:n M:m,n h:m W:m,m U:m,d x:d",
    ),
    "moving average": Case(
        "m[t] = 0.9 * m[t-1] + 0.1 * x[t]",
        "m_t = 0.9 m_{t-1} + 0.1 x_t",
        "m:n x:n",
    ),
    "momentum": Case(
        "v[t] = mu * v[t-1] + W @ h[t-1] + U @ x[t]\nh[t] = tanh(h[t-1] + v[t])",
        r"v_t = \mu v_{t-1} + W h_{t-1} + U x_t"
        "\n"
        r"h_t = \tanh(h_{t-1} + v_t)",
        "v:n mu:1 W:n,n h:n U:n,m x:m",
    ),
    "own function": Case(
        "phi(u) = max(p*u, u)\nh[t] = phi(W @ h[t-1] + x[t])",
        r"\phi(u) = \max[pu, u]"
        "\n"
        r"h_t = \phi(W h_{t-1} + x_t)",
        "h:n p:1 W:n,n x:n",
    ),
    "elementwise square of a matrix": Case(
        "S[t] = A*A*S[t-1] + x[t] @ x[t].T",
        r"S_t = A \odot A \odot S_{t-1} + x_t x_t^\top",
        "S:n,n A:n,n x:n",
    ),
    "negatives": Case(
        "h[t] = -(W @ h[t-1]) + (-1) * (U @ x[t])\ny[t] = (-A) @ h[t]",
        "h_t = -(W h_{t-1}) + (-1) (U x_t)\ny_t = (-A) h_t",
        "h:n W:n,n U:n,d x:d y:m A:m,n",
    ),
    "other letter": Case(
        "u[tau] = W @ v[tau-1] + B @ x[tau]\nv[tau] = leaky_relu(u[tau], p)\nloss = ell(v[T])",
        r"u_\tau = W v_{\tau-1} + B x_\tau"
        "\n"
        r"v_\tau = \operatorname{LeakyReLU}(u_\tau, p)"
        "\n"
        r"L = \ell(v_T)",
        "u:n W:n,n v:n B:n,m x:m p:1",
        "tau:T",
    ),
    "an axis called n": Case(
        "h[n] = tanh(W @ h[n-1] + U @ x[n])",
        r"h_n = \tanh(W h_{n-1} + U x_n)",
        "h:m W:m,m U:m,d x:d",
        "n:N",
    ),
    "loss at each step": Case(
        "h[t] = tanh(W @ h[t-1] + x[t])\nL[t] = ell(h[t])",
        r"h_t = \tanh(W h_{t-1} + x_t)"
        "\n"
        r"L_t = \ell(h_t)",
        "h:n W:n,n x:n",
    ),
    "loss of named terms": Case(
        "h[t] = tanh(W @ h[t-1] + x[t])\nL[t] = ell(h[t])\nL = 1/T * sum(t, 1, T, L[t])",
        r"h_t = \tanh(W h_{t-1} + x_t)"
        "\n"
        r"L_t = \ell(h_t)"
        "\n"
        r"L = \frac{1}{T} \sum_{t=1}^T L_t",
        "h:n W:n,n x:n L:1",
    ),
    "mean loss": Case(
        "h[t] = tanh(W @ h[t-1] + x[t])\nloss = 1/T * sum(t, 1, T, squared_error(h[t], y[t]))",
        r"h_t = \tanh(W h_{t-1} + x_t)"
        "\n"
        r"L = \frac{1}{T} \sum_{t=1}^{T} \operatorname{squared\_error}(h_t, y_t)",
        "h:n W:n,n x:n y:n",
    ),
    "loss before the end": Case(
        "h[t] = tanh(W @ h[t-1] + x[t])\nloss = ell(h[T-1])",
        r"h_t = \tanh(W h_{t-1} + x_t)"
        "\n"
        r"L = \ell(h_{T-1})",
        "h:n W:n,n x:n",
    ),
    "arbitrary maps": Case(
        "h[t] = f(x[t], h[t-1], w_h)"
        "\n"
        "o[t] = g(h[t], w_o)"
        "\n"
        "loss = 1/T * sum(t, 1, T, ell(o[t], y[t]))",
        "h_t = f(x_t, h_{t-1}, w_h)"
        "\n"
        "o_t = g(h_t, w_o)"
        "\n"
        r"L = \frac{1}{T} \sum_{t=1}^{T} \ell(o_t, y_t)",
        "h:n x:d w_h:q o:m w_o:r y:p",
    ),
    "forced scalars": Case(
        "h[t] = dot(w, x[t]) - a * h[t-1]\nloss = squared_error(h[T], y)",
        r"h_t = w^\top x_t - a \odot h_{t-1}"
        "\n"
        r"L = \operatorname{squared\_error}(h_T, y)",
        "h:1 w:n x:n a:1 y:1",
    ),
    "sum by ones": Case(
        "m[t] = ones().T @ x[t] + m[t-1]",
        r"m_t = \mathbf{1}^\top x_t + m_{t-1}",
        "m:1 x:n",
    ),
    "block transition": Case(
        "h[t] = concat(hstack(A, B), hstack(0, I)) @ h[t-1] + x[t]",
        r"h_t = \begin{bmatrix} A & B \\ 0 & I \end{bmatrix} h_{t-1} + x_t",
        "h:m+n A:m,m B:m,n x:m+n",
    ),
    "key as an index letter": Case(
        "k[t] = K @ x[t]\nh[t] = sum(j, 1, t, k[j])",
        "k_t = K x_t"
        "\n"
        r"h_t = \sum_{j=1}^{t} k_j",
        "k:n K:n,m x:m h:n",
    ),
}
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
