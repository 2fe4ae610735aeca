"""Immediate partials: of the equations as typed, or of the arguments that were given a name."""

from __future__ import annotations

import pytest

from derivations.answers import query
from derivations.deriver import Deriver
from derivations.expressions import build
from derivations.loading import load
from derivations.render.text import text
from verify.checking import check
from verify.run import METHODS, verify

BESIDE = ["h[t] = h[t-1] + tanh(W @ h[t-1] + x[t]) * sigmoid(V @ h[t-1])"]
"""A state that its equation reads beside its nonlinearities and inside them."""


def printed(asked: str) -> list[str]:
    return [f"{text(f.left)} = {text(f.right)}" for f in query(BESIDE, asked).formulas]


def test_a_typed_equation_is_differentiated_as_a_whole() -> None:
    (line,) = printed("direct dh[t]/dh[t-1]")
    assert "@ W" in line and "@ V" in line and "eye(n)" in line
    assert "tanh(a_h[t])" in line and "tanh(W" not in line


def test_an_argument_with_a_name_is_a_variable() -> None:
    assert printed("direct da_h[t]/dh[t-1]") == ["direct da_h[t]/dh[t-1] = W"]
    (line,) = printed("direct dh[t]/da_h[t]")
    assert "W" not in line and "V" not in line
    (lstm,) = query("lstm", "direct da_f[t]/dh[t-1]").formulas
    assert not build.is_zero(lstm.right)


def test_what_a_derivation_prints_is_what_a_query_answers_and_a_check_accepts() -> None:
    for formula in Deriver(load(BESIDE).cell).local_jacobians():
        asked = text(formula.left)
        (answer,) = query(BESIDE, asked).formulas
        assert answer.right == formula.right
        claim = f"{asked} = {text(formula.right)}"
        assert check(BESIDE, claim, ("exact",), mend=False).verdict == "correct"


@pytest.mark.parametrize("method", METHODS)
def test_every_method_holds_the_same_variables_fixed(method: str) -> None:
    report = verify(BESIDE, methods=[method], count=2)
    direct = [result for result in report.results if result.form == "immediate"]
    assert len(direct) >= 5 and all(result.status == "pass" for result in direct)
