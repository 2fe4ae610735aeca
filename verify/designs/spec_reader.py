"""The rules of ``design.lark`` that make up a specification."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NoReturn

from lark import Token, Transformer, v_args
from lark.tree import Meta

from derivations.language.source import Source
from verify.designs import languages
from verify.designs.specification import Comparison, Formula, Part

MOST_REPEATS = 50
MOST_SIGNS = 200
NamedLetter = tuple[str, tuple[Fraction, ...]]
"""How a letter is written, and its entries."""


@v_args(meta=True)
class SpecificationReader(Transformer[Token, Any]):
    """One method for each rule; ``letters`` are those of the input."""

    def __init__(self, source: Source, letters: tuple[NamedLetter, ...]) -> None:
        super().__init__()
        self._source = source
        self._letters = letters

    def _fail(self, meta: Meta, message: str, remedy: str) -> NoReturn:
        self._source.fail(message, meta.start_pos, meta.end_pos, remedy)

    def letter(self, meta: Meta, children: list[Token]) -> Part:
        return self._letters_where(lambda name, _: name == str(children[0]))

    def anything(self, meta: Meta, children: list[Token]) -> Part:
        return self._letters_where(lambda name, _: True)

    def every(self, meta: Meta, children: list[Token]) -> Part:
        word = children[1]
        one = Fraction(int(word.type == "ONES"))
        if word.type == "LETTER":
            body = self._letters_where(lambda name, _: name == str(word))
        else:
            body = self._letters_where(lambda _, column: all(entry == one for entry in column))
        if body == languages.NOTHING:
            self._fail(meta, f"no letter is made of {word} only", "Write 'all', then a letter.")
        return languages.star(body)

    def equal(self, meta: Meta, children: list[Token]) -> Part:
        if any(len(column) < 2 for _, column in self._letters):
            self._fail(
                meta, "a letter of one entry is equal to nothing",
                "Give vectors, as in input: x[t] in {0, 1}^2, or two inputs.",
            )  # fmt: skip
        return languages.star(self._letters_where(lambda _, column: len(set(column)) == 1))

    def group(self, meta: Meta, children: list[Any]) -> Part:
        part: Part = children[1]
        return part

    def union(self, meta: Meta, children: list[Any]) -> Part:
        parts = _parts(children)
        if all(isinstance(part, languages.Language) for part in parts):
            return languages.union(*parts)
        return Formula("or", tuple(parts))

    def intersection(self, meta: Meta, children: list[Any]) -> Part:
        parts = _parts(children)
        if all(isinstance(part, languages.Language) for part in parts):
            return languages.intersection(*parts)
        return Formula("and", tuple(parts))

    def complement(self, meta: Meta, children: list[Any]) -> Part:
        (part,) = _parts(children)
        if isinstance(part, languages.Language):
            return languages.complement(part)
        return Formula("not", (part,))

    def concatenation(self, meta: Meta, children: list[Any]) -> Part:
        for part in children:
            self._need_language(meta, part)
        return languages.sequence(*children)

    def repetition(self, meta: Meta, children: list[Any]) -> Part:
        body, sign = children
        self._need_language(meta, body)
        bounds = {"STAR": (0, None), "REPEAT": (1, None), "OPTIONAL": (0, 1)}.get(sign.type)
        if bounds is None:
            first, comma, second = str(sign).strip("{}").partition(",")
            least = int(first)
            most = least if not comma else int(second) if second.strip() else None
            if max(least, most or 0) > MOST_REPEATS or (most is not None and most < least):
                self._fail(meta, f"'{sign}' is no count", f"Count up to {MOST_REPEATS}, {{2,3}}.")
            bounds = (least, most)
        if languages.size(body) * max(bounds[0], bounds[1] or 1) > MOST_SIGNS:
            self._fail(meta, "this repetition is too long", f"Stay within {MOST_SIGNS} signs.")
        return languages.repeated(body, *bounds)

    def _need_language(self, meta: Meta, part: Part) -> None:
        if not isinstance(part, languages.Language):
            self._fail(
                meta, "a comparison of sums cannot be repeated or put into a sequence",
                "Join it with and, or, not.",
            )  # fmt: skip

    def term(self, meta: Meta, children: list[Token]) -> tuple[Fraction, Fraction, Fraction]:
        if children[0].type != "SUM":
            value = Fraction(str(children[0]))
            if len(children) > 1:
                if not Fraction(str(children[2])):
                    self._fail(meta, "division by zero", "Give another denominator.")
                value /= Fraction(str(children[2]))
            return Fraction(0), Fraction(0), value
        which = children[1].type if len(children) > 1 else ""
        if any(len(column) > 1 for _, column in self._letters):
            self._fail(meta, "letters of several entries have no sum", "Give scalar letters.")
        return Fraction(int(which != "EVEN")), Fraction(int(which != "ODD")), Fraction(0)

    def total(self, meta: Meta, children: list[Any]) -> tuple[Fraction, ...]:
        first, *rest = children
        if not rest:
            return tuple(first)
        sign = -1 if rest[0].type == "MINUS" else 1
        return tuple(a + sign * b for a, b in zip(first, rest[1], strict=True))

    def comparison(self, meta: Meta, children: list[Any]) -> Part:
        left, relation, right = children
        odd, even, constant = (a - b for a, b in zip(left, right, strict=True))
        return Comparison(odd, even, constant, plain_relation(relation))

    def _letters_where(
        self, accepts: Callable[[str, tuple[Fraction, ...]], bool]
    ) -> languages.Letters:
        chosen = (k for k, (name, column) in enumerate(self._letters) if accepts(name, column))
        return languages.Letters(frozenset(chosen))


def _parts(children: list[Any]) -> list[Any]:
    return [child for child in children if not isinstance(child, Token)]


PLAIN = {
    "≤": "<=", "≥": ">=", "\\le": "<=", "\\leq": "<=", "\\ge": ">=", "\\geq": ">=",
    "\\lt": "<", "\\gt": ">",
}  # fmt: skip
"""Relations in ASCII."""


def plain_relation(token: Token) -> str:
    """How a relation is written, in ASCII."""
    return PLAIN.get(str(token), str(token))
