"""Exports: a cell as the source of one file that runs without this package."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence

from derivations.errors import InputError
from derivations.loading import load
from derivations.program.plan import Plan, plan


def export(cell: str | Sequence[str], to: str) -> str:
    """The source of a module that runs a cell and its derived gradients.

    Args:
        cell: a catalogue name, a path, or equations, one string each.
        to: ``jax``, ``numpy`` or ``torch``.

    Raises:
        InputError: no such cell, or no such library.
        MissingRule: something in the cell that no code is written for yet; it is named.
    """
    if to not in _writers():
        raise InputError(f"there is no export to {to}", remedy=f"one of {', '.join(_writers())}")
    return exported(plan(load(cell)), to)


def exported(planned: Plan, to: str) -> str:
    """The same of a cell whose programs are planned."""
    return formatted(_writers()[to](planned))


def _writers() -> dict[str, Callable[[Plan], str]]:
    from derivations.render.code.jax import jax_source
    from derivations.render.code.numpy import numpy_source
    from derivations.render.code.torch import torch_source

    return {"jax": jax_source, "numpy": numpy_source, "torch": torch_source}


def formatted(source: str) -> str:
    """Source text in the usual layout."""
    from ruff import find_ruff_bin

    done = subprocess.run(
        [find_ruff_bin(), "format", "--line-length", "100", "--isolated", "-"],
        input=source, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout
