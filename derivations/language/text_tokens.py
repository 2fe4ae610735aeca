"""Plain text to tokens, Python's spelling with the usual mathematical signs beside it."""

from __future__ import annotations

import re
import unicodedata
from typing import NoReturn

from lark import Token

from derivations.language.limits import MAX_DIGITS, MAX_EXPONENT
from derivations.language.source import Source
from derivations.language.vocabulary import COMBINING, GREEK

_LETTER = "A-Za-z" + "".join(GREEK) + "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_MARKS = "".join(COMBINING)
_TOKEN = re.compile(
    rf"""
    (?P<SPACE>[ \t\u00a0\u2009]+)
  | (?P<NUMBER>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<NAME>[{_LETTER}_][{_LETTER}0-9_{_MARKS}]*)
  | (?P<PRIMES>['′]+)
  | (?P<TRANSPOSE>\.T\b|\.transpose\(\)|\^T\b|\^\{{T\}}|[ᵀ⊤])
  | (?P<POW>\*\*|\^(?!\{{)) | (?P<RAISED>\^\{{[^{{}}\n]*\}})
  | (?P<LE><=|≤) | (?P<GE>>=|≥) | (?P<LT><) | (?P<GT>>) | (?P<EQUALS>=)
  | (?P<LPAR>\() | (?P<RPAR>\)) | (?P<LSQB>\[) | (?P<RSQB>\])
  | (?P<COMMA>,) | (?P<SEMI>;) | (?P<COLON>:)
  | (?P<PLUS>\+) | (?P<MINUS>[-−–]) | (?P<AT>[@·×⋅]) | (?P<STAR>[*⊙∘∗]) | (?P<SLASH>[/÷])
  | (?P<SQUARED>[²³]) | (?P<CURLY>∂[⁺+]?)
""",
    re.VERBOSE,
)
_LAMBDA = re.compile(r"lambda\s+\w{1,40}\s*[:,]")  # a lone lambda is the Greek letter
_FUNCTIONS = {"det", "diag", "diagonalizer", "directsum", "dot"}
"""Functions whose names begin with a d."""
_PYTHONISMS = {"import", "def", "for", "if", "else", "while", "return", "print", "class",
               "not", "and", "or", "in", "is", "None", "True", "False"}  # fmt: skip


def tokenize_text(
    source: Source, start: int, end: int, plain: frozenset[str] | None = None
) -> list[Token]:
    """The tokens of ``source.text[start:end]``; their positions are offsets into the source.

    ``plain`` holds names that are themselves even where they look like ``dW``; with ``None``
    nothing is read as a derivative (the equations of a cell).

    Raises:
        InputError: for a character or a word the language does not have.
    """
    tokens: list[Token] = []
    position = start
    while position < end:
        match = _TOKEN.match(source.text, position, end)
        if match is None:
            _explain_character(source, position, tokens)
        kind, value, stop = str(match.lastgroup), match.group(), match.end()
        if kind == "NAME":
            value = _name(source, value, position)
        elif kind == "NUMBER":
            check_number(source, value, position)
        elif kind == "EQUALS" and source.text[stop : stop + 1] == "=":
            source.fail("'==' is not a relation here", position, stop + 1, "Write a single '='.")
        elif kind == "PRIMES" and (not tokens or tokens[-1].end_pos != position):
            source.fail(
                "a string cannot stand here",
                position,
                stop,
                "Write names without quotes; a prime follows its function: phi'(z).",
            )
        elif kind == "PRIMES" and tokens[-1].type == "NAME" and not _opens(source.text, stop):
            name = tokens.pop()  # W' is a name, as in LaTeX; phi'(z) is a slope
            kind, value, position = "NAME", f"{name}{'_prime' * len(value)}", name.start_pos or 0
        if kind == "SQUARED":
            tokens.append(_token("POW", "**", position, stop))
            tokens.append(_token("NUMBER", "2" if value == "²" else "3", position, stop))
        elif kind == "RAISED":  # ^{T-k}
            tokens += [_token("POW", "**", position, position), _token("LPAR", "(", position, stop)]
            tokens += tokenize_text(source, position + 2, stop - 1)
            tokens.append(_token("RPAR", ")", stop - 1, stop))
        elif kind != "SPACE":
            tokens.append(_token(kind, value, position, stop))
        position = stop
    return tokens if plain is None else _mark_derivatives(_join_curly(tokens), plain)


def _opens(text: str, position: int) -> bool:
    """Whether the bracket of a call follows."""
    return text[position:].lstrip(" ").startswith("(")


def _token(kind: str, value: str, start: int, end: int) -> Token:
    return Token(kind, value, start_pos=start, end_pos=end)


def check_number(source: Source, digits: str, position: int) -> None:
    """Refuse a literal whose exact value would be unreasonably large to hold."""
    mantissa, _, exponent = digits.lower().partition("e")
    too_large = len(exponent) > 5 or (exponent and abs(int(exponent)) > MAX_EXPONENT)
    if len(mantissa) > MAX_DIGITS or too_large:
        source.fail(
            "this number is too long to be meant",
            position,
            position + len(digits),
            f"Use at most {MAX_DIGITS} digits and an exponent up to {MAX_EXPONENT}.",
        )


