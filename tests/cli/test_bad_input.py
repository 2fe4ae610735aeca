"""Bad input of many kinds: exit status 2, a message with a remedy, never a traceback."""

from __future__ import annotations

import sys

import pytest

import cli

EQUATIONS = [
    "", "   ", "# nothing", "title: nothing", "h[t] =", "= tanh(z)", "h[t] tanh(z[t])",
    "h[t] == tanh(z[t])", "h[t] = tanh(z[t]", "h[t] = tanh z[t])", "h[t = tanh(x[t])",
    "h[t] = W @", "h[t] = @ W", "h[t] = W @@ h[t-1]", "h[t] = W ** ** 2", "h[t] = 'text'",
    "h[t] = __import__('os')", "h[t] = lambda: 1", "h[t] = a.b", "h[t] = x[t]; import os",
    "h[t] = h[t] + x[t]", "h[t] = g[t]\ng[t] = h[t]", "h[t] = h[t-1] + h[t+1]",
    "h[t] = W @ h[s-1]", "h[t] = sum(t, 1)", "h[t] = softmax(x[t], x[t])", "h[t] = softmax'(x[t])",
    "h[t] = x[t] ** h[t-1]", "h[t] = x[t]\nh[t] = 2 * x[t]", "h[2*t] = x[t]", "h[t] = x[t*t]",
    "h[t] = W @ x[t]\nW: 2 x 3\nx: 4", "h[t] = x[t] + y[t]\nx: 3\ny: 4", "h: 0 x 2\nh[t] = x[t]",
    "phi(u) = phi(u)\nh[t] = phi(x[t])", "phi(u, v) = u + v\nh[t] = phi(x[t])",
    "phi(u) = u", "h[t] = concat()", "h[t] = rows(x[t], 5, 4)", "h[t] = rows(x[t], i, 4)",
    "h[t] = 1 / 0 * x[t]", "h[t] = x[t] + h", "h[t] = \\unknowncommand x_t", "h_t = \\frac{x_t}",
    "h_t = \\left( x_t", "h_t = \\begin{bmatrix} x_t", "h_t = \\frac{\\partial L}{\\partial x_t}",
    "h[t] = x[t]\x00",
    "h[t] = " + "(" * 400 + "x[t]" + ")" * 400, "h[t] = " + "9" * 5000 + " * x[t]",
    "1 = x[t]", "h[t] = x[0.5]", "h[t] = x[t] y[t]", "h[t]: n x m x d", "?",
]  # fmt: skip
ARGUMENTS = [
    ["derive"], ["derive", "no-such-cell"], ["derive", "/no/such/file.cell"], ["derive", "/"],
    ["derive", "rnn", "--wrt", "nothing"], ["derive", "rnn", "--format", "word"],
    ["derive", "rnn", "--form", "unrolled", "--steps", "0"],
    ["derive", "rnn", "--form", "unrolled", "--steps", "1000000"],
    ["derive", "rnn", "--form", "sideways"], ["derive", "rnn", "-o", "/no/such/folder/file"],
    ["query", "rnn"], ["query", "rnn", "dL/dnothing"], ["query", "rnn", "dL"],
    ["query", "rnn", "dL/dW_hh[0,1,2]"], ["query", "rnn", "dh[T]/"], ["query", "rnn", ""],
    ["query", "rnn", "1 + 1"], ["query", "rnn", "\\frac{\\partial L}{}"], ["query", "rnn", "dL/dh"],
    ["verify"], ["verify", "nope"], ["verify", "rnn", "--method", "magic"],
    ["verify", "rnn", "--cases", "0"], ["verify", "rnn", "--wrt", "nope"], ["list", "everything"],
    ["nonsense"], ["derive", "softmax", "--form", "closed"], ["verify", "softmax", "--wrt", "x"],
    ["show", "softmax"], ["query", "even-odd", "dL/dw"], ["design", "evn-odd"],
]  # fmt: skip


def ends(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit status of a command line run in this process."""
    monkeypatch.setattr(sys, "argv", ["gradproof", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return int(end.value.code or 0)


@pytest.mark.parametrize("equations", EQUATIONS, ids=lambda e: repr(e[:40]))
def test_bad_cells(equations: str, monkeypatch, capsys) -> None:
    lines = [f"--eq={line}" for line in equations.split("\n")]
    assert ends(monkeypatch, "derive", *lines) == 2
    shown = capsys.readouterr()
    assert not shown.out
    assert len(shown.err.strip().splitlines()) >= 2, "a message and a remedy"


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=" ".join)
def test_bad_arguments(arguments: list[str], monkeypatch, capsys) -> None:
    assert ends(monkeypatch, *arguments) == 2
    shown = capsys.readouterr()
    assert not shown.out
    assert shown.err.strip()
