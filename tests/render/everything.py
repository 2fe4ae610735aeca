"""Every derivation there is, and its page: made once, looked at by many tests."""

from __future__ import annotations

from functools import cache

from derivations import derive
from derivations.catalogue import names
from derivations.derivation import Derivation
from derivations.render import render
from derivations.topics import topics

ABOUT = [*names(), *topics()]


@cache
def derivation(name: str) -> Derivation:
    """The derivation of a cell or a topic."""
    return topics()[name].build() if name in topics() else derive(name)


@cache
def html_page(name: str) -> str:
    """The page of a cell or a topic."""
    return render(derivation(name), "html")
