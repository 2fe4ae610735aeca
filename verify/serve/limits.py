"""What one request may take, and how many are served at once."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Limits of a server.

    Attributes:
        body: bytes that a request may have.
        seconds: how long a request may take, waiting not counted.
        memory: bytes that a worker may take beyond what it starts with.
        quick: requests answered at once.
        slow: requests that may run on beside them after :attr:`patience` seconds.
        patience: how long a request keeps others waiting at most.
        waiting: requests that may wait; one more is told to come back.
        uses: requests after which a worker is replaced by a fresh one.
    """

    body: int = 256 * 1024
    seconds: float = 30.0
    memory: int = 768 * MIB
    quick: int = 2
    slow: int = 4
    patience: float = 1.0
    waiting: int = 200
    uses: int = 200
