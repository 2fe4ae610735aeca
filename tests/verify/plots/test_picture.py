"""Pictures from the command line: formats, files, messages."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from derivations.errors import InputError
from verify.plots.panels import Curve
from verify.plots.picture import BLUES, GREY, REDS, colours

SMALL = ("--steps", "8", "--size", "n=4")


def run(*arguments: str):
    """The command in this process."""
    return CliRunner().invoke(cli.gradproof, ["plot", *arguments])


@pytest.mark.parametrize("what", ["jacobian-norms", "spectrum", "gradient-by-age"])
@pytest.mark.parametrize("cell", ["rnn", "bi-lstm"])
def test_pictures_are_written(cell: str, what: str, tmp_path: Path) -> None:
    for name, head in (("a.png", b"\x89PNG"), ("a.svg", b"<?xml")):
        result = run(cell, "--what", what, *SMALL, "-o", str(tmp_path / name))
        assert result.exit_code == 0, result.output
        assert not result.stdout
        assert (tmp_path / name).read_bytes().startswith(head)


def test_names_and_titles_that_are_no_plain_letters(tmp_path: Path) -> None:
    lines = [
        "title: costs $1 and $\\x",
        "hright_enc[t] = tanh(Omega_dec @ hright_enc[t-1] + xtilde_1[t])",
        "s_prime[t] = Wbar @ s_prime[t-1] + hright_enc[t]",
    ]
    for what in ("jacobian-norms", "spectrum", "gradient-by-age"):
        arguments = [f"--eq={line}" for line in lines] + ["--what", what, "--steps", "8"]
        result = run(*arguments, "-o", str(tmp_path / "a.svg"))
        assert result.exit_code == 0, result.exception


def test_svg_goes_to_standard_output_and_is_the_same_each_time() -> None:
    first, second = (run("rnn", *SMALL).stdout for _ in range(2))
    assert ElementTree.fromstring(first.encode()).tag.endswith("svg")
    assert first == second


def test_the_numbers_are_printed() -> None:
    data = json.loads(run("rnn", *SMALL, "--radius", "0.5", "--radius", "2", "--json").stdout)
    (panel,) = data["panels"]
    assert data["sizes"]["T"] == 8 and data["sizes"]["n"] == 4
    assert [curve["radius"] for curve in panel["curves"]] == [0.5, 2.0]
    assert panel["curves"][0]["y"][0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rnn", "-o", "picture.gif"), "no picture"),
        (("rnn", "-o", "/no/such/folder/a.png", *SMALL), "cannot be written"),
        (("rnn", "--size", "k=3"), "no size k"),
        (("rnn", "--steps", "0"), "T = 0"),
        (("rnn", "--size", "n=100000"), "n = 100000"),
        (("rnn", "--radius", "-1"), "no spectral radius"),
        (("rnn", "--radius", "nan"), "no spectral radius"),
        (("rnn", "--weights", "/no/such/file.npz"), "cannot be read"),
        (("multiplicative-unit",), "no recurrence"),
        (("rnn-generic", "--what", "gradient-by-age"), "no parameter"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input_says_what_and_how(arguments: tuple[str, ...], message: str) -> None:
    error = run(*arguments).exception
    assert isinstance(error, InputError)
    assert message in str(error)
    assert len(str(error).splitlines()) >= 2


def test_what_overflows_is_no_number_and_no_traceback(tmp_path: Path) -> None:
    explosive = ["--eq", "h[t] = W @ h[t-1] + x[t]", "--radius", "1e20", "--steps", "30"]
    (panel,) = json.loads(run(*explosive, "--json").stdout)["panels"]
    (curve,) = panel["curves"]
    assert curve["y"][0] == pytest.approx(1) and curve["y"][-1] is None
    assert run(*explosive, "-o", str(tmp_path / "a.png")).exit_code == 0
    error = run(*explosive[:-2], "--radius", "1e40", "--what", "spectrum").exception
    assert isinstance(error, InputError)
    assert "overflow" in str(error)


def test_without_matplotlib_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    error = run("rnn", *SMALL).exception
    assert isinstance(error, InputError)
    assert 'pip install "gradproof[plot]"' in str(error)
    assert json.loads(run("rnn", *SMALL, "--json").stdout)


def test_colours_say_on_which_side_of_one_a_radius_lies() -> None:
    curves = [Curve(radius, (), ()) for radius in (0.5, 0.9, 1.0, 1.5, 3.0)] + [Curve(None, (), ())]
    assert colours(curves) == [BLUES[0], BLUES[-1], GREY, REDS[0], REDS[-1], GREY]
