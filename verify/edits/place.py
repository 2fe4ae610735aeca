"""Where a mended claim differs from the claim: one factor, if that is all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from derivations.language.statements import detect_mode
from derivations.language.tree import (
    Binary,
    Name,
    Node,
    Partial,
    Reduction,
    Relation,
    Span,
    children,
    walk,
)
from derivations.language.unparse import unparse


@dataclass(frozen=True)
class Place:
    """One part of a claim, and what has to stand there instead.

    Attributes:
        span: the part in the text of the claim.
        part: what stands there, as it was typed.
        replacement: what ought to, in the notation of the claim.
    """

    span: Span
    part: str
    replacement: str

    def as_dict(self) -> dict[str, object]:
        """Line and columns, counted from 1, and both texts."""
        return {
            "line": self.span.line,
            "column": self.span.column,
            "end_column": self.span.end_column,
            "part": self.part,
            "replacement": self.replacement,
        }


def place_of(
    claim: Relation, mended: Relation, latex: Callable[[Node], str | None]
) -> Place | None:
    """The one part that differs; ``None`` if several do, or a side as a whole.

    Args:
        latex: a part of a claim in LaTeX; ``None`` where it cannot stand alone.
    """
    found = _difference(claim, mended)
    if found is None:
        return None
    old, new = found
    if any(old is side for side in (claim, claim.left, claim.right)) or not old.span.text:
        return None
    span = _whole(old)
    shown = unparse(new)
    if _is_bound(claim, old):
        shown = shown.replace(" ", "")  # as times are written
    elif detect_mode(span.text) == "latex":
        shown = latex(new) or shown
    part = span.text[span.column - 1 : span.end_column - 1]
    if isinstance(old, Binary) and part.startswith(("(", r"\left(")) and part.endswith(")"):
        shown = f"({shown})"
    return Place(span, part, shown)


def _whole(node: Node) -> Span:
    """The span of a node with all that it holds, to the end of its brackets."""
    inside = [n.span for n in walk(node) if n.span.text and n.span.line == node.span.line]
    text = node.span.text
    first = min(span.column for span in inside)
    last = max(span.end_column for span in inside)
    while last <= len(text) and _open(text[first - 1 : last - 1]):
        last += 1
    if text[: first - 1].endswith(r"\left"):
        first -= len(r"\left")
    return node.span._replace(column=first, end_column=last)


def _open(text: str) -> bool:
    """Whether a round bracket is open at the end of a text."""
    return text.count("(") > text.count(")")


def _is_bound(claim: Relation, node: Node) -> bool:
    return any(
        isinstance(n, Reduction) and (n.lower is node or n.upper is node) for n in walk(claim)
    )


def _difference(old: Node, new: Node) -> tuple[Node, Node] | None:
    """The smallest part outside which both trees are equal."""
    if old == new:
        return None
    parts = children(old), children(new)
    if isinstance(old, Name | Partial):
        return old, new
    if type(old) is type(new) and len(parts[0]) == len(parts[1]) and _alike(old, new):
        differing = [(a, b) for a, b in zip(*parts, strict=True) if a != b]
        if len(differing) == 1:
            part = differing[0]
            if isinstance(old, Reduction) and part[0] is not old.body:
                return part
            return _difference(*part)
    return old, new


def _alike(old: Node, new: Node) -> bool:
    """Whether two nodes of one kind differ at most in their sub-nodes."""
    return all(
        isinstance(value, Node | tuple) or value == getattr(new, spec.name)
        for spec in fields(old)
        if spec.name != "span"
        for value in (getattr(old, spec.name),)
    )
