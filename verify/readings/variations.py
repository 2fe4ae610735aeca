"""Conventions in which cells differ from paper to paper, each as a change of the equations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from derivations.cell import LOSS
from derivations.language.tree import (
    Binary,
    Call,
    Equation,
    Name,
    Node,
    Reduction,
    Transposed,
    children,
    rebuild,
    walk,
)
from verify.edits.edit import ONE, binary, flat
from verify.edits.times import renamed, shifted

Equations = tuple[Equation, ...]


@dataclass(frozen=True)
class Variation:
    """One convention that people mix up, as a change of a cell's equations."""

    name: str
    apply: Callable[[Equations], Iterator[Equations]]


def _before_activation(equations: Equations) -> Iterator[Equations]:
    """h[t] = phi(z[t]), z[t] = E(h[t-1])  →  h[t] = E(phi(h[t-1])); also without a z."""
    for position, equation in enumerate(equations):
        call = equation.value
        if not (isinstance(call, Call) and call.args and equation.target.indices):
            continue
        inside, rest = call.args[0], [*equations]
        del rest[position]
        if isinstance(inside, Name):
            argument = next((e for e in rest if e.target == inside), None)
            if argument is None:
                continue
            rest.remove(argument)
            inside = argument.value
        state, activation = equation.target.name, call

        def activated(node: Node, state: str = state, activation: Call = activation) -> Node:
            if isinstance(node, Name) and node.name == state:
                return replace(activation, args=(node, *activation.args[1:]))
            return node

        moved = Equation(equation.target, _mapped(inside, activated))
        rest.insert(min(position, len(rest)), moved)
        yield tuple(rest)


def _loss_at_end(equations: Equations) -> Iterator[Equations]:
    """The loss of the last step only, or of every step."""
    for position, equation in enumerate(equations):
        if equation.target.name != LOSS:
            continue
        value = equation.value
        for node in walk(value):
            if isinstance(node, Reduction) and node.kind == "sum" and isinstance(node.upper, Name):
                last = renamed(node.body, node.index, node.upper.name)
                yield _with(equations, position, last)
                yield _with(equations, position, node)
        ends = {n.name for n in walk(value) if isinstance(n, Name) and n.name[:1].isupper()}
        timed = {n.name for e in equations for i in e.target.indices for n in walk(i)
                 if isinstance(n, Name)}  # fmt: skip
        for end in sorted(ends):
            for letter in sorted(timed):
                body = renamed(value, end, letter)
                if body != value:
                    yield _with(equations, position, Reduction("sum", letter, ONE, Name(end), body))


def _default_loss_at_end(equations: Equations) -> Iterator[Equations]:
    """A loss at T where none was stated."""
    if any(equation.target.name == LOSS for equation in equations):
        return
    for target in (e.target for e in reversed(equations) if len(e.target.indices) == 1):
        yield (*equations, Equation(Name(LOSS), Call("ell", (Name(target.name, (Name("T"),)),))))


def _delay(equations: Equations) -> Iterator[Equations]:
    """One value read a step earlier or later."""
    yield from _everywhere(equations, _moved)


def _moved(node: Node) -> Iterator[Node]:
    if isinstance(node, Name) and len(node.indices) == 1:
        for by in (-1, 1):
            yield replace(node, indices=(shifted(node.indices[0], by),))


def _transposed_weight(equations: Equations) -> Iterator[Equations]:
    """A weight that stands transposed: x @ W for W @ x."""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, Binary) and node.operator == "@" and isinstance(node.left, Name):
            yield replace(node, left=Transposed(node.left))
        if isinstance(node, Transposed):
            yield node.operand

    yield from _everywhere(equations, change)


def _without_term(equations: Equations) -> Iterator[Equations]:
    """A bias or another term less."""

    def change(node: Node) -> Iterator[Node]:
        terms = flat(node, "+")
        for position in range(len(terms) if len(terms) > 1 else 0):
            first, *rest = [*terms[:position], *terms[position + 1 :]]
            for term in rest:
                first = binary("+", first, term)
            yield first

    for position, equation in enumerate(equations):
        for value in _somewhere(equation.value, change):
            yield _with(equations, position, value)


