"""The command line from outside: what users type, what they get, how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from derivations.catalogue import names
from derivations.pipeline import FORMS, derive
from derivations.render import FORMATS, render
from derivations.topics import topics

ROOT = Path(__file__).resolve().parents[2]
LSTM_FROM_A_PAPER = r"""
\begin{align}
  \mathbf{f}_t &= \sigma(\mathbf{W}_f \mathbf{x}_t + \mathbf{U}_f \mathbf{h}_{t-1} + \mathbf{b}_f) \\
  \mathbf{i}_t &= \sigma(\mathbf{W}_i \mathbf{x}_t + \mathbf{U}_i \mathbf{h}_{t-1} + \mathbf{b}_i) \\
  \mathbf{o}_t &= \sigma(\mathbf{W}_o \mathbf{x}_t + \mathbf{U}_o \mathbf{h}_{t-1} + \mathbf{b}_o) \\
  \tilde{\mathbf{c}}_t &= \tanh(\mathbf{W}_c \mathbf{x}_t + \mathbf{U}_c \mathbf{h}_{t-1} + \mathbf{b}_c) \\
  \mathbf{c}_t &= \mathbf{f}_t \odot \mathbf{c}_{t-1} + \mathbf{i}_t \odot \tilde{\mathbf{c}}_t, \quad
  \mathbf{h}_t = \mathbf{o}_t \odot \tanh(\mathbf{c}_t)
\end{align}
"""  # noqa: E501 — pasted as a paper prints it


def run(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *arguments],
        input=stdin, capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "COLUMNS": "120"},
    )  # fmt: skip


def printed(*arguments: str) -> str:
    """The output of a command that must succeed, in this process."""
    result = CliRunner().invoke(cli.gradproof, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("cell", names())
@pytest.mark.parametrize("form", FORMS)
def test_every_cell_derives_in_every_form(cell: str, form: str) -> None:
    derivation = derive(cell, form=form, steps=2)
    for format_ in FORMATS:
        assert render(derivation, format_).strip()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("format_", FORMATS)
def test_the_command_prints_what_the_pipeline_derives(form: str, format_: str) -> None:
    text = printed("derive", "gru", "--form", form, "--steps", "2", "--format", format_)
    assert text.strip() == render(derive("gru", form=form, steps=2), format_).strip()


@pytest.mark.parametrize("cell", names())
def test_every_cell_is_shown(cell: str) -> None:
    assert "=" in printed("show", cell)


@pytest.mark.parametrize("topic", topics())
def test_every_topic_derives(topic: str) -> None:
    for format_ in FORMATS:
        assert printed("derive", topic, "--format", format_).strip()


def test_an_lstm_pastes_in_from_a_paper() -> None:
    done = run("verify", "-", "--method", "exact", "--json", stdin=LSTM_FROM_A_PAPER)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["ok"]
    assert all(result["status"] == "pass" for result in report["results"])


def test_equations_stand_in_the_place_of_a_cell() -> None:
    text = printed("query", "--eq", "h[t] = phi(W @ h[t-1])", "dh[T]/dh[k]", "--format", "text")
    assert text.startswith("dh[T]/dh[k] = prod(j, k+1, T, diag(phi'(a_h[j])) @ W)")


def test_output_goes_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "lstm.tex"
    assert printed("derive", "lstm", "--document", "-o", str(target)) == ""
    assert target.read_text().startswith(r"\documentclass")


def test_the_exact_path_imports_no_jax() -> None:
    code = (
        "import sys; sys.argv = ['gradproof', 'verify', 'rnn', '--method', 'exact']\n"
        "import cli\n"
        "try: cli.main()\n"
        "except SystemExit as end: assert end.code == 0\n"
        "assert 'jax' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "command",
    [["list"], ["list", "functions"], ["list", "designs"], ["show", "lstm"], ["show", "even-odd"]],
)
def test_listing_imports_no_sympy(command: list[str]) -> None:
    code = (
        f"import sys; sys.argv = ['gradproof', *{command!r}]\n"
        "import cli\n"
        "try: cli.main()\n"
        "except SystemExit as end: assert end.code in (0, None)\n"
        "assert 'sympy' not in sys.modules and 'jax' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr


def test_who_hands_out_the_lines_of_a_file_imports_no_sympy() -> None:
    modules = "sys, verify.claims.batch, verify.claims.grade_output"
    code = f"import {modules}\nassert 'sympy' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", sorted(cli.gradproof.commands))
def test_help_shows_a_real_example(name: str) -> None:
    assert "Example: gradproof" in printed(name, "--help")


def test_a_closed_pipe_is_no_traceback() -> None:
    done = subprocess.run(
        f"{sys.executable} {ROOT / 'cli.py'} derive lstm | head -1",
        shell=True, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
