"""Bad cells: each is refused in words that say where, what and how to mend it."""

from __future__ import annotations

import pytest

from derivations.errors import InputError
from derivations.loading import load
from derivations.typing.statements import read_claim

REFUSED = [
    ("h[t] = W @ x[t]\nW: n x m\nx[t]: d", ["W is n×m", "x[t] is d×1", "line 1, column 8"]),
    ("W: n x m\nh[t] = tanh(W @ h[t-1] + W.T @ x[t])", ["W @ h[t-1] is n×1", "is m×1"]),
    ("W: 2 x 3\nh[t] = W @ h[t-1]", ["2×1", "3×1"]),
    ("h[t] = diag(W) + h[t-1] @ h[t-1].T\nW: n x m", ["diag", "a vector is"]),
    ("a[t] = b[t]\nb[t] = a[t]", ["instantaneous cycle", "a needs b needs a"]),
    ("h[t] = tanh(V @ h[t-1] + sum(j, 1, t, h[j]))", ["reaches its own step", "t-1, h[j]"]),
    ("h[t] = h[t-1] + sum(j, t+1, T, h[j])", ["both the past and the future"]),
    ("h[t] = tanh(W @ h[k-1])", ["index k is never defined", "column 19"]),
    ("h[t] = softmax(a, b)", ["softmax takes 1", "2 given"]),
    ("h[t] = dot(x[t])", ["dot takes 2", "1 given"]),
    ("h[t] = tanh(x[t], y[t], z[t])", ["tanh takes 1", "3 given"]),
    ("phi(u) = u*u\nh[t] = phi(h[t-1], x[t])", ["phi takes 1", "defined as phi(u)"]),
    ("phi(u) = phi(u)\nh[t] = phi(h[t-1])", ["defined by itself"]),
    ("h_t = \\frac{\\partial L}{\\partial h_{t-1}} + x_t", ["derivative", "queries or claims"]),
    ("h[t] = x[t]\nh[t] = 2*x[t]", ["h is defined twice", "line 2"]),
    ("h[3] = x[3]\nh[t] = 2*x[t]", ["h is defined twice"]),
    ("h[t] = h[t-1]\nloss = ell(h[T])\nloss = ell(h[0])", ["loss is defined twice"]),
    ("f[t] = x[t]\nh[t] = f(x[t]) + f[t]", ["f is a variable and a function"]),
    ("phi(u) = max(0, u)", ["no equation"]),
    ("W: t x m\nh[t] = W @ x[t]", ["t is a size here and a time"]),
    ("h[t] = h[t-1] + h[t+1]", ["past and the future"]),
    ("h[t] = tanh(h[t-1]) + h", ["0 time step(s) here and 1"]),
    ("h[t] = a ** b", ["an exponent is a number"]),
    ("h[t] = rows(x[t], 5, 4)", ["no block 5 of 4"]),
    ("h[t] = ones(T) * x[t]", ["no size T", "declare one"]),
    ("h[t] = prod(j, 1, t, W @ M)\nW: n x m\nM: m x d", ["product over time"]),
    ("h[t] = layer_norm(W @ h[t-1])", ["layer_norm mixes the entries", "column 8"]),
    ("h_t = \\operatorname{BatchNorm}(h_{t-1})", ["BatchNorm mixes the entries"]),
    ("h[t] = concat(A, B) @ x[t]\nA: n x m\nB: n x d", ["a row above", "m", "d"]),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_refused_with_its_reason(text: str, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        load(text.split("\n"))
    message = str(caught.value)
    assert all(word in message for word in words), message
    assert caught.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        "h[t] = tanh(W @ h[t-1] + x[t] + s)",  # a name used once is an input or a parameter
        "h[0] = x[1]\nh[t] = h[t-1] + x[t]",
        "h[1] = x[1]\nh[t] = h[t-1] + x[t]",
        "h[T] = x[T]\nh[t] = h[t+1] + x[t]",
        "LN(v) = v - mean(v)\nh[t] = LN(h[t-1])",  # the cell's own
    ],
)
def test_accepted(text: str) -> None:
    assert load(text.split("\n")).cell.definitions


@pytest.mark.parametrize(
    ("claim", "said"),
    [("dh[t]/dh[0] = binom(t)", "2 argument"), ("dh[t]/dh[0] = floor(t/0)", "division by zero"),
     ("dh[t]/dh[0] = binom(10**9, 5)", "time step"),
     ("dh[t]/dh[0] = binom(99999, 5)", "larger than")],
)  # fmt: skip
def test_ways_to_choose_are_of_small_numbers(claim: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_claim(load(["h: scalar", "h[t] = a * h[t-1]", "a: scalar"]), claim)
