"""The command: where it listens, and what it says when it cannot."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from derivations.errors import InputError
from verify.serve.command import is_loopback, serve


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.3.2.1"])
def test_addresses_of_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "example.org", ""])
def test_addresses_that_others_reach(host: str) -> None:
    assert not is_loopback(host)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(InputError) as error:
        serve("127.0.0.1", 0, 30, 768)
    assert "gradproof[serve]" in error.value.remedy


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"{port} cannot be served"):
            serve("127.0.0.1", port, 30, 768)


def test_an_interrupt_ends_the_server_without_a_word_even_at_work() -> None:
    states = range(40)
    much = "\n".join(
        f"a{i}[t] = tanh({' + '.join(f'W{i}_{j} @ a{j}[t-1]' for j in states)})" for i in states
    )
    command = [sys.executable, "cli.py", "serve", "--port", "0"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None and server.stderr is not None
        port = int(server.stdout.readline().split()[0].rstrip("/").rpartition(":")[2])
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        body = json.dumps({"cell": much, "query": "da0[T]/da1[k]"})
        line.request("POST", "/page/live", body, {"content-type": "application/json"})
        answer = line.getresponse()
        assert answer.readline()
        server.send_signal(signal.SIGINT)
        assert json.loads(answer.read().splitlines()[-1]) == {"kind": "done"}
        line.close()
        server.wait(timeout=30)
        assert server.stderr.read().strip() == ""
