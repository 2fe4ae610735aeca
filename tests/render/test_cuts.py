"""A formula cut at any width is the same formula: its lines, joined, read as what was cut."""

from __future__ import annotations

from functools import partial

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer
from sympy.matrices.expressions import HadamardProduct, MatAdd, MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions.nodes import Scale, TimeSum
from derivations.language.claims import parse_claim
from derivations.render.latex_lines import cut
from derivations.render.latex_width import latex_width
from derivations.render.style import Style
from tests.render.test_reading_back import CELL, _leaf, _scalars, k, reading, worth

VECTORS = st.sampled_from([_leaf("u"), _leaf("v")])
plain = partial(MatMul, evaluate=False)


def _longer(same: st.SearchStrategy[MatrixExpr]) -> st.SearchStrategy[MatrixExpr]:
    bare = st.sampled_from([_leaf("A"), _leaf("B")])
    times = st.just((Integer(1), Integer(2)))
    return st.one_of(
        st.tuples(bare, same).map(lambda a: plain(*a)),
        st.tuples(same, same).map(lambda a: HadamardProduct(*a, evaluate=False)),
        st.tuples(same, same).map(lambda a: MatAdd(*a, evaluate=False)),
        st.tuples(_scalars(), same).map(lambda a: Scale(*a)),
        st.tuples(same, times).map(lambda a: TimeSum(a[0], k, *a[1])),
    )


@settings(max_examples=250, deadline=None)
@given(expr=st.recursive(VECTORS, _longer, max_leaves=9), room=st.sampled_from([20.0, 60.0, 150.0]))
def test_lines_read_back(expr: MatrixExpr, room: float) -> None:
    source = " \\\\\n&\\quad ".join(cut(expr, Style(), room))
    read = parse_claim(f"{source} \\;= 0", CELL).left
    np.testing.assert_allclose(reading(read, {}), worth(expr, {}), rtol=1e-9, err_msg=source)


def test_a_long_sum_in_a_product_is_cut_and_a_short_one_is_not() -> None:
    letters = [plain(_leaf("A"), _leaf("B"), _leaf("u"))] * 8
    long = HadamardProduct(MatAdd(*letters, evaluate=False), _leaf("v"), evaluate=False)
    lines = cut(long, Style(), 200.0)
    assert len(lines) >= 8 and lines[0].startswith(r"\Bigl(") and lines[-1].endswith(r"\odot v")
    assert all(latex_width(line) < 200.0 for line in lines)
    short = MatAdd(_leaf("u"), _leaf("v"), evaluate=False)
    product = HadamardProduct(*[short] * 6, evaluate=False)
    assert not any(r"\Bigl(" in line for line in cut(product, Style(), 200.0))
