"""Names that derivations give to step Jacobians (``J[t]``, ``J_ch[t]``), known to claims, too."""

from __future__ import annotations

import re
from functools import lru_cache

from derivations.deriver import MOST_CELLS
from derivations.render.text import text
from derivations.same import Same
from derivations.typing.compile import Compiled
from verify.derived import answerer

_NAMED = re.compile(r"(?<![A-Za-z\\])J")
_LOSS = re.compile(  # J above a ∂, or behind a ∇, is a loss
    r"(?:\\partial\s*|∂|\bd|\\nabla(?:_\w|_\{[^{}]*\})?\s*)J(?![A-Za-z])"
)


def given_names(compiled: Compiled, claim: str) -> tuple[str, ...]:
    """What the names say that a claim may have from a derivation, a line ``J[t] = …`` each.

    None if the claim has no such letter, or one that stands for a loss.
    """
    if not _NAMED.search(claim) or _LOSS.search(claim):
        return ()
    return _lines(Same(compiled))


@lru_cache(maxsize=MOST_CELLS)
def _lines(compiled: Same[Compiled]) -> tuple[str, ...]:
    steps = answerer(compiled.value).deriver.step_jacobians
    return tuple(
        f"{text(definition.target)} = {text(piece.value)}"
        for step in steps
        for definition in step.definitions
        for piece in definition.pieces
    )
