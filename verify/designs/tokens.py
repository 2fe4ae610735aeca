"""The lines of a design to tokens; in a specification the letters of the alphabet come first."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NoReturn

from lark import Token

from derivations.language.source import Source
from derivations.language.text_tokens import check_number

KEYS = ("given", "input", "answer", "spec", "at")
_TOKEN = re.compile(
    r"""
    (?P<SPACE>(?:[ \t\u00a0$]|\\[,;:!\ ])+)
  | (?P<NUMBER>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<TIMED>[^\W\d]\w*?_(?:t(?!\w)|\{\s*t\s*\}))
  | (?P<LABELLED>[^\W\d]\w*_\{\s*\w+\s*\})
  | (?P<NAME>[^\W\d]\w*)
  | (?P<GE>>=|≥|\\geq?(?![A-Za-z])) | (?P<LE><=|≤|\\leq?(?![A-Za-z]))
  | (?P<RELATION>[<>]|\\[lg]t(?![A-Za-z])) | (?P<EQUALS>=)
  | (?P<LPAR>\() | (?P<RPAR>\)) | (?P<LSQB>\[) | (?P<RSQB>\]) | (?P<COMMA>,) | (?P<SEMI>;)
  | (?P<PLUS>\+) | (?P<MINUS>[-−]) | (?P<SLASH>/) | (?P<POW>\^|\*\*)
  | (?P<COUNT>\{\s*[0-9]+\s*(?:,\s*[0-9]*\s*)?\}) | (?P<LBRACE>\\?\{) | (?P<RBRACE>\\?\})
  | (?P<STAR>\*) | (?P<OPTIONAL>\?) | (?P<BAR>\|) | (?P<DOT>\.) | (?P<IN>∈|\\in(?![A-Za-z]))
