"""The text a reader was given, and how an offset into it becomes a line and a column."""

from __future__ import annotations

from bisect import bisect_right
from typing import NoReturn

from derivations.errors import InputError
from derivations.language.tree import Span

MAX_CHARACTERS = 200_000


class Source:
    """Input text with a name; offsets count characters from the start of the whole text."""

    def __init__(self, text: str, name: str = "<input>") -> None:
        self.text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.name = name
        self.starts = [0]
        for offset, character in enumerate(self.text):
            if character == "\n":
                self.starts.append(offset + 1)
        self._lines = self.text.split("\n")  # spans share these strings
        self._check_characters()

    def span(self, start: int, end: int) -> Span:
        """The span of ``text[start:end]``, cut at the end of its first line."""
        start = min(max(start, 0), len(self.text))
        number = bisect_right(self.starts, start)
        begin = self.starts[number - 1]
        line = self._lines[number - 1]
        stop = begin + len(line)
        column = start - begin + 1
        end_column = min(max(end, start + 1), stop) - begin + 1
        return Span(line, number, column, max(end_column, column + 1), self.name)

    def fail(self, message: str, start: int, end: int, remedy: str) -> NoReturn:
        """Raise the :class:`InputError` that points at ``text[start:end]``."""
        raise InputError(message, self.span(start, end), remedy)

    def lines(self) -> list[tuple[int, str]]:
        """Every line with the offset it starts at."""
        return list(zip(self.starts, self._lines, strict=True))

    def _check_characters(self) -> None:
        if len(self.text) > MAX_CHARACTERS:
            raise InputError(
                f"the input has {len(self.text)} characters; at most {MAX_CHARACTERS} are read",
                None,
                "Split it into several cells, or leave out what is not an equation.",
            )
        for offset, character in enumerate(self.text):
            if (character < " " and character not in "\n\t") or "\x7f" <= character < "\xa0":
                self.fail(
                    f"control character U+{ord(character):04X} in the input",
                    offset,
                    offset + 1,
                    "Remove it; equations are plain printable text.",
                )
