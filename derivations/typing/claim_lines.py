"""The lines of a claim: those that introduce names, then the claim itself."""

from __future__ import annotations

import re

_MARKS = re.compile(r"\\[lg](?:eq?|t)(?![A-Za-z])|[<>]=|[=<>≤≥()\[\]{}]")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


def claim_lines(text: str) -> list[str]:
    """Lines with a relation outside all brackets, each with the lines that continue it.

    Every statement stands behind as many line breaks as before, so that messages point at its line.
    """
    found: list[str] = []
    depth, related = 0, False
    for number, line in enumerate(text.splitlines()):
        if not line.strip():
            continue
        opens = False
        for mark in _MARKS.findall(line):
            depth += (mark in _OPENING) - (mark in _CLOSING)
            opens = opens or (depth == 0 and mark not in _OPENING | _CLOSING)
        if found and not (opens and related):
            found[-1] += "\n" + line
        else:
            found.append("\n" * number + line)
        related = related or opens
    return found
