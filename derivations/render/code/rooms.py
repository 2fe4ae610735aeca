"""Loops as text that write over what they have read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sympy import Expr

from derivations.program.overwriting import Overwritten
from derivations.render.code.names import Names
from derivations.render.code.written import Room, Written


@dataclass(frozen=True)
class Rooms:
    """What the loops of a module write over.

    Attributes:
        found: the arrays.
        names: identifiers.
    """

    found: Sequence[Overwritten]
    names: Names

    def placed(self, written: Written) -> Written:
        """A loop that writes over what it has read, if it reads such an array."""
        for one in self.found:
            array, before = self.names.value(one.key), self.names.value(one.name)
            kept = {self.names.value(name): rows for name, rows in one.kept.items()}
            adjoints = {self.names.value(name) for name in one.adjoints}
            stored = [text for text, *_ in written.stored]
            if before in dict(written.given) and {*kept} <= {*stored}:
                whole = (next(iter(kept.values()))[0], [*kept.values()][-1][1])
                return self._with(written, before, array, {before: whole}, [*kept], one.apart)
            target = [text for text in stored if text in adjoints]
            if target and {*kept} & {*dict(written.given)}:
                return self._with(written, array, target[0], kept, target, False)
        return written

    def _with(
        self, written: Written, array: str, result: str,
        parts: dict[str, tuple[Expr, Expr]], over: Sequence[str], apart: bool,
    ) -> Written:  # fmt: skip
        read = [
            (entry, tuple(self.names.expression(end, {}) for end in parts[text]))
            for text, entry in written.given
            if text in parts
        ]
        entries = {text: entry for text, entry, *_ in written.stored}
        return replace(
            written,
            given=[pair for pair in written.given if pair[0] not in parts],
            stored=[row for row in written.stored if row[0] not in over],
            room=Room(array, result, [*read], [entries[text] for text in over], apart),
        )

    def kept(self, names: Iterable[str]) -> dict[str, str]:
        """What a forward pass hands on → its identifier."""
        inside = {name: one.key for one in self.found for name in one.kept}
        return {inside.get(n, n): self.names.value(inside.get(n, n)) for n in names}

    def unpacked(self, used: set[str]) -> list[str]:
        """Lines that take the arrays, and the values that stand in them, out of a dict."""
        lines = []
        for one in self.found:
            array, own = self.names.value(one.key), []
            for name, ends in one.kept.items():
                if (identifier := self.names.value(name)) in used:
                    start, end = (self.names.expression(e, {}) for e in ends)
                    own.append(f"{identifier} = {array}[..., {start}:{end}]")
            if own or array in used:
                lines += [f"{array} = values[{one.key!r}]", *own]
        return lines
