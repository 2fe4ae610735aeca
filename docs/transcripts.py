"""Run every command that a Markdown page shows, and compare or rewrite what stands below it.

A ``console`` block shows commands, in lines that start with ``$ gradproof``, each with its output;
``...`` alone stands for any lines left out. What stands between ``<!-- $ gradproof ... -->`` and
``<!-- end -->`` is the output of a command that prints Markdown, its headings one level lower.
Output to standard error is not shown. ``python docs/transcripts.py README.md docs/*.md`` rewrites
pages in place, but for outputs with ``...``.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
MARKDOWN = re.compile(r"<!-- (\$ gradproof .*?) -->\n(.*?)<!-- end -->", re.DOTALL)
ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
COLUMNS = "100"


@dataclass(frozen=True)
class Transcript:
    """One command and the output shown below it."""

    command: str
    shown: str
    markdown: bool = False

    def run(self) -> str:
        """What the command prints now, run in this process."""
        import cli

        words = shlex.split(self.command.removeprefix("$ "))
        if words[0] != "gradproof":
            raise ValueError(f"a transcript shows gradproof only: {self.command}")
        was = Path.cwd()
        os.chdir(ROOT)
        try:
            done = CliRunner(env={"COLUMNS": COLUMNS}).invoke(cli.gradproof, words[1:])
        finally:
            os.chdir(was)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        printed = "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip("\n")
        return re.sub(r"^#", "##", printed, flags=re.M) if self.markdown else printed

    @property
    def leaves_out(self) -> bool:
        """Whether lines are left out."""
        return re.search(r"^[.]{3}$", self.shown, re.M) is not None

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
    for command, shown in MARKDOWN.findall(page):
        yield Transcript(command, shown.strip("\n"), markdown=True)


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
        filled = "\n".join(f"{t.command}\n{t.shown if t.leaves_out else t.run()}" for t in found)
        return f"```console\n{filled}\n```"

    def derived(match: re.Match[str]) -> str:
        command = match.group(1)
        printed = Transcript(command, "", markdown=True).run()
        return f"<!-- {command} -->\n\n{printed}\n\n<!-- end -->"

    return MARKDOWN.sub(derived, BLOCK.sub(fill, page))


def main() -> None:
    """Rewrite the pages given on the command line."""
    sys.path.insert(0, str(ROOT))
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
