"""Names for step Jacobians that would make a line too long: J_t of a stacked state, ∂h_t/∂h_{t-1}.

What they are is said once; the ordered products then hold the names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sympy import Symbol
from sympy.matrices.expressions import MatAdd
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.states import Group, simplify_zeros
from derivations.calculus.tidy import short_products
from derivations.cell import Cell, Definition, Piece
from derivations.expressions import build
from derivations.expressions.nodes import Apply, Blocks, Jacobian, Variable
from derivations.expressions.traverse import occurrences, operands, substitute

LONGEST_SUM, MOST_LEAVES = 2, 6
"""Terms and variables of a block that still stands in the matrix itself."""
MOST_IN_A_ROW = 7
"""Variables of all columns together, each by its longest block."""


@dataclass(frozen=True)
class NamedStep:
    """The step Jacobian of one group.

    Attributes:
        index: the time it is named at.
        name: J_t of a stacked state; of a single one the derivative ∂h_t/∂h_{t-1} itself.
        value: what it is.
        definitions: the equations that say so, where no other formula does.
    """

    index: Symbol
    name: Variable | Jacobian
    value: MatrixExpr
    definitions: tuple[Definition, ...] = ()

    def at(self, time: Symbol) -> MatrixExpr:
        """The name at another time."""
        return substitute(self.name, {self.index: time})

    def forms(self, time: Symbol) -> tuple[MatrixExpr, ...]:
        """What is named, at another time, as it stands and as expressions are tidied."""
        value = substitute(self.value, {self.index: time})
        return value, simplify_zeros(short_products(value))


def named_steps(cell: Cell, groups: Sequence[Group]) -> tuple[NamedStep, ...]:
    """J_t of every group whose stacked state has several slots, long ones of the others."""
    taken = {*cell.templates, *cell.displays.values(), *(str(axis.upper) for axis in cell.axes)}
    stacked = [group for group in groups if len(group.slots) > 1]
    found = []
    for number, group in enumerate(stacked, 1):
        name = "J" if len(stacked) == 1 else f"J_{number}"
        if name in taken:
            name = f"Jstep{name[1:]}"
        found.append(_named(group, name))
    return (*found, *(_plain(g) for g in groups if len(g.slots) == 1 and _is_long(g.step)))


def _is_long(block: MatrixExpr) -> bool:
    terms = len(block.args) if isinstance(block, MatAdd) else 1
    return terms > LONGEST_SUM or _leaves(block) > MOST_LEAVES


def _leaves(block: MatrixExpr) -> int:
    """Variables of a block; a slope counts twice, as when it is written out in its value."""
    own = 1 if isinstance(block, Apply) and any(block.orders) else 0
    parts = operands(block)
    return own + sum(map(_leaves, parts)) if parts else sum(1 for _ in occurrences(block))


def _most_leaves(matrix: Blocks) -> int:
    """The largest number of variables of a block that lets the columns stand side by side."""
    columns = [
        [1 if _is_long(block) else _leaves(block) for block in column]
        for column in zip(*matrix.grid, strict=True)
    ]
    for most in range(MOST_LEAVES, 1, -1):
        widths = (max(n if n <= most else 1 for n in column) for column in columns)
        if sum(widths) <= MOST_IN_A_ROW:
            return most
    return 1


def _plain(group: Group) -> NamedStep:
    """∂h_t/∂h_{t-1} of a state that is not stacked."""
    (name,) = group.states
    state = group.cell.templates[name]
    return NamedStep(group.index, Jacobian(state, state.at([group.earlier(1)])), group.step)


def _named(group: Group, name: str) -> NamedStep:
    target = Variable(name, (group.index,), *group.step.shape)
    blocks: list[Definition] = []
    whole = group.step
    if isinstance(whole, Blocks):
        labels = list(_labels(group))
        most = _most_leaves(whole)
        rows = []
        for above, row in zip(labels, whole.grid, strict=True):
            shown = []
            for below, block in zip(labels, row, strict=True):
                if _is_long(block) or _leaves(block) > most:
                    part = Variable(f"{name}_{above}{below}", (group.index,), *block.shape)
                    blocks.append(Definition(part, (Piece(block, (group.reach,)),)))
                    block = part
                shown.append(block)
            rows.append(shown)
        whole = build.blocks(rows)
    first = Definition(target, (Piece(whole, (group.reach,)),))
    return NamedStep(group.index, target, group.step, (first, *blocks))


def _labels(group: Group) -> Iterator[str]:
    """One letter for each slot: its state, where every state has one letter and one slot."""
    names = [slot.name for slot in group.slots]
    plain = len(set(names)) == len(names) and all(len(name) == 1 for name in names)
    yield from names if plain else (str(place) for place in range(1, len(names) + 1))
