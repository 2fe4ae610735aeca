"""Where a claim says that its sides lie: ``\\in \\mathbb{R}^{n \\times m}``, ``∈ ℝ^q``.

The letters are the reader's own, so only what they say of any size is checked: a matrix or a
vector.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from derivations.errors import InputError
from derivations.language.source import Source
from derivations.language.tree import Span
from derivations.typing.compile import Compiled
from verify.claims.ranges import RELATION
from verify.claims.typing import read_about, type_relation

_SPACE = re.compile(
    r"(?:\\in(?![A-Za-z])|∈)\s*(?:\\mathbb\s*(?:\{\s*R\s*\}|R(?![A-Za-z]))|\\R(?![A-Za-z])|ℝ)"
    r"(?:\s*\^\s*(?:\{(?P<sizes>(?:[^{}]|\{[^{}]*\})*)\}|(?P<size>\w)))?"
)
_TIMES = re.compile(r"\\times(?![A-Za-z])|×")


@dataclass(frozen=True)
class Space:
    """ℝ to the power of one size or two, and where it stands."""

    sizes: tuple[str, ...]
    span: Span

    def check(self, cell: Compiled, claim: str) -> None:
        """Refuse the space if the left side of the claim does not lie in it.

        Raises:
            InputError: the sides are matrices and the space has vectors, or the other way round.
        """
        try:
            rows, cols = type_relation(*read_about(cell, claim)).left.shape
        except InputError:
            return  # what is wrong with the claim is told by what grades it
        wide = rows != 1 and cols != 1
        if wide != (sum(size != "1" for size in self.sizes) == 2):
            raise InputError(
                f"the sides of this claim are {rows}×{cols}, which this space does not hold",
                self.span,
                "Leave the space out, or mend its sizes.",
            )


def without_space(text: str) -> tuple[str, Space | None]:
    """The claim with blanks for the space behind its last relation, and that space."""
    found = None
    for match in _SPACE.finditer(text):
        if RELATION.search(text, 0, match.start()):
            found = match
    if found is None:
        return text, None
    first, last = found.span()
    sizes = [size.strip() for size in _TIMES.split(found["sizes"] or found["size"] or "1")]
    space = Space(tuple(sizes), Source(text, "<claim>").span(first, last))
    return text[:first] + " " * (last - first) + text[last:], space
