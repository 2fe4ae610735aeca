"""The command: where it listens, and what it says when it cannot."""

from __future__ import annotations

import socket
import sys

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
