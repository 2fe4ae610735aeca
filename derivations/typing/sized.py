"""Matrices that are given by their sizes: ``ones(n, m)``, ``eye(n)``, ``I``, ``unvec(v, n, m)``.

Where a size is left out (``I``, ``ones()``, a block ``0``) it is inferred like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING

from sympy import Expr, Integer, Symbol
from sympy.matrices.expressions import Identity, ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.errors import InputError
from derivations.expressions import build
from derivations.expressions.nodes import Commutation, Diagonalizer
from derivations.language.tree import (
    Binary,
    Call,
    Element,
    Equation,
    Name,
    Node,
    Number,
    walk,
)
from derivations.typing.sizes import Shape

if TYPE_CHECKING:
    from derivations.typing.infer import Inference

ONE = Integer(1)
_SIZE_LETTERS = frozenset("nmdpq")
"""Letters that stand for a size below an ``I``, whatever else the cell says."""
_SUBSCRIPT = re.compile(r"\d*[a-z]*")


def size_symbol(name: str) -> Symbol:
    """The SymPy symbol of a size."""
    return Symbol(name, integer=True, positive=True)


def size_value(node: Node, known: frozenset[str]) -> Expr:
    """A size as it is typed inside brackets: ``n``, ``2*n``, ``n+m``, ``n**2``.

    Raises:
        InputError: something else, or a size that is not among ``known``.
    """
    if isinstance(node, Number) and node.value.denominator == 1 and node.value > 0:
        return Integer(node.value.numerator)
    if isinstance(node, Name) and not node.indices:
        if node.name not in known:
            raise InputError(
                f"the cell has no size {node.name}",
                node.span,
                f"its sizes: {', '.join(sorted(known)) or 'none'}; declare one as in W: n x m",
            )
        return size_symbol(node.name)
    if isinstance(node, Binary) and node.operator != "/":
        left, right = size_value(node.left, known), size_value(node.right, known)
        return {
            "+": left + right, "-": left - right, "*": left * right, "@": left * right,
            "**": left**right,
        }[node.operator]  # fmt: skip
    raise InputError("a size is a name or a whole number", node.span, "write for example eye(n)")


@dataclass(frozen=True)
class Sized:
    """A matrix that takes sizes after ``values`` ordinary arguments.

    ``shape`` and ``build`` are given the sizes; ``build`` also the values.
    """

    counts: tuple[int, ...]
    shape: Callable[[list[Expr]], Shape]
    build: Callable[[list[Expr], list[MatrixExpr]], MatrixExpr]
    values: int = 0

    def sizes(self, inference: Inference, call: Call) -> list[Expr]:
        """The sizes that are typed in ``call``.

        Raises:
            InputError: a wrong number of them, or something that is not a size.
        """
        typed = call.args[self.values :]
        if len(typed) not in self.counts or call.order:
            raise InputError(
                f"{call.function} takes {' or '.join(map(str, self.counts))} size(s), "
                f"{len(typed)} given",
                call.span,
                f"write its sizes in the brackets, as in {call.function}(n, m)",
            )
        return [size_value(node, inference.size_names) for node in typed]

    def infer(self, inference: Inference, call: Call) -> Shape:
        """The shape of ``call``."""
        given = [inference.visit(argument) for argument in call.args[: self.values]]
        sizes = self.sizes(inference, call)
        if not sizes:
            column = (inference.sizes.fresh(), ONE)
            inference.vector_sizes.append(column[0])
            return column
        for shape, argument in zip(given, call.args, strict=False):
            if shape is not None:
                whole = (sizes[0] * sizes[1], ONE)
                inference.unify(shape, whole, argument, "the vector", "its matrix as a column")
        return self.shape(sizes)


def _pair(sizes: list[Expr]) -> Shape:
    return sizes[0], sizes[1] if len(sizes) > 1 else ONE


SIZED: dict[str, Sized] = {
    "ones": Sized((0, 1, 2), _pair, lambda s, v: build.ones(*_pair(s))),
    "zeros": Sized((1, 2), _pair, lambda s, v: ZeroMatrix(*_pair(s))),
    "eye": Sized((1,), lambda s: (s[0], s[0]), lambda s, v: Identity(s[0])),
    "commutation": Sized((2,), lambda s: (s[0] * s[1],) * 2, lambda s, v: Commutation(*s)),
    "diagonalizer": Sized((1,), lambda s: (s[0] ** 2, s[0]), lambda s, v: Diagonalizer(*s)),
    "unvec": Sized((2,), _pair, lambda s, v: build.unvec(v[0], *s), values=1),
}
"""Every matrix that takes sizes, by name."""


def spoken_sizes(equations: Iterable[Equation], taken: frozenset[str]) -> frozenset[str]:
    """Names that are sizes because ``eye(n)``, ``ones(n)`` or ``I_n`` speaks of them.

    Args:
        taken: names of variables and times, which are no sizes.
    """
    nodes = [node for equation in equations for node in walk(equation.value)]
    spoken: set[str] = set()
    inside: list[Name] = []
    for node in nodes:
        if isinstance(node, Call) and node.function in SIZED:
            typed = node.args[SIZED[node.function].values :]
            inside += [n for size in typed for n in walk(size) if isinstance(n, Name)]
        elif isinstance(node, Name) and not node.indices and node.name not in taken:
            head, _, label = node.name.partition("_")
            spoken |= {label} if head == "I" and label in _SIZE_LETTERS else set()
    spoken |= {name.name for name in inside if not name.indices}
    within = {id(name) for name in inside}
    others = {n.name for n in nodes if isinstance(n, Name) and id(n) not in within}
    return frozenset(spoken - taken - others)


def spelled(node: Node, sizes: frozenset[str]) -> Call | None:
    """``eye(n)`` for ``I_n``, ``zeros(n, m)`` for ``0_{n \\times m}``, sizes below calls in it.

    ``commutation(n, m)`` for ``K_{n,m}``; ``None`` for any other node.

    Args:
        sizes: the names of sizes; another letter makes ``I_k`` no matrix of a stated size.
    """
    if isinstance(node, Name):
        head, _, label = node.name.partition("_")
        if head == "K":
            return _commutation(node, label, sizes)
        if head != "I" or not _SUBSCRIPT.fullmatch(label) or not (label or node.indices):
            return None
        size = node.indices[0] if node.indices else _product_of(_factors(label))
        return Call("eye", (size,), span=node.span) if _sizes_in(size) <= sizes else None
    if isinstance(node, Element) and node.operand in (Number(Fraction(0)), Number(Fraction(1))):
        filled = "ones" if node.operand == Number(Fraction(1)) else "zeros"
        return Call(filled, _extents(node.indices), span=node.span)
    if isinstance(node, Call) and node.function in SIZED and node.indices:
        return replace(node, args=(*node.args, *_extents(node.indices)), indices=())
    return None


def _commutation(node: Name, label: str, sizes: frozenset[str]) -> Call | None:
    """``K_{n,m}`` with two sizes, as a label or as indices."""
    parts = node.indices or tuple(_product_of(_factors(p)) for p in label.split("_") if p)
    named = [_sizes_in(part) for part in parts]
    if len(named) != 2 or not all(names and names <= sizes for names in named):
        return None
    return Call("commutation", parts, span=node.span)


def _factors(label: str) -> list[Node]:
    """``2nm`` as its factors."""
    digits = label[: len(label) - len(label.lstrip("0123456789"))]
    numbers: list[Node] = [Number(Fraction(digits))] if digits else []
    return numbers + [Name(letter) for letter in label[len(digits) :]]


def _product_of(factors: list[Node]) -> Node:
    return reduce(lambda left, right: Binary("@", left, right), factors)


def _chain(node: Node) -> list[Node]:
    if isinstance(node, Binary) and node.operator == "@":
        return [*_chain(node.left), *_chain(node.right)]
    return [node]


def _sizes_in(node: Node) -> set[str]:
    return {part.name for part in walk(node) if isinstance(part, Name)}


def _extents(given: tuple[Node, ...]) -> tuple[Node, ...]:
    """Rows and columns of ``n \\times 2m``, which reads as a product; a number opens a factor."""
    if len(given) != 1 or not isinstance(given[0], Binary):
        return given
    factors = _chain(given[0])
    opens = [k for k in range(1, len(factors)) if not isinstance(factors[k - 1], Number)]
    if len(opens) != 1:
        return given
    return _product_of(factors[: opens[0]]), _product_of(factors[opens[0] :])


def is_identity(node: Name, inference: Inference) -> bool:
    """Whether a name is ``I``, ``I_n`` or ``I_{n+m}`` and the cell has no such variable."""
    head, _, label = node.name.partition("_")
    if head != "I" or node.name in inference.taken or not _SUBSCRIPT.fullmatch(label):
        return False
    return {s.name for s in _product(label).free_symbols} <= inference.size_names


def identity_shape(node: Name, inference: Inference) -> Shape:
    """The shape of an identity matrix; a new size where none is typed."""
    _, _, label = node.name.partition("_")
    size: Expr
    if node.indices:
        size = size_value(node.indices[0], inference.size_names)
    elif label:
        size = _product(label)
    else:
        size = inference.sizes.fresh()
        inference.vector_sizes.append(size)
    return size, size


def _product(label: str) -> Expr:
    """``2nm`` as sizes side by side."""
    digits = label[: len(label) - len(label.lstrip("0123456789"))]
    size: Expr = Integer(int(digits or "1"))
    for letter in label[len(digits) :]:
        size = size * size_symbol(letter)
    return size
