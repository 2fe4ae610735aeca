"""Where worker processes come from: forked, where the system can, from one that is ready."""

from __future__ import annotations

from multiprocessing import get_all_start_methods, get_context
from multiprocessing.context import ForkServerContext, SpawnContext


def context_of(preload: str) -> ForkServerContext | SpawnContext:
    """A way to start processes of which each has a module loaded already.

    A fork costs milliseconds and shares the memory of what is loaded. Where a system cannot fork,
    every process loads for itself what it uses. One program has one process to fork from: what is
    asked for first is what it loads.

    Args:
        preload: the module, imported once in the process that workers are forked from.
    """
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload([preload])
    return context
