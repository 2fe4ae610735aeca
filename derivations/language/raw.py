"""The LaTeX tree as typed, before anything is known about which letters are time indices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from derivations.language.tree import BinaryOperator, Node, ReductionKind

SymbolKind = Literal["letter", "function", "word"]
ChainOperator = BinaryOperator | Literal["outer"]


@dataclass(frozen=True, slots=True)
class Symbol(Node):
    """One letter, Greek letter, command or upright word, by its canonical text name."""

    name: str
    kind: SymbolKind = "letter"


@dataclass(frozen=True, slots=True)
class Mark(Node):
    """A script that is a sign, not a value: ``top`` (transpose), ``plus``, ``star``, ``prime``."""

    name: str


@dataclass(frozen=True, slots=True)
class Angled(Node):
    """``<t>`` or ``\\langle t \\rangle`` in a script: a time."""

    body: Node


@dataclass(frozen=True, slots=True)
class Bound(Node):
    """``k = 1``, ``k < t`` or ``1 \\le k \\le t`` under a sum."""

    items: tuple[Node, ...]
    relations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scripted(Node):
    """``base`` with what stands below, above and as primes behind it."""

    base: Node
    subs: tuple[Node, ...] = ()
    sups: tuple[Node, ...] = ()
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Accented(Node):
    """``\\hat{body}``; ``suffix`` is what the accent adds to a name."""

    suffix: str
    body: Node


@dataclass(frozen=True, slots=True)
class Group(Node):
    """``( … )``, ``[ … ]`` or ``{ … }`` around items parted by commas or semicolons."""

    bracket: Literal["(", "[", "{"]
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Juxtaposed(Node):
    """Factors in a row; ``joins[i]`` stands before ``items[i + 1]``: nothing, a dot or a slash."""

    items: tuple[Node, ...]
    joins: tuple[Literal["", "dot", "/"], ...]


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Operands joined left to right by ``operators``: ``*``, ``outer``, ``+``, ``-``."""

    items: tuple[Node, ...]
    operators: tuple[ChainOperator, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Big(Node):
    """``\\sum``, ``\\prod`` or ``\\bigoplus`` with its bounds as typed."""

    kind: ReductionKind
    subs: tuple[Node, ...]
    sups: tuple[Node, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Fraction2D(Node):
    """``\\frac{upper}{lower}``: a quotient, or a derivative."""

    upper: Node
    lower: Node


@dataclass(frozen=True, slots=True)
class Applied(Node):
    """Notation that is a function whatever the cell says: roots, norms, binomials, ⟨a, b⟩."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Matrix(Node):
    """``\\begin{bmatrix} … \\end{bmatrix}``; one Group for each row."""

    rows: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Differential(Node):
    """``\\partial`` or ``\\nabla`` standing as a factor, before what it applies to."""

    kind: Literal["partial", "nabla"]
    immediate: bool = False


@dataclass(frozen=True, slots=True)
class Ones(Node):
    """A bold ``1``: a vector of ones."""


@dataclass(frozen=True, slots=True)
class Case(Node):
    """A row of ``cases``: a value, and the condition behind ``&`` where there is one."""

    value: Node
    condition: Node | None


@dataclass(frozen=True, slots=True)
class Cases(Node):
    """``\\begin{cases} … \\end{cases}``."""

    rows: tuple[Case, ...]
