"""Derived gradients against those of PyTorch's own recurrent modules, in float64.

The modules are written and differentiated by others. They share no code with this project, and
lay their weights out in another way: gates stacked, two biases where the papers have one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from derivations.calculus.adjoint import adjoints
from derivations.catalogue import read
from derivations.cell import Cell
from derivations.loading import load
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import Key, System, adjoint
from verify.precision import relative_error

torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra: peers)")

Arrays = dict[str, np.ndarray]
HIDDEN, INPUT, OUTPUT = 4, 3, 5
READOUT = """
p[t] = W_ph @ h[t] + b_p
loss = sum(t, 1, T, cross_entropy(p[t], y[t]))
"""
TOLERANCE = 1e-12
"""Float64 on both sides and nothing truncated: only rounding is left."""


@dataclass(frozen=True)
class Peer:
    """A cell of the catalogue, the module it is compared with, and how the weights map.

    Attributes:
        gates: what tells the gates apart in the cell's names, in the module's order.
        inputs: prefix of the input weights in the cell; ``recurrent`` and ``bias`` likewise.
        apart: gates whose two biases are two in the cell as well: gate to the recurrent one.
        states: states that have an initial value.
    """

    cell: str
    module: str
    gates: tuple[str, ...]
    inputs: str
    recurrent: str
    bias: str
    apart: tuple[tuple[str, str], ...] = ()
    states: tuple[str, ...] = ("h",)

    def places(self) -> dict[str, list[tuple[str, int]]]:
        """Name in the cell to the (parameter of the module, block of it) that are added to it."""
        found: dict[str, list[tuple[str, int]]] = {}
        apart = dict(self.apart)
        for block, gate in enumerate(self.gates):
            second = apart.get(gate, self.bias + gate)
            for name, parameter in (
                (self.inputs + gate, "weight_ih_l0"),
                (self.recurrent + gate, "weight_hh_l0"),
                (self.bias + gate, "bias_ih_l0"),
                (second, "bias_hh_l0"),
            ):
                found.setdefault(name, []).append((parameter, block))
        return found


PEERS = (
    Peer("rnn", "RNN", ("",), "W_hx", "W_hh", "b_h"),
    Peer("lstm", "LSTM", ("i", "f", "g", "o"), "W_", "U_", "b_", states=("h", "c")),
    Peer("gru-reset-after", "GRU", ("r", "z", "h"), "W_", "U_", "b_", apart=(("h", "c_h"),)),
)


def run_torch(peer: Peer, steps: int) -> tuple[Arrays, dict[str, list[np.ndarray]]]:
    """Values and gradients by the cell's names; two gradients where two parameters are added.

    What has a time is stacked over it: ``x`` is (steps, INPUT). ``h[0]`` is the initial state.
    """
    generator = torch.Generator().manual_seed(steps)

    def drawn(*shape: int):
        return torch.randn(*shape, dtype=torch.float64, generator=generator)

    module = getattr(torch.nn, peer.module)(INPUT, HIDDEN, dtype=torch.float64)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(drawn(*parameter.shape))
    leaves = {"x": drawn(steps, INPUT), "W_ph": drawn(OUTPUT, HIDDEN), "b_p": drawn(OUTPUT)}
    leaves |= {f"{state}[0]": drawn(1, HIDDEN) for state in peer.states}
    for leaf in leaves.values():
        leaf.requires_grad_()
    y = drawn(steps, OUTPUT).softmax(1)
    start = tuple(leaves[f"{state}[0]"] for state in peer.states)
    h, _ = module(leaves["x"], start if len(start) > 1 else start[0])
    logits = h @ leaves["W_ph"].T + leaves["b_p"]
    (-(y * logits.log_softmax(1)).sum()).backward()

    own = dict(module.named_parameters())
    values = {"y": y.numpy()} | {name: leaf.detach().numpy() for name, leaf in leaves.items()}
    gradients = {name: [leaf.grad.numpy()] for name, leaf in leaves.items()}
    for name, places in peer.places().items():
        count = len(peer.gates)
        blocks = [own[p].detach().chunk(count)[block].numpy() for p, block in places]
        values[name] = np.sum(blocks, axis=0)
        gradients[name] = [own[p].grad.chunk(count)[block].numpy() for p, block in places]
    return values, gradients


def typed(peer: Peer) -> Cell:
    """The cell as the catalogue has it, read out by a softmax."""
    text = read(peer.cell)
    return load((text if "loss" in text else text + READOUT).splitlines()).cell


def sizes_of(cell: Cell, values: Arrays) -> dict:
    """Concrete sizes, read off the parameters."""
    found = {}
    for parameter in cell.parameters:
        found |= dict(zip(parameter.shape, values[parameter.name].shape, strict=False))
    return {size: found[size] for size in cell.sizes}


def run_derived(peer: Peer, steps: int, values: Arrays) -> Arrays:
    """Gradients from the derived adjoint recurrences at these values, stacked in the same way."""
    cell = typed(peer)

    def free(key: Key) -> np.ndarray:
        _, name, *step = key
        if not step:
            return values[name].reshape(len(values[name]), -1)
        initial = values.get(f"{name}[{step[0]}]")
        return (values[name][step[0] - 1] if initial is None else initial).reshape(-1, 1)

    system = System(
        (*cell.definitions, *adjoints(cell).values()),
        NumpyArithmetic(np.float64),
        {axis.upper: steps for axis in cell.axes},
        sizes_of(cell, values),
        free,
    )
    found = {p.name: system.value(adjoint(p.name)) for p in cell.parameters}
    found["x"] = np.stack([system.value(adjoint("x", t)) for t in range(1, steps + 1)])
    return found | {f"{state}[0]": system.value(adjoint(state, 0)) for state in peer.states}


@pytest.mark.parametrize("steps", [1, 2, 7, 50])
@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.module)
def test_every_gradient_is_the_modules(peer: Peer, steps: int) -> None:
    values, gradients = run_torch(peer, steps)
    derived = run_derived(peer, steps, values)
    assert derived.keys() == gradients.keys()
    for name, expected in gradients.items():
        for gradient in expected:
            found = derived[name].reshape(gradient.shape)
            assert relative_error(found, gradient) <= TOLERANCE, name


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.module)
def test_one_transposed_weight_is_seen(peer: Peer) -> None:
    """The comparison can fail."""
    values, gradients = run_torch(peer, 5)
    name = peer.recurrent + peer.gates[0]
    derived = run_derived(peer, 5, values | {name: values[name].T})
    assert relative_error(derived[name], gradients[name][0]) > 1e-3
