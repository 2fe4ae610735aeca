"""Brackets: each closed by its own kind, none too deep; bars told apart into open and close."""

from __future__ import annotations

from lark import Token

from derivations.language.limits import MAX_BRACKETS
from derivations.language.source import Source

_PAIRS = {
    "LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE", "OPENBRACE": "CLOSEBRACE",
    "LANGLE": "RANGLE", "NORM_OPEN": "NORM_CLOSE", "ABS_OPEN": "ABS_CLOSE", "MATRIX": "ENDMATRIX",
    "CASES": "ENDCASES", "FLOOR_OPEN": "FLOOR_CLOSE", "CEIL_OPEN": "CEIL_CLOSE",
}  # fmt: skip
_CLOSERS = {closer: opener for opener, closer in _PAIRS.items()}
_ENDS_OPERAND = {"NUMBER", "SYMBOL", "WORD", "PRIMES", "TOP", "ONES", "MARK", *_CLOSERS}


class BracketStack:
    """The brackets open so far, fed one token at a time across the lines of a statement."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.open: list[Token] = []
        self.previous = ""

    def feed(self, token: Token) -> Token:
        """``token``, with a bare bar ``|`` turned into the opening or closing one it is."""
        if token.type in ("NORM", "ABS"):
            closes = bool(self.open) and self.open[-1].type == token.type + "_OPEN"
            closes = closes and self.previous in _ENDS_OPERAND
            suffix = "_CLOSE" if closes else "_OPEN"
            token = Token.new_borrow_pos(token.type + suffix, str(token), token)
        if token.type in _PAIRS:
            self.open.append(token)
            if len(self.open) > MAX_BRACKETS:
                self._fail(
                    token,
                    f"brackets are nested more than {MAX_BRACKETS} deep",
                    "Give the inner part a name and an equation of its own.",
                )
        elif token.type in _CLOSERS:
            self._close(token)
        self.previous = token.type
        return token

    def finish(self) -> None:
        """Refuse a bracket that is still open, pointing at it."""
        if self.open:
            opener = self.open[-1]
            self._fail(opener, f"the bracket '{opener}' is never closed", "Close it, or remove it.")

    def _close(self, token: Token) -> None:
        if not self.open:
            self._fail(
                token,
                f"the bracket '{token}' closes nothing",
                "Open it where it should begin, or remove it.",
            )
        opener = self.open[-1]
        if _PAIRS[opener.type] != token.type:
            line = self.source.span(token.start_pos or 0, token.end_pos or 0)
            self._fail(
                opener,
                f"the bracket '{opener}' is closed by '{token}' "
                f"(line {line.line}, column {line.column})",
                "Close every bracket with its own kind, the inner ones first.",
            )
        self.open.pop()

    def _fail(self, token: Token, message: str, remedy: str) -> None:
        self.source.fail(message, token.start_pos or 0, token.end_pos or 0, remedy)
