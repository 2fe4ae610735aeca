"""Step Jacobians under names: solved adjoints that hold them agree with the recurrence."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Integer, Symbol

from derivations.cell import LOSS, Piece
from derivations.deriver import Deriver
from derivations.expressions.nodes import Adjoint, Jacobian, Variable
from derivations.expressions.traverse import substitute
from derivations.loading import load
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import System

T = Symbol("T", integer=True)
STACKED_BESIDE_J = ["c[t] = J * h[t-1] + c[t-1] * h[t-1]", "h[t] = tanh(c[t] + h[t-1] + J)"]
CELLS = {
    "lstm": "lstm",
    "gru": "gru",
    "lstm-peephole": "lstm-peephole",
    "a parameter called J": STACKED_BESIDE_J,
    "a loss called J": ["J = ell(h[T])", *(line.replace("J", "w") for line in STACKED_BESIDE_J)],
    "backward": ["h[t] = tanh(W @ h[t+1] + V @ h[t+2] + w * h[t+1] + x[t])"],
}
LENGTH, WIDTH = 4, 2


def _values(deriver: Deriver):
    cell = deriver.cell
    sizes = dict.fromkeys(cell.sizes, WIDTH)

    def free(key: tuple[object, ...]) -> np.ndarray:
        rows, cols = (extent.subs(sizes) for extent in cell.templates[str(key[1])].shape)
        seed = [ord(c) for c in str(key)]
        return np.random.default_rng(seed).standard_normal((int(rows), int(cols)))

    return free, sizes


@pytest.mark.parametrize("name", CELLS)
def test_solved_adjoints_are_those_of_the_recurrence(name: str) -> None:
    deriver = Deriver(load(CELLS[name]).cell)
    named = deriver.step_jacobians
    assert named
    free, sizes = _values(deriver)
    definitions = [d for step in named for d in step.definitions]
    formulas = {
        step.name: tuple(Piece(f.right, f.domain) for f in deriver.jacobian(step.name))
        for step in named
        if isinstance(step.name, Jacobian)
    }
    everything = (*deriver.cell.definitions, *deriver.adjoints.values(), *definitions)
    system = System(everything, NumpyArithmetic(), {T: LENGTH}, sizes, free, formulas=formulas)
    checked = 0
    for state in (state for group in deriver.closed.groups for state in group.states):
        (index,) = deriver.cell.templates[state].steps
        for f in deriver.solved(state):
            ends = [(r.lower.subs(T, LENGTH), r.upper.subs(T, LENGTH)) for r in f.domain]
            lower, upper = ends[0] if ends else (0, 0)
            for time in range(int(lower), int(upper) + 1):
                sides = (substitute(side, {index: Integer(time)}) for side in (f.right, f.left))
                found, expected = map(system.evaluate, sides)
                assert np.allclose(found, expected, rtol=1e-12, atol=1e-12)
                checked += 1
    assert checked > LENGTH


@pytest.mark.parametrize("name", CELLS)
def test_names_are_free(name: str) -> None:
    cell = load(CELLS[name]).cell
    own = {*cell.templates, cell.displays.get(LOSS, "L"), *(str(a.upper) for a in cell.axes)}
    steps = Deriver(cell).step_jacobians
    names = [d.name for step in steps for d in step.definitions]
    assert len(names) == len(set(names))
    assert not own & set(names)


def test_products_hold_names() -> None:
    deriver = Deriver(load("lstm").cell)
    right = next(iter(deriver.solved("h"))).right
    assert {v.name for v in right.atoms(Variable)} & {"J"}
    assert not right.atoms(Adjoint)
