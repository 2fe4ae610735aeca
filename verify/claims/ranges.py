"""Times stated behind a claim: ``(1 <= k <= T-1)``, ``\\quad t = T-1, \\dots, 1``, ``for t < T``.

Derivations print them, and people write them: the claim is made for these times only. Any other
condition behind a claim is refused, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from derivations.errors import InputError
from derivations.language import parse_claim
from derivations.language.source import Source
from derivations.language.tree import (
    Binary,
    Name,
    Negative,
    Node,
    Number,
    Relation,
    Span,
    children,
    walk,
)
from derivations.typing.scope import is_end

BLANK = r"(?:\s|~|\\[,;:!> ]|\\q?quad(?![A-Za-z])|&){0,20}"  # few, so that matching ends soon
GAP = r"(?:[,;]|&&|\\q?quad(?![A-Za-z])|\\;)"
_WORD = r"(?:for(?:\s+(?:all|each|every|any))?(?:\s+integers?)?|where|with|if|when)"
_EVERY = r"for\s+(?:all|each|every|any)(?:\s+integers?)?"
FOR = rf"(?:\\(?:text|mathrm|mbox)\s*\{{\s*{_WORD}\s*\}}|\b{_WORD}\b|\\forall(?![A-Za-z])|∀)"
_TERM = r"(?:\d+|\\?[A-Za-zτ]+'?(?:_(?:\w|\{\w+\}))?)"
_SUM = rf"(?:-{BLANK})?{_TERM}(?:{BLANK}[-+]{BLANK}{_TERM})*"
_LARGEST = (  # of two, as a lower bound
    rf"\\?[Mm]ax(?:\\left)?{BLANK}[({{]{BLANK}{_SUM}{BLANK},{BLANK}{_SUM}"
    rf"{BLANK}(?:\\right)?[)}}]"
)
_BOUND = rf"(?:{_LARGEST}|{_SUM})"
_SIGN = r"(?:<=|>=|<|>|≤|≥|\\leq?(?![A-Za-z])|\\geq?(?![A-Za-z])|\\[lg]t(?![A-Za-z]))"
_DOTS = r"(?:\\(?:ldots|dots|cdots|dotsc)(?![A-Za-z])|\.{2,3}|…)"
_NEXT = rf"{BLANK}(?:,{BLANK})?"
_IN = r"(?:=|:|\\in(?![A-Za-z])|∈)"
_LISTED = (
    rf"(?:{_TERM}){BLANK}{_IN}{BLANK}(?:\\?\{{)?{BLANK}{_BOUND}"
    rf"{_NEXT}(?:{_BOUND}{_NEXT}){{0,2}}{_DOTS}{_NEXT}{_BOUND}{BLANK}(?:\\?\}})?"
)
_CHAIN = rf"{_BOUND}(?:{BLANK}{_SIGN}{BLANK}{_BOUND})+"
_FIXED = rf"{_TERM}{BLANK}={BLANK}{_BOUND}"
CONDITION = rf"(?:{_LISTED}|{_CHAIN}|{_FIXED})"
AND = rf"{BLANK}(?:[,;]|\\?\band\b|\\text\s*\{{\s*and\s*\}}){BLANK}"
_NOTE = re.compile(
    rf"(?P<note>{BLANK}(?:{GAP}|(?=[(\[])|(?={FOR})){BLANK}(?P<open>[(\[])?{BLANK}(?:{FOR}{BLANK})?"
    rf"(?P<said>{CONDITION}(?:{AND}{CONDITION})*)"
    rf"(?(open){BLANK}[)\]])){BLANK}[.,;]?\s*(?:\\end\{{\w+\*?\}}|\\\]|\$+)?\s*\Z"
)
ENDING = re.compile(rf"{BLANK}[.,;]?\s*(?:\\end\{{\w+\*?\}}|\\\]|\$+)?\s*\Z")
_FACTOR = re.compile(  # an operator, or the sign of an indicator
    r"(?:(?:[*@+\-/=·⊙∘−]|\\(?:odot|cdot|circ|times|otimes)(?![A-Za-z]))(?:\s|\\[,;:! ])*"
    r"|(?<![\w}])[1I]|\\(?:mathbb|mathbf|mathds|bm|boldsymbol)\s*\{?\s*[1I]\s*\}?"
    r"|(?<!\w)(?:indicator|where))\Z"
)
_ALL = re.compile(  # for all t: what every claim says
    rf"{BLANK}{GAP}?{BLANK}(?P<open>[(\[])?{BLANK}"
    rf"(?:\\(?:text|mathrm|mbox)\s*\{{\s*{_EVERY}\s*\}}"
    rf"|\b{_EVERY}\b|\\forall(?![A-Za-z])|∀){BLANK}"
    rf"\$?{_TERM}(?:{BLANK},{BLANK}{_TERM})*\$?{BLANK}(?(open)[)\]]){BLANK}[.,;]?\s*\Z"
)
_ONE = re.compile(CONDITION)
_LIST = re.compile(
    rf"(?P<letter>{_TERM}){BLANK}{_IN}{BLANK}(?:\\?\{{)?{BLANK}(?P<first>{_BOUND})"
    rf"(?=.*{_DOTS}){_NEXT}.*?{_DOTS}{_NEXT}(?P<last>{_BOUND}){BLANK}(?:\\?\}})?",
    re.DOTALL,
)
_PARTS = re.compile(rf"\\?[Mm]ax(?:\\left)?{BLANK}[({{](.*?)(?:\\right)?[)}}]", re.DOTALL)
_SPLIT = re.compile(rf"({_SIGN}|=)")
_OTHER = re.compile(  # words of a condition that is no range of times
    rf"\\(?:text|textrm|mathrm|mbox)\s*\{{\s*{_WORD}\s*\}}|\\forall(?![A-Za-z])|∀"
    rf"|(?<=[\s,;(]){_WORD}(?=\s+[^\s=<>+*/@)])"
)
_ROWS = re.compile(r"(\n|\\\\(?!\w))")
RELATION = re.compile(  # the angles of h^{<t>} are none
    r"[=≤≥]|\\[lg](?:eq?|t)(?![A-Za-z])|(?<![{^])<|>(?!\s*\})"
)
ONE = Number(Fraction(1))
LATE = 1_000
"""What a letter of a time is taken for of which nothing is known."""
LONGEST_NOTE = 300
"""Characters of a line behind which no range opens."""


def outside_times(text: str) -> tuple[str, tuple[Relation, ...]]:
    """The claim with blanks for the times stated behind it, and these as ``a <= b``.

    Columns stay what they are, so that messages point at the right place.

    Raises:
        InputError: a word such as "for" opens a condition that is no range of times.
    """
    found: list[Relation] = []
    rows: list[str] = []
    related = False
    start = 0
    for row in _ROWS.split(text):
        match = _NOTE.search(row, max(0, len(row) - LONGEST_NOTE))
        if match is not None and match["open"] and is_factor(row, match.start("open")):
            match = None
        related = related or bool(RELATION.search(row, 0, match.start() if match else len(row)))
        if match is not None and related:
            for condition in _ONE.finditer(match["said"]):
                first, last = (start + match.start("said") + end for end in condition.span())
                span = Source(text, "<claim>").span(first, last)
                found.extend(replace(c, span=span) for c in _conditions(condition[0]))
            first, last = match.span("note")
            row = row[:first] + " " * (last - first) + row[last:]
        every = _ALL.search(row, max(0, len(row) - LONGEST_NOTE)) if related else None
        if every is not None:
            first, last = every.span()
            row = row[:first] + " " * (last - first) + row[last:]
        other = _OTHER.search(row) if related and "cases}" not in text else None
        if other is not None and RELATION.search(row[: other.start()]):
            raise _refused(Source(text, "<claim>").span(start + other.start(), start + len(row)))
        rows.append(row)
        start += len(row)
    return "".join(rows), tuple(found)


def is_factor(row: str, bracket: int) -> bool:
    """Whether what a bracket holds is a value: an indicator such as ``z * 1[z > 0]``."""
    return _FACTOR.search(row, 0, bracket) is not None


def about(
    conditions: tuple[Relation, ...],
    times: frozenset[str],
    others: frozenset[str],
    positions: frozenset[str],
    variables: frozenset[str],
    sizes: frozenset[str] = frozenset(),
) -> tuple[Relation, ...]:
    """The conditions on the times of a claim.

    Args:
        times: letters that the claim leaves free, and ends of time.
        others: further letters of times; a condition on these repeats the range of a sum.
        positions: letters of rows and columns; these run over all of them.
        variables: the cell's own.
        sizes: the cell's sizes, on which there may be conditions, too.

    Raises:
        InputError: a condition is about something else, or about some rows only.
    """
    kept: list[Relation] = []
    for condition in conditions:
        names = {node.name for node in walk(condition) if isinstance(node, Name)}
        if names <= times | sizes:
            kept.append(condition)
        elif not (
            (names <= times | others) or _all_rows(condition, positions, times | others | variables)
        ):
            raise _refused(condition.span)
    return tuple(kept)


def _all_rows(condition: Relation, positions: frozenset[str], taken: frozenset[str]) -> bool:
    """Whether this is ``1 <= i``, or ``i <= n`` with a size ``n``."""
    left, right = condition.left, condition.right
    if isinstance(right, Name) and right.name in positions:
        return left == ONE
    if not isinstance(left, Name) or left.name not in positions:
        return False
    return isinstance(right, Name) and right.name not in taken | positions


def _refused(span: Span) -> InputError:
    said = span.text[span.column - 1 : span.end_column - 1].strip()
    return InputError(
        f"the condition '{said}' behind the claim is no range of times",
        span,
        "State times (t >= 2), sizes (n >= 2) or values (c[0] = 0, W = 0); give other equations of "
        "the cell with it (--eq), and what the claim introduces on a line of its own before it "
        "(z[t] = W @ h[t-1]).",
    )


def _conditions(said: str) -> Iterator[Relation]:
    listed = _LIST.fullmatch(said)
    if listed is not None:
        letter, firsts, lasts = (_bounds(listed[part]) for part in ("letter", "first", "last"))
        if rough(firsts[0]) > rough(lasts[0]):
            firsts, lasts = lasts, firsts
        yield from (Relation("<=", first, letter[0]) for first in firsts)
        yield from (Relation("<=", letter[0], last) for last in lasts)
        return
    parts = _SPLIT.split(said)
    for left, sign, right in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
        sign = sign.lstrip("\\")
        if sign[0] in (">", "≥", "g"):
            left, right = right, left
        for one in _bounds(left):
            yield from _pair(one, sign, _index(right))


def _pair(left: Node, sign: str, right: Node) -> Iterator[Relation]:
    """``left`` is the smaller one."""
    if sign in ("<", ">", "lt", "gt"):
        left = Binary("+", left, ONE)
    yield Relation("<=", left, right)
    if sign == "=":
        yield Relation("<=", right, left)


def _bounds(text: str) -> list[Node]:
    """A time, or each of those of which the largest is meant."""
    largest = _PARTS.fullmatch(text.strip())
    return [_index(part) for part in (largest[1].split(",") if largest else [text])]


def _index(text: str) -> Node:
    return parse_claim(f"{text} = 0").left


def rough(node: Node) -> Fraction:
    """About how late a time is: the ends of time last, other letters in the middle."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Name):
        return Fraction(LATE**2 if is_end(node.name) else LATE)
    terms = [rough(child) for child in children(node)]
    if isinstance(node, Binary) and node.operator == "-":
        return terms[0] - terms[1]
    return -terms[0] if isinstance(node, Negative) else sum(terms, Fraction(0))
