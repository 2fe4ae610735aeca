"""The shipped parse tables are those of the grammars."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivations.language import grammar, tables

FOLDER = Path(tables.__file__).parent


@pytest.mark.parametrize("name", tables.GRAMMARS)
def test_shipped_tables_are_the_grammars(name: str) -> None:
    shipped = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert shipped == tables.dump(name, grammar.Tokens)


@pytest.mark.parametrize("name", tables.GRAMMARS)
def test_another_version_of_lark_builds_its_own(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables.lark, "__version__", "0")
    assert tables.load(name, grammar.Tokens).rules == tables.build(name, grammar.Tokens).rules
