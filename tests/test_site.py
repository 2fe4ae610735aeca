"""The gallery has a page for everything there is, and none whose formulas do not hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derivations.catalogue import names, read
from derivations.topics import topics
from docs.site.gallery import NotVerified, exhibits, index
from verify.report import Report, Result

EXHIBITS = {one.name: one for one in exhibits()}


def test_every_cell_and_topic_has_a_page() -> None:
    assert list(EXHIBITS) == [*names(), *topics()]
    for one in EXHIBITS.values():
        assert f"[{one.name}]({one.name}.md) | {one.title} |" in index()
        assert one.markdown().startswith(f"# {one.title}\n")


def test_a_page_shows_what_was_typed_derived_and_verified() -> None:
    shown = EXHIBITS["rnn-sigmoid"]
    for line in read("rnn-sigmoid").splitlines():
        assert line.startswith(("title:", "source:")) or line in shown.markdown()
    html = shown.html()
    assert "checks pass, 0 fail" in html
    assert html.count('<div class="formula">') == len(shown.derivation().formulas)
    assert "<h1" not in html


@pytest.mark.parametrize("status", ["fail", "vacuous"])
def test_what_does_not_hold_is_not_shown(status: str) -> None:
    found = Report("rnn", [Result("dL/dW", "adjoint", "exact", status)])
    with pytest.raises(NotVerified, match="rnn: 0 of 1 checks pass"):
        replace(EXHIBITS["rnn"], report=lambda: found).html()


def test_the_site_has_tables_and_formulas_of_the_code() -> None:
    pytest.importorskip("mkdocs")
    from docs.site import hooks

    table = hooks.on_page_markdown("<!-- functions -->")
    assert "| `tanh` | $\\tanh$ |" in table
    shown = hooks.shown_as_mathml(r'<div class="arithmatex">\[a &lt; \tanh(b)\]</div>')
    assert shown.startswith('<math display="block">') and "arithmatex" not in shown
