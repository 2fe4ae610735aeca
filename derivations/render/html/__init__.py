"""The format ``html``: one file that needs no network and no script to be read.

``fragment`` is the part that says something, to be put into any page; ``page`` is the whole file
around such a part. Formulas are MathML; everything else is escaped by the template engine.
"""

from __future__ import annotations

from derivations.render.html.document import fragment, html_document
from derivations.render.html.page import notebook, page

__all__ = ["fragment", "html_document", "notebook", "page"]
