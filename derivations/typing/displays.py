"""What the loss is called in print: as the user calls it, or by a letter that nothing else has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from derivations.cell import LOSS, Axis
from derivations.expressions.nodes import Variable
from derivations.language.tree import CellSource, Name
from derivations.language.vocabulary import LOSS_NAMES

USUAL = "L"
"""What the loss is called where the user gave it no other name."""


def displays(
    source: CellSource, axes: Iterable[Axis], templates: Mapping[str, Variable]
) -> dict[str, str]:
    """Names to print where they differ from the canonical ones.

    A loss of each step may share the letter of the whole loss, as in L = Σ L_t; a parameter or
    the end of an axis may not: nobody could tell dL/dh_L from a Jacobian.
    """
    own = [name for e in source.equations if e.target.name == LOSS for name in _typed(e.target)]
    taken = {str(axis.upper) for axis in axes}
    taken |= {name for name, v in templates.items() if not v.steps or name not in (USUAL, *own)}
    for name in (*own, USUAL, *LOSS_NAMES[1:]):
        if name not in taken:
            return {} if name == USUAL else {LOSS: name}
    return {LOSS: LOSS}


def _typed(target: Name) -> list[str]:
    """The name of the loss as it stands in the input: E of ``\\mathcal{E}``."""
    span = target.span
    words = re.findall(r"[A-Za-z]+", span.text[span.column - 1 : span.end_column - 1])
    return [word for word in words if word in LOSS_NAMES[1:]][:1]
