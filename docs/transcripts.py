"""Run every command that a Markdown page shows, and compare or rewrite what stands below it.

A transcript is a ``console`` block: lines that start with ``$ gradproof`` are commands, the lines
up to the next one are their output; ``...`` alone stands for any lines left out. Output to
standard error is not shown. ``python docs/transcripts.py README.md`` rewrites blocks without
``...`` in place.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Transcript:
    """One command and the output shown below it."""

    command: str
    shown: str

    def run(self) -> str:
        """What the command prints now."""
        words = shlex.split(self.command.removeprefix("$ "))
        if words[0] != "gradproof":
            raise ValueError(f"a transcript shows gradproof only: {self.command}")
        done = subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), *words[1:]],
            capture_output=True, text=True, check=False, cwd=ROOT,
            env={**os.environ, "COLUMNS": "100"},
        )  # fmt: skip
        return "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip("\n")

    def agrees(self, printed: str) -> bool:
        """Whether the output shown is what was printed, with ``...`` for any lines."""
        parts = [
            re.escape(part.strip("\n")) for part in re.split(r"^\.\.\.$", self.shown, flags=re.M)
        ]
        return (
            re.fullmatch(r"(?:.*\n)*?".join(p + r"\n?" for p in parts), printed + "\n") is not None
        )


def transcripts(page: str) -> Iterator[Transcript]:
    """Every command of a page with its output."""
    for block in BLOCK.findall(page):
        yield from _of_block(block)


def _of_block(block: str) -> list[Transcript]:
    parts = re.split(r"^(?=\$ )", block, flags=re.M)
    split = [part.partition("\n") for part in parts if part.startswith("$ gradproof")]
    return [Transcript(command, shown.strip("\n")) for command, _, shown in split]


def rewritten(page: str) -> str:
    """The page with the output of every command as it is now."""

    def fill(match: re.Match[str]) -> str:
        found = _of_block(match.group(1))
        if not found:
            return match.group(0)
        filled = "\n".join(
            f"{t.command}\n{t.shown if re.search(r'^[.]{3}$', t.shown, re.M) else t.run()}"
            for t in found
        )
        return f"```console\n{filled}\n```"

    return BLOCK.sub(fill, page)


def main() -> None:
    """Rewrite the pages given on the command line."""
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
