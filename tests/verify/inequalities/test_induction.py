"""Bounds of states by induction over time, and differences whose equal terms cancel."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Symbol

from derivations.expressions import build
from derivations.expressions.nodes import Variable
from verify.arithmetic.numpy import NumpyArithmetic
from verify.checking import check
from verify.evaluate import System
from verify.inequalities.differences import difference

SUM = ["s[t] = s[t-1] + x[t]*x[t]"]
LINEAR = ["h[t] = W @ h[t-1]"]
CLAIMS = [
    (SUM, "s[t-1] <= s[t]", "correct"),
    (SUM, "s_0 \\le s_t", "correct"),
    (SUM, "s[t-1] < s[t]", "wrong"),
    (SUM, "s[t] <= s[t-1]", "wrong"),
    (["s[t] = s[t-1] + exp(x[t])"], "s[t-1] < s[t]", "correct"),
    (["m[t] = max(m[t-1], x[t])"], "m[t-1] <= m[t]", "correct"),
    (["m[t] = min(m[t-1], x[t])"], "m[t] <= m[t-1]", "correct"),
    (["m[t] = min(m[t-1], x[t])"], "m[t-1] <= m[t]", "wrong"),
    (["s[t] = sum(k, 1, t, x[k]**2)", "h[t] = x[t]"], "s[t] >= s[t-1]", "correct"),
    (["s[t] = sum(k, 1, t, x[k]**2)", "h[t] = x[t]"], "s[t] >= s[t-1] + x[t]**2", "correct"),
    (["s[t] = sum(k, 1, t, x[k])", "h[t] = x[t]"], "s[t] >= s[t-1]", "wrong"),
    ("lstm", "norm(c[t]) <= t * sqrt(n)", "conditional"),
    ("lstm", r"\lVert c_t \rVert \le t \sqrt{n} \text{ for } c_0 = 0", "correct"),
    ("lstm", "norm(c[t]) <= norm(c[0]) + t * sqrt(n)", "correct"),
    ("lstm", "norm(c[t]) <= t", "wrong"),
    ("lstm", "norm(h[t]) < sqrt(n) for t >= 1", "correct"),
    ("gru", "norm(h[t]) <= sqrt(n) for h[0] = 0", "correct"),
    (LINEAR, "norm(h[t]) <= norm(W)**t * norm(h[0])", "correct"),
    (LINEAR, "norm(h[t]) <= norm(h[0])", "wrong"),
    (["a[t] = softmax(W @ h[t-1])", "h[t] = tanh(a[t])"], "norm(a[t]) <= 1", "correct"),
]


@pytest.mark.parametrize(("cell", "claim", "verdict"), CLAIMS, ids=lambda part: str(part))
def test_bounds_of_states(cell: str | list[str], claim: str, verdict: str) -> None:
    grade = check(cell, claim)
    assert grade.verdict == verdict, grade.reason


_A, _B, _C = (Variable(name, (), Symbol("n", integer=True, positive=True), 1) for name in "abc")
PARTS = st.recursive(
    st.sampled_from([_A, _B, _C, build.constant(2, *_A.shape)]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: build.add(*two)),
        st.tuples(inner, inner).map(lambda two: build.subtract(*two)),
        st.tuples(inner, inner).map(lambda two: build.apply("max", (0, 0), *two)),
        st.tuples(inner, inner).map(lambda two: build.apply("min", (0, 0), *two)),
    ),
    max_leaves=5,
)


@given(PARTS, PARTS, st.integers(0, 50))
def test_a_difference_is_what_it_says(larger: object, smaller: object, seed: int) -> None:
    def free(key: tuple[object, ...]) -> object:
        return {"a": 1.0, "b": -2.0, "c": 0.5}[str(key[1])] + seed * numbers.full(1, 2, 1) / 7

    numbers = NumpyArithmetic()
    system = System((), numbers, {}, {_A.shape[0]: 2}, free)
    left, right, gap = map(system.evaluate, (larger, smaller, difference(larger, smaller)))
    assert abs(left - right - gap).max() < 1e-9
