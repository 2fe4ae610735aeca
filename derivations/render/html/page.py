"""The page around a fragment: one file, with its style and its script in one place each."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from markupsafe import Markup

from derivations.render.html.templates import SHARED, rendered

_ASSETS = Path(__file__).parent / "assets"


def page(title: str, body: Markup) -> str:
    """A whole HTML file that needs no network, ending in a newline.

    Args:
        title: plain words, escaped here.
        body: fragments, which are escaped already.
    """
    return str(
        rendered(
            SHARED, "page.html", title=title, body=body, style=style(), script=script(),
            policy=policy(),
        )
    ).rstrip() + "\n"  # fmt: skip


def notebook(body: Markup) -> str:
    """Fragments as a cell of a notebook shows them: with the little style that they need."""
    return str(
        Markup('<div class="gradproof"><style>{}</style>{}</div>').format(
            _asset("notebook.css"), body
        )
    )


def style() -> Markup:
    """The style sheet, to stand in a page or to be served beside it."""
    return _asset("page.css")


def script() -> Markup:
    """The script: buttons that copy LaTeX and fold steps. Without it everything can be read."""
    return _asset("page.js")


@cache
def _asset(name: str) -> Markup:
    return Markup((_ASSETS / name).read_text(encoding="utf-8"))


def policy() -> str:
    """What the page may load and run: its own style and its own script, nothing else."""
    return f"default-src 'none'; style-src '{_hash(style())}'; script-src '{_hash(script())}'"


def _hash(source: str) -> str:
    digest = sha256(source.encode("utf-8")).digest()
    return f"sha256-{b64encode(digest).decode('ascii')}"
