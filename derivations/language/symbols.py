"""One LaTeX symbol with its scripts, read as a name, time indices, entries, powers, transposes.

Below: ``h_{t-1}`` is a time, ``W_{hh}`` a label, ``W_{ij}`` an entry where the cell has ``W``.
Above: ``h^{(t)}`` and ``h^{<t>}`` are times, ``h^{(1)}`` a label (``h_1``) unless ``h`` has its
times there, ``\\delta^h`` a label, ``A^\\top`` a transpose, anything else a power.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from derivations.errors import InputError
from derivations.language import raw
from derivations.language.context import Context, base_name
from derivations.language.tree import Binary, Element, Name, Node, Number, Span, Transposed

MAX_INDICES = 3
COPY = "copy"
"""Label of ``b^{(t)}`` where ``b`` is a parameter: its copy at one time."""


@dataclass(slots=True)
class Reading:
    """What a symbol turned out to be; ``powers`` are applied before ``transposed``."""

    name: str
    span: Span
    kind: raw.SymbolKind = "letter"
    labels: list[str] = field(default_factory=list)
    indices: list[Node] = field(default_factory=list)
    entries: list[Node] = field(default_factory=list)
    powers: list[Node] = field(default_factory=list)
    transposed: bool = False
    primes: int = 0

    @property
    def full_name(self) -> str:
        return "_".join([self.name, *self.labels])

    def as_value(self) -> Node:
        """The variable this symbol stands for."""
        name = self.full_name + "_prime" * self.primes
        node: Node = Name(name, tuple(self.indices), span=self.span)
        if self.entries:
            node = Element(node, tuple(self.entries), span=self.span)
        return self.finish(node)

    def finish(self, node: Node) -> Node:
        """``node`` with this symbol's powers and transpose applied."""
        for power in self.powers:
            node = Binary("**", node, power, span=self.span)
        return Transposed(node, span=self.span) if self.transposed else node


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
        _read_above(sup, reading, context, resolve)
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


def plain_letters(node: Node) -> list[str] | None:
    """The names in a script that is nothing but symbols and digits in a row, else ``None``."""
    items = node.items if isinstance(node, raw.Juxtaposed) else (node,)
    if isinstance(node, raw.Juxtaposed) and any(node.joins):
        return None
    found: list[str] = []
    for item in items:
        while isinstance(item, raw.Group) and item.bracket == "{" and len(item.items) == 1:
            item = item.items[0]
        if isinstance(item, raw.Symbol):
            found.append(item.name)
        elif isinstance(item, raw.Accented) and base_name(item):
            found.append(base_name(item))
        elif isinstance(item, Number) and item.value.denominator == 1:
            found.append(str(item.value))
        elif isinstance(item, raw.Juxtaposed):
            inner = plain_letters(item) if not isinstance(node, raw.Juxtaposed) else None
            if inner is None:
                return None
            found.extend(inner)
        else:
            return None
    return found


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


def _read_above(
    sup: Node, reading: Reading, context: Context, resolve: Callable[[Node], Node]
) -> None:
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
