"""What MkDocs calls while it builds the site: generated pages, tables, and formulas as MathML."""

from __future__ import annotations

import os
import re
import sys
from html import unescape
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
# The kernels that run the notebooks find the project as this process does.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.getenv("PYTHONPATH"))))

# What follows is found on the path set above, in a clone that is not installed, too.
from derivations.functions import FUNCTIONS  # noqa: E402
from derivations.render.html.mathml import mathml  # noqa: E402
from docs.site.gallery import Exhibit, exhibits, index  # noqa: E402

_ASSETS = ROOT / "derivations" / "render" / "html" / "assets"
_FORMULA = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\[(\[](?P<latex>.*?)\\[)\]]</(?P=tag)>', re.DOTALL
)
_EXHIBITS: dict[str, Exhibit] = {one.path: one for one in exhibits()}


def on_startup(**_: Any) -> None:
    """Let other plugins import the project, too: MkDocs forgets what a hook adds to the path."""
    sys.path.insert(0, str(ROOT))


def on_files(files: Files, config: Any, **_: Any) -> Files:
    """Add what is made from the code: the gallery, the home page, the style of fragments."""
    made = {
        "index.md": _home((ROOT / "README.md").read_text(encoding="utf-8")),
        "gallery/index.md": index(),
        "assets/fragment.css": (_ASSETS / "notebook.css").read_text(encoding="utf-8"),
        "assets/fragment.js": (_ASSETS / "page.js").read_text(encoding="utf-8"),
        **{path: one.markdown() for path, one in _EXHIBITS.items()},
    }
    for path, content in made.items():
        files.append(File.generated(config, path, content=content))
    return files


def _home(readme: str) -> str:
    """The README, whose links start one folder higher."""
    return re.sub(r"\]\(docs/", "](", readme)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fill in the tables that are kept in the code."""
    return markdown.replace("<!-- functions -->", _functions())


def _functions() -> str:
    rows = ["| Function | LaTeX |", "|---|---|"]
    for name, row in FUNCTIONS.items():
        rows.append(f"| `{name}` | ${row.latex}$ |")
    return "\n".join(rows)


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """Derivations behind the pages of the gallery, and formulas as MathML."""
    exhibit = _EXHIBITS.get(page.file.src_uri)
    return shown_as_mathml(html) + (exhibit.html() if exhibit is not None else "")


def shown_as_mathml(html: str) -> str:
    """A page whose formulas need no script."""
    return _FORMULA.sub(
        lambda found: mathml(unescape(found["latex"]).strip(), display=found["tag"] == "div"), html
    )
