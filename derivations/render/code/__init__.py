"""Exports: a cell as the source of one file that runs without this package."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from derivations.errors import InputError
from derivations.loading import load
from derivations.program.choices import PLAIN, Choices, segment_length
from derivations.program.plan import Plan, plan
from derivations.program.rewrites import PROGRAM_REWRITES, REWRITE_NAMES
from derivations.render.code.dialect import Dialect
from derivations.typing.compile import Compiled


def export(
    cell: str | Sequence[str],
    to: str,
    without: Collection[str] = (),
    *,
    wrt: Collection[str] = (),
    checkpoint: int | str | None = None,
    window: int | None = None,
) -> str:
    """The source of a module that runs a cell and its derived gradients.

    Args:
        cell: a catalogue name, a path, or equations, one string each.
        to: ``jax``, ``numpy`` or ``torch``.
        without: names of rewrites that are left out.
        wrt: what the gradients are asked for; none: all parameters.
        checkpoint: steps of a segment of which only the start is stored, or ``"sqrt"`` for as many
            as there are segments.
        window: how many steps back a loss is followed; its gradient is then a truncated one.

    Raises:
        InputError: no such cell, library or rewrite, or a choice that is none.
        MissingRule: something in the cell that no code is written for yet; it is named.
    """
    choices = Choices(without, wrt, segment_length(checkpoint), window)
    return source(planned(load(cell), to, choices), to)


def asked(
    cell: str | list[str],
    library: str,
    explain: bool,
    without: Sequence[str],
    wrt: Sequence[str],
    checkpoint: str | None,
    window: int | None,
) -> str:
    """What the command line asks for: a module, or what its programs take.

    Raises:
        InputError, MissingRule: as for :func:`export`.
    """
    choices = Choices(without, wrt, segment_length(checkpoint), window)
    if not explain:
        return source(planned(load(cell), library, choices), library).rstrip()
    from derivations.render.code.explanation import explained

    return explained(cell, library, choices)


def source(found: Plan, to: str) -> str:
    """The source of a module that runs a plan."""
    return formatted(_writers()[to](found))


def planned(compiled: Compiled, to: str, choices: Choices = PLAIN) -> Plan:
    """What an export to a library runs: autodiff libraries ask for the gradients of all inputs.

    Raises:
        InputError: no such library or rewrite.
        MissingRule: something in the cell that no program does yet; it is named.
    """
    if to not in _writers():
        raise InputError(f"there is no export to {to}", remedy=f"one of {', '.join(_writers())}")
    for name in choices.without:
        if name not in REWRITE_NAMES:
            known = ", ".join(REWRITE_NAMES)
            raise InputError(f"there is no rewrite called {name}", remedy=f"one of {known}")
    left_out = {row.name for row in PROGRAM_REWRITES if row.compiled and to != "jax"}
    choices = replace(choices, without=left_out.union(choices.without))
    return plan(compiled, choices, everything=to != "numpy")


def _writers() -> dict[str, Callable[[Plan], str]]:
    from derivations.render.code.jax import jax_source
    from derivations.render.code.numpy import numpy_source
    from derivations.render.code.torch import torch_source

    return {"jax": jax_source, "numpy": numpy_source, "torch": torch_source}


def dialect_of(to: str) -> Dialect:
    """The words of a library."""
    from derivations.render.code.jax import JAX
    from derivations.render.code.numpy import NUMPY
    from derivations.render.code.torch import TORCH

    return next(dialect for dialect in (JAX, NUMPY, TORCH) if dialect.name == to)


def formatted(text: str) -> str:
    """Source text in the usual layout."""
    from ruff import find_ruff_bin

    done = subprocess.run(
        [find_ruff_bin(), "format", "--line-length", "100", "--isolated", "-"],
        input=text, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout
