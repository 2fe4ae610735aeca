"""The sections of a derivation: which steps are shown, in which order, with which reason.

In a reason, ``{name}`` is a variable of the cell; each renderer writes it in its own notation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sympy import Integer

from derivations.calculus.graph import edges
from derivations.calculus.states import NoClosedForm
from derivations.calculus.unroll import unroll
from derivations.cell import LOSS, Definition
from derivations.derivation import Formula, Section, Step
from derivations.deriver import Deriver, equations_of
from derivations.expressions.nodes import Jacobian


def introduction(deriver: Deriver) -> Iterator[Section]:
    """The forward equations and the local Jacobian of each."""
    cell = deriver.cell
    steps = [
        Step("given", "the equations of the cell as they were typed", _equations(cell.written))
    ]
    named = [d for d in cell.definitions if d.name in cell.auxiliary]
    if named:
        written = {d.name for d in cell.written}
        changed = [d for d in cell.definitions if d.name in written and d not in cell.written]
        steps.append(
            Step(
                "name the argument of a nonlinearity",
                "a slope is taken at the argument of the function, so the argument gets a name",
                _equations((*named, *changed)),
            )
        )
    yield Section("Forward equations", tuple(steps))
    local = tuple(deriver.local_jacobians())
    if local:
        why = "each equation is differentiated with every other variable held fixed"
        passed = _passed_through(deriver, local)
        if passed:
            listed = ", ".join(f"{{{name}}}" for name in passed)
            why += f"; between typed variables {listed} changes with what it is made of"
        yield Section("Local Jacobians", (Step("immediate partials", why, local),))


def _passed_through(deriver: Deriver, local: Iterable[Formula]) -> list[str]:
    """Named arguments not held fixed: between typed variables the typed equation counts."""
    cell = deriver.cell
    reads = {(edge.user, edge.used) for edge in edges(cell.definitions)}
    pairs = {(f.left.numerator.name, f.left.denominator.name) for f in local}
    typed = [pair for pair in pairs if not cell.auxiliary & set(pair)]
    return sorted(
        name
        for name in cell.auxiliary
        if any((above, name) in reads and (name, below) in reads for above, below in typed)
    )


def _equations(definitions: Iterable[Definition]) -> tuple[Formula, ...]:
    return tuple(formula for definition in definitions for formula in equations_of(definition))


def backward(deriver: Deriver, names: list[str]) -> Iterator[Section]:
    """The adjoint recurrences that the wanted gradients refer to, then those gradients."""
    needed = deriver.needed(names)
    order = [d.name for d in reversed(deriver.cell.definitions)]
    recurrent = [n for n in order if n in needed and n not in names and n != LOSS]
    steps = [_adjoint_step(deriver, [name], _use(deriver, name)) for name in recurrent]
    yield Section("Adjoint recurrence", tuple(step for step in steps if step.formulas))
    timed = [name for name in names if deriver.cell.templates[name].steps]
    shared = [name for name in names if not deriver.cell.templates[name].steps]
    steps = [_adjoint_step(deriver, [name], _use(deriver, name)) for name in timed]
    if shared:
        why = "a parameter is the same at every step: the contributions of all its uses are added"
        steps.append(_adjoint_step(deriver, shared, why))
    yield Section("Gradients", tuple(step for step in steps if step.formulas))


def _use(deriver: Deriver, name: str) -> str:
    """Why the adjoint of a variable looks as it does: who uses it."""
    uses = [e.user for e in edges(deriver.cell.definitions) if e.used == name]
    users = ["the loss" if user == LOSS else f"{{{user}}}" for user in dict.fromkeys(uses)]
    listed = ", ".join(users)
    return f"{{{name}}} is used by {listed}: each use sends back its vector-Jacobian product"


def _adjoint_step(deriver: Deriver, names: list[str], why: str) -> Step:
    """The formulas of some adjoints, and the rewrites that shape them."""
    timed = bool(deriver.cell.templates[names[0]].steps)
    shaped: list[Formula] = []
    used: set[str] = set()
    for name in names:
        for f in deriver.gradient(name):
            right, rules = deriver.rewriter(f.right)
            used |= rules
            via = (f.right,) if rules and right != f.right else ()
            shaped.append(replace(f, right=right, via=via))
    rule = "chain rule (VJP)" if timed else "sum over the uses"
    return Step(", ".join([rule, *sorted(used)]), why, tuple(shaped))


def closed(deriver: Deriver, names: list[str], explicit: bool) -> Iterator[Section]:
    """Step Jacobians, then the gradients themselves, or only the adjoints they are built of."""
    try:
        groups = deriver.closed.groups
    except NoClosedForm as reason:
        yield Section("Closed form", (Step("none", str(reason), ()),))
        return
    steps = []
    for group in groups:
        for name in group.states:
            state = deriver.cell.templates[name]
            jacobian = Jacobian(state, state.at([group.earlier(1)]))
            why = f"everything between two steps of {{{name}}} is eliminated"
            found = tuple(deriver.jacobian(jacobian))
            if found:
                steps.append(Step("step Jacobian", why, found))
    named = _equations(d for step in deriver.step_jacobians for d in step.definitions)
    shaped = tuple(replace(f, right=deriver.rewriter.value(f.right)) for f in named)
    if shaped:
        stacked = [name for g in groups if len(g.slots) > 1 for name in g.states]
        states = " and ".join(f"{{{name}}}" for name in stacked)
        why = f"one block of the stacked state for each variable and delay of {states}"
        steps.append(Step("stack the states", why, shaped))
    if explicit:
        solved = [f for name in names for f in deriver.named_gradient(name)]
    else:
        solved = [f for g in groups for name in g.states for f in deriver.solved(name)]
    if solved:
        why = "the linear adjoint recurrence is solved: sums of ordered products"
        steps.append(Step("solve the recurrence", why, tuple(solved)))
    yield Section("Closed form", tuple(steps))


def unrolled(deriver: Deriver, names: list[str], length: int) -> Iterator[Section]:
    """The closed form written out for a number of steps."""
    ends = {axis.upper: Integer(length) for axis in deriver.cell.axes}
    found = [u for name in names for f in deriver.closed_gradient(name) for u in unroll(f, ends)]
    why = f"every sum and product is written out for {length} step(s)"
    yield Section("Unrolled", (Step("write out", why, tuple(found)),))
