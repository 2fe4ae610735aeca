"""The parse tables of the grammars, built once and shipped: reading them is ten times as fast.

``text.json``, ``latex.json`` and ``design.json`` hold what lark computes from the ``.lark`` files.
After a change to a grammar, ``python -m derivations.language.tables`` writes them anew; a test
compares them with the grammars. Tables of another lark version are not read but rebuilt.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.lexer import Lexer

_HERE = Path(__file__).parent
GRAMMARS = ("text", "latex", "design")
READ_BY_SPANS = ("text", "latex")
"""Grammars whose :class:`~derivations.language.reader.Reader` finds positions itself."""
_SHIFT = 0


def build(grammar: str, lexer: type[Lexer]) -> Lark:
    """The parser for one of :data:`GRAMMARS`, from its grammar."""
    text = (_HERE / f"{grammar}.lark").read_text(encoding="utf-8")
    positions = grammar not in READ_BY_SPANS
    return Lark(
        text, parser="lalr", lexer=lexer, maybe_placeholders=False, propagate_positions=positions
    )


def dump(grammar: str, lexer: type[Lexer]) -> str:
    """The parse tables of a grammar as JSON; the class of the lexer is left out."""
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    data, memo = build(grammar, lexer).memo_serialize([TerminalDef, Rule])
    tables = {"lark": lark.__version__, **_numbered(data, memo)}
    return json.dumps(tables, default=lambda _: None, separators=(",", ":")) + "\n"


def _numbered(data: dict[str, Any], memo: dict[int, Any]) -> dict[str, Any]:
    """The same tables with rules, tokens and states numbered in an order that never changes.

    lark numbers them in the order of sets: rules and tokens are sorted here, states are counted
    from the start along their transitions.
    """
    rules = sorted(memo, key=lambda number: json.dumps(memo[number], sort_keys=True))
    rule = {old: new for new, old in enumerate(rules)}
    table = data["parser"]["parser"]
    names = sorted(table["tokens"].values())
    token = {old: names.index(name) for old, name in table["tokens"].items()}
    order = list(table["start_states"].values())
    for state in order:
        actions = table["states"][state]
        for _, (action, target) in sorted(actions.items(), key=lambda item: token[item[0]]):
            if action == _SHIFT and target not in order:
                order.append(target)
    number = {old: new for new, old in enumerate(order)}

    def entry(action: int, target: Any) -> list[Any]:
        return [action, number[target] if action == _SHIFT else {"@": rule[target["@"]]}]

    table["tokens"] = dict(enumerate(names))
    table["states"] = {
        number[state]: {
            token[name]: entry(*table["states"][state][name])
            for name in sorted(table["states"][state], key=token.__getitem__)
        }
        for state in order
    }
    for ends in ("start_states", "end_states"):
        table[ends] = {name: number[state] for name, state in table[ends].items()}
    for holder in (data, data["parser"]["parser_conf"]):
        holder["rules"] = [{"@": new} for new in sorted(rule[r["@"]] for r in holder["rules"])]
    return {"data": data, "memo": {rule[old]: memo[old] for old in rules}}


def load(grammar: str, lexer: type[Lexer]) -> Lark:
    """The parser for one of :data:`GRAMMARS`, from the shipped tables where they can be used."""
    path = _HERE / f"{grammar}.json"
    if not path.is_file():
        return build(grammar, lexer)
    tables = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_with_numbers)
    if tables["lark"] != lark.__version__:
        return build(grammar, lexer)
    data: dict[str, Any] = tables["data"]
    data["options"]["lexer"] = lexer
    data["parser"]["lexer_conf"]["lexer_type"] = lexer
    parser: Lark = Lark.__new__(Lark)
    return parser._load({"data": data, "memo": tables["memo"]})


def _with_numbers(pairs: list[tuple[str, Any]]) -> dict[str | int, Any]:
    """JSON has no numbers as keys; the tables number their states."""
    return {int(key) if key.isdigit() else key: value for key, value in pairs}


def main() -> None:
    """Write the tables of every grammar."""
    from derivations.language.grammar import Tokens

    for grammar in GRAMMARS:
        (_HERE / f"{grammar}.json").write_text(dump(grammar, Tokens), encoding="utf-8")


if __name__ == "__main__":
    main()
