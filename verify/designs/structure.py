"""What a step of a design reads and does: its delays, its phases, and the answer without its last
increasing function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS, Definition
from derivations.errors import InputError
from derivations.expressions.nodes import Apply, Map, Variable
from derivations.expressions.traverse import BINDERS, contains, occurrences, operands, symbols_of
from derivations.functions import lookup
from verify.designs.design import Answer, Design
from verify.evaluate.indices import compile_integer

INCREASING = frozenset(
    {"linear", "sigmoid", "tanh", "softsign", "arctan", "sinh", "erf", "exp", "elu"}
)
"""Functions that increase strictly on the whole line and are rational at 0."""
MOST_DELAY = 16
_REMEDY = "a design is a cell of one time axis whose equations are the same from some time on"


@dataclass(frozen=True)
class Structure:
    """The time structure of a design.

    Attributes:
        index, end: the time index and the end of its axis.
        delays: (name, delay): the values of earlier times that a step reads, the state.
        phases: how many first times are different; from the last of them on all are alike.
        definitions: the equations that the answer depends on.
    """

    index: Symbol
    end: Symbol
    delays: tuple[tuple[str, int], ...]
    phases: int
    definitions: tuple[Definition, ...]


def structure_of(design: Design) -> Structure:
    """Read the time structure off the equations.

    Raises:
        InputError: the cell is no machine that reads its input letter by letter.
    """
    cell = design.cell
    if len(cell.axes) != 1:
        raise InputError(f"the cell has {len(cell.axes)} time axes", remedy=_REMEDY)
    (axis,) = cell.axes
    defined = cell.defined
    needed: dict[str, Definition] = {}
    deepest: dict[str, int] = {}
    phases = design.specification.since
    waiting = [design.answer.variable]
    while waiting:
        name = waiting.pop()
        if name in needed or name not in defined or name == LOSS:
            continue
        definition = needed[name] = defined[name]
        # The argument of a function was named by the tool: the user knows the function's variable.
        shown = name.removeprefix("a_") if name in cell.auxiliary else name
        for piece in definition.pieces:
            _check(shown, piece.value, axis.index, axis.upper)
            for bound in piece.domain:
                phases = max(phases, _first(shown, bound.lower, bound.upper, axis.upper))
            for found in occurrences(piece.value):
                leaf = found.leaf
                waiting.append(leaf.name)
                if leaf.steps:
                    delay = _delay(shown, leaf, axis.index, piece.domain)
                    deepest[leaf.name] = max(deepest.get(leaf.name, 0), delay)
    delays = tuple((n, d) for n, most in deepest.items() for d in range(1, most + 1))
    return Structure(axis.index, axis.upper, delays, phases, tuple(needed.values()))


def _first(name: str, lower: Expr, upper: Expr, end: Symbol) -> int:
    """From which time on what the bounds say no longer changes."""
    if not lower.is_Integer or not (upper == end or upper.is_Integer):
        raise InputError(f"{name} is not defined alike at all times", remedy=_REMEDY)
    last = int(lower) if upper == end else int(upper) + 1
    if last > 64:
        raise InputError(f"{name} changes at time {last}, too late to explore", remedy=_REMEDY)
    return max(last, 1)


def _check(name: str, value: MatrixExpr, index: Symbol, end: Symbol) -> None:
    """Refuse what is no function of the letters and of the last few values."""
    if contains(value, *BINDERS):
        raise InputError(f"{name} sums or multiplies over all times", remedy=_REMEDY)
    if contains(value, Map):
        raise InputError(f"{name} uses a function that nothing defines", remedy="define it")
    stack: list[MatrixExpr] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, Variable):
            continue
        if isinstance(node, Apply) and lookup(node.function) is None:
            raise InputError(
                f"{node.function} is arbitrary", remedy=f"define it: {node.function}(z) = step(z)"
            )
        own = [arg for arg in node.args if not isinstance(arg, MatrixExpr)]
        if any({index, end} & symbols_of(arg) for arg in own):
            raise InputError(f"{name} depends on the time itself", remedy=_REMEDY)
        stack.extend(operands(node))


def _delay(name: str, leaf: Variable, index: Symbol, domain: tuple[object, ...]) -> int:
    (step,) = leaf.steps
    pinned = {r.index: r.lower for r in domain if r.pinned}  # type: ignore[attr-defined]  # ranges
    back = pinned.get(index, index) - step.xreplace(pinned)
    if not back.is_Integer:
        raise InputError(f"{name} reads {leaf.name}[{step}] at every time", remedy=_REMEDY)
    if back < 0:
        raise InputError(f"{name} reads {leaf.name} of a later time", remedy=_REMEDY)
    if back > MOST_DELAY:
        raise InputError(f"{name} reads {leaf.name} more than {MOST_DELAY} steps back",
                         remedy=_REMEDY)  # fmt: skip
    return int(back)


@dataclass(frozen=True)
class Margin:
    """The answer is yes where ``expression − bound`` has the right sign."""

    expression: MatrixExpr
    bound: object
    relation: str


def margin_at(design: Design, structure: Structure, phase: int) -> Margin:
    """What decides the answer: increasing functions are taken off where 0 goes to the bound.

    σ(a) > 1/2 is a > 0: what is left has no function whose values would have to be rounded.
    """
    answer: Answer = design.answer
    definitions: Mapping[str, Definition] = {d.name: d for d in structure.definitions}
    (place,) = definitions[answer.variable].target.steps
    expression: MatrixExpr = definitions[answer.variable].target.xreplace({place: structure.index})
    bound = answer.bound
    while True:
        inner = expression
        if isinstance(inner, Variable) and inner.name in definitions:
            value = _value_at(definitions[inner.name], inner, structure, phase)
            if not isinstance(value, Apply):
                break
            inner = value
        if not isinstance(inner, Apply) or inner.function not in INCREASING or any(inner.orders):
            break
        row = lookup(inner.function)
        assert row is not None
        if len(inner.arguments) > 1 or row.value(0) != bound:
            break
        expression, bound = inner.arguments[0], bound * 0
    return Margin(expression, bound, answer.relation)


def _value_at(
    definition: Definition, leaf: Variable, structure: Structure, phase: int
) -> MatrixExpr | None:
    """The right side that applies in this phase, where it applies as it stands."""
    if tuple(leaf.steps) != tuple(definition.target.steps):
        return None
    env = {structure.end: phase}
    for piece in definition.pieces:
        bounds = [
            (compile_integer(r.lower)(env), compile_integer(r.upper)(env)) for r in piece.domain
        ]
        if all(low <= phase <= high for low, high in bounds):
            value: MatrixExpr = piece.value
            return value
    return None
