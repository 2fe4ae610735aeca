"""Derivatives of expressions that are written out, and those that cannot be meant."""

from __future__ import annotations

import pytest

from derivations.errors import InputError
from derivations.loading import load
from derivations.typing.statements import read_claim
from verify.checking import check

CELL = ["z[t] = W @ h[t-1] + U @ x[t]", "h[t] = tanh(z[t])", "loss = sum(t, 1, T, ell(h[t], y[t]))"]
SAME = [
    # What stands in the expression moves alone; what does not moves as the cell says.
    ("d(W @ h[t-1] + U @ x[t])/dh[t-1]", "W"),
    ("dtanh(z[t])/dz[t]", "diag(tanh'(z[t]))"),
    (r"\frac{\partial \tanh(z_t)}{\partial z_t}", "dh[t]/dz[t]"),
    ("∂(h[t] * z[t])/∂z[t]", "diag(h[t])"),
    ("d(sum(k, 1, T, h[k]))/dh[t]", "sum(k, t, T, dh[k]/dh[t])"),
    ("dell(h[t], y[t])/dh[t]", "dell/dh(h[t], y[t])"),
    ("dell(h[t], y[t])/dz[t]", "dell/dh(h[t], y[t]) @ diag(1 - h[t]**2)"),
    ("dell(h[t], y[t])/dh", "dell/dh(h[t], y[t])"),
    ("dsoftmax(z[t])/dz[t]", "diag(softmax(z[t])) - softmax(z[t]) @ softmax(z[t]).T"),
]
REFUSED = [
    ("d(h[t] + h[t-1])/dh[t-1] = I", "stands in this expression at other times"),
    ("df(x[t])(h[t])/dh[t] = I", "only a function"),
    ("d(h[t], z[t])/dz[t] = I", "only a function"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_is_what_it_says(left: str, right: str) -> None:
    latex = "\\" in left
    other = r"\frac{\partial h_t}{\partial z_t}" if latex else right
    assert check(CELL, f"{left} = {other}", mend=False).verdict == "correct"
    assert check(CELL, f"{left} = 2 {'' if latex else '* '}{other}", mend=False).verdict == "wrong"


@pytest.mark.parametrize(("claim", "said"), REFUSED)
def test_refused(claim: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_claim(load(CELL), claim)
    assert said in str(caught.value)
    assert caught.value.remedy
