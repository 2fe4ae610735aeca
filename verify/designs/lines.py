"""The lines of a design, read by ``design.lark`` into plain values; the cell is not known yet."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, NoReturn

from lark import Lark, Token, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError
from lark.tree import Meta

from derivations.language.grammar import Tokens
from derivations.language.source import Source
from derivations.language.tables import load
from derivations.language.tree import Span
from verify.designs.design import Matrix
from verify.designs.spec_reader import NamedLetter, SpecificationReader, plain_relation

_WORDS = {
    "NUMBER": "a number", "NAME": "a name", "LETTER": "a letter of the input", "RPAR": "')'",
    "RSQB": "']'", "RBRACE": "'}'", "LBRACE": "'{'", "LSQB": "'['", "COMMA": "a comma",
    "EQUALS": "'='", "RELATION": "<, <=, > or >=", "IN": "'in'", "SOFAR": "'so far'",
    "EVEN": "'even'", "ONES": "'ones', 'zeros' or a letter", "STAR": "* + or ?", "AND": "'and'",
    "OR": "'or'", "GE": "'>='", "$END": "the end of the line",
}  # fmt: skip
EXAMPLES = {
    "given": "given: w = 20, b = [1; -1], h[0] = 0",
    "input": "input: x[t] in {0, 1}",
    "answer": "answer: y[t] > 1/2",
    "spec": "spec: all ones so far",
    "at": "at: even t",
}


@dataclass(frozen=True, slots=True)
class Assignment:
    """``name = matrix``, ``name[step] = matrix``, or ``name(0) = number`` for a jump."""

    name: str
    step: Fraction | None
    jump: bool
    value: Matrix
    span: Span


@dataclass(frozen=True, slots=True)
class Alphabet:
    """``x[t] in {…}``: the elements as columns, and how each is written."""

    name: str
    elements: tuple[tuple[str, tuple[Fraction, ...]], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """``y[t] > 1/2``."""

    name: str
    relation: str
    bound: Fraction
    span: Span


@dataclass(frozen=True, slots=True)
class Times:
    """``even t``, ``odd t`` or ``t >= 3``."""

    parity: int | None = None
    since: int = 1


@dataclass(frozen=True, slots=True)
class _Element:
    """One letter of a set: as typed, as a column, and its digits where it is nothing else."""

    text: str
    column: tuple[Fraction, ...]
    digits: str = ""


@cache
def _parser() -> Lark:
    return load("design", Tokens)


def read_line(
    source: Source, tokens: list[Token], letters: tuple[NamedLetter, ...] = ()
) -> list[Any]:
    """What one line says.

    Args:
        letters: (name, components) of every letter, for a specification.

    Raises:
        InputError: the line does not fit; it names the place, and shows an example.
    """
    key = str(tokens[0])
    try:
        tree = _parser().parse(tokens)
    except UnexpectedToken as error:
        _explain(source, tokens, error.token, set(error.accepts or error.expected), key)
    except UnexpectedInput:
        _explain(source, tokens, tokens[-1], set(), key)
    try:
        result = _Reader(source, letters).transform(tree)
    except VisitError as error:
        raise error.orig_exc from None
    return list(result)


def _explain(
    source: Source, tokens: list[Token], token: Token, expected: set[str], key: str
) -> NoReturn:
    if key == "spec" and "LETTER" in expected:
        expected.discard("NUMBER")
    if "RELATION" in expected:
        expected.discard("GE")
    words = [_WORDS[kind] for kind in _WORDS if kind in expected]
    wanted = " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
    example = f"as in {EXAMPLES[key]}"
    remedy = f"Expected {wanted}, {example}." if wanted else f"Write it {example}."
    last = tokens[-1]
    if token.type == "$END":
        end = last.end_pos or 0
        what = f"'{last}'" if len(tokens) > 1 else f"'{key}:'"
        source.fail(f"the line ends too early after {what}", end, end + 1, remedy)
    source.fail(f"'{token}' does not fit here", token.start_pos or 0, token.end_pos or 0, remedy)


@v_args(meta=True)
class _Reader(SpecificationReader):
    """One method for each rule of ``design.lark``."""

    def _span(self, meta: Meta) -> Span:
        return self._source.span(meta.start_pos, meta.end_pos)

    def start(self, meta: Meta, children: list[Any]) -> list[Any]:
        return [child for child in children if not isinstance(child, Token)]

    def number(self, meta: Meta, children: list[Token]) -> Fraction:
        sign = -1 if children[0].type == "MINUS" else 1
        numbers = [Fraction(str(token)) for token in children if token.type == "NUMBER"]
        if len(numbers) == 2 and not numbers[1]:
            self._fail(meta, "division by zero", "Give another denominator.")
        return sign * numbers[0] / (numbers[1] if len(numbers) == 2 else 1)

    def parameter(self, meta: Meta, children: list[Any]) -> tuple[str, None, bool]:
        return str(children[0]), None, False

    def initial(self, meta: Meta, children: list[Any]) -> tuple[str, Fraction, bool]:
        return str(children[0]), children[2], False

    def jump(self, meta: Meta, children: list[Any]) -> tuple[str, Fraction, bool]:
        return str(children[0]), children[2], True

    def item(self, meta: Meta, children: list[Any]) -> Any:
        return children[0]

    def column(self, meta: Meta, children: list[Any]) -> Matrix:
        return tuple((value,) for value in children if isinstance(value, Fraction))

    def bracket(self, meta: Meta, children: list[Any]) -> Matrix:
        rows: list[list[Any]] = [[]]
        for child in children[1:-1]:
            if isinstance(child, Token) and child.type == "SEMI":
                rows.append([])
            elif not isinstance(child, Token):
                rows[-1].append(child)
        nested = [isinstance(item, tuple) for row in rows for item in row]
        if any(nested):
            # [[1, 2], [3, 4]]: the inner lists were read as columns, and are rows.
            if not all(nested) or len(rows) > 1:
                self._fail(meta, "numbers and lists are mixed", "Write [[1, 2], [3, 4]].")
            matrix = tuple(tuple(entry for (entry,) in item) for item in rows[0])
        elif len(rows) == 1:
            matrix = tuple((value,) for value in rows[0])
        else:
            matrix = tuple(map(tuple, rows))
        if len({len(row) for row in matrix}) > 1:
            self._fail(meta, "the rows are not of one length", "Give each row as many numbers.")
        return matrix

    def assignment(self, meta: Meta, children: list[Any]) -> Assignment:
        (name, step, jump), _, value = children
        matrix = ((value,),) if isinstance(value, Fraction) else value
        if jump and (step != 0 or len(matrix) > 1 or len(matrix[0]) > 1):
            self._fail(meta, "this is no value of a jump", "Write step(0) = 0.")
        return Assignment(name, step, jump, matrix, self._span(meta))

    def timed(self, meta: Meta, children: list[Token]) -> tuple[str, Span]:
        if str(children[2]) != "t":
            self._fail(meta, f"the time is called t, not {children[2]}", f"Write {children[0]}[t].")
        return str(children[0]), self._span(meta)

    def element(self, meta: Meta, children: list[Any]) -> _Element:
        typed = self._source.text[meta.start_pos : meta.end_pos]
        (value,) = children
        if not isinstance(value, Fraction):
            column = tuple(entry for (entry,) in value)
            return _Element(_spelled(column), column)
        digits = typed if len(typed) > 1 and typed.isdigit() else ""
        return _Element(typed.replace(" ", ""), (value,), digits)

    def alphabet(self, meta: Meta, children: list[Any]) -> Alphabet:
        name, span = children[0]
        elements = [child for child in children if isinstance(child, _Element)]
        # Where one of them starts with 0, as in {00, 01, 10, 11}, digits are entries.
        strings = any(element.digits.startswith("0") for element in elements)
        columns = [
            (e.text, tuple(map(Fraction, e.digits)) if strings and e.digits else e.column)
            for e in elements
        ]
        last = children[-1]
        if last.type == "NUMBER":
            columns = self._powers(meta, columns, int(last) if last.isdigit() else 0)
        if len({len(column) for _, column in columns}) > 1:
            self._fail(meta, "the letters are of several sizes", "Give each as many entries.")
        if len({column for _, column in columns}) < len(columns):
            self._fail(meta, "a letter stands twice in the set", "Leave one of them out.")
        return Alphabet(name, tuple(columns), span)

    def _powers(self, meta: Meta, columns: Any, exponent: int) -> Any:
        if not 1 <= exponent <= 6 or len(columns) ** exponent > 256:
            self._fail(meta, "that power has too many letters", "Take {0, 1}^2, say.")
        result: Any = [("", ())]
        for _ in range(exponent):
            result = [("", (*a, *b)) for _, a in result for _, b in columns]
        return [(_spelled(column), column) for _, column in result]

    def answer(self, meta: Meta, children: list[Any]) -> list[AnswerLine]:
        _, (name, span), sign, bound = children
        return [AnswerLine(name, plain_relation(sign), bound, span)]

    def parity(self, meta: Meta, children: list[Any]) -> list[Times]:
        return [Times(parity=int(children[1].type == "ODD"))]

    def since(self, meta: Meta, children: list[Any]) -> list[Times]:
        value: Fraction = children[-1]
        if value.denominator != 1 or not 1 <= value <= 1_000:
            self._fail(meta, "this is no time to start at", "Write t >= 2, say.")
        return [Times(since=int(value))]


def _spelled(column: tuple[Fraction, ...]) -> str:
    """``01`` where every entry is a digit, else ``(0,-1)``."""
    texts = [str(entry) for entry in column]
    if len(texts) == 1 or all(len(text) == 1 for text in texts):
        return "".join(texts)
    return f"({','.join(texts)})"
