"""Chains of relations: each link is graded, at the times of the whole chain."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations.errors import InputError
from verify.checking import check
from verify.claims.chains import MOST, links

SIDES = st.sampled_from([
    "dL/dW_hh", "sum(t, 1, T, dL/dz[t] @ h[t-1].T)", r"\sum_{t=1}^{T} \bar z_t", "h[t]",
    r"\frac{\partial L}{\partial b_h}", "(1 - h[t]**2) * dL/dh[t]",
])  # fmt: skip
MARKS = st.sampled_from(["=", "<=", ">=", r"\le", " &= ", "\n="])


@given(st.lists(st.tuples(MARKS, SIDES), min_size=2, max_size=MOST), SIDES)
def test_links_keep_what_was_typed_where_it_was_typed(pairs, first):
    text = first + "".join(f" {mark} {side}" for mark, side in pairs)
    found = links(text)
    assert len(found) == len(pairs)
    for link in found:
        assert len(link) == len(text)
        assert all(one in (" ", typed) for one, typed in zip(link, text, strict=True))
    kept = [{k for k, c in enumerate(link) if not c.isspace()} for link in found]
    typed = {k for k, c in enumerate(text) if not (c.isspace() or c == "&")}
    assert set().union(*kept) == typed
    assert all(one & two for one, two in pairwise(kept))


@pytest.mark.parametrize(
    ("claim", "verdict", "says"),
    [
        ("dL/db_h = sum(t, 1, T, dL/dz[t]) = sum(t, 1, T, (1 - h[t]^2) * dL/dh[t])", "correct",
         "All 2 relations"),
        ("dL/db_h = sum(t, 1, T, dL/dz[t]) = sum(t, 1, T, (1 - h[t]^2) * dL/dz[t])", "wrong",
         "second relation"),
        ("dL/db_h = sum(t, 1, T, dL/dh[t]) = sum(t, 1, T, dL/dh[t])", "wrong", "first relation"),
        ("\\begin{align}\n\\frac{\\partial L}{\\partial b_h} &= \\sum_t \\bar z_t \\\\\n"
         "&= \\sum_t (1 - h_t^2) \\odot \\bar h_t\n\\end{align}", "correct", "All 2 relations"),
        ("delta[t] = dL/dz[t]\ndL/db_h = sum(t, 1, T, delta[t])\n= sum(t, 1, T, dL/dz[t])",
         "correct", "All 2 relations"),
        # No equation gives h[0], so the second relation is one of t >= 1 only.
        ("direct dh[t]/dz[t] = diag(1 - h[t]**2) = diag(1 - tanh(W_hh @ h[t-1] + W_hx @ x[t] + b_h)"
         "**2)", "correct", "All 2 relations"),
        ("dL/dz[t] = (1 - h[t]**2) * dL/dh[t] = (1 - h[t]**2) * (W_ph.T @ dL/dp[t] + W_hh.T @ "
         "dL/dz[t+1])    (t = T-1, ..., 1)", "correct", "All 2 relations"),
    ],
)  # fmt: skip
def test_the_grade_of_a_chain_is_that_of_its_worst_link(claim, verdict, says):
    grade = check("rnn", claim, ("exact",), mend=False)
    assert grade.verdict == verdict
    assert says in grade.reason
    assert grade.claim == claim


def test_times_of_the_whole_chain_hold_for_every_link():
    bound = "norm(diag(1 - h[t]**2)) <= 1"
    assert check("rnn", bound, mend=False).verdict == "wrong"  # h[0] is anything
    chain = "norm(direct dh[t]/dz[t]) <= " + bound
    assert check("rnn", chain, mend=False).verdict != "wrong"


def test_long_chains_are_refused():
    with pytest.raises(InputError, match="relations in one claim"):
        check("rnn", " = ".join(["dL/db_h"] * (MOST + 2)))
