"""Where an expression is written: its loops and axes, the names of leaves and shared parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from sympy import Expr, Symbol
from sympy.matrices.expressions import HadamardProduct, MatAdd, MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Range
from derivations.errors import MissingRule
from derivations.expressions.nodes import (
    Apply,
    LogSoftmax,
    LogSumExp,
    Map,
    Power,
    Quotient,
    Scale,
    Softmax,
    TimeSum,
    Variable,
)
from derivations.expressions.traverse import LEAVES, operands
from derivations.render.code.code import Code, scalar_text
from derivations.render.code.dialect import Dialect
from derivations.render.code.names import Names
from derivations.render.code.needs import Needs

SHARED = (
    Apply, LogSoftmax, LogSumExp, Map, Power, Quotient, Softmax, TimeSum, MatMul, MatAdd,
    HadamardProduct,
)  # fmt: skip
"""Kinds whose value gets a name of its own where it is used twice."""

Reader = Callable[[Variable, "Scope"], Code]


class Scope:
    """One block of a function.

    Args:
        dialect: the library that is written for.
        names: identifiers of values, sizes and ends.
        ranges: the indices that are axes of what is written, in order.
        steps: text of the step number for indices that a loop runs over.
        reader: what the leaves are called.
        lines: where statements go.
        needs: told what the code calls.

    Attributes:
        labels: the indices that are axes, in order.
    """

    def __init__(
        self,
        dialect: Dialect,
        names: Names,
        ranges: Iterable[Range],
        steps: dict[Symbol, str],
        reader: Reader,
        lines: list[str],
        needs: Needs,
    ) -> None:
        self.dialect, self.names, self.lines, self.needs = dialect, names, lines, needs
        self.ranges = {r.index: r for r in ranges}
        self.steps = steps
        self._reader = reader
        self._shared: frozenset[MatrixExpr] = frozenset()
        self._named: dict[tuple[MatrixExpr, tuple[Symbol, ...]], Code] = {}

    @property
    def labels(self) -> tuple[Symbol, ...]:
        return tuple(self.ranges)

    def leaf(self, leaf: Variable) -> Code:
        """The code of a leaf."""
        return self._reader(leaf, self)

    def share(self, values: Iterable[MatrixExpr]) -> None:
        """Give a name to what these values, written next, have in common."""
        counts: Counter[MatrixExpr] = Counter()
        stack, seen = list(values), set[MatrixExpr]()
        while stack:
            node = stack.pop()
            counts[node] += 1
            if node in seen or isinstance(node, LEAVES):
                continue
            seen.add(node)
            stack.extend(operands(node))
        found = {n for n, count in counts.items() if count > 1 and isinstance(n, SHARED)}
        self._shared = frozenset(found | {n for n, c in counts.items() if c > 1 and _scaled(n)})

    def known(self, node: MatrixExpr) -> Code | None:
        """The name of a value that has been given one here."""
        return self._named.get((node, self.labels))

    def keep(self, node: MatrixExpr, code: Code) -> Code:
        """The code of a node, by a name where it is used more than once."""
        if node in self._shared and not code.text.isidentifier():
            code = self.named(code)
            self._named[node, self.labels] = code
        return code

    def named(self, code: Code) -> Code:
        """A name for a text that is used more than once."""
        name = self.names.fresh("v")
        self.lines.append(f"{name} = {code.text}")
        return replace(code, text=name, level=4)

    @contextmanager
    def binding(self, over: Range) -> Iterator[None]:
        """One more axis, innermost."""
        if over.index in self.ranges or over.index in self.steps:
            raise MissingRule("export", f"a sum over {over.index} inside a loop over it")
        self.ranges[over.index] = over
        try:
            yield
        finally:
            del self.ranges[over.index]

    def length(self, index: Symbol) -> str:
        """How many steps an axis has."""
        over = self.ranges[index]
        return self.number(over.upper - over.lower + 1)

    def number(self, expr: Expr) -> str:
        """A size, an end or a step as source text."""
        return self.names.expression(expr, self.steps)

    def step(self, expr: Expr) -> Code:
        """The number of a step, as an argument: along an axis it is an array."""
        index = next((i for i in expr.free_symbols if i in self.ranges), None)
        if index is None:
            return scalar_text(self.number(expr), 0)
        offset, moved = (expr - index).as_coeff_Add()
        over = self.ranges[index]
        low, high = self.number(over.lower + offset), self.number(over.upper + offset + 1)
        text = f"{self.dialect.call('arange', low, high)}.reshape(-1, *(1 for _ in batch))"
        if moved != 0:
            # Not an end of the range: it may be known only when the code runs.
            text = f"({text} + {self.number(moved)})"
        return Code(text, 4, (index,), True)

    def scalar(self, expr: Expr) -> Code:
        """An index expression as a number.

        Raises:
            MissingRule: it depends on an index that is an axis.
        """
        axes = [index for index in expr.free_symbols if index in self.ranges]
        if axes:
            raise MissingRule(f"{self.dialect.title} code", f"the number {expr} at every {axes[0]}")
        return scalar_text(self.names.expression(expr, self.steps, exact=False), 0)


def _scaled(node: MatrixExpr) -> bool:
    """Whether a node is a product with a 1×1 value that is no number."""
    return isinstance(node, Scale) and operands(node.scalar) != ()
