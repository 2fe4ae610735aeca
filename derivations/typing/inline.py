"""Replacing calls of defined functions (the cell's own, and the known losses) by their bodies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from derivations.catalogue import losses
from derivations.errors import InputError
from derivations.language import parse_cell
from derivations.language.limits import Budget
from derivations.language.tree import (
    Call,
    CellSource,
    Equation,
    FunctionDefinition,
    Name,
    Node,
    children,
    rebuild,
    walk,
)


@dataclass(frozen=True)
class Library:
    """Functions that have a body.

    Attributes:
        functions: by name.
        distributions: per function, the positions of arguments that sum to one.
    """

    functions: Mapping[str, FunctionDefinition]
    distributions: Mapping[str, frozenset[int]]


def library(source: CellSource) -> Library:
    """The functions a cell defines, and the known losses it calls without defining them."""
    functions = {definition.name: definition for definition in source.functions}
    distributions: dict[str, frozenset[int]] = {}
    called = {
        node.function
        for equation in source.equations
        for node in walk(equation)
        if isinstance(node, Call)
    }
    known = losses()
    for name in sorted(called & known.keys() - functions.keys()):
        loss = parse_cell(known[name], source=f"{name}.loss")
        for definition in loss.functions:
            functions[definition.name] = definition
            simplex = {d.name for d in loss.declarations if d.property == "distribution"}
            distributions[definition.name] = frozenset(
                i for i, parameter in enumerate(definition.parameters) if parameter in simplex
            )
    return Library(functions, distributions)


def inline(node: Node, known: Library) -> Node:
    """``node`` with every value call of a defined function replaced by its body.

    Slopes (``phi'(z)``) are left: they are derived once the body has a type.

    Raises:
        InputError: wrong number of arguments, a function that calls itself, or functions of
            functions that grow without end.
    """
    return _inline(node, known, (), Budget()) if known.functions else node


def _inline(node: Node, known: Library, inside: tuple[str, ...], budget: Budget) -> Node:
    if inside:
        budget.spend(known.functions[inside[0]].span)
    inlined = rebuild(node, (_inline(child, known, inside, budget) for child in children(node)))
    if not isinstance(inlined, Call) or inlined.order or inlined.function not in known.functions:
        return inlined
    definition = known.functions[inlined.function]
    if inlined.function in inside:
        raise InputError(
            f"the function {inlined.function} is defined by itself",
            definition.span,
            "give it a body that does not call it",
        )
    if len(inlined.args) != len(definition.parameters):
        raise InputError(
            f"{inlined.function} takes {len(definition.parameters)} argument(s), "
            f"{len(inlined.args)} given",
            inlined.span,
            f"it is defined as {definition.name}({', '.join(definition.parameters)})",
        )
    bound = dict(zip(definition.parameters, inlined.args, strict=True))
    body = _replace_names(definition.body, bound, inlined)
    return _inline(body, known, (*inside, inlined.function), budget)


def _replace_names(node: Node, bound: Mapping[str, Node], call: Node) -> Node:
    if isinstance(node, Name) and not node.indices and node.name in bound:
        return bound[node.name]
    inner = rebuild(node, (_replace_names(child, bound, call) for child in children(node)))
    return replace(inner, span=call.span)


def distribution_names(source: CellSource, known: Library) -> frozenset[str]:
    """Variables declared, or passed to a loss as, vectors that sum to one."""
    names = {d.name for d in source.declarations if d.property == "distribution"}
    for equation in source.equations:
        for node in walk(equation):
            if isinstance(node, Call):
                positions = known.distributions.get(node.function, ())
                given = [node.args[position] for position in positions if position < len(node.args)]
                names |= {argument.name for argument in given if isinstance(argument, Name)}
    return frozenset(names)


def inlined_equations(source: CellSource, known: Library) -> tuple[Equation, ...]:
    """The equations with every defined function in place."""
    return tuple(
        replace(equation, value=inline(equation.value, known)) for equation in source.equations
    )
