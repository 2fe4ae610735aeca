"""Cells with gates, norms, scalars and diagonals."""

from __future__ import annotations

from tests.typing.cells.case import Case

GATES = {
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
    "selective scan": Case(
        "Delta[t] = softplus(w.T @ x[t] + b)"
        "\n"
        "h[t] = exp(Delta[t] @ A) * h[t-1] + Delta[t] @ B[t] @ x[t]"
        "\n"
        "y[t] = C[t].T @ h[t]",
        r"\Delta_t = \operatorname{softplus}(w^\top x_t + b)"
        "\n"
        r"h_t = \exp(\Delta_t A) \odot h_{t-1} + \Delta_t B_t x_t"
        "\n"
        r"y_t = C_t^\top h_t",
        "Delta:1 w:d x:d b:1 h:n A:n B:n,d y:m C:n,m",
    ),
    "peephole, capital diagonals": Case(
        "i[t] = sigmoid(W_xi @ x[t] + W_hi @ h[t-1] + W_ci * c[t-1] + b_i)"
        "\n"
        "c[t] = c[t-1] + i[t] * tanh(W_xc @ x[t] + b_c)"
        "\n"
        "h[t] = tanh(W_co * c[t])",
        r"i_t = \sigma(W_{xi} x_t + W_{hi} h_{t-1} + W_{ci} \circ c_{t-1} + b_i)"
        "\n"
        r"c_t = c_{t-1} + i_t \circ \tanh(W_{xc} x_t + b_c)"
        "\n"
        r"h_t = \tanh(W_{co} \circ c_t)",
        "i:n W_xi:n,m x:m W_hi:n,n h:n W_ci:n c:n b_i:n W_xc:n,m b_c:n W_co:n",
    ),
    "leaky integrator": Case(
        "h[t] = (1 - alpha) * h[t-1] + alpha * tanh(W @ h[t-1] + U @ x[t] + b)",
        r"h_t = (1-\alpha) h_{t-1} + \alpha \tanh(W h_{t-1} + U x_t + b)",
        "h:n alpha:1 W:n,n U:n,m x:m b:n",
    ),
    "multiplicative": Case(
        "m[t] = (W_mx @ x[t]) * (W_mh @ h[t-1])\nh[t] = tanh(W_hm @ m[t] + U @ x[t])",
        r"m_t = (W_{mx} x_t) \odot (W_{mh} h_{t-1})"
        "\n"
        r"h_t = \tanh(W_{hm} m_t + U x_t)",
        "m:n W_mx:n,p x:p W_mh:n,d h:d W_hm:d,n U:d,p",
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
}
