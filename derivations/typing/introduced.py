"""Names that the lines before a claim introduce, in any order, replaced by what they stand for."""

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
        defined[name.name] = line
    done: dict[str, Relation] = {}
    left, right = (_expand(side, defined, done, ()) for side in (claim.left, claim.right))
    return replace(claim, left=left, right=right)


def _line(
    name: Name, defined: Mapping[str, Relation], done: dict[str, Relation], inside: tuple[str, ...]
) -> Relation:
    """The line that introduces a name, with the names on its right replaced."""
    if name.name in inside:
        raise InputError(
            f"{name.name} is introduced by itself",
            name.span,
            "write the right side with names of the cell",
        )
    if name.name not in done:
        line = defined[name.name]
        right = _expand(line.right, defined, done, (*inside, name.name))
        done[name.name] = replace(line, right=right)
    return done[name.name]


def _expand(
    node: Node, defined: Mapping[str, Relation], done: dict[str, Relation], inside: tuple[str, ...]
) -> Node:
    if isinstance(node, Name) and node.name in defined:
        line = _line(node, defined, done, inside)
        assert isinstance(line.left, Name)
        letters = [index.name for index in line.left.indices if isinstance(index, Name)]
        if len(letters) != len(node.indices):
            raise InputError(
                f"{node.name} stands at {len(letters)} time step(s)",
                node.span,
                "write it as the line that introduces it does",
            )
        return _at(line.right, dict(zip(letters, node.indices, strict=True)))
    return rebuild(node, (_expand(child, defined, done, inside) for child in children(node)))


def _at(node: Node, steps: Mapping[str, Node]) -> Node:
    """``node`` with its time letters replaced."""
    if isinstance(node, Name) and not node.indices and node.name in steps:
        return steps[node.name]
    return rebuild(node, (_at(child, steps) for child in children(node)))