def _name(source: Source, typed: str, position: int) -> str:
    """The ASCII name for ``typed``: Greek letters spelled out, accents as suffixes."""
    if typed.startswith("_") or "__" in typed:
        source.fail(
            f"'{typed}' is not a name of the language",
            position,
            position + len(typed),
            "Names start with a letter and have single underscores, as in W_hh.",
        )
    if typed in _PYTHONISMS or _LAMBDA.match(source.text, position):
        source.fail(
            f"'{typed}' is Python, not an equation",
            position,
            position + len(typed),
            "Only equations are read: names, numbers, + - * / @ **, brackets and calls.",
        )
    letters: list[str] = []
    for character in unicodedata.normalize("NFD", typed):
        if character in COMBINING:
            letters.append(COMBINING[character])
        elif character in GREEK:
            letters.append(GREEK[character])
        elif character.isascii():
            letters.append(character)
        else:
            source.fail(
                f"the letter '{typed}' is not one the language knows",
                position,
                position + len(typed),
                "Use ASCII or Greek letters in names.",
            )
    return "".join(letters)


def _explain_character(source: Source, position: int, before: list[Token]) -> NoReturn:
    character = source.text[position]
    end = position + 1
    if character == "^":
        source.fail(
            "the brace behind this '^' is never closed",
            position,
            end + 1,
            "Write a^{2}, a^2 or a ** 2.",
        )
    if character == "." and before:
        source.fail(
            "a '.' is read only in numbers and in the transpose A.T",
            position,
            end,
            "Names have no attributes; write A.T for a transpose.",
        )
    if character in '"`“”‘’':
        source.fail("a string cannot stand here", position, end, "Write names without quotes.")
    if character in "{}":
        source.fail(
            f"'{character}' is not used in plain text",
            position,
            end,
            "Use round brackets to group and [t-1] for a time index.",
        )
    if character == "|":
        source.fail("'|' is not used in plain text", position, end, "Write abs(x) or norm(v).")
    source.fail(
        f"the character '{character}' has no meaning here",
        position,
        end,
        "Use names, numbers, + - * / @ **, brackets and commas.",
    )


def _mark_derivatives(tokens: list[Token], plain: frozenset[str]) -> list[Token]:
    """Tell ``dL/dW`` from a quotient: ``d…`` with indices, a slash, ``d…`` is a derivative.

    Arguments may stand behind the indices, ``df(x, h)/dh``, or anything in brackets alone.
    """
    closers = _closers(tokens)
    for position, token in enumerate(tokens):
        after = position + 1
        bare = token == "d" and token not in plain and after in closers
        if not (bare or _is_differential(token, plain)) or _is_call(tokens, position):
            continue
        while after in closers:
            after = closers[after] + 1
        if after + 1 >= len(tokens) or tokens[after].type != "SLASH":
            continue
        if not _is_differential(tokens[after + 1], plain) or _is_call(tokens, after + 1):
            continue
        tokens[position] = _differential(token)
        tokens[after] = Token.new_borrow_pos("OVER", "/", tokens[after])
        tokens[after + 1] = _differential(tokens[after + 1])
        if position and tokens[position - 1] == "direct":
            before = tokens[position - 1]
            tokens[position - 1] = Token.new_borrow_pos("DIRECT", "direct", before)
    return tokens


def _is_call(tokens: list[Token], position: int) -> bool:
    """Whether this is a function of the language with its bracket: ``det(A) / det(B)``."""
    called = position + 1 < len(tokens) and tokens[position + 1].type == "LPAR"
    return called and str(tokens[position]) in _FUNCTIONS


def _closers(tokens: list[Token]) -> dict[int, int]:
    """Where each bracket that is closed closes, by position."""
    found: dict[int, int] = {}
    stack: list[int] = []
    for position, token in enumerate(tokens):
        if token.type in ("LSQB", "LPAR"):
            stack.append(position)
        elif token.type in ("RSQB", "RPAR") and stack:
            found[stack.pop()] = position
    return found


def _join_curly(tokens: list[Token]) -> list[Token]:
    """``∂`` (and a lone ``d``) joined to the name behind it; ``∂⁺`` also says ``direct``."""
    joined: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        follower = tokens[position + 1] if position + 1 < len(tokens) else None
        curly = token.type == "CURLY" or token == "d"
        if curly and follower is not None and follower.type == "NAME":
            if len(token) > 1 and not (joined and joined[-1].type in ("OVER", "SLASH")):
                joined.append(Token.new_borrow_pos("NAME", "direct", token))
            joined.append(
                _token("NAME", "d" + follower, token.start_pos or 0, follower.end_pos or 0)
            )
            position += 2
        elif curly and follower is not None and follower.type == "LPAR":
            joined.append(_token("NAME", "d", token.start_pos or 0, token.end_pos or 0))
            position += 1
        else:
            joined.append(token)
            position += 1
    return joined


def _is_differential(token: Token, plain: frozenset[str]) -> bool:
    if token.type != "NAME" or len(token) < 2 or token in plain:
        return False
    return token[0] == "d" and token[1] != "_"


def _differential(token: Token) -> Token:
    return Token.new_borrow_pos("DERIVATIVE", token[1:], token)
