"""The loss: summed over time where it is written per step, and made up where it is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from derivations.cell import LOSS
from derivations.functions import lookup
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
from derivations.language.vocabulary import LOSS_NAMES
from derivations.typing.builtins import BUILTINS
from derivations.typing.scope import Scope, read_scope

ONE = Number(Fraction(1))


def complete_loss(equations: tuple[Equation, ...]) -> tuple[Equation, ...]:
    """The equations with exactly one, untimed, loss at the end.

    ``L[t] = …`` is summed over time. Without a loss, every variable that no equation of the same
    step uses (an LSTM's h, not its c) feeds an arbitrary ``ell_t``.
    """
    losses = [equation for equation in equations if equation.target.name == LOSS]
    others = tuple(equation for equation in equations if equation.target.name != LOSS)
    if losses:
        return (*others, *(_summed(loss) for loss in losses))
    scope = read_scope(others)
    terms = list(_arbitrary(others, scope))
    value = terms[0]
    for term in terms[1:]:
        value = Binary("+", value, term)
    return (*others, Equation(Name(LOSS), value))


def _summed(loss: Equation) -> Equation:
    value = loss.value
    for step in loss.target.indices:
        if isinstance(step, Name):
            value = Reduction("sum", step.name, ONE, Name(step.name[0].upper()), value)
    return replace(loss, target=replace(loss.target, indices=()), value=value)


def _arbitrary(equations: tuple[Equation, ...], scope: Scope) -> Iterator[Node]:
    """One arbitrary loss per axis (and one for what has no time), over the outputs there."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in _outputs(equations):
        groups.setdefault(tuple(str(s) for s in scope.steps[name]), []).append(name)
    for letters, names in groups.items():
        steps = tuple(Name(letter) for letter in letters)
        taken = {node.name for e in equations for node in walk(e) if isinstance(node, Name)}
        call: Node = Call(
            "ell" if "ell" not in taken else "ell_out",
            tuple(Name(name, steps) for name in names),
            indices=steps,
        )
        for symbol in reversed([s for name in names[:1] for s in scope.steps[name]]):
            call = Reduction("sum", str(symbol), ONE, Name(str(scope.ends[symbol])), call)
        yield call


def _outputs(equations: tuple[Equation, ...]) -> list[str]:
    """Defined variables that no equation of the same step uses."""
    targets = list(dict.fromkeys(equation.target.name for equation in equations))
    used = {
        node.name
        for equation in equations
        for node in walk(equation.value)
        if isinstance(node, Name) and not _shifted(node)
    }
    return [name for name in targets if name not in used] or targets[-1:]


def _shifted(use: Name) -> bool:
    """Whether a use stands at another step than its equation: ``h[t-1]``, ``h[t+1]``."""
    return any(isinstance(step, Binary) for step in use.indices)


def scalar_calls(equations: Iterable[Equation]) -> frozenset[int]:
    """Ids of the calls of unknown functions that stand for a scalar loss.

    Those are the terms of the loss, of a value under a name of losses (``L[t] = …``) that the
    loss uses, and every call of ``ell``.
    """
    equations = tuple(equations)
    found: set[int] = set()
    used = {
        node.name
        for equation in equations
        if equation.target.name == LOSS
        for node in walk(equation.value)
        if isinstance(node, Name)
    }
    for equation in equations:
        name = equation.target.name
        if name == LOSS or (name in used and name.split("_")[0] in (*LOSS_NAMES, "ell")):
            _collect(equation.value, found)
        found |= {
            id(node)
            for node in walk(equation.value)
            if isinstance(node, Call) and node.function == "ell" and not node.order
        }
    return frozenset(found)


def _collect(node: Node, found: set[int]) -> None:
    """Descend through what keeps a scalar a scalar: sums, reductions, products, signs."""
    if isinstance(node, Call):
        if node.function not in BUILTINS and lookup(node.function) is None and not node.order:
            found.add(id(node))
    elif isinstance(node, Reduction):
        _collect(node.body, found)
    elif isinstance(node, Negative) or (isinstance(node, Binary) and node.operator != "**"):
        for child in children(node):
            _collect(child, found)
