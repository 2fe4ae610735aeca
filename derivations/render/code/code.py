"""Source text with its type: which axes the array it stands for has, and in which order.

The axes of an array are: one for each time index in its *labels*, then the batch axes if there are
any, then rows and columns where these are more than one by their type. A column is (…, n), a row
is (…, n), a scalar is (…), a matrix is (…, n, m). Batch axes may be left out when the code runs, so
labels are counted from the left, rows and columns from the right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Symbol

ADD, MULTIPLY, UNARY, POWER, ATOM = range(5)
"""How tightly the outermost operation of a text binds."""


@dataclass(frozen=True)
class Code:
    """Source text of an array.

    Attributes:
        text: the source.
        level: how tightly its outermost operation binds.
        labels: time indices that it has an axis for, in order.
        batched: whether it has the batch axes, where there are any.
        rows, cols: whether it has an axis for them.
        number: whether it stands for every entry of an array of any shape.
    """

    text: str
    level: int = ATOM
    labels: tuple[Symbol, ...] = ()
    batched: bool = False
    rows: bool = False
    cols: bool = False
    number: bool = False

    @property
    def plain(self) -> bool:
        """Whether it has neither time nor batch axes: a parameter."""
        return not self.labels and not self.batched

    @property
    def rank(self) -> int:
        """How many axes rows and columns have."""
        return self.rows + self.cols

    def within(self, level: int) -> str:
        """The text as an operand of an operation that binds as tightly as ``level``."""
        return self.text if self.level >= level else f"({self.text})"

    @property
    def atom(self) -> str:
        """The text so that a method or an index can follow."""
        return self.within(ATOM)


def number(value: float | int) -> Code:
    """A number."""
    text = repr(float(value))
    return Code(text, ATOM if value >= 0 else UNARY, number=True)


def scalar_text(text: str, level: int = ATOM) -> Code:
    """A number that a formula gives when the code runs: 1 / T."""
    return Code(text, level, number=True)


def tuple_text(parts: Sequence[str]) -> str:
    """A tuple; the comma of a single entry is kept."""
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def has_axis(extent: Expr) -> bool:
    """Whether rows or columns get an axis: not where they are one by type."""
    return bool(extent != 1)


def union(parts: Sequence[Code], order: Sequence[Symbol]) -> tuple[Symbol, ...]:
    """The labels of all parts together, in the order of the scope."""
    found = {label for part in parts for label in part.labels}
    return tuple(label for label in order if label in found)


def aligned(code: Code, labels: tuple[Symbol, ...], rank: int) -> str:
    """The text so that it broadcasts to more labels, and to this many row and column axes."""
    if code.number:
        return code.text
    own = set(code.labels)
    first = next((k for k, label in enumerate(labels) if label in own), len(labels))
    front = [":" if label in own else "None" for label in labels[first:]]
    while front and front[-1] == ":":
        front.pop()
    missing = rank - code.rank if not (code.plain and code.rank == 0) else 0
    back = ["..."] + ["None"] * missing if missing else []
    index = ", ".join([*front, *back])
    return f"{code.atom}[{index}]" if index else code.text


def aligned_code(code: Code, labels: tuple[Symbol, ...], rank: int) -> Code:
    """The same as code; its level is that of what came out."""
    text = aligned(code, labels, rank)
    return code if text == code.text else replace(code, text=text, level=ATOM)


def joined(parts: Sequence[Code], order: Sequence[Symbol], symbol: str, level: int) -> Code:
    """Parts joined by an operator, broadcast against one another."""
    labels, rank = union(parts, order), max(part.rank for part in parts)
    texts = []
    for place, part in enumerate(parts):
        shown = aligned_code(part, labels, rank)
        texts.append(shown.within(level if place == 0 else level + 1))
    return typed(f" {symbol} ".join(texts), level, parts, order)


def typed(text: str, level: int, parts: Sequence[Code], order: Sequence[Symbol]) -> Code:
    """A text with the type of the parts broadcast together."""
    return Code(
        text,
        level,
        union(parts, order),
        any(part.batched for part in parts),
        any(part.rows for part in parts),
        any(part.cols for part in parts),
        all(part.number for part in parts),
    )


def transposed(code: Code) -> Code:
    """Rows become columns."""
    if code.rank < 2:
        return replace(code, rows=code.cols, cols=code.rows)
    suffix = ".T" if code.plain else ".mT"
    if code.text.endswith(suffix) and code.level == ATOM:
        return replace(code, text=code.text.removesuffix(suffix))
    return replace(code, text=f"{code.atom}{suffix}", level=ATOM)
