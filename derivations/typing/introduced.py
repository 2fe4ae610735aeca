"""Names that the lines before a claim introduce, replaced by what they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from derivations.errors import InputError
from derivations.language.tree import Name, Node, Relation, children, rebuild


def introduce(relations: list[Relation], taken: frozenset[str]) -> Relation:
    """The last relation with the names that those before it define replaced.

    Raises:
        InputError: a line that defines nothing new.
    """
    *lines, claim = relations
    defined: dict[str, Relation] = {}
    for line in lines:
        name = line.left
        if line.operator != "=" or not isinstance(name, Name) or name.name in taken:
            raise InputError(
                "a line before the claim gives a new name to an expression",
                line.span,
                "write for example delta[t] = dL/dz[t], and the claim in the last line",
            )
        if not all(isinstance(index, Name) for index in name.indices):
            raise InputError(
                "a new name stands at plain indices",
                name.span,
                f"write {name.name}[t] = …",
            )
        defined[name.name] = replace(line, right=_expand(line.right, defined))
    return replace(claim, left=_expand(claim.left, defined), right=_expand(claim.right, defined))


def _expand(node: Node, defined: Mapping[str, Relation]) -> Node:
    if isinstance(node, Name) and node.name in defined:
        line = defined[node.name]
        assert isinstance(line.left, Name)
        letters = [index.name for index in line.left.indices if isinstance(index, Name)]
        if len(letters) != len(node.indices):
            raise InputError(
                f"{node.name} stands at {len(letters)} time step(s)",
                node.span,
                "write it as the line that introduces it does",
            )
        return _at(line.right, dict(zip(letters, node.indices, strict=True)))
    return rebuild(node, (_expand(child, defined) for child in children(node)))


def _at(node: Node, steps: Mapping[str, Node]) -> Node:
    """``node`` with its time letters replaced."""
    if isinstance(node, Name) and not node.indices and node.name in steps:
        return steps[node.name]
    return rebuild(node, (_at(child, steps) for child in children(node)))
