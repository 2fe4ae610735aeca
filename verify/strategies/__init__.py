"""Hypothesis strategies for sizes, values and whole random cells, and the generator below them."""

from __future__ import annotations

from verify.strategies.random_cell import random_cell

__all__ = ["random_cell"]
