"""What the names in a query or a claim mean: variables, times, positions, sizes, derivatives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache

from derivations.catalogue import losses
from derivations.cell import LOSS, Cell, Piece
from derivations.errors import InputError
from derivations.expressions.nodes import Apply, Map
from derivations.expressions.traverse import nodes_in
from derivations.functions import lookup
from derivations.language.indicators import CLASS
from derivations.language.slots import in_argument
from derivations.language.tree import (
    Call,
    Element,
    FunctionDefinition,
    Name,
    Node,
    Partial,
    Reduction,
    Relation,
    children,
    rebuild,
    walk,
)
from derivations.language.vocabulary import LOSS_NAMES
from derivations.typing.builtins import BUILTINS
from derivations.typing.counting import counts
from derivations.typing.entry_sums import ends_at_size, over_entries
from derivations.typing.scope import is_end, names_in
from derivations.typing.sized import SIZED, spelled


@lru_cache(maxsize=64)
def _functions(definitions: tuple[tuple[Piece, ...], ...]) -> frozenset[str]:
    """The names of all functions and maps that are applied."""
    nodes = [piece.value for pieces in definitions for piece in pieces]
    maps = {m.name for value in nodes for m in nodes_in(value, Map)}
    return frozenset(maps | {a.function for value in nodes for a in nodes_in(value, Apply)})


_ENDS = frozenset({"T", "S"})


class Vocabulary:
    """The names of one statement, told apart.

    Args:
        cell: whose names they are.
        defined: functions that it defines.

    Attributes:
        free: time letters that nothing binds (``t`` in ``dL/dh[t]``).
        positions: letters that stand in an entry ``[i,j]``.
        letters: every name that is a number where it stands alone: times and ends.
        ends: the ends of the cell's time axes.
        sizes: names of the cell's sizes.
    """

    about = "cell"
    """What error messages say the names are of."""

    def __init__(self, cell: Cell, defined: Iterable[FunctionDefinition] = ()) -> None:
        self.cell = cell
        self.ends = frozenset(axis.upper.name for axis in cell.axes)
        self.sizes = frozenset(size.name for size in cell.sizes) - cell.templates.keys()
        self.free: frozenset[str] = frozenset()
        self.positions: frozenset[str] = frozenset()
        self.letters: frozenset[str] = self.ends
        self._losses = {*LOSS_NAMES, *_loss_functions(cell)}
        self._functions = _functions(tuple(d.pieces for d in cell.definitions))
        self._functions |= {function.name for function in defined}

    def expand(self, relation: Relation) -> Relation:
        """``hbar[t]``, ``dh[t]`` as the adjoint, ``hdot[t]`` as the tangent, ``I_n`` as ``eye(n)``.

        What is a variable of the cell stays one.
        """
        return replace(
            relation, left=self._expanded(relation.left), right=self._expanded(relation.right)
        )

    def _expanded(self, node: Node) -> Node:
        matrix = spelled(node, self.sizes)
        if matrix is not None and getattr(node, "name", "") not in self.cell.templates:
            return rebuild(matrix, (self._expanded(child) for child in children(matrix)))
        if isinstance(node, Name) and node.name not in self.cell.templates:
            if self._is_loss(node):
                return replace(node, name=LOSS)
            if node.name in _ENDS and not node.indices and len(self.ends - _ENDS) == 1:
                # A sum that says no end, and who calls the last time T, mean the cell's own.
                return replace(node, name=min(self.ends))
            if node.name[0] == "d" and node.name[1:] in self.cell.templates:
                # dh[t] alone, as programs call the gradient in h[t]
                below = replace(node, name=node.name[1:])
                return Partial(Name(LOSS, span=node.span), below, span=node.span)
            head, *labels = node.name.split("_")
            if head == "delta" and "_".join(labels) in self.cell.templates:
                below = replace(node, name="_".join(labels))
                return Partial(Name(LOSS, span=node.span), below, span=node.span)
            for ending in ("bar", "dot"):
                plain = "_".join([head.removesuffix(ending), *labels])
                if head.endswith(ending) and plain in self.cell.templates:
                    variable = replace(node, name=plain)
                    if ending == "dot":
                        return Call("tangent", (variable,), span=node.span)
                    return Partial(Name(LOSS, span=node.span), variable, span=node.span)
        if isinstance(node, Partial):
            node = in_argument(node)
        if isinstance(node, Call) and node.function == CLASS:
            return self._entry_of_label(node)
        return rebuild(node, (self._expanded(child) for child in children(node)))

    def _entry_of_label(self, node: Call) -> Node:
        """``1[i = y_t]`` as the entry i of y_t, which is 1 at the class of a one-hot label."""
        label, place = node.args
        if isinstance(label, Name) and label.name in self.cell.distributions:
            return Element(label, (place,), span=node.span)
        raise InputError(
            "an equality is read only between a class and a label of the cell",
            node.span,
            "Labels are what a cross-entropy compares with: cross_entropy(o[t], y[t]).",
        )

    def _is_loss(self, node: Name) -> bool:
        known = node.name in self.cell.templates
        return node.name in self._losses and not node.indices and not known

    def with_loss(self, node: Node) -> Node:
        """``node`` with the loss by its own name, whatever it was called."""
        if isinstance(node, Name) and self._is_loss(node):
            return replace(node, name=LOSS)
        return rebuild(node, (self.with_loss(child) for child in children(node)))

    def check(self, node: Node) -> None:
        """Sort the names of ``node``.

        Raises:
            InputError: a name, a function or an end of time that the cell does not have.
        """
        self._times(node, frozenset())
        self._refuse_sizes(node)
        self.letters = self.ends | self.free | self._bound(node)
        self.letters -= {name for name, v in self.cell.templates.items() if not v.steps}
        self._values(node)

    def _refuse_sizes(self, node: Node) -> None:
        """Sums over sizes whose letter is no place of an entry."""
        parts = tuple(walk(node))
        steps = {n.name for p in parts if isinstance(p, Name | Call) for i in p.indices
                 for n in names_in(i)}  # fmt: skip
        for part in parts:
            if isinstance(part, Reduction):
                for bound in (*names_in(part.lower), *names_in(part.upper)):
                    if bound.name in self.sizes - steps and not over_entries(part):
                        raise InputError(
                            f"{bound.name} is a size here, and sums run over times",
                            bound.span,
                            "write the letter where an entry stands, as in sum(j, 1, n, W[i,j])",
                        )

    def _bound(self, node: Node) -> frozenset[str]:
        return frozenset(part.index for part in walk(node) if isinstance(part, Reduction))

    def _times(self, node: Node, bound: frozenset[str]) -> None:
        """Collect the letters that stand in time steps and bounds."""
        if isinstance(node, Reduction):
            known = bound | self.sizes if ends_at_size(node, self.sizes) else bound
            self._add_times((node.lower, node.upper), known)
            self._times(node.body, bound | {node.index})
            return
        if isinstance(node, Call) and counts(node, self._functions):
            self._add_times(node.args, bound)
            return
        if isinstance(node, Name | Call):
            identity = isinstance(node, Name) and node.name == "I"
            self._add_times(() if identity else node.indices, bound)
            inner: Iterable[Node] = node.args if isinstance(node, Call) else ()
        elif isinstance(node, Element):
            self.positions |= {name.name for index in node.indices for name in names_in(index)} - (
                bound | self.sizes
            )
            inner = (node.operand,)
        else:
            inner = children(node)
        for part in inner:
            self._times(part, bound)

    def _add_times(self, steps: Iterable[Node], bound: frozenset[str]) -> None:
        for name in (found for step in steps for found in names_in(step)):
            if name.name in bound | self.ends:
                continue
            if is_end(name.name):
                raise InputError(
                    f"the time {name.name} is never defined",
                    name.span,
                    f"the cell's times end at {', '.join(sorted(self.ends)) or 'none'}",
                )
            self.free |= {name.name}

    def _values(self, node: Node) -> None:
        """Check every name that stands for a value."""
        if isinstance(node, Name):
            self._check_name(node)
            return
        if isinstance(node, Call):
            self._check_function(node)
            if counts(node, self._functions):
                return
            if node.function in SIZED:
                inner: Iterable[Node] = node.args[: SIZED[node.function].values]
            else:
                inner = node.args
        elif isinstance(node, Reduction):
            inner = (node.body,)
        elif isinstance(node, Element):
            inner = (node.operand,)
        else:
            inner = children(node)
        for part in inner:
            self._values(part)

    def _check_name(self, node: Name) -> None:
        known = self.cell.templates.get(node.name)
        number = not node.indices and (node.name in self.letters or node.name in self.sizes)
        if number or (known is None and node.name.split("_")[0] == "I"):
            return
        if known is None:
            raise InputError(
                f"the {self.about} has no variable {node.name}",
                node.span,
                self._suggestion(node.name),
            )
        if len(known.steps) != len(node.indices):
            steps = ", ".join(map(str, known.steps))
            raise InputError(
                f"{node.name} has {len(node.indices)} time step(s) here and {len(known.steps)} "
                "in the cell",
                node.span,
                f"write {node.name}[{steps}]" if steps else f"write {node.name} alone",
            )

    def _check_function(self, node: Call) -> None:
        name = node.function
        if name in BUILTINS or name in SIZED or name in self._functions or lookup(name):
            return
        if name in losses() or name in ("max", "min") or counts(node):
            return
        own = sorted(function for function in self._functions if lookup(function) is None)
        raise InputError(
            f"the {self.about} has no function {name}",
            node.span,
            f"its own functions: {', '.join(own) or 'none'}; "
            "put an operator before the bracket if a product is meant",
        )

    def _suggestion(self, name: str) -> str:
        names = [known for known in self.cell.templates if known != LOSS]
        if name in self._functions:
            return f"it is a function; give its value a name in the cell, as in L[t] = {name}(…)"
        close = get_close_matches(name, names, 3, 0.5)
        if close:
            return f"did you mean {' or '.join(close)}?"
        return f"its variables: {', '.join(names)}"


def _loss_functions(cell: Cell) -> set[str]:
    """``ell`` where the loss is ``ell(…)``: people write ∂ℓ/∂h for ∂L/∂h."""
    definition = cell.defined.get(LOSS)
    values = [piece.value for piece in definition.pieces] if definition is not None else []
    return {value.name for value in values if isinstance(value, Map)}
