"""The loss of one step, L_t, as a variable of its own, for those who ask about it.

A cell says ``loss = sum(t, 1, T, …)`` or leaves the loss out; a query or a claim about
``dL[t]/dh[t]`` names what stands under that sum.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, count

from derivations.errors import InputError
from derivations.language.tree import (
    Binary,
    Call,
    CellSource,
    Equation,
    Name,
    Negative,
    Node,
    Reduction,
    children,
    map_nodes,
    rebuild,
    walk,
)
from derivations.language.vocabulary import LOSS_NAMES
from derivations.typing.compile import Compiled, compile_cell
from derivations.typing.loss import complete_loss


def naming_step_losses(compiled: Compiled, asked: Node) -> Compiled:
    """The cell itself, or the cell with L_t named where something is asked about L_t.

    Raises:
        InputError: the loss of the cell is not a sum over time.
    """
    source = compiled.source
    own = {part.name for part in walk(source) if isinstance(part, Name)}
    for part in walk(asked):
        if isinstance(part, Name) and part.indices and part.name in set(LOSS_NAMES[1:]) - own:
            return compile_cell(_with_terms_named(source, part))
    return compiled


def _with_terms_named(source: CellSource, asked: Name) -> CellSource:
    *others, loss = complete_loss(source.equations)
    terms: list[Equation] = []
    value = _named(_signs_inside(loss.value), asked.name, terms)
    if len(terms) != 1:
        raise InputError(
            f"the loss of this cell is not one sum over time, so it has no {asked.name}[t]",
            asked.span,
            f"write {asked.name}[t] = … in the cell, or ask for the whole loss",
        )
    terms = [replace(t, value=_apart(t.value, asked.name, source)) for t in terms]
    return replace(source, equations=(*others, *terms, replace(loss, value=value)))


def _apart(value: Node, name: str, source: CellSource) -> Node:
    """The term with another name for the function ``L_t`` of ``L_t(h_t)``, whose value is L_t."""
    taken = {n.name for n in walk(source) if isinstance(n, Name)}
    taken |= {n.function for n in walk(source) if isinstance(n, Call)}
    other = next(f for f in chain(["ell"], (f"ell_{k}" for k in count())) if f not in taken)

    def change(node: Node) -> Node:
        if isinstance(node, Call) and node.function == name:
            return replace(node, function=other)
        return node

    return map_nodes(value, change)


def _signs_inside(node: Node) -> Node:
    """``-1/T Σ y_t log p_t`` with its sign in the sum: the loss of a step is -y_t log p_t."""
    if isinstance(node, Negative):
        return _negated(node.operand)
    if isinstance(node, Binary) and node.operator == "-" and _has_sum(node.right):
        right = _negated(node.right)
        return replace(node, left=_signs_inside(node.left), operator="+", right=right)
    if isinstance(node, Binary):
        return replace(node, left=_signs_inside(node.left), right=_signs_inside(node.right))
    return node


def _negated(node: Node) -> Node:
    if isinstance(node, Negative):
        return _signs_inside(node.operand)
    if isinstance(node, Reduction) and node.kind == "sum":
        return replace(node, body=Negative(node.body, span=node.body.span))
    if isinstance(node, Binary) and node.operator in ("+", "-") and _has_sum(node):
        return replace(node, left=_negated(node.left), right=_negated(node.right))
    if isinstance(node, Binary) and _has_sum(node.left) and node.operator != "**":
        return replace(node, left=_negated(node.left))
    if isinstance(node, Binary) and _has_sum(node.right) and node.operator in ("*", "@"):
        return replace(node, right=_negated(node.right))
    return Negative(_signs_inside(node), span=node.span)


def _has_sum(node: Node) -> bool:
    return any(isinstance(part, Reduction) and part.kind == "sum" for part in walk(node))


def _named(node: Node, name: str, terms: list[Equation]) -> Node:
    """The loss with each sum over time replaced by the sum of a named term."""
    if isinstance(node, Reduction) and node.kind == "sum":
        target = Name(name, (Name(node.index),), span=node.span)
        terms.append(Equation(target, node.body, span=node.span))
        return replace(node, body=target)
    if isinstance(node, Binary | Negative):
        return rebuild(node, (_named(part, name, terms) for part in children(node)))
    return node
