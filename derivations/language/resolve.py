"""The raw LaTeX tree to the untyped tree: products and calls told apart, symbols read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any, NoReturn

from derivations.errors import InputError
from derivations.language import raw
from derivations.language.bounds import read_bounds
from derivations.language.context import Context, defined_function
from derivations.language.indicators import condition_of, indicator
from derivations.language.products import read_product
from derivations.language.raised import raised
from derivations.language.scripts import entry
from derivations.language.symbols import read_symbol
from derivations.language.tree import (
    Binary,
    Call,
    Negative,
    Node,
    Number,
    Partial,
    Reduction,
    Relation,
    children,
)

ONE = Number(Fraction(1))


class Resolver:
    """Reads raw nodes in the light of a :class:`Context`; one method for each raw kind."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._methods: dict[type[Node], Callable[[Any], Node]] = {
            Number: lambda node: node,
            Relation: self._relation,
            raw.Symbol: self._symbol,
            raw.Scripted: self._scripted,
            raw.Accented: self._symbol,
            raw.Group: self._group,
            raw.Juxtaposed: self._juxtaposed,
            raw.Chain: self._chain,
            raw.Big: self._big,
            raw.Fraction2D: self._fraction,
            raw.Applied: self._applied,
            raw.Matrix: self._matrix,
            raw.Differential: self._differential,
            raw.Ones: lambda node: Number(Fraction(1), span=node.span),
            raw.Mark: self._out_of_place,
            raw.Angled: self._out_of_place,
            raw.Bound: self._out_of_place,
            raw.Cases: self._cases,
        }

    def resolve(self, node: Node) -> Node:
        """The meaning of one raw node.

        Raises:
            InputError: if it has none.
        """
        return self._methods[type(node)](node)

    def _relation(self, node: Relation) -> Node:
        if defined_function(node) is not None:
            assert isinstance(node.left, raw.Juxtaposed)
            name, group = node.left.items
            arguments = tuple(self.resolve(item) for item in children(group))
            reading = read_symbol(name, self.context, self.resolve)
            assert reading is not None
            left: Node = Call(reading.full_name, arguments, span=node.left.span)
        else:
            left = self.resolve(node.left)
        return Relation(node.operator, left, self.resolve(node.right), span=node.span)

    def _symbol(self, node: Node) -> Node:
        reading = read_symbol(node, self.context, self.resolve)
        if reading is None:
            fail(
                node,
                "an accent stands on something that is not a symbol",
                "Put the accent on one letter: \\hat{y}_t.",
            )
        if reading.kind == "function":
            fail(
                node,
                f"the function {reading.name} has no argument",
                f"Write what it applies to behind it, in brackets: {reading.name}(z).",
            )
        return reading.as_value()

    def _scripted(self, node: raw.Scripted) -> Node:
        condition = condition_of(node, None)
        if condition is not None:
            return indicator(condition[0], self.resolve)
        reading = read_symbol(node, self.context, self.resolve)
        if reading is not None:
            return self._symbol(node)
        if isinstance(node.base, raw.Differential):
            return self._differential(node)
        if isinstance(node.base, raw.Ones):
            return self._juxtaposed(raw.Juxtaposed((node,), (), span=node.span))
        value = self.resolve(node.base)
        if isinstance(node.base, raw.Applied) and node.base.function == "norm" and node.subs:
            self._check_euclidean(node)
        else:
            value = entry(value, node.subs, self.resolve)
        if node.primes:
            fail(
                node,
                "a prime stands behind something that is not a function",
                "Write the slope of a function as \\phi'(z).",
            )
        return raised(value, node.sups, self.context.scalars, self.resolve)

    def _check_euclidean(self, node: raw.Scripted) -> None:
        """A subscript 2 is the norm that is meant anyway; any other one is another norm."""
        if node.subs != (Number(Fraction(2)),):
            fail(
                node,
                "only the 2-norm is read (of a matrix, the spectral norm)",
                "Write the Frobenius norm as sqrt(sum(A*A)), the 1-norm of a vector as "
                "sum(abs(v)).",
            )

    def _group(self, node: raw.Group) -> Node:
        condition = condition_of(node, None)
        if condition is not None:
            return indicator(condition[0], self.resolve)
        if len(node.items) == 1:
            return self.resolve(node.items[0])
        if node.bracket == "[":
            items = tuple(self.resolve(item) for item in node.items)
            return Call("concat", items, span=node.span)
        fail(
            node,
            "a list in round brackets is only read behind a function",
            "Stack values with [a; b], or remove the comma.",
        )

    def _juxtaposed(self, node: raw.Juxtaposed) -> Node:
        return read_product(node, self.context, self.resolve)

    def _chain(self, node: raw.Chain) -> Node:
        first, *rest = node.items
        value = self.resolve(first)
        if node.negated:
            value = Negative(value, span=first.span)
        for operator, item in zip(node.operators, rest, strict=True):
            right = self.resolve(item)
            if operator == "outer":
                value = Call("outer", (value, right), span=node.span)
            else:
                value = Binary(operator, value, right, span=node.span)
        return value

    def _big(self, node: raw.Big) -> Node:
        index, lower, upper = read_bounds(node, self.resolve)
        return Reduction(node.kind, index, lower, upper, self.resolve(node.body), span=node.span)

    def _fraction(self, node: raw.Fraction2D) -> Node:
        upper, lower = differential_parts(node.upper), differential_parts(node.lower)
        parted = _parted(node.lower) if upper is not None and lower is None else None
        if parted is not None:  # ∂L/(T ∂o_t)
            factor, below = parted
            whole = self.resolve(replace(node, lower=below))
            return Binary("/", whole, self.resolve(factor), span=node.span)
        if upper is None or lower is None:
            return Binary("/", self.resolve(node.upper), self.resolve(node.lower), span=node.span)
        if not upper[1]:
            fail(
                node,
                "this derivative does not say of what",
                "Write the variable into the numerator: \\frac{\\partial L}{\\partial W}.",
            )
        return Partial(
            self.resolve(upper[1][0]),
            self.resolve(lower[1][0]),
            bool(upper[0] and upper[0].immediate),
            span=node.span,
        )

    def _applied(self, node: raw.Applied) -> Node:
        return Call(node.function, tuple(map(self.resolve, node.arguments)), span=node.span)

    def _matrix(self, node: raw.Matrix) -> Node:
        rows: list[Node] = []
        for row in node.rows:
            cells = tuple(self.resolve(cell) for cell in row.items)
            rows.append(cells[0] if len(cells) == 1 else Call("hstack", cells, span=row.span))
        return rows[0] if len(rows) == 1 else Call("concat", tuple(rows), span=node.span)

    def _differential(self, node: Node) -> Node:
        fail(
            node,
            "this derivative is not complete",
            "Write \\frac{\\partial h_t}{\\partial h_{t-1}} or \\nabla_{W} L.",
        )

    def _cases(self, node: Node) -> Node:
        fail(
            node,
            "cases stand only behind the sign of an equation, one row for each time",
            "Give a value by cases a name and an equation of its own; a function with a kink is "
            "written max(0, z), leaky_relu(z, p), abs(z).",
        )

    def _out_of_place(self, node: Node) -> Node:
        fail(node, "this sign has no meaning here", "Remove it, or give it a value to act on.")


