"""What stands above one LaTeX symbol: times, labels, transposes, and else powers."""

from __future__ import annotations

from collections.abc import Callable

from derivations.errors import InputError
from derivations.language import raw
from derivations.language.context import Context
from derivations.language.scripts import COPY, Reading, plain_letters
from derivations.language.tree import Name, Node


def read_above(
    sup: Node, reading: Reading, context: Context, resolve: Callable[[Node], Node]
) -> None:
    """Add to ``reading`` what one script above it says.

    Raises:
        InputError: it is neither a time nor a power.
    """
    if isinstance(sup, raw.Mark):
        if sup.name == "top":
            reading.transposed = True
        elif sup.name == "prime":
            reading.primes += 1
        else:
            reading.labels.append(sup.name)
    elif isinstance(sup, raw.Angled):
        reading.indices.append(resolve(sup.body))
    elif isinstance(sup, raw.Bound):
        raise InputError(
            "this superscript is neither a time nor a power",
            sup.span,
            "Write a time as in h^{(t)}, or a power as in a^{2}.",
        )
    elif isinstance(sup, raw.Group) and sup.bracket == "(" and len(sup.items) == 1:
        _read_bracketed(sup.items[0], reading, context, resolve)
    elif context.known.get(reading.full_name, 0) > len(reading.indices) and not _labels(
        sup, reading, context
    ):
        reading.indices.append(resolve(sup))
    elif sup == raw.Symbol("T") and not {reading.name, reading.full_name} & context.scalars:
        reading.transposed = True
    elif reading.name in context.timed_above and not reading.indices:
        reading.indices.append(resolve(sup))
    else:
        _read_power(sup, reading, context, resolve)


def _labels(sup: Node, reading: Reading, context: Context) -> bool:
    """``h^{f}`` of a cell that has ``h_f``, too."""
    return f"{reading.full_name}_{''.join(plain_letters(sup) or '?')}" in context.known


def _read_bracketed(
    inner: Node, reading: Reading, context: Context, resolve: Callable[[Node], Node]
) -> None:
    letters = plain_letters(inner)
    timed = letters is None or all(context.is_index(letter) for letter in letters)
    if timed and context.known.get(reading.full_name) == 0:
        reading.labels.append(COPY)
    if letters is None:
        reading.indices.append(resolve(inner))
    elif timed:
        reading.indices.extend(Name(letter, span=inner.span) for letter in letters)
    elif letters[0].isdigit() and not reading.indices and reading.name in context.timed:
        reading.indices.append(resolve(inner))
    else:
        reading.labels.insert(0, "".join(letters))


def _read_power(
    sup: Node, reading: Reading, context: Context, resolve: Callable[[Node], Node]
) -> None:
    letters = plain_letters(sup)
    word = isinstance(sup, raw.Symbol) and sup.kind != "letter"
    if letters is not None and not any(part.isdigit() for part in letters):
        only_labels = not any(context.is_index(part) for part in letters)
        known = letters[0] in context.symbols | context.labels_above or reading.name == "delta"
        known = known or f"{reading.full_name}_{letters[0]}" in context.known
        if word or (only_labels and (len(letters) > 1 or known)):
            reading.labels.insert(0, "".join(letters))
            return
    reading.powers.append(resolve(sup))
