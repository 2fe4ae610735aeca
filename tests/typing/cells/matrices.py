"""Cells whose states are matrices, and constant matrices."""

from __future__ import annotations

from tests.typing.cells.case import Case

MATRICES = {
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
    "antisymmetric": Case(
        "h[t] = h[t-1] + epsilon * tanh((W - W.T - gamma * I) @ h[t-1] + V @ x[t] + b)",
        r"h_t = h_{t-1} + \epsilon \tanh((W - W^\top - \gamma I) h_{t-1} + V x_t + b)",
        "h:n epsilon:1 W:n,n gamma:1 V:n,m x:m b:n",
    ),
    "memory slots": Case(
        "p[t] = softmax(M.T @ h[t-1])\nh[t] = tanh(W @ (M @ p[t]) + U @ x[t])",
        r"p_t = \operatorname{softmax}(M^\top h_{t-1})"
        "\n"
        r"h_t = \tanh(W (M p_t) + U x_t)",
        "p:n M:m,n h:m W:m,m U:m,d x:d",
    ),
    "elementwise square of a matrix": Case(
        "S[t] = A*A*S[t-1] + x[t] @ x[t].T",
        r"S_t = A \odot A \odot S_{t-1} + x_t x_t^\top",
        "S:n,n A:n,n x:n",
    ),
    "delta rule, with the size of the identity spelled out": Case(
        "S[t] = S[t-1] @ (eye(d) - beta[t] * k[t] @ k[t].T) + beta[t] * v[t] @ k[t].T",
        r"S_t = S_{t-1} (I_d - \beta_t k_t k_t^\top) + \beta_t v_t k_t^\top",
        "S:n,d beta:1 k:d v:n",
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
}