""",
    re.VERBOSE,
)
_WORDS = {"even": "EVEN", "odd": "ODD", "in": "IN"}
_SPEC_WORDS = {
    "all": "ALL", "ones": "ONES", "zeros": "ZEROS", "zeroes": "ZEROS", "equal": "EQUAL",
    "sum": "SUM", "even": "EVEN", "odd": "ODD", "and": "AND", "or": "OR", "not": "NOT",
    "so": "SO", "far": "FAR", "at": "SKIP", "times": "SKIP", "time": "SKIP",
}  # fmt: skip
_PHRASES = (
    "A specification is made of letters and | * + ? ( ), 'all ones so far', 'equal so far', "
    "'sum at even > sum at odd', and, or, not."
)


def tokenize(source: Source, key: str, start: int, end: int) -> list[Token]:
    """The tokens of a line other than a specification, its key in front.

    Raises:
        InputError: a character that no line has.
    """
    tokens = [Token(key.upper(), key, start_pos=start, end_pos=start)]
    position = start
    while position < end:
        match = _TOKEN.match(source.text, position, end)
        kind = match.lastgroup if match else None
        if match is None or kind in ("STAR", "OPTIONAL", "BAR", "DOT"):
            _unknown(source, position, "Remove it.")
        value, stop = match.group(), match.end()
        if kind == "NUMBER":
            check_number(source, value, position)
        if kind == "COUNT":
            # {0} and {0, 1} are sets here.
            for place, sign in ((position, "LBRACE"), *_numbers(value, position)):
                text = source.text[place] if sign != "NUMBER" else _digits(source.text, place)
                tokens.append(Token(sign, text, start_pos=place, end_pos=place + len(text)))
        elif kind == "TIMED" and key in ("input", "answer"):
            # x_t is x[t] where a time must stand; elsewhere it is a name.
            name = value.split("_t")[0].split("_{")[0]
            signs = (("NAME", name), ("LSQB", "["), ("NAME", "t"), ("RSQB", "]"))
            tokens += [Token(k, v, start_pos=position, end_pos=stop) for k, v in signs]
        elif kind != "SPACE":
            if kind in ("TIMED", "LABELLED"):
                kind, value = "NAME", re.sub(r"[{}\s]", "", value)
            kind = _WORDS.get(value, kind) if kind == "NAME" else kind
            kind = "RELATION" if kind == "LE" else kind
            tokens.append(Token(str(kind), value, start_pos=position, end_pos=stop))
        position = stop
    return tokens


def _numbers(text: str, position: int) -> list[tuple[int, str]]:
    signs = {",": "COMMA", "}": "RBRACE"}
    found = [(position + m.start(), "NUMBER") for m in re.finditer(r"[0-9]+", text)]
    found += [(position + k, signs[c]) for k, c in enumerate(text) if c in signs]
    return sorted(found)


def _digits(text: str, place: int) -> str:
    match = re.compile(r"[0-9]+").match(text, place)
    assert match is not None
    return match.group()


def tokenize_spec(source: Source, letters: tuple[str, ...], start: int, end: int) -> list[Token]:
    """The tokens of a specification: the longest letter that fits, else a sign or a word.

    Within a comparison of sums, digits are numbers and ``+`` adds.

    Raises:
        InputError: a character, a word or a letter that the specification cannot have.
    """
    tokens = [Token("SPEC", "spec", start_pos=start, end_pos=start)]
    known = sorted(letters, key=len, reverse=True)
    position, summing, depth = start, False, 0
    while position < end:
        letter = next((n for n in known if source.text.startswith(n, position, end)), None)
        match = _TOKEN.match(source.text, position, end)
        if letter and not summing:
            kind, value = "LETTER", letter
        elif source.text[position] == "." and not summing:
            kind, value = "DOT", "."
        elif match is None:
            _unknown(source, position, _PHRASES)
        else:
            kind, value = str(match.lastgroup), match.group()
        stop = position + len(value)
        if kind == "NAME":
            kind = _word(source, value, position)
        elif kind == "NUMBER" and not summing:
            source.fail(
                f"'{value}' is no letter of the input",
                position,
                stop,
                f"The letters are {', '.join(letters)}.",
            )
        elif kind == "NUMBER":
            check_number(source, value, position)
        summing = (summing or kind == "SUM" or kind in ("RELATION", "GE", "LE", "EQUALS")) and (
            kind not in ("AND", "OR", "RPAR")
        )
        kind = {"LE": "RELATION", "PLUS": "PLUS" if summing else "REPEAT"}.get(kind, kind)
        depth = _depth(source, kind, depth, position)
        if kind == "FAR":
            _so_far(source, tokens, position, stop)
        elif kind not in ("SPACE", "SKIP"):
            tokens.append(Token(kind, value, start_pos=position, end_pos=stop))
        position = stop
    loose = next((token for token in tokens if token.type == "SO"), None)
    if loose is not None:
        source.fail("'far' is missing after 'so'", loose.start_pos or 0, loose.end_pos or 0,
                    "Write 'all ones so far' or 'equal so far'.")  # fmt: skip
    return tokens


MOST_DEPTH = 50


def _depth(source: Source, kind: str, depth: int, position: int) -> int:
    depth += (kind == "LPAR") - (kind == "RPAR")
    if depth > MOST_DEPTH:
        source.fail(f"more than {MOST_DEPTH} open brackets", position, position + 1, "Use fewer.")
    return depth


def _so_far(source: Source, tokens: list[Token], position: int, stop: int) -> None:
    if tokens[-1].type != "SO":
        source.fail("'far' stands without 'so'", position, stop, "Write 'so far'.")
    so = tokens.pop()
    tokens.append(Token("SOFAR", "so far", start_pos=so.start_pos, end_pos=stop))


def _word(source: Source, word: str, position: int) -> str:
    kind = _SPEC_WORDS.get(word.lower())
    if kind is None:
        close = get_close_matches(word.lower(), _SPEC_WORDS, n=1, cutoff=0.6)
        remedy = f"Did you mean '{close[0]}'?" if close else _PHRASES
        source.fail(
            f"'{word}' is no word of a specification", position, position + len(word), remedy
        )
    return kind


def _unknown(source: Source, position: int, remedy: str) -> NoReturn:
    source.fail(f"'{source.text[position]}' does not belong here", position, position + 1, remedy)
