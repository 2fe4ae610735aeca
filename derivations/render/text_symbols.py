"""The text language with Unicode signs, which the parser reads as the plain ones."""

from __future__ import annotations

import re

from derivations.language.vocabulary import GREEK

_LETTERS = {name: letter for letter, name in reversed(GREEK.items())}
"""The first letter of each name: a final sigma is no sigma in a formula."""
_VARIABLE = r"[A-Za-z]\w*(?:\[[^\]]*\])?"
_DERIVATIVE = re.compile(rf"(direct )?(?<![\w'])d({_VARIABLE})/d(?={_VARIABLE})")
_GREEK = re.compile(rf"(?<![A-Za-z0-9])({'|'.join(_LETTERS)})(?![A-Za-z0-9])")
_SIGNS = (
    (re.compile(r"(?<![0-9]) \* |(?<=\w[0-9]) \* "), " ⊙ "),
    (re.compile(r" @ "), " · "),
    (re.compile(r"\.T\b"), "ᵀ"),
    (re.compile(r" \*\* 2\b(?!\.)"), "²"),
    (re.compile(r" \*\* 3\b(?!\.)"), "³"),
    (re.compile(r"<="), "≤"),
    (re.compile(r">="), "≥"),
    (re.compile(r"->"), "→"),
)


def with_symbols(source: str) -> str:
    """``W.T @ dL/dalpha`` as ``Wᵀ · ∂L/∂α``."""
    source = _DERIVATIVE.sub(lambda m: f"∂{'⁺' if m[1] else ''}{m[2]}/∂", source)
    source = _GREEK.sub(lambda m: _LETTERS[m[1]], source)
    for sign, symbol in _SIGNS:
        source = sign.sub(symbol, source)
    return source
