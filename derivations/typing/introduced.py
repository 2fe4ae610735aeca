"""Names that the lines before a claim introduce, in any order, replaced by what they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from derivations.errors import InputError
from derivations.language.limits import Budget, check_depth
from derivations.language.tree import Name, Node, Relation, children, rebuild


def introduce(relations: list[Relation], taken: frozenset[str]) -> Relation:
    """The last relation with the names that those before it define replaced.

    Raises:
        InputError: a line that defines nothing new, or names that grow without end.
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
    names = _Names(defined)
    claim = replace(claim, left=names.put_in(claim.left), right=names.put_in(claim.right))
    check_depth(claim)
    return claim


class _Names:
    """The names that lines define, put in where they stand."""

    def __init__(self, defined: Mapping[str, Relation]) -> None:
        self._defined = defined
        self._done: dict[str, Relation] = {}
        self._budget = Budget()

    def put_in(self, node: Node, inside: tuple[str, ...] = ()) -> Node:
        """``node`` with every such name replaced."""
        self._budget.spend(node.span)
        if isinstance(node, Name) and node.name in self._defined:
            line = self._line(node, inside)
            assert isinstance(line.left, Name)
            letters = [index.name for index in line.left.indices if isinstance(index, Name)]
            if len(letters) != len(node.indices):
                raise InputError(
                    f"{node.name} stands at {len(letters)} time step(s)",
                    node.span,
                    "write it as the line that introduces it does",
                )
            return self._at(line.right, dict(zip(letters, node.indices, strict=True)))
        return rebuild(node, (self.put_in(child, inside) for child in children(node)))

    def _line(self, name: Name, inside: tuple[str, ...]) -> Relation:
        """The line that introduces a name, with the names on its right replaced."""
        if name.name in inside:
            raise InputError(
                f"{name.name} is introduced by itself",
                name.span,
                "write the right side with names of the cell",
            )
        if name.name not in self._done:
            line = self._defined[name.name]
            right = self.put_in(line.right, (*inside, name.name))
            self._done[name.name] = replace(line, right=right)
        return self._done[name.name]

    def _at(self, node: Node, steps: Mapping[str, Node]) -> Node:
        """``node`` with its time letters replaced."""
        self._budget.spend(node.span)
        if isinstance(node, Name) and not node.indices and node.name in steps:
            return steps[node.name]
        return rebuild(node, (self._at(child, steps) for child in children(node)))
