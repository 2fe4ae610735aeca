"""Random losses: readouts with known losses, arbitrary ones, per step, averaged, at the end."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from verify.strategies.state import State
from verify.strategies.terms import Names


def loss_lines(rng: Random, names: Names, states: Sequence[State]) -> list[str]:
    """The equations of a readout and a loss that reads every state, or nothing."""
    if rng.random() < 0.15:
        return []
    lines: list[str] = []
    terms: list[str] = []
    for state in states:
        terms.append(_at_end(rng, names, state) if rng.random() < 0.3
                     else _per_step(rng, names, state, lines))  # fmt: skip
    total = " + ".join(terms)
    if names.matrices and rng.random() < 0.15:
        total += f" + 0.01 * sum(square({rng.choice(names.matrices).text}))"
    return [*lines, f"loss = {total}"]


def _at_end(rng: Random, names: Names, state: State) -> str:
    last, form = state.last.text, rng.randrange(3)
    if form == 0 or state.cols != "1":
        return f"{names.fresh('ell')}({last})"
    if form == 1:
        return f"squared_error({last}, {names.vector(state.rows)})"
    return f"{names.fresh('ell')}({last}, {names.vector(state.rows)})"


def _per_step(rng: Random, names: Names, state: State, lines: list[str]) -> str:
    index, here = state.index, state.sequence.text.format(state.index)
    head = rng.choice(("", "", f"1/{state.end} * "))
    target = f"{names.fresh('y')}[{index}]"
    over = f"{head}sum({index}, 1, {state.end}, "
    form = rng.randrange(6)
    if state.cols != "1" or form == 0:
        return f"{over}{names.fresh('ell')}({here}))"
    if form == 1:
        return f"{over}{names.fresh('ell')}({here}, {target}))"
    if form == 2:
        return f"{over}squared_error({here}, {target}))"
    if form == 3:
        logit = f"dot({names.vector(state.rows)}, {here})"
        return f"{over}binary_cross_entropy({logit}, {target}))"
    logits = f"{names.fresh('p')}[{index}]"
    size = rng.choice(("q", state.rows))
    lines.append(f"{logits} = {names.matrix(size, state.rows)} @ {here} + {names.vector(size)}")
    loss = rng.choice(("cross_entropy", "squared_error"))
    return f"{over}{loss}({logits}, {target}))"
