"""Malformed cells: each is refused at the right place, in words, with a remedy."""

from __future__ import annotations

import pytest

from derivations.errors import InputError
from derivations.language import parse_cell, parse_claim, parse_query

# Input, line, column, message.
MALFORMED = [
    ('h[t', 1, 2,
     "the bracket '[' is never closed"),
    ('h[t)', 1, 2,
     "the bracket '[' is closed by ')' (line 1, column 4)"),
    ('h = (a', 1, 5,
     "the bracket '(' is never closed"),
    ('h[t] = a)', 1, 9,
     "the bracket ')' closes nothing"),
    ('h = \\foo x', 1, 5,
     'the LaTeX command \\foo is not known'),
    ('h_t = LayerNorm(W h_{t-1})', 1, 7,
     "'LayerNorm' before a bracket would be a product of its letters"),
    (r'h_t = \alpha + LN(W h_{t-1})', 1, 16,
     "'LN' before a bracket would be a product of its letters"),
    ('h = a +', 1, 8,
     "a value is missing after '+'"),
    ('h == a', 1, 3,
     "'==' is not a relation here"),
    ('a = b = c', 1, 7,
     "a second relation '=' in one line"),
    ('h = a\tb', 1, 7,
     "'b' follows 'a' with nothing between them"),
    ('h = a\x01', 1, 6,
     'control character U+0001 in the input'),
    ("x = __import__('os')", 1, 5,
     "'__import__' is not a name of the language"),
    ('x = lambda y: y', 1, 5,
     "'lambda' is Python, not an equation"),
    ("x = 'a'", 1, 5,
     'a string cannot stand here'),
    ('x = a.b', 1, 6,
     "a '.' is read only in numbers and in the transpose A.T"),
    ('x = sum(t, 1)', 1, 5,
     'sum over an index takes four arguments, not 2'),
    ('x = 1e999999', 1, 5,
     'this number is too long to be meant'),
    ('x = a b_cc', 1, 7,
     "'b_cc' follows 'a' with nothing between them"),
    ('x = f()', 1, 5,
     'f() has no argument'),
    ('x = 2(a)', 1, 6,
     'only a function can stand before this bracket'),
    ('3 = x', 1, 1,
     'the left side of an equation must be a variable'),
    ('a+b', 1, 1,
     "this line has no '='"),
    ('x = [a', 1, 5,
     "the bracket '[' is never closed"),
    ('x = ,a', 1, 5,
     "a value is missing before ','"),
    ('= a', 1, 1,
     "a value is missing before '='"),
    ('x =', 1, 4,
     "a value is missing after '='"),
    ('x = \\frac{a}', 1, 13,
     "a value is missing after '}'"),
    ('x = \\frac{a}{b', 1, 13,
     "the bracket '{' is never closed"),
    ('x = a_b_c \\tanh x', 1, 5,
     'two subscripts on one symbol'),
    ('x = x^{a}^{b}', 1, 5,
     'two superscripts on one symbol'),
    ('x = \\tanh', 1, 5,
     'the function tanh has no argument'),
    ('x = \\begin{foo} a \\end{foo}', 1, 5,
     'this environment is not one of equations or matrices'),
    ('x = \\sum_{k=1} k', 1, 5,
     'the last value of the index is missing'),
    ('x = \\sum k', 1, 5,
     'this needs one index below it'),
    ('h(t) = f(h(t-1), abc)', 1, 1,
     'h(t) looks like a value at a time'),
    ('W: n x n x n', 1, 4,
     "'n x n x n' is not a shape"),
    ('W: ???', 1, 4,
     "the character '?' has no meaning here"),
    ('x <= y', 1, 1,
     "'<=' stands in an equation of a cell"),
    ('x = a | b', 1, 7,
     "'|' is not used in plain text"),
    ('x = "a"', 1, 5,
     'a string cannot stand here'),
    ('x = a ! b', 1, 7,
     "the character '!' has no meaning here"),
    ('x = prod(1, 2, 3, 4)', 1, 10,
     'the first argument of prod must be an index name'),
    ('x = prod(k, 1, T, h[k], order=up)', 1, 25,
     "'order=up' is not an option of prod"),
    ('x = f(a, order=ascending)', 1, 10,
     'only sum and prod over a time index take an option'),
    ('x = import os', 1, 5,
     "'import' is Python, not an equation"),
    ('x = \\left( a', 1, 10,
     "the bracket '(' is never closed"),
    ('x = a \\', 1, 7,
     'a backslash with no command behind it'),
    ('x = \\hat{a+b}', 1, 5,
     'an accent stands on something that is not a symbol'),
    ('x = 1 +* 2', 1, 8,
     "a value is missing before '*'"),
    ('x = \\frac{\\partial^2 L}{\\partial W^2}', 1, 11,
     'only first derivatives are read'),
    ('x = \\partial', 1, 5,
     'this derivative is not complete'),
    ('x = \\ldots', 1, 5,
     'dots and ranges are not read'),
    ('x = _a', 1, 5,
     "'_a' is not a name of the language"),
    ('x = a..b', 1, 6,
     "a '.' is read only in numbers and in the transpose A.T"),
    ('x = \\frac12 (a, b)', 1, 13,
     'a list in round brackets is only read behind a function'),
    ('x = @ a', 1, 5,
     "a value is missing before '@'"),
    ('x[] = a', 1, 3,
     "a value is missing before ']'"),
    ('x = h[', 1, 6,
     "the bracket '[' is never closed"),
    ('x = \\|a', 1, 5,
     "the bracket '\\|' is never closed"),
    ('x=\\mathbf{1}^\\top', 1, 3,
     'a row of ones stands alone'),
    ('h[t] = tanh(W @ h[t-1]\nx = (b', 2, 5,
     "the bracket '(' is never closed"),
    ('a = 1\nb = 2 +\n\nc = 3', 2, 8,
     "a value is missing after '+'"),
    ('h_t = W h_{t-1}\n\\foo = 3', 2, 1,
     'the LaTeX command \\foo is not known'),
    ('h_t = \\sigma(W h_{t-1}', 1, 13,
     "the bracket '(' is never closed"),
    ('h_t = \\left[ a, b \\right)', 1, 12,
     "the bracket '[' is closed by ')' (line 1, column 25)"),
    ('x = a_{\\sum}', 1, 12,
     "a value is missing before '}'"),
    ('x = \\frac', 1, 10,
     "a value is missing after 'frac'"),
    ('x = é', 1, 5,
     "the letter 'é' is not one the language knows"),
    ('t[1] = ', 1, 7,
     "a value is missing after '='"),
    ('x = 1.2.3', 1, 8,
     "'.3' follows '1.2' with nothing between them"),
    ('x = a ~ b', 1, 7,
     "the character '~' has no meaning here"),
    ('W[t]: n x', 1, 7,
     "'n x' is not a shape"),
    (': n', 1, 1,
     "the name before ':' is missing"),
    ('phi(u)(v) = 3', 1, 7,
     'only a function can stand before this bracket'),
    ("phi'(u) = 3", 1, 1,
     'the left side of an equation must be a variable'),
    ('x = a[t](b', 1, 9,
     "the bracket '(' is never closed"),
    ('\\begin{align}\nx &= a \\\\\ny &= b + \\bar \\\\\n\\end{align}', 3, 14,
     "a value is missing after 'bar'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "message"), MALFORMED)
def test_refused_with_place_and_remedy(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_cell(text, source="x.cell")
    error = caught.value
    assert error.span is not None
    assert (error.span.line, error.span.column) == (line, column)
    assert error.message == message
    assert error.remedy
    assert error.span.source == "x.cell"
    assert error.span.text == text.split("\n")[line - 1]
    assert error.span.end_column > error.span.column


@pytest.mark.parametrize("text", ["", "  \n ", "# nothing", "title: only a title"])
def test_empty_input(text: str) -> None:
    with pytest.raises(InputError, match="no equation"):
        parse_cell(text)


HOSTILE = [
    "x = " + "(" * 100_000, "d[" * 50_000, "x = a\n" * 5_000, "x = " + "-" * 5_000 + "a",
    "x = " + " + ".join("a" * 3_000), "x = " + "a ** " * 2_000 + "b", "x" * 200_001,
    "x = " + r"\sum_{k=1}^T " * 500 + "k", r"\frac" * 20_000, "x^" * 50_000, "x = " + "9" * 999,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_sizes_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_cell(text)


@pytest.mark.parametrize("text", ["", "h[t]", "dL/dW = 0", "a = b = c", "L", r"\frac{a}{b}"])
def test_not_a_query(text: str) -> None:
    with pytest.raises(InputError):
        parse_query(text, None)


@pytest.mark.parametrize("text", ["", "dL/dW", "h[t] < ", "a = b = c", "a == b", "= a"])
def test_not_a_claim(text: str) -> None:
    with pytest.raises(InputError):
        parse_claim(text, None)
