"""What a terminal shows: lines that fit and Unicode signs, from which the same is read back."""

from __future__ import annotations

from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations import publishing
from derivations.catalogue import names
from derivations.language.source import Source
from derivations.language.statements import split_statements
from derivations.render.document import derivation_document
from derivations.render.plaintext import Look, text_document
from derivations.render.style import Style
from derivations.render.text import text, text_terms
from derivations.render.text_symbols import with_symbols
from derivations.render.wrapping import wrapped
from tests.render.everything import ABOUT, derivation

WIDTH = 60


def read(lines: list[str], plain: frozenset[str]) -> list[tuple[str, str]]:
    """The tokens of what must be one equation, as in a cell."""
    (statement,) = split_statements(Source("\n".join(lines), "test"), plain=plain)
    assert statement.mode == "text"
    worded = ("NAME", "NUMBER", "DIFF")
    return [(t.type, str(t) if t.type in worded else "") for t in statement.tokens]


def equations(name: str) -> list[str]:
    found = derivation(name)
    style = Style(displays=found.cell.displays)
    return [
        f"{text(f.left, style)} = {' '.join(text_terms(side, style))}"
        for f in found.formulas
        for side in (*f.via, f.right)
    ]


@pytest.mark.parametrize("name", ABOUT)
def test_lines_and_signs_read_back_as_the_same_formula(name: str) -> None:
    plain = frozenset(derivation(name).cell.templates)
    for equation in equations(name):
        whole = read([equation], plain)
        lines = wrapped(equation, WIDTH)
        assert read(lines, plain) == whole, lines
        assert read([with_symbols(equation)], plain) == whole, with_symbols(equation)
        assert read(list(map(with_symbols, lines)), plain) == whole


@pytest.mark.parametrize("name", names())
def test_lines_fit_a_terminal(name: str) -> None:
    document = derivation_document(derivation(name))
    shown = text_document(document, Look(width=100, symbols=True))
    long = [line for line in shown.splitlines() if len(line) > 100]
    assert not long
    assert len(shown.splitlines()) > 20


def test_signs_are_those_of_mathematics() -> None:
    shown = with_symbols("direct dh[t]/dalpha = W.T @ (2 * x[t] * y[t] ** 2) <= sigma_1")
    assert shown == "∂⁺h[t]/∂α = Wᵀ · (2 * x[t] ⊙ y[t]²) ≤ σ_1"


SUMS = "dL/dh[t] = W_ph.T @ dL/dp[t] + (U_f.T @ dL/da_f[t+1] + U_i.T @ dL/da_i[t+1]) @ diag(f[t])"


def test_what_binds_weakly_is_parted_first() -> None:
    assert wrapped(SUMS, 45) == [
        "dL/dh[t] = W_ph.T @ dL/dp[t]",
        "  + (U_f.T @ dL/da_f[t+1]",
        "    + U_i.T @ dL/da_i[t+1]) @ diag(f[t])",
    ]


@given(st.integers(min_value=1, max_value=120))
def test_nothing_is_lost_at_any_width(width: int) -> None:
    assert " ".join(line.strip() for line in wrapped(SUMS, width)) == SUMS


def test_colours_are_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    document = derivation_document(derivation("rnn-sigmoid"))
    publishing.publish(document, "text", None)
    piped = capsys.readouterr().out
    assert "\x1b[" not in piped and "∂" not in piped
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    publishing.publish(document, "text", None)
    shown = capsys.readouterr().out
    assert "\x1b[" in shown and "∂L/∂W" in shown
    monkeypatch.setenv("NO_COLOR", "1")
    publishing.publish(document, "text", None)
    assert click.unstyle(shown) == capsys.readouterr().out
