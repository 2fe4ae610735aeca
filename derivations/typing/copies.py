"""Copies of a parameter, one for each time at which it is used: ``b^{(t)}``.

``∂h^{(t)}/∂b^{(t)}`` follows what b does at time t alone (Goodfellow, Bengio & Courville 2016,
10.2.2). The copies are a variable of the cell whose value is the parameter at every time.
"""

from __future__ import annotations

from dataclasses import replace

from derivations.errors import InputError
from derivations.language.scripts import COPY
from derivations.language.tree import (
    Equation,
    Name,
    Node,
    Reduction,
    children,
    rebuild,
    walk,
)
from derivations.typing.compile import Compiled, compile_cell
from derivations.typing.loss import complete_loss

SUFFIX = f"_{COPY}"
"""What the name of the copies ends in."""
_TIME = "t"


def copied(node: Node, compiled: Compiled) -> frozenset[str]:
    """The parameters of whose copies an untyped tree speaks."""
    parameters = {name for name, v in compiled.cell.templates.items() if not v.steps}
    names = {n.name for n in walk(node) if isinstance(n, Name) and n.indices}
    return frozenset(p for p in parameters if p + SUFFIX in names - compiled.cell.templates.keys())


def naming_copies(compiled: Compiled, parameters: frozenset[str]) -> Compiled:
    """The cell that reads its parameters through their copies.

    Raises:
        InputError: a function that the cell defines reads one.
    """
    source = compiled.source
    for function in source.functions:
        read = {n.name for n in walk(function.body) if isinstance(n, Name)} & parameters
        if read:
            raise InputError(
                f"{min(read)} is read by {function.name}, whose copies have no names",
                remedy=f"write what {function.name} does into the equations of the cell",
            )
    equations = tuple(
        replace(e, value=_through(e.value, parameters, _own_time(e)))
        for e in complete_loss(source.equations)
    )
    copies = tuple(
        Equation(Name(name + SUFFIX, (Name(_TIME),)), Name(name)) for name in sorted(parameters)
    )
    return compile_cell(replace(source, equations=(*copies, *equations)))


def _own_time(equation: Equation) -> Node | None:
    """The time that an equation is about; none for initial values, which are given once."""
    time = equation.target.indices[0] if equation.target.indices else None
    return time if isinstance(time, Name) else None


def _through(node: Node, parameters: frozenset[str], time: Node | None) -> Node:
    if isinstance(node, Name) and node.name in parameters:
        return node if time is None else replace(node, name=node.name + SUFFIX, indices=(time,))
    if isinstance(node, Reduction):
        time = Name(node.index)
    below = children(node)
    return rebuild(node, (_through(child, parameters, time) for child in below)) if below else node
