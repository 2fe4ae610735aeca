"""The README's sessions: every ``console`` block is run, and its output compared.

In a block, ``$`` starts a command line and what follows it is the output; ``...`` stands for
anything. Commands run one after the other in one empty folder, so a later one may read what an
earlier one wrote.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def sessions(text: str) -> list[tuple[str, str]]:
    """Every command line and the output below it, in order."""
    found = []
    for block in BLOCK.findall(text):
        for session in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = session.partition("\n")
            while command.endswith("\\"):
                more, _, output = output.partition("\n")
                command = f"{command}\n{more}"
            found.append((command, output))
    return found


def run(command: str, folder: Path) -> str:
    """Standard output and standard error of a command line, in this environment."""
    scripts = sysconfig.get_path("scripts")
    environment = os.environ | {
        "PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")]),
        "COLUMNS": "100",
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


@pytest.mark.parametrize(
    ("command", "output"), sessions(README.read_text(encoding="utf-8")), ids=lambda text: text[:40]
)
def test_the_output_is_what_the_readme_shows(command: str, output: str, folder: Path) -> None:
    found = run(command, folder)
    example = doctest.Example(command, output)
    checker = doctest.OutputChecker()
    if not checker.check_output(output, found, OPTIONS):
        pytest.fail(checker.output_difference(example, found, OPTIONS))


def test_a_session_is_read_and_compared() -> None:
    """The test can fail, and it sees every command."""
    text = "```console\n$ echo a \\\n  b\na b\n$ true\n```\n\n```sh\npip install .\n```\n"
    assert sessions(text) == [("echo a \\\n  b", "a b\n"), ("true", "")]
    assert not doctest.OutputChecker().check_output("a b\n", "a c\n", OPTIONS)
