"""Exports check themselves in a process of their own, where this package cannot be imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ruff import find_ruff_bin

from derivations.render.code import source
from tests.export.running import planned


def run(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "exported_cell.py"
    path.write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, check=False, cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "library"),
    [("lstm", "numpy"), ("rnn-leaky", "numpy"), ("rnn", "jax"), ("rnn-generic", "torch")],
)
def test_an_export_checks_itself(cell: str, library: str, tmp_path: Path) -> None:
    pytest.importorskip(library)
    text = source(planned(cell, library), library)
    assert "gradproof" not in text and "derivations" not in text
    done = run(text, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("largest difference")


@pytest.mark.parametrize("library", ["numpy", "jax", "torch"])
def test_nothing_in_an_export_is_unused_or_unknown(library: str, tmp_path: Path) -> None:
    path = tmp_path / "exported_cell.py"
    path.write_text(source(planned("lstm", library), library), encoding="utf-8")
    command = [find_ruff_bin(), "check", "--isolated", "--select", "F", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_wrong_gradient_is_found(tmp_path: Path) -> None:
    text = source(planned("lstm"), "numpy")
    right = "o_t * (1.0 - o_t)"
    assert right in text
    done = run(text.replace(right, "o_t * (1.0 + o_t)"), tmp_path)
    assert done.returncode != 0
    assert "is off by" in done.stderr
