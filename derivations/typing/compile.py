"""The pipeline from a read cell to a typed one; each line of :func:`compile_cell` is a pass.

Passes: inline functions, complete the loss, read the time structure, infer shapes, elaborate,
check that every step can be computed, name the arguments of nonlinearities.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sympy import Expr, Integer

from derivations.cell import LOSS, Cell, Definition, Piece, Range
from derivations.errors import InputError
from derivations.expressions.nodes import Variable
from derivations.language.tree import CellSource, Equation, Name, walk
from derivations.language.vocabulary import STEP_LENGTHS
from derivations.typing.displays import displays
from derivations.typing.elaborate import Elaborator
from derivations.typing.entry_losses import without_entries
from derivations.typing.infer import Inference
from derivations.typing.inline import Library, distribution_names, inlined_equations, library
from derivations.typing.loss import complete_loss, scalar_calls
from derivations.typing.order import check_order
from derivations.typing.overlap import apart, check_overlap
from derivations.typing.preactivations import name_preactivations
from derivations.typing.refuse import (
    refuse_derivatives,
    refuse_double_roles,
    refuse_mixing,
    refuse_sizes_as_times,
)
from derivations.typing.scalars import scaling_only
from derivations.typing.scope import Scope, index_symbol, index_value, is_end, read_scope
from derivations.typing.sized import spoken_sizes
from derivations.typing.sizes import Shape, declared_size


@dataclass(frozen=True)
class Compiled:
    """A typed cell with what reading further expressions about it needs (queries, claims)."""

    cell: Cell
    source: CellSource
    inference: Inference
    known: Library


def compile_cell(source: CellSource) -> Compiled:
    """Type a cell.

    Raises:
        InputError: shapes that do not fit, an undefined time index, an instantaneous cycle, a
            variable defined twice at the same time, …; each names its place.
    """
    if not source.equations:
        raise InputError(
            "there is no equation in the input",
            remedy="write one equation a line, such as h[t] = tanh(W @ h[t-1] + U @ x[t] + b)",
        )
    source = without_entries(source)
    known = library(source)
    refuse_derivatives(source.equations)
    refuse_double_roles(source.equations)
    refuse_mixing(source)
    equations = complete_loss(inlined_equations(source, known))
    scope = read_scope(equations)
    refuse_sizes_as_times(source, scope)
    bodies = _body_names(source, equations)
    inference = Inference(
        scope,
        source.declarations,
        scaling_only(equations) | bodies | (STEP_LENGTHS - _taken(source, equations)),
        scalar_calls(equations),
        taken=_taken(source, equations),
        targets=frozenset(equation.target.name for equation in equations),
        size_names=frozenset(
            symbol.name
            for declaration in source.declarations
            for size in declaration.shape or ()
            for symbol in declared_size(size).free_symbols
        )
        | spoken_sizes(equations, _taken(source, equations) | _time_names(scope)),
    )
    inference.equations(equations)
    _name_sizes(inference, scope, equations)
    definitions = _definitions(equations, inference, known)
    templates = _templates(scope, inference, bodies)
    written = Cell(
        title=source.title,
        source=source.origin,
        written=definitions,
        definitions=definitions,
        axes=scope.axes,
        templates=templates,
        distributions=distribution_names(source, known) & inference.variables.keys(),
        displays=displays(source, scope.axes, templates),
    )
    check_order(written, equations)
    return Compiled(name_preactivations(written), source, inference, known)


def _taken(source: CellSource, equations: Iterable[Equation]) -> frozenset[str]:
    """Names that are variables whatever they look like: defined, timed or declared ones."""
    names = {declaration.name for declaration in source.declarations}
    for equation in equations:
        names.add(equation.target.name)
        names |= {n.name for n in walk(equation.value) if isinstance(n, Name) and n.indices}
    return frozenset(names)


def _time_names(scope: Scope) -> frozenset[str]:
    """Letters of times and what the ends of their axes are usually called."""
    indices = {axis.index.name for axis in scope.axes}
    return scope.letters | indices | {name.upper() for name in indices}


def _body_names(source: CellSource, equations: Iterable[Equation]) -> frozenset[str]:
    """Free names of defined elementwise functions (the p of max(pu, u)) are scalars."""
    timed = {
        node.name
        for equation in equations
        for node in walk(equation)
        if isinstance(node, Name) and node.indices
    }
    bodies = {
        node.name
        for function in source.functions
        for node in walk(function.body)
        if isinstance(node, Name) and node.name not in function.parameters
    }
    return frozenset(name for name in bodies - timed if not name[:1].isupper())


def _name_sizes(inference: Inference, scope: Scope, equations: Iterable[Equation]) -> None:
    """Name the sizes that nobody declared, states before inputs before parameters."""
    targets = [equation.target.name for equation in equations if equation.target.name != LOSS]
    timed = [name for name, steps in scope.steps.items() if steps and name not in targets]
    order = dict.fromkeys([*targets, *timed, *inference.variables])
    taken = {str(symbol) for symbol in (*scope.letters,)} | set(scope.steps)
    taken |= {
        str(s) for shape in inference.variables.values() for e in shape for s in e.free_symbols
    }
    taken |= {str(axis.index) for axis in scope.axes}
    shapes: list[Shape] = [inference.variables[n] for n in order if n in inference.variables]
    rest = [shape for shape in inference.shapes.values() if shape is not None]
    inference.sizes.name_unknowns([*shapes, *rest], taken)


def _templates(scope: Scope, inference: Inference, bodies: frozenset[str]) -> dict[str, Variable]:
    """Every variable; a slope reads ``bodies``, the names in a function, that no equation has."""
    return {
        name: Variable(name, scope.steps.get(name, ()), *inference.sizes.shape(shape))
        for name, shape in inference.variables.items()
        if name in scope.steps or name in bodies
    }


def _definitions(
    equations: tuple[Equation, ...], inference: Inference, known: Library
) -> tuple[Definition, ...]:
    scope = inference.scope
    pieces: dict[str, list[tuple[Equation, Piece]]] = {}
    for equation in equations:
        pieces.setdefault(equation.target.name, []).append(
            (equation, _piece(equation, inference, known))
        )
    found = []
    for name, typed in pieces.items():
        check_overlap(name, typed)
        shape = inference.sizes.shape(inference.variables[name])
        target = Variable(name, scope.steps[name], *shape)
        found.append(Definition(target, apart(name, typed)))
    return tuple(found)


def _piece(equation: Equation, inference: Inference, known: Library) -> Piece:
    """One equation, read at the generic steps of its target."""
    scope = inference.scope
    if equation.target.name not in scope.steps:
        raise InputError(
            f"{equation.target.name} is a time index and is given a value",
            equation.target.span,
            f"an index runs over every step by itself; write x[{equation.target.name}] for a "
            "variable, or remove this line",
        )
    generic = scope.steps[equation.target.name]
    letters: dict[str, Expr] = {}
    domain: list[Range] = []
    for step, index in zip(equation.target.indices, generic, strict=True):
        names = [n for n in walk(step) if isinstance(n, Name) and not is_end(n.name)]
        if not names:
            pinned = index_value(step, {})
            domain.append(Range(index, pinned, pinned))
            continue
        letter = names[0].name
        own = index_symbol(letter)
        offset = index_value(step, {letter: own}) - own
        if offset.free_symbols or letter in letters:
            raise InputError(
                "the left side of an equation stands at an index plus a number",
                step.span,
                f"write {equation.target.name}[{letter}] = …",
            )
        letters[letter] = index - offset
        typed, first = equation.since or ("", 1)
        lower = first + offset if typed == letter else Integer(1)
        domain.append(Range(index, lower, scope.ends[index]))
    builder = Elaborator(inference, letters, known.functions)
    shape = inference.sizes.shape(inference.variables[equation.target.name])
    return Piece(builder.matrix(equation.value, shape), tuple(domain))
