"""What a notebook shows of each result: valid HTML, and LaTeX for a printed document."""

from __future__ import annotations

from typing import Any

import html5lib
import pytest

from derivations import derive, query
from verify import check, verify

SHOWN = {
    "a derivation": lambda: derive("rnn", form="adjoint"),
    "an answer": lambda: query("rnn", "dh[T]/dh[k]"),
    "a grade": lambda: check("rnn", "dh[t]/dh[t-1] = W_hh"),
    "a report": lambda: verify("rnn-sigmoid", methods=["exact"]),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_notebook_shows_it(name: str) -> None:
    shown: Any = SHOWN[name]()
    source = shown._repr_html_()
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    (element,) = parser.parseFragment(source)
    assert element.get("class") == "gradproof"
    assert any(str(part.tag).endswith(("math", "table")) for part in element.iter())
    assert not list(element.iter("script"))
    assert shown._repr_latex_().strip()
