"""Values and sizes stated behind a claim hold in the cell; anything else is refused."""

from __future__ import annotations

import pytest

from derivations.errors import InputError
from verify.checking import check

LINEAR = ["h_t = W h_{t-1} + x_t"]
GIVEN = [
    ("lstm", "abs(c[t]) <= t for c[0] = 0", "correct"),
    ("lstm", r"|c_t| \le t \quad (c_0 = 0)", "correct"),
    ("lstm", r"|c_t| \le t, \quad c_0 = 0, \quad t \ge 1", "correct"),
    ("lstm", "abs(c[t]) <= t for c[0] = 1", "wrong"),
    ("gru", r"h_t = \tanh(W_h x_t + b_h) \text{ if } r_t = 0 \text{ and } z_t = 0", "correct"),
    ("gru", "h[t] = 0 for r[t] = 0 and z[t] = 0", "wrong"),
    (LINEAR, "dh[T]/dh[k] = eye(n) for W = eye(n)", "correct"),
    (LINEAR, r"\frac{\partial h_T}{\partial h_k} = I \text{ if } W = I", "correct"),
    (LINEAR, r"h_t = \sum_{k=1}^t W^{t-k} x_k, \text{ with } \mathbf{h}_0 = \mathbf{0}", "correct"),
    (LINEAR, "W.T = W for n = 1", "correct"),
    (LINEAR, "W.T = W for n >= 2", "wrong"),
    (["a[t] = softmax(W @ h[t-1])", "h[t] = tanh(a[t])"], "a[t] < 1 for n >= 2", "correct"),
    ("attention-decoder", r"a_{t,s} < 1 \quad S \ge 2", "correct"),
    (LINEAR, "dh[T]/dh[0] = W for T <= 1", "correct"),
    # What is said of a name of the claim's own introduces it.
    ("lstm", "dL/dW_f = sum(t, 1, T, q[t] @ x[t].T) where q[t] = dL/df[t] * f[t] * (1 - f[t])",
     "correct"),
    ("lstm", r"\frac{\partial L}{\partial W_f} = \sum_t \delta_t x_t^\top, \quad \text{where } "
     r"\delta_t = \frac{\partial L}{\partial f_t} \odot f_t", "wrong"),
    ("rnn", r"J_t = \frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t^2) W_{hh}",
     "correct"),
    ("rnn", r"J_t = \frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t^2)", "wrong"),
    (LINEAR, "dh[T]/dh[0] = W for T <= 2", "wrong"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "claim", "verdict"), GIVEN, ids=lambda part: str(part))
def test_what_is_given_holds(cell: str | list[str], claim: str, verdict: str) -> None:
    grade = check(cell, claim, ("exact",), mend=False)
    assert grade.verdict == verdict, grade.reason
    assert grade.claim == claim


@pytest.mark.parametrize(
    ("cell", "given", "said"),
    [
        ("lstm", "c[0] = q", "condition"),
        ("lstm", "c[0] =", "condition"),
        ("lstm", "c[0] is zero", "condition"),
        ("lstm", "c[t] = c[t] + 1", "condition"),
        ("lstm", "qq[t] = c[t-1]", "condition"),
        ("lstm", "c[0] = 0 and q = 2", "q = 2"),
        ("seq2seq", "d[0] = 0", "defined twice"),
    ],
)
def test_other_conditions_are_refused(cell: str, given: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        check(cell, f"0 = 0 for {given}")


def test_a_share_is_the_whole_where_there_is_one_only() -> None:
    grade = check(["h[t] = softmax(W @ h[t-1])"], "h[t] < 1 for t >= 1")
    assert (grade.verdict, grade.conditions) == ("conditional", ("n >= 2",))
