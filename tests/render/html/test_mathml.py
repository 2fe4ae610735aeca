"""What MathML shows is what the LaTeX says: every printed formula, and what is easily got wrong."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations.errors import MissingRule
from derivations.expressions.nodes import Apply, Variable
from derivations.functions import FUNCTIONS
from derivations.render.document import derivation_document
from derivations.render.html.document import formula_latex
from derivations.render.html.mathml import mathml
from derivations.render.inline import symbol_cells
from derivations.render.latex import latex
from tests.render.everything import ABOUT, derivation
from tests.render.html.structure import of_latex, of_mathml

h, t = ("script", ("h",), ("t",), ()), "t"
CASES = {
    # precedence: brackets stay, and scripts belong to what they stand behind
    r"(A + B) C": ("(", "A", "+", "B", ")", "C"),
    r"A + B C": ("A", "+", "B", "C"),
    r"a \odot (b + c)": ("a", "⊙", "(", "b", "+", "c", ")"),
    r"(A B)^{\top}": ("(", "A", "B", ("script", (")",), (), ("⊤",))),
    r"\left(A\right)^{\top}": (("script", ("(", "A", ")"), (), ("⊤",)),),
    r"-x - (-y)": ("-", "x", "-", "(", "-", "y", ")"),
    r"\frac{a + b}{c} d": (("frac", ("a", "+", "b"), ("c",)), "d"),
    # products and sums over time
    r"\prod_{j=k+1}^{T} \operatorname{diag}(1 - h_{j})": (
        ("script", ("∏",), ("j", "=", "k", "+", "1"), ("T",)),
        "diag", "(", "1", "-", ("script", ("h",), ("j",), ()), ")",
    ),
    r"\sum_{t=1}^{T} h_{t}^{\top} 12 \cdot 3.5": (
        ("script", ("∑",), ("t", "=", "1"), ("T",)), ("script", ("h",), ("t",), ("⊤",)),
        "12", "⋅", "3.5",
    ),
    r"\bigoplus_{k=1}^{n} R": (("script", ("⨁",), ("k", "=", "1"), ("n",)), "R"),
    # stacked accents, layers, primes
    r"\tilde{\bar{h}}_{t}": (
        ("script", (("over", "˜", (("over", "¯", ("h",)),)),), ("t",), ()),
    ),
    r"\overleftarrow{h}^{(1)}_{t-1}": (
        ("script", (("over", "←", ("h",)),), ("t", "-", "1"), ("(", "1", ")")),
    ),
    r"\bar{h}'_{t}": (("script", (("over", "¯", ("h",)),), ("t",), ("′",)),),
    r"\phi''(z)": (("script", ("ϕ",), (), ("″",)), "(", "z", ")"),
    r"\phi^{(4)}(z)": (("script", ("ϕ",), (), ("(", "4", ")")), "(", "z", ")"),
    # block matrices, and rows that say how far apart they are
    r"\begin{bmatrix} A & 0 \\ I & B \end{bmatrix}": (
        "[", ("table", (("A",), ("0",)), (("I",), ("B",))), "]",
    ),
    r"\begin{bmatrix} A \\[4pt] \frac{a}{b} \end{bmatrix}": (
        "[", ("table", (("A",),), ((("frac", ("a",), ("b",)),),)), "]",
    ),
    r"\begin{cases} a & b \\ c & d \end{cases}": (
        "{", ("table", (("a",), ("b",)), (("c",), ("d",))),
    ),
    # upright and bold
    r"\mathbf{1}^{\top} x": (("script", ("𝟏",), (), ("⊤",)), "x"),
    r"\mathrm{logits}_{t}": (("script", ("logits",), ("t",), ()),),
    r"\frac{\partial^{+} h_{t}}{\partial x}": (
        ("frac", (("script", ("∂",), (), ("+",)), h), ("∂", "x")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("source", CASES)
def test_what_is_shown_is_what_is_said(source: str) -> None:
    assert of_mathml(mathml(source)) == CASES[source] == of_latex(source)


@pytest.mark.parametrize("name", ABOUT)
def test_every_formula_of_a_derivation_is_shown_as_it_is_written(name: str) -> None:
    document = derivation_document(derivation(name))
    displayed = [formula_latex(f, document.style) for f in derivation(name).formulas]
    inline = [cell.strip("$") for e in document.symbols for cell in symbol_cells(e, document.style)]
    inline += [latex(e, document.style) for note in document.drawn_notes for e in note.examples]
    assert displayed
    for display, sources in ((True, displayed), (False, inline)):
        for source in sources:
            assert of_mathml(mathml(source, display)) == of_latex(source), source


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("order", [0, 1])
def test_every_function_and_its_slope_are_shown_as_they_are_written(name: str, order: int) -> None:
    arguments = [Variable(letter, (), 2, 1) for letter in "zu"[: FUNCTIONS[name].arity]]
    source = latex(Apply(name, (order, 0)[: len(arguments)], *arguments))
    assert of_mathml(mathml(source)) == of_latex(source)


def _beside(pair: tuple[str, str]) -> str:
    """Factors; a dot keeps numbers apart, as TeX would set ``1 2`` as 12."""
    return (r" \cdot " if pair[1][0].isdigit() else " ").join(pair)


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(_beside), pair.map(r" \odot ".join), pair.map(" + ".join), pair.map(" - ".join),
        inner.map("({})".format), inner.map(r"\left[{}\right]".format),
        inner.map(r"\operatorname{{diag}}({})".format), inner.map(r"\sqrt{{{}}}".format),
        pair.map(lambda p: rf"\frac{{{p[0]}}}{{{p[1]}}}"),
        pair.map(lambda p: rf"\sum_{{t={p[0]}}}^{{T}} {p[1]}"),
        pair.map(lambda p: rf"{{{p[0]}}}_{{{p[1]}}}^{{\top}}"),
        pair.map(lambda p: rf"\begin{{bmatrix}} {p[0]} & 0 \\[4pt] 1 & {p[1]} \end{{bmatrix}}"),
        inner.map(r"\tilde{{\bar{{{}}}}}".format),
    )  # fmt: skip


LEAVES = ("a", "W_{hh}", "h_{t-1}", r"\hat{h}_{t}", "12", "0.5", r"\mathbf{1}", r"\ell_{t}", "x'")


@given(st.recursive(st.sampled_from(LEAVES), _wrapped, max_leaves=12))
def test_whatever_is_nested_is_shown_as_it_is_written(source: str) -> None:
    assert of_mathml(mathml(source, display=True)) == of_latex(source)


@pytest.mark.parametrize("source", [r"\foo x", r"\frac{a}", "a & b", r"\begin{foo}x\end{foo}"])
def test_what_cannot_be_shown_is_an_error_that_names_it(source: str) -> None:
    with pytest.raises(MissingRule, match="MathML") as caught:
        mathml(source)
    assert source in str(caught.value)


def test_a_formula_keeps_its_source_and_no_style() -> None:
    source = "\\begin{align*}\nh_{t} &= a < b \\\\\n&\\quad + c && 1 \\le t \\le T\n\\end{align*}"
    root = ElementTree.fromstring(mathml(source, display=True))
    assert [element.text for element in root.iter("annotation")] == [source]
    assert root.get("display") == "block"
    assert not [element for element in root.iter() if "style" in element.attrib]
    assert [len(row) for row in root.iter("mtr")] == [2, 4]


def test_the_comparison_sees_a_bracket_that_is_lost() -> None:
    shown = mathml("(A + B) C").replace('<mo stretchy="false">(</mo>', "")
    assert of_mathml(shown) != of_latex("(A + B) C")