def _without_readout(equations: Equations) -> Iterator[Equations]:
    """The loss on the state itself."""
    for position, equation in enumerate(equations):
        factors = [n for n in walk(equation.value) if isinstance(n, Name) and n.indices]
        states = [n for n in factors if n.indices == equation.target.indices]
        for state in states:
            rest = [*equations]
            del rest[position]

            def direct(node: Node, old: str = equation.target.name, new: Name = state) -> Node:
                if isinstance(node, Name) and node.name == old:
                    return replace(node, name=new.name)
                return node

            yield tuple(Equation(e.target, _mapped(e.value, direct)) for e in rest)


def _complement(equations: Equations) -> Iterator[Equations]:
    """A gate that keeps what it else replaces: 1 - z for z in every place."""
    for gate in equations:
        if not (isinstance(gate.value, Call) and gate.target.indices):
            continue

        def swapped(node: Node, gate: str = gate.target.name) -> Node:
            if isinstance(node, Name) and node.name == gate:
                return binary("-", ONE, node)
            if isinstance(node, Binary) and node.operator == "-" and node.left == ONE:
                inner = node.right
                if isinstance(inner, Binary) and inner.left == ONE and inner.operator == "-":
                    return inner.right
            return node

        yield tuple(
            e if e is gate else Equation(e.target, _mapped(e.value, swapped)) for e in equations
        )


def _activation(equations: Equations) -> Iterator[Equations]:
    """tanh for the sigmoid, or the other way round, or no activation."""

    def change(node: Node) -> Iterator[Node]:
        if isinstance(node, Call) and len(node.args) == 1 and node.function in _ACTIVATIONS:
            for function in _ACTIVATIONS:
                if function != node.function:
                    yield replace(node, function=function)
            yield node.args[0]

    yield from _everywhere(equations, change)


def _reset(equations: Equations) -> Iterator[Equations]:
    """A gate before or after the product with the recurrent weight."""

    def change(node: Node) -> Iterator[Node]:
        if not isinstance(node, Binary):
            return
        right = node.right
        if isinstance(right, Binary) and (node.operator, right.operator) == ("@", "*"):
            yield binary("*", right.left, binary("@", node.left, right.right))
        if isinstance(right, Binary) and (node.operator, right.operator) == ("*", "@"):
            yield binary("@", right.left, binary("*", node.left, right.right))

    yield from _everywhere(equations, change)


_ACTIVATIONS = ("tanh", "sigmoid", "relu")

VARIATIONS = (
    Variation("the state taken before the activation", _before_activation),
    Variation("the loss at other steps", _loss_at_end),
    Variation("a loss at the last step only", _default_loss_at_end),
    Variation("the gate and its complement exchanged", _complement),
    Variation("the gate on the other side of the weight", _reset),
    Variation("a transposed weight", _transposed_weight),
    Variation("another activation", _activation),
    Variation("no readout", _without_readout),
    Variation("a term less", _without_term),
    Variation("a delay moved by one step", _delay),
)
"""Conventions that differ between papers, the most common ones first."""


def _with(equations: Equations, position: int, value: Node) -> Equations:
    """One equation with another right side."""
    changed = replace(equations[position], value=value)
    return (*equations[:position], changed, *equations[position + 1 :])


def _mapped(node: Node, change: Callable[[Node], Node]) -> Node:
    """Every part changed, inner parts first; times are left alone."""
    if isinstance(node, Name):
        return change(node)
    return change(rebuild(node, (_mapped(child, change) for child in children(node))))


def _somewhere(node: Node, change: Callable[[Node], Iterator[Node]]) -> Iterator[Node]:
    """One part changed, in every way."""
    yield from change(node)
    if isinstance(node, Name):
        return
    parts = children(node)
    for position, part in enumerate(parts):
        for changed in _somewhere(part, change):
            yield rebuild(node, iter((*parts[:position], changed, *parts[position + 1 :])))


def _everywhere(
    equations: Equations, change: Callable[[Node], Iterator[Node]]
) -> Iterator[Equations]:
    for position, equation in enumerate(equations):
        for value in _somewhere(equation.value, change):
            yield _with(equations, position, value)
