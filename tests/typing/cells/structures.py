"""Cells by their time structure, loss and functions."""

from __future__ import annotations

from tests.typing.cells.case import Case

STRUCTURES = {
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
    "sum over the own past": Case(
        "h[t] = tanh(W @ sum(j, 1, t-1, dot(q[t], h[j]) * h[j]) + x[t])",
        r"h_t = \tanh(W \sum_{j=1}^{t-1} (q_t^\top h_j) h_j + x_t)",
        "h:n W:n,n q:n x:n",
    ),
    "sum over the own future": Case(
        "h[t] = tanh(W @ sum(j, t+1, T, h[j]) + x[t])",
        r"h_t = \tanh(W \sum_{j=t+1}^{T} h_j + x_t)",
        "h:n W:n,n x:n",
    ),
    "causal kernel": Case(
        "y[t] = sum(k, 1, t, W @ x[k])",
        r"y_t = \sum_{k=1}^{t} W x_k",
        "y:n W:n,m x:m",
    ),
    "own function": Case(
        "phi(u) = max(p*u, u)\nh[t] = phi(W @ h[t-1] + x[t])",
        r"\phi(u) = \max[pu, u]"
        "\n"
        r"h_t = \phi(W h_{t-1} + x_t)",
        "h:n p:1 W:n,n x:n",
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
    "key as an index letter": Case(
        "k[t] = K @ x[t]\nh[t] = sum(j, 1, t, k[j])",
        "k_t = K x_t"
        "\n"
        r"h_t = \sum_{j=1}^{t} k_j",
        "k:n K:n,m x:m h:n",
    ),
}
