"""Pages are valid HTML that stands alone: every derivation there is, and hostile words."""

from __future__ import annotations

from itertools import pairwise

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations import derive, query
from derivations.render import render, render_formulas
from derivations.render.document import derivation_document
from derivations.render.html import fragment
from derivations.render.html.prose import html_prose
from tests.render.everything import ABOUT, derivation, html_page

HEADINGS = ("h1", "h2", "h3")
HOSTILE = "<script>alert(1)</script> & \" ' \\input{/etc/passwd} $x$ `<b>` {t} ]]>"


def tree(source: str) -> html5lib.treebuilders.etree:
    """The page, read by a parser that stops at the first error."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(source)


@pytest.mark.parametrize("name", ABOUT)
def test_the_page_of_every_derivation_is_valid_and_stands_alone(name: str) -> None:
    found = tree(html_page(name))
    every = list(found.iter())
    ids = [element.get("id") for element in every if element.get("id")]
    assert len(ids) == len(set(ids))
    for link in found.iter("a"):
        assert link.get("href", "").removeprefix("#") in ids
    # Nothing is loaded, and no style or script hides in an attribute.
    attributes = {key for element in every for key in element.attrib}
    assert not [key for key in attributes if key in ("src", "style") or key.startswith("on")]
    assert len(list(found.iter("style"))) == len(list(found.iter("script"))) == 1
    levels = [HEADINGS.index(e.tag) for e in every if e.tag in HEADINGS]
    assert levels[0] == 0 and levels.count(0) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", ABOUT)
def test_every_formula_of_a_derivation_stands_on_its_page(name: str) -> None:
    shown = html_page(name).count('<div class="formula">')
    assert shown == len(derivation(name).formulas)


def test_hostile_words_are_shown_as_words() -> None:
    lines = [f"title: {HOSTILE}", f"source: {HOSTILE}", "h[t] = tanh(W @ h[t-1] + x[t])"]
    found = tree(render(derive(["\n".join(lines)]), "html"))
    (heading,) = found.iter("h1")
    words = "".join(heading.itertext())
    assert "<script>alert(1)</script>" in words and "\\input{/etc/passwd}" in words
    assert len(list(found.iter("script"))) == 1 and not list(found.iter("b"))


PRINTED = st.characters(blacklist_categories=["Cc", "Cs", "Cn", "Co"], blacklist_characters="`{}")


@given(st.text(PRINTED))
def test_words_are_shown_character_by_character(words: str) -> None:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    shown = parser.parseFragment(html_prose(words))
    assert list(shown) == [] and (shown.text or "") == words


def test_fragments_with_prefixes_stand_in_one_page() -> None:
    document = derivation_document(derivation("rnn"))
    both = fragment(document, "left-") + fragment(document, "right-")
    found = tree(f"<!DOCTYPE html><title>x</title>{both}")
    ids = [element.get("id") for element in found.iter() if element.get("id")]
    assert ids and len(ids) == len(set(ids))


def test_the_graph_of_a_cell_is_on_its_page() -> None:
    found = tree(html_page("lstm"))
    (figure,) = found.iter("figure")
    assert "Unrolled computation graph of LSTM" in "".join(figure.itertext())
    topic = tree(html_page("softmax"))
    assert not list(topic.iter("figure"))


def test_a_cell_without_a_title_has_a_heading() -> None:
    found = tree(render(derive(["h[t] = tanh(W @ h[t-1])"], form="adjoint"), "html"))
    assert ["".join(heading.itertext()) for heading in found.iter("h1")] == ["Derivation"]


def test_an_answer_is_a_page_of_its_own() -> None:
    answer = query("rnn", "dh[T]/dh[k]")
    source = render_formulas(answer.formulas, "html", displays=answer.cell.displays)
    (title,) = tree(source).iter("title")
    assert title.text == "dh[T]/dh[k]"
