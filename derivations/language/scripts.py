"""One LaTeX symbol with what its scripts say: labels, times, entries, powers, transposes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from derivations.language import raw
from derivations.language.context import base_name
from derivations.language.tree import Binary, Call, Element, Name, Node, Number, Span, Transposed
from derivations.language.vocabulary import canonical_function

_GREEK_FUNCTIONS = {"sigma": "sigmoid"}
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


def entry(value: Node, subs: tuple[Node, ...], resolve: Callable[[Node], Node]) -> Node:
    """The entry of ``value`` that subscripts behind its bracket name; all of it without any."""
    found: list[Node] = []
    for sub in subs:
        letters = isinstance(sub, raw.Juxtaposed) and not any(sub.joins)
        parts = sub.items if letters and isinstance(sub, raw.Juxtaposed) else (sub,)
        found.extend(resolve(part) for part in parts)
    return Element(value, tuple(found), span=value.span) if found else value


def call(reading: Reading, arguments: list[Node]) -> Node:
    """The call of the function ``reading`` names, with the powers typed on the name."""
    name = reading.full_name
    if reading.kind != "function":
        name = _GREEK_FUNCTIONS.get(name, name)
        name = "diag" if name == "D" and len(arguments) == 1 else name
        name = canonical_function(name) or name if reading.kind == "word" else name
    found = Call(name, tuple(arguments), reading.primes, tuple(reading.indices), span=reading.span)
    return reading.finish(found)
