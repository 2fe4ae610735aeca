"""The command ``serve``: the app on one's own machine until it is interrupted."""

from __future__ import annotations

import ipaddress
import socket
import sys
from types import FrameType
from typing import TYPE_CHECKING, Any

from derivations.errors import InputError
from verify.serve.limits import MIB, Limits

if TYPE_CHECKING:
    from verify.serve.pool import Pool


def serve(host: str, port: int, seconds: float, memory: int) -> None:
    """Serve the page and the API.

    Args:
        host: an address of this machine; only a loopback one is not reachable from others.
        port: 0 takes a free one.
        seconds: that a request may take.
        memory: MiB that a request may take.

    Raises:
        InputError: the parts that it needs are not installed, or the address is taken.
    """
    try:
        import starlette  # noqa: F401
        import uvicorn
    except ImportError:
        raise InputError(
            "the page needs starlette and uvicorn, which are not installed",
            remedy='pip install "gradproof[serve]"',
        ) from None
    from verify.serve.app import LOOPBACK, application

    local = is_loopback(host)
    if not local:
        print(f"note: {host} is reachable from other machines", file=sys.stderr)
    limits = Limits(seconds=seconds, memory=memory * MIB)
    # The middleware cuts a host at its first colon: "[" is any address of IP version 6.
    app = application(limits, (*LOOPBACK, host, "[") if local else ("*",))
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", server_header=False, access_log=False,
        timeout_graceful_shutdown=2, lifespan="on", ws="none",
    )  # fmt: skip
    listening = _bound(host, port)
    shown, number = listening.getsockname()[:2]
    shown = f"[{shown}]" if ":" in shown else shown
    print(f"http://{shown}:{number}/  (Ctrl-C stops)", flush=True)
    server = uvicorn.Server(config)
    _stopping_work_first(server, app.state.pool)
    server.run(sockets=[listening])


def _stopping_work_first(server: Any, pool: Pool) -> None:
    """Who interrupts the server does not wait for the work of requests."""
    leave = server.handle_exit

    def stop(number: int, frame: FrameType | None) -> None:
        pool.hang_up()
        leave(number, frame)

    server.handle_exit = stop


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bound(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise InputError(
            f"{host}:{port} cannot be served: {getattr(error, 'strerror', None) or error}",
            remedy="give another --port, or 0 for a free one",
        ) from None
