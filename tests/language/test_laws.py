"""Laws: any text is read or refused politely; printed trees read back the same."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from derivations.errors import InputError
from derivations.language import parse_cell, parse_claim, parse_query
from derivations.language.tree import (
    Binary,
    Call,
    Name,
    Negative,
    Node,
    Number,
    Partial,
    Reduction,
    Relation,
    Transposed,
)
from derivations.language.unparse import unparse

PIECES = ["h_t", "h[t-1]", "\\frac", "{", "}", "(", ")", "[", "]", "=", "+", "-", "*", "@", "**", "^",
          "_", "\\sum", "_{k=1}", "^{T}", "\\sigma", "'", "dL", "/", "dW", "\\partial", "|", "\\|",
          ",", ";", "&", "\\\\", "\n", " ", "1", "0.5", "\\hat", "\\top", "<", ">", "\\tanh",
          "\\begin{align}", "\\end{align}", "\\begin{bmatrix}", "\\end{bmatrix}", ":", "n x d", "#",
          "direct", "sum(", "prod(", ".T", "\\mathbf{1}", "\\nabla", "\\langle", "\\rangle", "d",
          "\\quad", "\\ldots", "T", "\\cdot", "\\odot", "\\left", "\\le", "\\prime", "ell", "$"]  # fmt: skip
FUZZ = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
CELL = parse_cell("h[t] = tanh(W @ h[t-1] + b_h)\nc[t] = alpha * c[t-1]\nL = ell(h[T])")


@settings(max_examples=300, deadline=None)
@given(FUZZ)
@example("\\frac.0")
@example("x = ٣")
def test_only_input_errors(text: str) -> None:
    for read in (parse_cell, lambda t: parse_claim(t, CELL), lambda t: parse_query(t, None)):
        with suppress(InputError):
            read(text)


INDEX_NAMES = st.sampled_from("tk").map(Name)
INDEX = st.one_of(
    INDEX_NAMES,
    st.builds(Binary, st.sampled_from("+-"), INDEX_NAMES, st.just(Number(Fraction(1)))),
)
VARIABLES = st.one_of(
    st.sampled_from(["W", "b_h", "alpha"]).map(Name),
    st.builds(Name, st.sampled_from(["h", "c"]), st.tuples(INDEX)),
)
NUMBERS = st.fractions(0, 100, max_denominator=1).map(Number)
DECIMALS = st.integers(0, 10**6).map(lambda n: Number(Fraction(n, 1000)))
DERIVATIVES = st.builds(Partial, VARIABLES, VARIABLES, st.booleans())


def _larger(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Binary, st.sampled_from(["@", "*", "/", "**", "+", "-"]), parts, parts),
        st.builds(Negative, parts),
        st.builds(Transposed, parts),
        st.builds(Call, st.sampled_from(["phi", "tanh"]), st.tuples(parts), st.integers(0, 2)),
        st.builds(Call, st.just("f"), st.tuples(parts, parts)),
        st.builds(Reduction, st.sampled_from(["sum", "prod"]), st.sampled_from("jr"), INDEX, INDEX,
                  parts, st.sampled_from(["ascending", "descending"])),
    )  # fmt: skip


TREES = st.recursive(st.one_of(VARIABLES, NUMBERS, DECIMALS, DERIVATIVES), _larger, max_leaves=12)


@settings(max_examples=300, deadline=None)
@given(TREES, TREES, st.sampled_from(["=", "<=", ">="]))
def test_printed_trees_read_back(left: Node, right: Node, operator: str) -> None:
    claim = Relation(operator, left, right)  # type: ignore[arg-type]  # sampled from the literals
    assert parse_claim(unparse(claim), CELL) == claim
