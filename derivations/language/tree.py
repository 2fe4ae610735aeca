"""The untyped tree: what text and LaTeX are both read into, before anything has a shape.

Every node carries the :class:`Span` it was read from, so that a later stage can point at it.
Spans do not take part in equality: two trees are equal when they say the same thing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from functools import cache
from operator import is_
from typing import Any, Literal, NamedTuple, get_args, get_type_hints


class Span(NamedTuple):
    """Where a piece of input stands: ``text`` is its whole line, ``column`` counts from 1."""

    text: str
    line: int
    column: int
    end_column: int
    source: str = "<input>"


NOWHERE = Span("", 0, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Base of every untyped node."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)
    _below: tuple[Node, ...] | None = field(default=None, init=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A literal, exact: ``0.1`` is ``Fraction(1, 10)``."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable, parameter or index, with its time indices: ``h[t-1]`` has one, ``W`` none.

    ``indices`` are ordinary expression nodes over numbers and index names.
    """

    name: str
    indices: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``function(args)``; ``order`` counts primes, so ``sigmoid'(z)`` has order 1.

    ``function`` is the canonical text name (``sigmoid`` for ``\\sigma``, ``diag`` for every
    spelling of diag). ``indices`` holds a time index on the function itself, as in ``ell_t(h_t)``.
    """

    function: str
    args: tuple[Node, ...]
    order: int = 0
    indices: tuple[Node, ...] = ()


BinaryOperator = Literal["@", "*", "/", "**", "+", "-"]


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """``@`` matrix product, ``*`` elementwise product, ``/``, ``**``, ``+``, ``-``."""

    operator: BinaryOperator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """``-operand``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Transposed(Node):
    """``operand.T``."""

    operand: Node


ReductionKind = Literal["sum", "prod", "directsum"]
REDUCTIONS: dict[str, ReductionKind] = {kind: kind for kind in get_args(ReductionKind)}


@dataclass(frozen=True, slots=True)
class Reduction(Node):
    """``sum``, ``prod`` or ``directsum`` of ``body`` for ``index`` from ``lower`` to ``upper``.

    Both ends are included. A direct sum puts its bodies on the diagonal of one matrix.
    """

    kind: ReductionKind
    index: str
    lower: Node
    upper: Node
    body: Node
    order: Literal["descending", "ascending"] = "descending"


@dataclass(frozen=True, slots=True)
class Element(Node):
    """One entry ``operand[i, j]`` (or ``operand[i]``) of a parameter or of a derivative."""

    operand: Node
    indices: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Partial(Node):
    """A derivative: ``dL/dW``, ``dh[T]/dh[k]``; ``immediate`` for ``direct dc[t]/dc[t-1]``."""

    numerator: Node
    denominator: Node
    immediate: bool = False


@dataclass(frozen=True, slots=True)
class SlotDerivative(Node):
    """``∂operand/∂(argument slot)``, every other argument fixed; slots count from 1.

    ``operand`` is a call, or another of these: ``df/dh(x[t], h[t-1], w)`` is slot 2 of ``f(…)``.
    """

    operand: Node
    slot: int


RelationSign = Literal["=", "<=", ">=", "<", ">"]


@dataclass(frozen=True, slots=True)
class Relation(Node):
    """A claim: ``left = right``, or a relation by size.

    ``conditions`` are relations ``a <= b`` between times: what is claimed where all of them hold.
    """

    operator: RelationSign
    left: Node
    right: Node
    conditions: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class Equation(Node):
    """One line ``target = value`` of a cell.

    ``since`` is a letter and the first time it stands for, where a range behind the line says so.
    """

    target: Name
    value: Node
    since: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Node):
    """One line ``name(parameter, …) = body`` of a cell; parameters are plain names."""

    name: str
    parameters: tuple[str, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Declaration(Node):
    """One line ``S[t]: n x d``, ``alpha: scalar``, ``w: n``, ``y: distribution``.

    ``shape`` is the pair of sizes as typed (``("n", "d")``; ``("1", "1")`` for a scalar;
    ``(size, "1")`` for one size). ``property`` is ``"distribution"`` for a vector that sums to one.
    """

    name: str
    shape: tuple[str, str] | None
    property: Literal["distribution"] | None = None


@dataclass(frozen=True, slots=True)
class CellSource(Node):
    """A whole cell as read: headers and lines in the order they were typed."""

    title: str
    origin: str
    equations: tuple[Equation, ...]
    functions: tuple[FunctionDefinition, ...] = ()
    declarations: tuple[Declaration, ...] = ()


@cache
def _fields(kind: type[Node]) -> tuple[str, ...]:
    hints = get_type_hints(kind)
    return tuple(
        spec.name for spec in fields(kind) if spec.init and _may_hold_nodes(hints[spec.name])
    )


def _may_hold_nodes(hint: Any) -> bool:
    if isinstance(hint, type):
        return issubclass(hint, Node)
    return any(map(_may_hold_nodes, get_args(hint)))


def _parts(node: Node) -> tuple[str, ...]:
    """The fields of a node that may hold nodes."""
    return _fields(type(node))  # type: ignore[arg-type]  # mypy looks at the hash of instances


def children(node: Node) -> tuple[Node, ...]:
    """The direct sub-nodes of ``node``, left to right; a node keeps them once they are found."""
    if node._below is not None:
        return node._below
    found: list[Node] = []
    for name in _parts(node):
        value = getattr(node, name)
        if isinstance(value, Node):
            found.append(value)
        elif value:
            found.extend([item for item in value if isinstance(item, Node)])
    below = tuple(found)
    object.__setattr__(node, "_below", below)  # frozen towards everybody else
    return below


def walk(node: Node) -> Iterator[Node]:
    """``node`` and everything below it, parents first, left to right; never recurses."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(children(current)))


def rebuild(node: Node, new_children: Iterator[Node]) -> Node:
    """``node`` with its direct sub-nodes replaced, in the order of :func:`children`."""
    changes: dict[str, Any] = {}
    for name in _parts(node):
        value = getattr(node, name)
        if isinstance(value, Node):
            changes[name] = next(new_children)
        elif value and any(isinstance(item, Node) for item in value):
            changes[name] = tuple(
                [next(new_children) if isinstance(item, Node) else item for item in value]
            )
    return replace(node, **changes) if changes else node


def map_nodes(root: Node, change: Callable[[Node], Node]) -> Node:
    """``root`` with ``change`` applied to every node, innermost first; never recurses."""
    order = list(walk(root))
    done: dict[int, Node] = {}
    for node in reversed(order):
        before = children(node)
        if before:
            after = [done[id(child)] for child in before]
            same = all(map(is_, after, before))
            done[id(node)] = change(node if same else rebuild(node, iter(after)))
        else:
            done[id(node)] = change(node)
    return done[id(root)]
