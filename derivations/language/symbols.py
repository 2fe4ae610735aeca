"""One LaTeX symbol with its scripts, read as a name, time indices, entries, powers, transposes.

Below: ``h_{t-1}`` is a time, ``W_{hh}`` a label, ``W_{ij}`` an entry where the cell has ``W``.
Above: ``h^{(t)}`` and ``h^{<t>}`` are times, ``h^{(1)}`` a label (``h_1``) unless ``h`` has its
times there, ``\\delta^h`` a label, ``A^\\top`` a transpose, anything else a power.
"""

from __future__ import annotations

from collections.abc import Callable

from derivations.errors import InputError
from derivations.language import raw
from derivations.language.context import Context, base_name
from derivations.language.scripts import MAX_INDICES, Reading, plain_letters
from derivations.language.superscripts import read_above
from derivations.language.tree import Name, Node


def read_symbol(node: Node, context: Context, resolve: Callable[[Node], Node]) -> Reading | None:
    """``node`` as a symbol, or ``None`` if it is something else (a bracket, a fraction).

    Raises:
        InputError: for a script that can mean nothing.
    """
    base = _symbol_below(node)
    if base is None:
        return None
    reading = Reading(base_name(node), node.span, base.kind)
    subs: list[Node] = []
    sups: list[Node] = []
    _collect(node, subs, sups, reading)
    sups = [sup for sup in sups if not _takes_layer(sup, reading, context)]
    left = _after_known_labels(subs, reading, context, bool(sups))
    for place, sub in enumerate(left, 1):
        last = place == len(left) and not sups
        _read_below(sub, reading, context, resolve, len(subs) > 1, last)
    below = len(reading.indices)
    for sup in sups:
        read_above(sup, reading, context, resolve)
    if len(reading.indices) > context.known.get(reading.full_name, MAX_INDICES):
        # z^{(t)}_i of a cell that has z[t]: the time stands above, the row below.
        reading.indices = reading.indices[below:] + reading.indices[:below]
    _fit_known(reading, context)
    return reading


def _after_known_labels(
    subs: list[Node], reading: Reading, context: Context, above: bool
) -> list[Node]:
    """``W_{a,hh}`` of a cell that has ``W_a_hh``, though it has no ``W_a``: both are labels.

    Args:
        above: whether a time may stand above.
    """
    for count in range(len(subs), 1, -1):
        labels = ["".join(plain_letters(sub) or "?") for sub in subs[:count]]
        shorter = "_".join([reading.full_name, *labels[:-1]])
        name = f"{shorter}_{labels[-1]}"
        last = count == len(subs) and not above
        if name in context.known and not (last and _is_time(name, shorter, context)):
            reading.labels.extend(labels)
            return subs[count:]
    return subs


def _is_time(name: str, shorter: str, context: Context) -> bool:
    """``a_{y,2}`` of a cell that has ``a_y[t]`` and ``a_y_2[t]``: only the first has its time."""
    return bool(context.known.get(name)) and bool(context.known.get(shorter))


def _takes_layer(sup: Node, reading: Reading, context: Context) -> bool:
    """``h^{(2)}_{0}`` of a cell that has ``h_2``: the layer is read before the time below."""
    if not isinstance(sup, raw.Group) or sup.bracket != "(" or len(sup.items) != 1:
        return False
    label = "".join(plain_letters(sup.items[0]) or ())
    known = label.isdigit() and f"{reading.full_name}_{label}" in context.known
    if known:
        reading.labels.append(label)
    return known


def _symbol_below(node: Node) -> raw.Symbol | None:
    while True:
        if isinstance(node, raw.Scripted):
            node = node.base
        elif isinstance(node, raw.Accented):
            node = node.body
        elif isinstance(node, raw.Group) and node.bracket == "{" and len(node.items) == 1:
            node = node.items[0]
        else:
            return node if isinstance(node, raw.Symbol) else None


def _collect(node: Node, subs: list[Node], sups: list[Node], reading: Reading) -> None:
    """Scripts from the inside out: ``{h_t}^\\top`` and ``\\hat{y_t}`` have theirs in layers."""
    layers: list[raw.Scripted] = []
    while not isinstance(node, raw.Symbol):
        if isinstance(node, raw.Scripted):
            layers.append(node)
            node = node.base
        elif isinstance(node, raw.Accented):
            node = node.body
        else:
            assert isinstance(node, raw.Group)
            node = node.items[0]
    for layer in reversed(layers):
        subs.extend(layer.subs)
        sups.extend(layer.sups)
        reading.primes += layer.primes


def _read_below(
    sub: Node,
    reading: Reading,
    context: Context,
    resolve: Callable[[Node], Node],
    several: bool,
    last: bool,
) -> None:
    if isinstance(sub, raw.Mark | raw.Angled | raw.Bound):
        if isinstance(sub, raw.Mark):
            reading.labels.append(sub.name)
            return
        if isinstance(sub, raw.Angled):
            reading.indices.append(resolve(sub.body))
            return
        raise InputError(
            "this subscript is neither a label nor an index",
            sub.span,
            "Write a label as in W_{hh}, or a time as in h_{t-1}.",
        )
    letters = plain_letters(sub)
    if letters is None:
        _read_arithmetic(sub, reading, context, resolve)
        return
    label = "".join(letters)
    labelled = f"{reading.full_name}_{label}"
    known = labelled in context.known or labelled in context.functions
    if known and not (last and _is_time(labelled, reading.full_name, context)):
        reading.labels.append(label)
    elif len(letters) == 1 and label.isdigit():
        timed = reading.name in context.timed or reading.full_name in context.timed
        missing = context.known.get(reading.full_name, 0) > len(reading.indices)
        if timed and (reading.indices or not several or missing):
            reading.indices.append(resolve(sub))
        else:
            reading.labels.append(label)
    elif _is_position(letters, reading, context) or (
        len(letters) <= MAX_INDICES and all(context.is_index(letter) for letter in letters)
    ):
        reading.indices.extend(Name(letter, span=sub.span) for letter in letters)
    else:
        reading.labels.append(label)


def _read_arithmetic(
    sub: Node, reading: Reading, context: Context, resolve: Callable[[Node], Node]
) -> None:
    if isinstance(sub, raw.Scripted) and not context.is_index(base_name(sub.base)):
        inner = read_symbol(sub, context, resolve)
        if inner is not None:  # a label with a label of its own, W_{h_1}
            reading.labels.append(inner.full_name)
            reading.indices.extend(inner.indices)
            return
    reading.indices.append(resolve(sub))


def _is_position(letters: list[str], reading: Reading, context: Context) -> bool:
    """In a claim, ``h_k`` and ``W_{ij}`` of a cell that has ``h`` and ``W``, but no ``h_k``."""
    known = reading.full_name in context.known or reading.full_name in context.functions
    return (
        known
        and len(letters) <= MAX_INDICES
        and all(len(letter) == 1 or letter == "tau" for letter in letters)
    )


def _fit_known(reading: Reading, context: Context) -> None:
    """Indices beyond those the cell's variable has are the position of one entry."""
    count = context.known.get(reading.full_name)
    if count is not None and len(reading.indices) > count:
        reading.entries = reading.indices[count:]
        reading.indices = reading.indices[:count]
