"""A state of a random cell, and how its text reads at one time or another."""

from __future__ import annotations

from dataclasses import dataclass

from verify.strategies.terms import Value


@dataclass(frozen=True)
class State:
    """A recurrent variable: how far it looks back, in which direction and along which axis."""

    name: str
    rows: str
    cols: str
    lags: tuple[int, ...]
    forward: bool
    index: str = "t"

    @property
    def end(self) -> str:
        """The letter of the last time of the axis."""
        return self.index.upper()

    def at(self, lag: int = 0) -> Value:
        """The state ``lag`` steps earlier in its own direction."""
        step = f"{'-' if self.forward else '+'}{lag}" if lag else ""
        return Value(f"{self.name}[{self.index}{step}]", self.rows, self.cols)

    @property
    def last(self) -> Value:
        """The state at the end of its own direction."""
        time = self.end if self.forward else "1"
        return Value(f"{self.name}[{time}]", self.rows, self.cols)

    @property
    def sequence(self) -> Value:
        """The state at a time to be filled in."""
        return Value(f"{self.name}[{{}}]", self.rows, self.cols)
