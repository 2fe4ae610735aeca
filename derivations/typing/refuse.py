"""What the equations of a cell may not hold, checked before any shape is inferred."""

from __future__ import annotations

from collections.abc import Iterable

from derivations.errors import InputError
from derivations.functions import lookup
from derivations.language.tree import (
    Call,
    CellSource,
    Equation,
    Name,
    Partial,
    SlotDerivative,
    walk,
)
from derivations.language.vocabulary import LAYERS
from derivations.typing.builtins import BUILTINS
from derivations.typing.scope import Scope
from derivations.typing.sized import SIZED
from derivations.typing.sizes import declared_size


def refuse_derivatives(equations: Iterable[Equation]) -> None:
    """Raise :class:`InputError` for a derivative inside an equation of a cell."""
    for equation in equations:
        for node in walk(equation.value):
            if isinstance(node, Partial | SlotDerivative):
                raise InputError(
                    "a derivative stands in an equation of the cell",
                    node.span,
                    "cells hold forward equations only; ask for derivatives as queries or claims",
                )


def refuse_double_roles(equations: Iterable[Equation]) -> None:
    """Raise :class:`InputError` for a name that is a variable here and a function there."""
    nodes = [node for equation in equations for node in walk(equation)]
    variables = {node.name for node in nodes if isinstance(node, Name)}
    for node in nodes:
        if not isinstance(node, Call) or node.function not in variables:
            continue
        if node.function in BUILTINS or node.function in SIZED or lookup(node.function):
            continue
        raise InputError(
            f"{node.function} is a variable and a function",
            node.span,
            f"rename one of the two, or write {node.function} * (…) if a product is meant",
        )


def refuse_mixing(source: CellSource) -> None:
    """Raise :class:`InputError` for a layer's name where it would stand for any elementwise φ."""
    defined = {function.name for function in source.functions}
    for node in walk(source):
        if not isinstance(node, Call) or len(node.args) != 1 or node.function in defined:
            continue
        if LAYERS.fullmatch(node.function):
            raise InputError(
                f"{node.function} mixes the entries of its argument, and a function that is not "
                "defined acts on each entry alone",
                node.span,
                "write its equations, as in m_t = mean(a_t), s_t = mean((a_t - m_t)**2), "
                "y_t = (a_t - m_t) / sqrt(s_t)",
            )


def refuse_sizes_as_times(source: CellSource, scope: Scope) -> None:
    """Raise :class:`InputError` for a declared size that is a time index or an end of time."""
    times = {str(axis.index) for axis in scope.axes} | {str(axis.upper) for axis in scope.axes}
    for declaration in source.declarations:
        for text in declaration.shape or ():
            for symbol in declared_size(text).free_symbols:
                if symbol.name in times:
                    raise InputError(
                        f"{symbol.name} is a size here and a time elsewhere",
                        declaration.span,
                        "use another letter for the size",
                    )
