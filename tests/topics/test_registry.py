"""Topics are found, named and listed without the heavy libraries."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from derivations.derivation import Derivation
from derivations.errors import InputError
from derivations.render import FORMATS, render
from derivations.topics import is_topic, topic, topics


@pytest.mark.parametrize("name", topics())
def test_a_topic_has_a_name_a_title_and_a_source(name: str) -> None:
    found = topic(name)
    assert found.name == name and found.title and found.source
    assert is_topic(name) and not is_topic(f"{name}-x") and not is_topic(None)


@pytest.mark.parametrize("name", topics())
def test_every_step_says_its_rule_and_why(name: str) -> None:
    derivation = topic(name).build()
    assert isinstance(derivation, Derivation) and derivation.formulas
    assert all(step.rule and step.why for step in derivation.steps)
    assert derivation.cell.title == topic(name).title


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("name", topics())
def test_a_topic_prints_in_every_format(name: str, format_: str) -> None:
    derivation = topic(name).build()
    printed = render(derivation, format_)
    for section in derivation.sections:
        assert section.title in printed


def test_an_unknown_topic_gets_a_suggestion() -> None:
    with pytest.raises(InputError) as caught:
        topic("positonal")
    assert "positional" in caught.value.remedy
    with pytest.raises(InputError, match="no topic called 'xyz'"):
        topic("xyz")


def test_listing_imports_nothing_heavy() -> None:
    code = (
        "import sys, derivations.topics as t; t.topics();"
        "print(sorted({'sympy', 'numpy', 'jax'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("name", topics())
def test_the_article_compiles(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.tex").write_text(render(topic(name).build(), "latex", standalone=True))
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout[-2000:]
    assert "Overfull" not in run.stdout
