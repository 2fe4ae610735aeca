"""Names as a picture shows them: Greek letters, accents, and what stands below the line."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from derivations.render.names import ACCENTS, GREEK, RAISED

MARKS = {
    "hat": "CIRCUMFLEX ACCENT", "tilde": "TILDE", "bar": "MACRON", "dot": "DOT ABOVE",
    "check": "CARON", "breve": "BREVE", "acute": "ACUTE ACCENT", "right": "RIGHT ARROW ABOVE",
    "left": "LEFT ARROW ABOVE",
}  # fmt: skip
"""The combining character of every accent that a name can end in."""
LETTER, SMALL, NARROWEST = 9.2, 5.8, 30.0
"""Pixels of a letter on the line and below it, and of the narrowest outline."""
UNUSUAL = {"lambda": "lamda", "Lambda": "Lamda"}
"""What Unicode spells otherwise."""


def label(name: str, steps: Sequence[object]) -> tuple[str, str]:
    """A name on the line and below it: ``("W", "hh")``, ``("h̃", "2")``, ``("α", "2,1")``."""
    head, *rest = name.split("_")
    primes = "′" * rest.count("prime")
    below = [letter(part) for part in rest if part not in (RAISED, "prime")]
    return letter(head) + primes, ",".join([*below, *map(str, steps)])


def width(name: str, steps: Sequence[object]) -> float:
    """Pixels across the outline around a label."""
    on, below = label(name, steps)
    letters = sum(not unicodedata.combining(character) for character in on)
    return max(LETTER * letters + SMALL * len(below) + 12, NARROWEST)


def letter(word: str) -> str:
    """A word as one letter where it names one."""
    if word == "ell":
        return "ℓ"
    if word in GREEK:
        case = "SMALL" if word.islower() else "CAPITAL"
        return unicodedata.lookup(f"GREEK {case} LETTER {UNUSUAL.get(word, word).upper()}")
    for ending in ACCENTS:
        base = word.removesuffix(ending)
        if base != word and (len(base) == 1 or base in GREEK):
            return letter(base) + unicodedata.lookup(f"COMBINING {MARKS[ending]}")
    return word
