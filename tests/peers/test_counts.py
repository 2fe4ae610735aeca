"""Parameter counts against those of PyTorch's own modules, with one bias and with two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from derivations.counts import Counts, count

torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra: peers)")
nn = torch.nn

HIDDEN, INPUT, OUTPUT, SCORES = 7, 3, 5, 4


@dataclass(frozen=True)
class Peer:
    """A cell of the catalogue and modules that together hold the same parameters.

    Attributes:
        modules: recurrent and linear modules and embeddings.
        sizes: variable of the cell to how many rows it has.
        apart: second biases that the cell has as well.
    """

    cell: str
    modules: Callable[[], list[Any]]
    sizes: tuple[tuple[str, int], ...] = (("h", HIDDEN), ("x", INPUT))
    apart: int = 0


def _dense(inputs: int, outputs: int) -> Any:
    return nn.Linear(inputs, outputs, bias=False)


def _decoder(context: int = 0) -> Callable[[], list[Any]]:
    """An encoder, a decoder that is given the last output and a context, and a readout."""
    return lambda: [
        nn.RNN(INPUT, HIDDEN),
        nn.RNN(OUTPUT + context, HIDDEN),
        nn.Linear(HIDDEN, OUTPUT),
    ]


READ = (("p", OUTPUT),)
ONE = (("h", HIDDEN), ("x", INPUT))
DEEP = (("h_1", HIDDEN), ("h_2", HIDDEN), ("x", INPUT))
BOTH = (("h_f", HIDDEN), ("h_b", HIDDEN), ("x", INPUT), *READ)

PEERS = (
    Peer("rnn", lambda: [nn.RNN(INPUT, HIDDEN), nn.Linear(HIDDEN, OUTPUT)], (*ONE, *READ)),
    Peer("rnn-sigmoid", lambda: [nn.RNN(INPUT, HIDDEN)]),
    Peer("rnn-sigmoid-pre", lambda: [nn.RNN(INPUT, HIDDEN)]),
    Peer("rnn-deep", lambda: [nn.RNN(INPUT, HIDDEN, num_layers=2)], DEEP),
    Peer("lstm", lambda: [nn.LSTM(INPUT, HIDDEN)]),
    Peer("lstm-fused", lambda: [nn.LSTM(INPUT, HIDDEN)]),
    Peer("lstm-concat", lambda: [nn.LSTM(INPUT, HIDDEN)]),
    Peer("lstm-deep", lambda: [nn.LSTM(INPUT, HIDDEN, num_layers=2)], DEEP),
    Peer("gru", lambda: [nn.GRU(INPUT, HIDDEN)]),
    Peer("gru-swapped", lambda: [nn.GRU(INPUT, HIDDEN)]),
    Peer("gru-reset-after", lambda: [nn.GRU(INPUT, HIDDEN)], apart=HIDDEN),
    Peer(
        "bi-lstm",
        lambda: [nn.LSTM(INPUT, HIDDEN, bidirectional=True), nn.Linear(2 * HIDDEN, OUTPUT)],
        BOTH,
    ),
    Peer(
        "bi-rnn",
        lambda: [nn.RNN(INPUT, HIDDEN, bidirectional=True), nn.Linear(2 * HIDDEN, OUTPUT)],
        BOTH,
    ),
    Peer(
        "char-lm",
        lambda: [nn.Embedding(OUTPUT, INPUT), nn.RNN(INPUT, HIDDEN), nn.Linear(HIDDEN, OUTPUT)],
        (("h", HIDDEN), ("x", OUTPUT), ("v", INPUT), *READ),
    ),
    *(Peer(f"seq2seq{mode}", _decoder(), (*ONE, *READ)) for mode in ("", "-free", "-scheduled")),
    Peer("attention-decoder", _decoder(HIDDEN), (*ONE, *READ)),
    Peer(
        "attention-decoder-additive",
        lambda: [*_decoder(HIDDEN)(), _dense(2 * HIDDEN, SCORES), _dense(SCORES, 1)],
        (*ONE, *READ, ("v_a", SCORES)),
    ),
    Peer(
        "rnn-leaky",
        lambda: [nn.RNN(INPUT, HIDDEN, bias=False), nn.PReLU(), _dense(HIDDEN, OUTPUT)],
        (("v", HIDDEN), ("x", INPUT), ("yhat", OUTPUT)),
    ),
)


def held(peer: Peer, second: bool) -> int:
    """How many numbers the modules hold, with or without the bias beside recurrent weights."""
    named = [item for module in peer.modules() for item in module.named_parameters()]
    return sum(p.numel() for name, p in named if second or not name.startswith("bias_hh"))


def counted(peer: Peer, counts: Counts, second: bool) -> int | None:
    """The formula of the cell at the same sizes."""
    found = counts.parameters
    formula = found.count + found.second_biases if second else found.count
    rows = {counts.cell.templates[name].shape[0]: number for name, number in peer.sizes}
    return formula.at(rows).value


@pytest.mark.parametrize("second", [False, True], ids=["one bias", "two biases"])
@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.cell)
def test_parameters_are_as_many_as_the_modules(peer: Peer, second: bool) -> None:
    more = 0 if second else peer.apart
    assert counted(peer, count(peer.cell), second) == held(peer, second) + more


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_without_biases_there_is_none_to_double(kind: str) -> None:
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    parts = [f"z_{k}[t] = tanh(W_{k} @ x[t] + U_{k} @ h[t-1])" for k in range(gates)]
    joined = " + ".join(f"z_{k}[t]" for k in range(gates))
    counts = count([*parts, f"h[t] = {joined}"])
    peer = Peer(kind, lambda: [getattr(nn, kind)(INPUT, HIDDEN, bias=False)])
    assert counted(peer, counts, False) == counted(peer, counts, True) == held(peer, True)
