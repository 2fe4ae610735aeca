"""Cells as papers, books, courses and manuals print them."""

from __future__ import annotations

import pytest

from derivations.language import parse_cell
from derivations.language.unparse import unparse

CELLS = {
    "align, accents, continued lines": (
        r"""\begin{align}
\mathbf{i}_t &= \sigma(\mathbf{W}_{xi}\mathbf{x}_t + \mathbf{W}_{hi}\mathbf{h}_{t-1} + \mathbf{b}_i) \\
\mathbf{f}_t &= \sigma(\mathbf{W}_{xf}\mathbf{x}_t + \mathbf{W}_{hf}\mathbf{h}_{t-1} + \mathbf{b}_f), \\[2pt]
\tilde{\mathbf{c}}_t &= \tanh\left(\mathbf{W}_{xc}\mathbf{x}_t
   + \mathbf{W}_{hc}\mathbf{h}_{t-1} + \mathbf{b}_c\right) \label{eq:c} \\
\mathbf{c}_t &= \mathbf{f}_t \odot \mathbf{c}_{t-1} \nonumber \\
 &\quad + \mathbf{i}_t \odot \tilde{\mathbf{c}}_t, \\
\mathbf{o}_t &= \sigma(\mathbf{W}_{xo}\mathbf{x}_t + \mathbf{W}_{ho}\mathbf{h}_{t-1} + \mathbf{b}_o) \\
\mathbf{h}_t &= \mathbf{o}_t \odot \tanh(\mathbf{c}_t).
\end{align}""",
        """i[t] = sigmoid(W_xi @ x[t] + W_hi @ h[t-1] + b_i)
f[t] = sigmoid(W_xf @ x[t] + W_hf @ h[t-1] + b_f)
ctilde[t] = tanh(W_xc @ x[t] + W_hc @ h[t-1] + b_c)
c[t] = f[t] * c[t-1] + i[t] * ctilde[t]
o[t] = sigmoid(W_xo @ x[t] + W_ho @ h[t-1] + b_o)
h[t] = o[t] * tanh(c[t])""",
    ),
    "Graves 2013": (
        r"""i_t = \sigma(W_{xi}x_t + W_{hi}h_{t-1} + W_{ci}c_{t-1} + b_i)
f_t = \sigma(W_{xf}x_t + W_{hf}h_{t-1} + W_{cf}c_{t-1} + b_f)
c_t = f_t c_{t-1} + i_t \tanh(W_{xc}x_t + W_{hc}h_{t-1} + b_c)
o_t = \sigma(W_{xo}x_t + W_{ho}h_{t-1} + W_{co}c_t + b_o)
h_t = o_t \tanh(c_t)""",
        """i[t] = sigmoid(W_xi @ x[t] + W_hi @ h[t-1] + W_ci @ c[t-1] + b_i)
f[t] = sigmoid(W_xf @ x[t] + W_hf @ h[t-1] + W_cf @ c[t-1] + b_f)
c[t] = f[t] @ c[t-1] + i[t] @ tanh(W_xc @ x[t] + W_hc @ h[t-1] + b_c)
o[t] = sigmoid(W_xo @ x[t] + W_ho @ h[t-1] + W_co @ c[t] + b_o)
h[t] = o[t] @ tanh(c[t])""",
    ),
    "directions as letters above": (
        r"""h^f_t = \tanh(W^f h^f_{t-1} + U^f x_t)
h^b_t = \tanh(W^b h^b_{t+1} + U^b x_t)
y_t = V [h^f_t; h^b_t] + a^2""",
        """h_f[t] = tanh(W_f @ h_f[t-1] + U_f @ x[t])
h_b[t] = tanh(W_b @ h_b[t+1] + U_b @ x[t])
y[t] = V @ concat(h_f[t], h_b[t]) + a**2""",
    ),
    "GRU, concatenated": (
        r"""z_t = \sigma(W_z \cdot [h_{t-1}, x_t])
r_t = \sigma(W_r \cdot [h_{t-1}, x_t])
\tilde{h}_t = \tanh(W \cdot [r_t * h_{t-1}, x_t])
h_t = (1 - z_t) * h_{t-1} + z_t * \tilde{h}_t""",
        """z[t] = sigmoid(W_z @ concat(h[t-1], x[t]))
r[t] = sigmoid(W_r @ concat(h[t-1], x[t]))
htilde[t] = tanh(W @ concat(r[t] * h[t-1], x[t]))
h[t] = (1 - z[t]) * h[t-1] + z[t] * htilde[t]""",
    ),
    "Goodfellow et al., book": (
        r"""\begin{align*}
\boldsymbol{a}^{(t)} &= \boldsymbol{b} + \boldsymbol{W}\boldsymbol{h}^{(t-1)} + \boldsymbol{U}\boldsymbol{x}^{(t)}, \\
\boldsymbol{h}^{(t)} &= \tanh(\boldsymbol{a}^{(t)}), \\
\boldsymbol{o}^{(t)} &= \boldsymbol{c} + \boldsymbol{V}\boldsymbol{h}^{(t)}, \\
\hat{\boldsymbol{y}}^{(t)} &= \text{softmax}(\boldsymbol{o}^{(t)}),
\end{align*}""",
        """a[t] = b + W @ h[t-1] + U @ x[t]
h[t] = tanh(a[t])
o[t] = c + V @ h[t]
yhat[t] = softmax(o[t])""",
    ),
    "Ng, course": (
        r"""\tilde{c}^{<t>} = \tanh(W_c[\Gamma_r * c^{<t-1>}, x^{<t>}] + b_c)
\Gamma_u = \sigma(W_u[c^{\langle t-1\rangle}, x^{\langle t \rangle}] + b_u)
c^{<t>} = \Gamma_u * \tilde{c}^{<t>} + (1-\Gamma_u) * c^{<t-1>}
a^{<t>} = g(W_{aa} a^{<t-1>} + W_{ax}x^{<t>} + b_a)""",
        """ctilde[t] = tanh(W_c @ concat(Gamma_r * c[t-1], x[t]) + b_c)
Gamma_u = sigmoid(W_u @ concat(c[t-1], x[t]) + b_u)
c[t] = Gamma_u * ctilde[t] + (1 - Gamma_u) * c[t-1]
a[t] = g(W_aa @ a[t-1] + W_ax @ x[t] + b_a)""",
    ),
    "PyTorch documentation": (
        r"""\begin{array}{ll} \\
i_t = \sigma(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi}) \\
g_t = \tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg}) \\
h_t = o_t \odot \tanh(c_t) \\
\end{array}""",
        """i[t] = sigmoid(W_ii @ x[t] + b_ii + W_hi @ h[t-1] + b_hi)
g[t] = tanh(W_ig @ x[t] + b_ig + W_hg @ h[t-1] + b_hg)
h[t] = o[t] * tanh(c[t])""",
    ),
    "Wikipedia": (
        r"""{\displaystyle {\begin{aligned}f_{t}&=\sigma _{g}(W_{f}x_{t}+U_{f}h_{t-1}+b_{f})\\c_{t}&=f_{t}\odot c_{t-1}+i_{t}\odot {\tilde {c}}_{t}\\h_{t}&=o_{t}\odot \sigma _{h}(c_{t})\end{aligned}}}""",
        """f[t] = sigma_g(W_f @ x[t] + U_f @ h[t-1] + b_f)
c[t] = f[t] * c[t-1] + i[t] * ctilde[t]
h[t] = o[t] * sigma_h(c[t])""",
    ),
    "Bahdanau et al. 2015": (
        r"""e_{ij} = v_a^\top \tanh(W_a s_{i-1} + U_a h_j)
\alpha_{ij} = \frac{\exp(e_{ij})}{\sum_{k=1}^{T_x} \exp(e_{ik})}
c_i = \sum_{j=1}^{T_x} \alpha_{ij} h_j
s_i = f(s_{i-1}, y_{i-1}, c_i)""",
        """e[i, j] = v_a.T @ tanh(W_a @ s[i-1] + U_a @ h[j])
alpha[i, j] = exp(e[i, j]) / sum(k, 1, T_x, exp(e[i, k]))
c[i] = sum(j, 1, T_x, alpha[i, j] @ h[j])
s[i] = f(s[i-1], y[i-1], c[i])""",
    ),
    "function, several a line": (
        r"""\phi(u) = \max[pu, u]
u_\tau = W v_{\tau-1} + B x_\tau, \quad v_\tau = \phi(u_\tau)
\hat y = C v_T
\mathcal{L} = \ell(\hat y)""",
        """phi(u) = max(p @ u, u)
u[tau] = W @ v[tau-1] + B @ x[tau]
v[tau] = phi(u[tau])
yhat = C @ v[T]
loss = ell(yhat)""",
    ),
    "mixed with headers": (
        r"""title: Mixed
W: n x n
alpha: scalar
h_t = \sigma(W h_{t-1} + b)  % comment
L = \frac{1}{T}\sum_{t=1}^T \ell_t(h_t) + \frac{\lambda}{2} \lVert W \rVert^2""",
        """title: Mixed
W: n x n
alpha: scalar
h[t] = sigmoid(W @ h[t-1] + b)
loss = 1 / T @ sum(t, 1, T, ell[t](h[t])) + lambda / 2 @ norm(W)**2""",
    ),
    "times in brackets": (
        r"""h(t) = f(W h(t-1) + U x(t))""",
        """h[t] = f(W @ h[t-1] + U @ x[t])""",
    ),
    "times above": (
        r"""h^t = \sigma(W h^{t-1} + U x^t)
L = \sum_t \ell(h^t)""",
        """h[t] = sigmoid(W @ h[t-1] + U @ x[t])
loss = sum(t, 1, T, ell(h[t]))""",
    ),
    "linear attention": (
        r"""S_t = f_t S_{t-1} + v_t k_t^\top
y_t = S_t q_t / (n_t^\top q_t)
n_t = n_{t-1} + k_t
S_0 = V""",
        """S[t] = f[t] @ S[t-1] + v[t] @ k[t].T
y[t] = S[t] @ q[t] / (n[t].T @ q[t])
n[t] = n[t-1] + k[t]
S[0] = V""",
    ),
    "bidirectional": (
        r"""\overrightarrow{h}_t = \tanh(W_{\overrightarrow{h}} \overrightarrow{h}_{t-1} + U x_t)
\overleftarrow{h}_t = \tanh(W' \overleftarrow{h}_{t+1} + U' x_t)
y_t = [\overrightarrow{h}_t; \overleftarrow{h}_t]""",
        """hright[t] = tanh(W_hright @ hright[t-1] + U @ x[t])
hleft[t] = tanh(W_prime @ hleft[t+1] + U_prime @ x[t])
y[t] = concat(hright[t], hleft[t])""",
    ),
    "layers": (
        r"""h^{(1)}_t = \tanh(W^{(1)} x_t + U^{(1)} h^{(1)}_{t-1})
h^{(2)}_t = \tanh(W^{(2)} h^{(1)}_t + U^{(2)} h^{(2)}_{t-1})""",
        """h_1[t] = tanh(W_1 @ x[t] + U_1 @ h_1[t-1])
h_2[t] = tanh(W_2 @ h_1[t] + U_2 @ h_2[t-1])""",
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_cell_as_printed(name: str) -> None:
    printed, text = CELLS[name]
    assert unparse(parse_cell(printed)) == text


@pytest.mark.parametrize("name", CELLS)
def test_printed_text_reads_back(name: str) -> None:
    cell = parse_cell(CELLS[name][0])
    assert parse_cell(unparse(cell)) == cell
