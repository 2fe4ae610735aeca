"""The specification language: what words it holds of, and its errors."""

from __future__ import annotations

import itertools
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations.errors import InputError
from derivations.language.source import Source
from verify.designs.lines import read_line
from verify.designs.reading import read_design
from verify.designs.specification import Specification
from verify.designs.stock import design_text
from verify.designs.tokens import tokenize_spec

BITS = (("0", (Fraction(0),)), ("1", (Fraction(1),)))
PAIRS = tuple((f"{a}{b}", (Fraction(a), Fraction(b))) for a in (0, 1) for b in (0, 1))
WORDS = [word for length in range(1, 7) for word in itertools.product((0, 1), repeat=length)]


def specification(text: str, letters: tuple = BITS) -> Specification:
    source = Source(f"spec: {text}")
    tokens = tokenize_spec(source, tuple(n for n, _ in letters), 5, len(source.text))
    (part,) = read_line(source, tokens, letters)
    return Specification(part, tuple(column[0] for _, column in letters))


def holds(spec: Specification, word: tuple[int, ...]) -> bool:
    watch = spec.start()
    for letter in word:
        watch = spec.after(watch, letter)
    return spec.expects(watch)


regexes = st.recursive(
    st.sampled_from(["0", "1", ".", "01"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"{p[0]}{p[1]}"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}|{p[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}"])).map(
            lambda p: f"({p[0]}){p[1]}"
        ),
    ),
    max_leaves=5,
)


@given(regexes, regexes)
def test_regular_expressions_mean_what_they_mean_in_python(a: str, b: str) -> None:
    both, neither = specification(f"{a} and not {b}"), specification(f"not ({a} or {b})")
    for word in WORDS[:62]:
        text = "".join(map(str, word))
        left, right = (re.fullmatch(r, text) is not None for r in (a, b))
        assert holds(both, word) == (left and not right)
        assert holds(neither, word) == (not (left or right))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("all ones so far", all),
        ("all zeros so far", lambda w: not any(w)),
        ("all 1 so far", all),
        ("sum at even > sum at odd", lambda w: sum(w[1::2]) > sum(w[::2])),
        ("sum at even times - sum at odd >= 1", lambda w: sum(w[1::2]) - sum(w[::2]) >= 1),
        ("sum = 2", lambda w: sum(w) == 2),
        ("sum < 5/2 and .*1", lambda w: sum(w) < 2.5 and w[-1] == 1),
        ("not sum ≥ 2 or (01)*", lambda w: sum(w) < 2 or w == (0, 1) * (len(w) // 2)),
    ],
)
def test_phrases(text: str, meaning) -> None:
    spec = specification(text)
    assert all(holds(spec, word) == meaning(word) for word in WORDS)


def test_equal_so_far() -> None:
    spec = specification("equal so far", PAIRS)
    for word in itertools.product(range(4), repeat=3):
        assert holds(spec, word) == all(letter in (0, 3) for letter in word)


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("all ones so for", 18, "'for' is no word"), ("(1|0*", 11, "ends too early"),
        ("2*", 6, "'2' is no letter"), ("1* and", 12, "ends too early"), ("", 5, "ends too early"),
        ("equal so far", 6, "one entry"), ("(sum > 1)*", 6, "cannot be repeated"),
        ("sum at evn > sum", 13, "'evn' is no word"), ("1{3,2}", 6, "'{3,2}' is no count"),
        ("1)", 7, "')' does not fit"), ("(((0{9}){9}){9})", 7, "too long"), ("1 @", 8, "'@'"),
        ("sum > 1/0", 12, "division by zero"), ("all so far", 10, "'so far'"),
        ("far", 6, "without 'so'"), ("1 so", 8, "'far' is missing"), ("*", 6, "'*' does not fit"),
        ("(" * 60, 56, "open brackets"), ("sum", 9, "ends too early"),
    ],
)  # fmt: skip
def test_errors_point_at_the_place(text: str, column: int, said: str) -> None:
    with pytest.raises(InputError) as raised:
        specification(text)
    error = raised.value
    assert error.span is not None
    assert error.span.column == column + 1
    assert said in error.message
    assert error.remedy


DESIGN = """h[t] = tanh(w * h[t-1] + x[t])
given: w = 1, h[0] = 0
input: x[t] in {0, 1}
answer: h[t] > 0
spec: .*1.*
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("w = 1,", "", 0, "nothing says what w is"),
        ("w = 1", "v = 1", 2, "v is no parameter"),
        ("h[0] = 0", "h[2] = 0", 2, "no initial value"),
        ("h[0] = 0", "h = 0", 2, "no parameter"),
        ("h[0] = 0", "tanh(0) = 1", 2, "no jump"),
        ("h[0] = 0", "w = 3", 2, "given twice"),
        ("w = 1", "w = [1; 2", 2, "does not fit"),
        ("w = 1", "w = [[1, 2], 3]", 2, "mixed"),
        ("w = 1", "w = 1/0", 2, "division by zero"),
        ("w = 1", "w = [1, 2; 3, 4]", 2, "w is 2 x 2"),
        ("x[t] in", "z[t] in", 3, "no input"),
        ("{0, 1}", "{0, (1, 2)}", 3, "several sizes"),
        ("{0, 1}", "{0, 0}", 3, "twice"),
        ("{0, 1}", "{0, 1}^9", 3, "too many letters"),
        ("input: x[t] in {0, 1}\n", "", 0, "no line 'input:'"),
        ("h[t] > 0", "q[t] > 0", 4, "nothing that the cell computes"),
        ("h[t] > 0", "h[t]", 4, "ends too early"),
        ("h[t] > 0", "h[n] > 0", 4, "called t"),
        ("spec: .*1.*", "spec: .*\nspec: 1", 6, "second specification"),
        ("spec: .*1.*", "spec: .*\nat: noon", 6, "ends too early"),
        ("spec: .*1.*", "spec: .*\nat: t >= 1/2", 6, "no time to start"),
        ("tanh(w", "tanh((w", 1, "("),
    ],
)
def test_errors_of_the_other_lines(old: str, new: str, line: int, said: str) -> None:
    with pytest.raises(InputError) as raised:
        read_design(DESIGN.replace(old, new))
    assert said in raised.value.message
    assert raised.value.remedy
    assert (raised.value.span.line if raised.value.span else 0) == line


LATEX = """h_t = \\sigma(w_1 x_t + w_2 h_{t-1} + b_2)
y_t = \\sigma(10 h_t - 5)
given: $w_1 = 5$, w_{2} = 5, b_2 = -7, h_0 = 1
input: $x_t \\in \\{0, 1\\}$
answer: y_{t} \\gt 1/2
spec: all ones so far"""


def test_the_lines_of_a_design_may_be_latex() -> None:
    plain, typed = read_design(*design_text("ones-weak")), read_design(LATEX)
    assert typed.given == plain.given
    assert typed.letters == plain.letters
    assert typed.answer == plain.answer
