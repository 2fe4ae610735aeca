"""A worker process: requests in, events out, one at a time, within its limits.

It gets nothing but bytes of JSON and gives nothing else, and it writes no files. Asking for memory
or processor time beyond its limits ends it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from verify.serve.limits import Limits

Event = dict[str, Any]
DONE: Event = {"kind": "done"}


def serve_requests(connection: Connection, limits: Limits) -> None:
    """Answer requests until the server hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound_memory(limits)
    while True:
        try:
            request = json.loads(connection.recv_bytes(maxlength=16 * limits.body))
        except (EOFError, OSError):
            return
        _bound_time(limits)
        try:
            _answer(connection, request)
        except MemoryError:
            # There is none left to say so; the server sees that this process is gone.
            os._exit(1)
        except (BrokenPipeError, ConnectionResetError):
            return


def _answer(connection: Connection, request: Mapping[str, Any]) -> None:
    from derivations.errors import GradproofError
    from verify.serve.faults import fault, fault_of
    from verify.serve.jobs import JOBS

    try:
        for event in JOBS[request["job"]](request["asked"]):
            _send(connection, event)
    except GradproofError as error:
        _send(connection, fault_of(error))
    except RecursionError:
        _send(connection, fault("an expression is nested too deeply", "split it into equations"))
    except (MemoryError, BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:
        import traceback

        print(f"error in {request['job']}: {error!r}", file=sys.stderr)
        traceback.print_exc()
        _send(connection, {"kind": "failure"})
    _send(connection, DONE)


def _send(connection: Connection, event: Event) -> None:
    connection.send_bytes(json.dumps(event, ensure_ascii=False).encode("utf-8", "replace"))


def _bound_memory(limits: Limits) -> None:
    """Where the system has such limits; elsewhere the server's own limit of time remains."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[0])
        bound = pages * os.sysconf("SC_PAGE_SIZE") + limits.memory
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))


def _bound_time(limits: Limits) -> None:
    """The server stops what takes too long; this stops it if the server is gone."""
    try:
        import resource
    except ImportError:
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = usage.ru_utime + usage.ru_stime
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + limits.seconds) + 5, hard))
