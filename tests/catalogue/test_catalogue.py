"""Every file of the catalogue: found, headed, well formed; an unknown name gets suggestions."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from derivations import catalogue
from derivations.errors import InputError

_NAMES = """
linear-unit rnn rnn-sigmoid rnn-sigmoid-pre rnn-leaky rnn-generic two-step-scalar rnn-skip
rnn-skip-outer lstm lstm-fused lstm-concat lstm-peephole lstm-peephole-full gru gru-reset-after
rnn-deep lstm-deep bi-rnn bi-lstm seq2seq seq2seq-free seq2seq-scheduled attention-decoder
attention-decoder-additive multiplicative state-space char-lm
"""
REQUIRED = frozenset(_NAMES.split())

HEADER = re.compile(r"(title|source): \S.*")
DECLARATION = re.compile(r"\w+: (scalar|distribution|[\w*]+( x [\w*]+)?)")
EQUATION = re.compile(r"\w+(\[[^\]]+\])? = .+")
DEFINITION = re.compile(r"(\w+)\((\w+)(, \w+)*\) = .+")

TEXTS = {name: catalogue.read(name) for name in catalogue.names()} | catalogue.losses()
EVERY = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())


def check_structure(text: str) -> None:
    """Two header lines first, then declarations, definitions and equations only; brackets match."""
    lines = text.splitlines()
    assert [line.partition(":")[0] for line in lines[:2]] == ["title", "source"]
    assert all(HEADER.fullmatch(line) for line in lines[:2])
    for line in lines[2:]:
        kinds = (DECLARATION, EQUATION, DEFINITION)
        assert any(kind.fullmatch(line) for kind in kinds), line
        assert all(line.count(a) == line.count(b) for a, b in ("()", "[]")), line
    assert text.endswith("\n") and "\n\n" not in text


@EVERY
def test_structure(text: str) -> None:
    check_structure(text)


@pytest.mark.parametrize(
    "text",
    ["h[t] = x[t]\n", "title: A\nsource: B\nh[t] = f(x[t]\n", "title: A\nsource: B\nhello\n"],
)
def test_structure_check_can_fail(text: str) -> None:
    with pytest.raises(AssertionError):
        check_structure(text)


def test_every_required_cell_is_there() -> None:
    assert set(catalogue.names()) >= REQUIRED


@pytest.mark.parametrize("name", sorted(catalogue.losses()))
def test_a_loss_file_defines_the_function_it_is_named_after(name: str) -> None:
    definitions = [m for m in map(DEFINITION.fullmatch, catalogue.losses()[name].splitlines()) if m]
    assert [definition[1] for definition in definitions] == [name]


def test_titles_are_unique_and_listed() -> None:
    summaries = catalogue.summaries()
    assert list(summaries) == catalogue.names() == sorted(catalogue.names())
    titles = [title for title, _ in summaries.values()]
    assert len(titles) == len(set(titles)) and all(titles)


@pytest.mark.parametrize(
    ("typed", "meant"), [("ltsm", "lstm"), ("GRU", "gru"), ("bi_rnn", "bi-rnn")]
)
def test_an_unknown_name_gets_suggestions(typed: str, meant: str) -> None:
    with pytest.raises(InputError) as caught:
        catalogue.read(typed)
    assert typed in caught.value.message and meant in caught.value.remedy


def test_a_name_like_no_other_is_told_where_to_look() -> None:
    with pytest.raises(InputError) as caught:
        catalogue.read("../../etc/passwd")
    assert "list cells" in caught.value.remedy


def test_the_name_of_a_topic_is_told_what_it_is() -> None:
    with pytest.raises(InputError) as caught:
        catalogue.read("softmax")
    assert "a topic" in caught.value.remedy and "derive softmax" in caught.value.remedy


def test_the_catalogue_imports_nothing_heavy() -> None:
    code = (
        "import sys, derivations.catalogue as c; c.summaries();"
        "print(sorted({'sympy', 'numpy', 'jax'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
