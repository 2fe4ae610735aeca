"""The time structure of a cell, read off its equations: indices, axes, ends, generic steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sympy import Expr, Integer, Max, Min, Symbol

from derivations.cell import Axis
from derivations.errors import InputError
from derivations.language.tree import (
    Binary,
    Call,
    Equation,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
    children,
    walk,
)
from derivations.typing.counting import counted, counts

Slot = tuple[str, int | str]
"""A variable's step position ``("h", 0)``, or an equation's letter ``("=3", "t")``."""


def index_symbol(name: str) -> Symbol:
    """The SymPy symbol of a time index or of an end of an axis."""
    return Symbol(name, integer=True)


def is_end(name: str) -> bool:
    """Whether a name in a step is the end of an axis: ends are capitals, indices are not."""
    return name[:1].isupper()


def names_in(node: Node) -> Iterator[Name]:
    """Every name in an index expression."""
    if isinstance(node, Name):
        yield node
    for child in children(node):
        yield from names_in(child)


def index_value(node: Node, letters: Mapping[str, Expr]) -> Expr:
    """An index expression (``t-1``, ``T-k``) as a SymPy integer expression.

    Raises:
        InputError: something that is not index arithmetic, or an index that nothing defines.
    """
    if isinstance(node, Number) and node.value.denominator == 1:
        return Integer(node.value.numerator)
    if isinstance(node, Name) and not node.indices:
        if node.name in letters:
            return letters[node.name]
        if is_end(node.name):
            return index_symbol(node.name)
        known = ", ".join(sorted(letters)) or "none here"
        raise InputError(
            f"the time index {node.name} is never defined",
            node.span,
            f"indices in reach: {known}; bind it with sum({node.name}, 1, T, …) or correct it",
        )
    if isinstance(node, Negative):
        return -index_value(node.operand, letters)
    if isinstance(node, Binary) and node.operator in ("+", "-", "*", "@"):
        left, right = (index_value(side, letters) for side in (node.left, node.right))
        if node.operator in ("*", "@"):
            if not (_is_factor(left) or _is_factor(right)):
                raise InputError(
                    "two time indices are multiplied",
                    node.span,
                    "a time step is an index plus or minus a whole number, as in h[t-1]",
                )
            return left * right
        return left + right if node.operator == "+" else left - right
    if isinstance(node, Binary) and node.operator == "/":
        part = index_value(node.left, letters) / index_value(node.right, letters)
        if part.is_integer:  # half of what is known to be even
            return part
    if isinstance(node, Call) and counts(node):
        return counted(node, lambda part: index_value(part, letters))
    if isinstance(node, Call) and node.function in _EXTREMES and node.args and not node.order:
        return _EXTREMES[node.function](*(index_value(part, letters) for part in node.args))
    raise InputError(
        "a time step is an index plus or minus a whole number",
        node.span,
        "write for example h[t-1], h[t+2], h[T] or h[0]",
    )


def _is_factor(value: Expr) -> bool:
    """Whether an index may be a multiple of a number: of sizes, and of real positions."""
    return all(symbol.is_positive or not symbol.is_integer for symbol in value.free_symbols)


_EXTREMES = {"max": Max, "Max": Max, "min": Min, "Min": Min}


class _Classes:
    """Union-find over slots that run over the same axis."""

    def __init__(self) -> None:
        self._parent: dict[Slot, Slot] = {}

    def root(self, slot: Slot) -> Slot:
        self._parent.setdefault(slot, slot)
        while self._parent[slot] != slot:
            slot = self._parent[slot]
        return slot

    def join(self, a: Slot, b: Slot) -> None:
        first, second = self.root(a), self.root(b)
        if first != second:
            self._parent[second] = first


@dataclass
class Scope:
    """Axes and generic steps.

    Attributes:
        axes: in order of first use.
        steps: variable name → its generic index symbols, one per time axis; () if it has none.
        letters: names that are indices or ends somewhere; a bare use of one is a number.
    """

    axes: tuple[Axis, ...]
    steps: dict[str, tuple[Symbol, ...]]
    ends: dict[Symbol, Symbol]
    letters: frozenset[str]


def read_scope(equations: tuple[Equation, ...]) -> Scope:
    """Find the axes of a list of equations.

    Raises:
        InputError: a variable used with and without a time, or with different numbers of them.
    """
    return _Reader(equations).read()


class _Reader:
    """Collects which slots run over one axis, then names the axes.

    ``places`` maps a letter to the scope that binds it: an equation (key "") or a reduction.
    """

    def __init__(self, equations: tuple[Equation, ...]) -> None:
        self._equations = equations
        self._classes = _Classes()
        self._arity: dict[str, Name] = {}
        self._targets: dict[str, list[str]] = {}
        self._ends: list[tuple[Slot, str]] = []
        self._letters: list[tuple[Slot, str]] = []
        self._index_names: set[str] = set()

    def read(self) -> Scope:
        places = [{"": f"={number}"} for number in range(len(self._equations))]
        for equation, place in zip(self._equations, places, strict=True):
            self._use(equation.target, place, target=True)
        for equation, place in zip(self._equations, places, strict=True):
            self._visit(equation.value, place)
        self._check_arity()
        return self._scope()

    def _visit(self, node: Node, places: Mapping[str, str]) -> None:
        if isinstance(node, Name):
            self._use(node, places)
        elif isinstance(node, Reduction):
            inner = {**places, node.index: f"{places['']}/{id(node)}"}
            self._index_names.add(node.index)
            for bound in (node.lower, node.upper):
                self._index_names.update(name.name for name in names_in(bound))
            for name in names_in(node.upper):
                self._connect(_slot(node.index, inner), name.name, places)
            self._visit(node.body, inner)
        else:
            for child in children(node):
                self._visit(child, places)

    def _connect(self, slot: Slot, name: str, places: Mapping[str, str]) -> None:
        """``name`` stands where the values of ``slot``'s axis stand."""
        if is_end(name):
            self._ends.append((slot, name))
        else:
            other = _slot(name, places)
            self._classes.join(slot, other)
            self._letters.append((slot, name))

    def _use(self, node: Name, places: Mapping[str, str], target: bool = False) -> None:
        first = self._arity.setdefault(node.name, node)
        if node.indices and not first.indices:
            self._arity[node.name] = node
        for position, step in enumerate(node.indices):
            for name in names_in(step):
                self._index_names.add(name.name)
                self._connect((node.name, position), name.name, places)
                if target:
                    self._targets.setdefault(node.name, []).append(name.name)

    def _check_arity(self) -> None:
        for equation in self._equations:
            for node in walk(equation):
                if not isinstance(node, Name) or node.name in self._index_names:
                    continue
                expected = len(self._arity[node.name].indices)
                if len(node.indices) != expected:
                    raise InputError(
                        f"{node.name} has {len(node.indices)} time step(s) here and "
                        f"{expected} elsewhere",
                        node.span,
                        f"write {node.name} with the same number of time steps everywhere",
                    )

    def _scope(self) -> Scope:
        ends: dict[Slot, str] = {}
        letters: dict[Slot, str] = {}
        for slot, end in self._ends:
            ends.setdefault(self._classes.root(slot), end)
        for slot, letter in self._letters:
            letters.setdefault(self._classes.root(slot), letter)
        axes: dict[Slot, Axis] = {}
        steps: dict[str, tuple[Symbol, ...]] = {}
        end_symbols: dict[Symbol, Symbol] = {}
        for name, use in self._arity.items():
            if name in self._index_names and not use.indices:
                continue
            own: list[Symbol] = []
            for position in range(len(use.indices)):
                root = self._classes.root((name, position))
                if root not in axes:
                    axes[root] = self._axis(letters.get(root, "t"), ends.get(root))
                index = axes[root].index
                if index in own:
                    index = self._second(name, position, own)
                own.append(index)
                end_symbols[index] = axes[root].upper
            steps[name] = tuple(own)
        names = self._index_names | {str(axis.upper) for axis in axes.values()}
        unique = tuple(dict.fromkeys(axes.values()))
        return Scope(unique, steps, end_symbols, frozenset(names - steps.keys()))

    def _second(self, name: str, position: int, own: list[Symbol]) -> Symbol:
        """Another letter for a second step along the same axis: the typed one if it is free."""
        typed = self._targets.get(name, [])[position : position + 1]
        return next(
            index_symbol(letter)
            for letter in [*typed, "s", "r", "k", "j"]
            if index_symbol(letter) not in own
        )

    def _axis(self, letter: str, end: str | None) -> Axis:
        usual = [letter[0].upper(), "T", "N", "K"]
        # A bare use, as in 1/T, does not make an end of it a variable.
        variables = self._arity.keys() - self._index_names
        free = (candidate for candidate in usual if candidate not in variables)
        return Axis(index_symbol(letter), index_symbol(end or next(free, f"{letter}_end")))


def _slot(letter: str, places: Mapping[str, str]) -> Slot:
    return places.get(letter, places[""]), letter
