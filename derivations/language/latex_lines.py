"""Resolves the LaTeX lines of a cell by what its other lines say; text lines say it outright."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from derivations.language.context import Context, base_name, gather
from derivations.language.resolve import Resolver
from derivations.language.tree import Name, Node, walk


def resolver_of(latex: list[Node], text: Iterable[Node], scalars: Iterable[Node]) -> Resolver:
    """What gives the LaTeX lines of one cell their meaning.

    Args:
        latex: its LaTeX lines, raw.
        text: its lines in plain text.
        scalars: names that are declared to be scalars, as read.
    """
    context = _with_text(gather(Context(), latex), text)
    names = {node.name if isinstance(node, Name) else base_name(node) for node in scalars}
    return Resolver(replace(context, scalars=frozenset(names)))


def _with_text(context: Context, nodes: Iterable[Node]) -> Context:
    names = [n for node in nodes for n in walk(node) if isinstance(n, Name)]
    timed = {n.name for n in names if n.indices}
    inner = {part.name for n in names for i in n.indices for part in walk(i)
             if isinstance(part, Name)}  # fmt: skip
    symbols = {n.name for n in names} - inner
    return replace(
        context,
        indices=context.indices | inner,
        symbols=context.symbols | symbols | {n.split("_")[0] for n in symbols},
        timed=context.timed | timed,
    )
