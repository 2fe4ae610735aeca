"""Whole-process wall time of commands, side by side: interleaved repeats, median and spread."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Command = Sequence[str]
PYTHON = sys.executable


def gradproof(*arguments: str) -> list[str]:
    """A command line of the tool that is installed beside this Python.

    Raises:
        SystemExit: it is not installed.
    """
    script = shutil.which("gradproof", path=sysconfig.get_path("scripts"))
    if script is None:
        raise SystemExit(f"gradproof is not installed in {sys.prefix}; run: pip install .")
    return [script, *arguments]


@dataclass(frozen=True)
class Timing:
    """Wall times of one command, in seconds."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.seconds)

    def __str__(self) -> str:
        return f"{self.median:8.3f} s  [{min(self.seconds):.3f}, {max(self.seconds):.3f}]"


def measure(commands: Mapping[str, Command], repeats: int) -> dict[str, Timing]:
    """Time every command ``repeats`` times, taking turns, so that all see the same machine.

    One round beforehand fills the file cache and the bytecode cache and is not counted.

    Raises:
        SystemExit: a command fails; its standard error is shown.
    """
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(repeats + 1):
        for name, command in commands.items():
            elapsed = _run(command)
            if turn:
                seconds[name].append(elapsed)
    return {name: Timing(tuple(found)) for name, found in seconds.items()}


def _run(command: Command) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    elapsed = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return elapsed
