"""Runs a token list through one of the two grammars, and says in words what did not fit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NoReturn

from lark import Lark, Token
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError
from lark.lexer import Lexer
from lark.visitors import Transformer_NonRecursive

from derivations.language.limits import MAX_TOKENS
from derivations.language.source import Source
from derivations.language.tables import load

_OPERAND_STARTS = {"NUMBER", "NAME", "SYMBOL"}
_OPERATORS = {"PLUS", "MINUS", "AT", "STAR", "SLASH", "POW", "DOT", "ODOT", "OUTER", "OVER"}
_SIGNS = {"PLUS", "MINUS"}
_OPENERS = {"LPAR", "LSQB", "LBRACE", "NORM_OPEN", "ABS_OPEN", "MATRIX"}


class Tokens(Lexer):
    """Hands lark the tokens that were made beforehand; lark's own lexer is not used."""

    def __init__(self, _configuration: object) -> None:
        pass

    def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]  # tokens, not text
        yield from data


@cache
def _parser(grammar: str) -> Lark:
    return load(grammar, Tokens)


def parse_tokens(
    grammar: str,
    tokens: list[Token],
    source: Source,
    transformer: Transformer_NonRecursive[Token, Any],
) -> Any:
    """What ``transformer`` makes of ``tokens``, read by ``text.lark`` or ``latex.lark``.

    Raises:
        InputError: at the first token that does not fit, with what was expected there.
    """
    if len(tokens) > MAX_TOKENS:
        source.fail(
            "this equation is too long to read",
            tokens[0].start_pos or 0,
            tokens[0].end_pos or 0,
            "Give parts of it names of their own.",
        )
    try:
        parsed = _parser(grammar).parse(tokens)
    except UnexpectedInput as error:
        if isinstance(error, UnexpectedToken):
            _explain(error.token, tokens, set(error.accepts or error.expected), source)
        _explain(tokens[-1], tokens, set(), source)
    try:
        return transformer.transform(parsed)
    except VisitError as error:  # lark's wrapper around what a rule's method raised
        raise error.orig_exc from None


def _explain(token: Token, tokens: list[Token], expected: set[str], source: Source) -> NoReturn:
    at_end = token.type == "$END"
    before = _before(token, tokens)
    wants_operand = bool(expected & _OPERAND_STARTS) and not expected & (_OPERATORS - _SIGNS)
    last = tokens[-1]
    start, end = (last.end_pos, last.end_pos) if at_end else (token.start_pos, token.end_pos)
    place = (start or 0, (end or 0) + (1 if at_end else 0))
    if wants_operand:
        after = f" after '{before}'" if before else ""
        where = "at the end of the line" if at_end else f"before '{token}'"
        source.fail(
            f"a value is missing{after}" if at_end else f"a value is missing {where}",
            *place,
            "Put a name, a number or a bracketed expression there.",
        )
    if at_end:
        source.fail(
            "the line ends too early", *place, f"{_wanted(expected)} should follow '{before}'."
        )
    if token.type in ("EQUALS", "LE", "GE", "LT", "GT"):
        source.fail(
            f"a second relation '{token}' in one line",
            *place,
            "Write one equation or one relation a line.",
        )
    if token.type in _OPERAND_STARTS or token.type in _OPENERS or token.type == "WORD":
        source.fail(
            f"'{token}' follows '{before}' with nothing between them",
            *place,
            "Put an operator there: @ for a matrix product, * for an elementwise one, or a comma.",
        )
    source.fail(
        f"'{token}' does not fit here" + (f" after '{before}'" if before else ""),
        *place,
        f"{_wanted(expected)} was expected.",
    )


def _before(token: Token, tokens: list[Token]) -> str:
    if token.type == "$END":
        return str(tokens[-1])
    previous = [other for other in tokens if (other.start_pos or 0) < (token.start_pos or 0)]
    return str(previous[-1]) if previous else ""


def _wanted(expected: set[str]) -> str:
    """The expected kinds of token in the words a reader uses for them."""
    words: list[str] = []
    if expected & _OPERAND_STARTS:
        words.append("a name or a number")
    if expected & (_OPERATORS - _SIGNS):
        words.append("an operator")
    if "COMMA" in expected:
        words.append("a comma")
    if expected & {"RPAR", "RSQB", "RBRACE", "NORM_CLOSE", "ABS_CLOSE", "ENDMATRIX"}:
        words.append("a closing bracket")
    if "LBRACE" in expected and not words:
        words.append("an argument in braces")
    if "SUB" in expected and not words:
        words.append("the bounds _{k=1}^{T}")
    if not words:
        words.append("the end of the line" if "$END" in expected else "something else")
    text = words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
    return text[0].upper() + text[1:]
