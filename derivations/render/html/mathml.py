"""LaTeX as MathML Core, by math-core, with what it reads otherwise than LaTeX put right.

What it cannot read is an error: a formula that shows less than it says must not be shown.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

from derivations.errors import MissingRule

ROW_SKIP = re.compile(r"\\\\\[[^\]]*\]")
"""A row that says how far below the next one stands, which math-core would print."""
TEX = "application/x-tex"
_CLASSES = {"text-align: right": "right", "text-align: left": "left"}
"""Styles of math-core as classes: a page with a strict policy shows no style attributes."""
_SPACING = re.compile(r"(padding-\w+|justify-items|width): ?[\w.%]+")
"""Styles that the style sheet gives to the elements of these classes."""
_MARGIN = "width: 50%"
"""The style of the empty columns that centre an ``align``; the style sheet places formulas."""


@lru_cache(maxsize=1 << 14)
def mathml(latex: str, display: bool = False) -> Markup:
    """A formula as a ``math`` element, which keeps its LaTeX in an annotation.

    Args:
        latex: without dollar signs; an ``align*`` for several lines.
        display: on a line of its own.

    Raises:
        MissingRule: for LaTeX that has no counterpart.
    """
    root = _tree(latex, display)
    for row in root.iter("mtr"):
        for cell in [cell for cell in row if cell.get("style") == _MARGIN]:
            row.remove(cell)
    for element in list(root.iter()):
        _unstyled(element)
        _level_apart(element)
    _annotate(root, latex)
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _tree(latex: str, display: bool) -> ElementTree.Element:
    from math_core import LatexError

    try:
        source = _converter().convert_with_local_state(
            ROW_SKIP.sub(r"\\\\", latex), displaystyle=display
        )
    except LatexError as error:
        raise MissingRule("MathML", f"{error} in {latex}") from None
    return ElementTree.fromstring(source.replace("&ApplyFunction;", "\N{FUNCTION APPLICATION}"))


@cache
def _converter() -> Any:
    from math_core import LatexToMathML

    return LatexToMathML(fancy_error=False)


def _unstyled(element: ElementTree.Element) -> None:
    """Classes in the place of styles."""
    rules = [rule.strip() for rule in element.attrib.pop("style", "").split(";")]
    kept = [rule for rule in rules if rule and not _SPACING.fullmatch(rule)]
    for rule in kept:
        if rule not in _CLASSES:
            raise MissingRule("MathML", f"the style {rule}")
    if kept:
        element.set("class", " ".join(_CLASSES[rule] for rule in kept))


def _level_apart(parent: ElementTree.Element) -> None:
    """The script level around a table: HTML as it is checked knows none on the table itself."""
    for place, child in enumerate(parent):
        if child.tag == "mtable" and "scriptlevel" in child.attrib:
            level = {"scriptlevel": child.attrib.pop("scriptlevel")}
            parent[place] = ElementTree.Element("mstyle", level)
            parent[place].append(child)


def _annotate(root: ElementTree.Element, latex: str) -> None:
    """The formula beside its own source, from which it is copied."""
    row = ElementTree.Element("mrow")
    row.extend(list(root))
    root[:] = []
    semantics = ElementTree.SubElement(root, "semantics")
    semantics.append(row)
    annotation = ElementTree.SubElement(semantics, "annotation", {"encoding": TEX})
    annotation.text = latex
