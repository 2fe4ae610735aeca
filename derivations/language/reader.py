"""Common ground of the two readers of equations: where the text of a rule starts and ends."""

from __future__ import annotations

from typing import Any

from lark import Token
from lark.visitors import Transformer_NonRecursive

from derivations.language.source import Source
from derivations.language.tree import Span


class Reader(Transformer_NonRecursive[Token, Any]):
    """One method for each rule of a grammar, given what the parts of the rule came to.

    lark could note positions itself, at every step of every chain of rules that pass one part on;
    here only a rule that makes a node asks for its span.
    """

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source

    def span(self, children: list[Any]) -> Span:
        """From the first part to the last one, cut at the end of the first line.

        Parts are tokens, and whatever has a ``span`` of its own.
        """
        first, last = self._place(children[0]), self._place(children[-1])
        end = last.end_column if last.line == first.line else len(first.text) + 1
        return Span(first.text, first.line, first.column, end, first.source)

    def _place(self, part: Any) -> Span:
        if isinstance(part, Token):
            return self.source.span(part.start_pos or 0, part.end_pos or 0)
        place: Span = part.span
        return place
