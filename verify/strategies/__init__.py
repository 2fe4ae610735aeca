"""Hypothesis strategies for sizes, values and whole random cells, and the generator below them.

``random_cell(Random(seed))`` needs no Hypothesis; the strategies are imported when asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from verify.strategies.latex import to_latex
from verify.strategies.random_cell import random_cell

if TYPE_CHECKING:
    from verify.strategies.spaces import cells, sizes, values

__all__ = ["cells", "random_cell", "sizes", "to_latex", "values"]


def __getattr__(name: str) -> Any:
    if name in ("cells", "sizes", "values"):
        from verify.strategies import spaces

        return getattr(spaces, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