def fail(node: Node, message: str, remedy: str) -> NoReturn:
    """Raise the :class:`InputError` that points at ``node``."""
    raise InputError(message, node.span, remedy)


def _parted(node: Node) -> tuple[Node, Node] | None:
    """The factors before the first ``\\partial`` of a product, and the product from there on."""
    while isinstance(node, raw.Group) and len(node.items) == 1:
        node = node.items[0]
    items = node.items if isinstance(node, raw.Juxtaposed) else ()
    at = next((k for k, item in enumerate(items) if isinstance(item, raw.Differential)), 0)
    if not at:
        return None
    assert isinstance(node, raw.Juxtaposed)
    before = replace(node, items=items[:at], joins=node.joins[: at - 1])
    return before if at > 1 else items[0], replace(node, items=items[at:], joins=node.joins[at:])


def differential_parts(node: Node) -> tuple[raw.Differential | None, tuple[Node, ...]] | None:
    """``\\partial x`` as its sign and ``x``; ``d x`` as ``None`` and ``x``; else ``None``.

    Raises:
        InputError: for a second derivative.
    """
    while isinstance(node, raw.Group) and len(node.items) == 1:
        node = node.items[0]
    items = node.items if isinstance(node, raw.Juxtaposed) else (node,)
    first, rest = items[0], items[1:]
    if isinstance(first, raw.Scripted) and (
        isinstance(first.base, raw.Differential)
        or (first.base == raw.Symbol("d") and rest and not first.subs)
    ):
        fail(
            first,
            "only first derivatives are read",
            "Write \\frac{\\partial L}{\\partial W}; a second derivative has no meaning here.",
        )
    if isinstance(first, raw.Differential):
        sign: raw.Differential | None = first
    elif first == raw.Symbol("d") and rest:
        sign = None
    else:
        return None
    if len(rest) < 2:
        return sign, rest
    assert isinstance(node, raw.Juxtaposed)
    return sign, (raw.Juxtaposed(rest, node.joins[1:], span=node.span),)
