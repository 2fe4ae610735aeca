"""Index expressions: times and sizes as exact numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sympy import Function, Integer, Max, Rational, Symbol, sqrt

from verify.evaluate.indices import NotWhole, UnboundIndex, compile_index, compile_integer

t, T = (Symbol(name, integer=True) for name in "tT")
n, m = (Symbol(name, integer=True, positive=True) for name in "nm")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (t - 1, 4),
        (2 * T - t, 3),
        (n * m, 6),
        (1 / T, Fraction(1, 4)),
        (Rational(1, 2) ** (T - t), 2),
        (Max(t, T, 1), 5),
        (Symbol("q", integer=True), UnboundIndex),
        (n * (n + 1) / 2, 6),
        (sqrt(T), 2),
        (Function("floor")(Integer(2)), UnboundIndex),
    ],
)
def test_index_expressions(expression, expected):
    env = {T: 4, n: 3, m: 2, t: 5}
    if isinstance(expected, type):
        with pytest.raises(expected):
            compile_index(expression)(env)
    else:
        assert compile_index(expression)(env) == expected


def test_a_step_that_is_not_whole_is_refused():
    with pytest.raises(NotWhole, match="not a whole number"):
        compile_integer(t / 2)({t: 3})
