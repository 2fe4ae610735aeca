"""Parsed LaTeX to the raw tree of raw.py: what was typed, not yet what it means."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

from lark import Token
from lark.tree import Meta
from lark.visitors import Transformer_NonRecursive, v_args

from derivations.language import raw
from derivations.language.brackets import BracketStack
from derivations.language.grammar import parse_tokens
from derivations.language.limits import check_depth
from derivations.language.source import Source
from derivations.language.text_reader import RELATIONS
from derivations.language.tree import Node, Number, Relation, Span
from derivations.language.vocabulary import FUNCTION_WORDS

_FUNCTIONS = frozenset(FUNCTION_WORDS.values())
_MARKS = {"TOP": "top", "PLUS": "plus", "MINUS": "minus", "MARK": "star", "PRIMES": "prime"}
_RENAMED = {"OPENBRACE": "LPAR", "CLOSEBRACE": "RPAR"}


def read_latex(source: Source, tokens: list[Token]) -> Node:
    """One equation or expression in LaTeX as a raw tree; a :class:`Relation` if it has one.

    Raises:
        InputError: if the line is not one of the language.
    """
    stack = BracketStack(source)
    closed: list[Token] = []
    for token in tokens:
        fed = stack.feed(token)
        if fed.type == "ENDMATRIX" and closed and closed[-1].type == "ROW":
            closed.pop()
        kind = _RENAMED.get(fed.type, fed.type)
        closed.append(Token.new_borrow_pos(kind, str(fed), fed))
    stack.finish()
    result: Node = parse_tokens("latex", closed, source, _LatexReader(source))
    check_depth(result)
    return result


def _nodes(children: list[Any]) -> tuple[Node, ...]:
    return tuple(child for child in children if isinstance(child, Node))


def _types(children: list[Any]) -> list[str]:
    return [child.type for child in children if isinstance(child, Token)]


@v_args(meta=True)
class _LatexReader(Transformer_NonRecursive[Token, Any]):
    """One method for each rule of ``latex.lark``."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source

    def _span(self, meta: Meta) -> Span:
        return self.source.span(meta.start_pos, meta.end_pos)

    def _leaf(self, token: Token) -> Node:
        start, end = token.start_pos or 0, token.end_pos or 0
        span = self.source.span(start, end)
        match token.type:
            case "NUMBER":
                return Number(Fraction(str(token)), span=span)
            case "WORD":
                kind: raw.SymbolKind = "function" if token in _FUNCTIONS else "word"
                return raw.Symbol(str(token), kind, span=span)
            case "ONES":
                return raw.Ones(span=span)
            case "PARTIAL":
                return raw.Differential("partial", "+" in token or "⁺" in token, span=span)
            case "NABLA":
                return raw.Differential("nabla", span=span)
            case _:
                return raw.Symbol(str(token), span=span)

    def start(self, meta: Meta, children: list[Any]) -> Node:
        if len(children) == 1:
            node: Node = children[0]
            return node
        left, relation, right = children
        return Relation(RELATIONS[relation.type], left, right, span=self._span(meta))

    def sum(self, meta: Meta, children: list[Any]) -> Node:
        signs = _types(children)
        items = _nodes(children)
        negated = isinstance(children[0], Token) and signs[0] == "MINUS"
        if isinstance(children[0], Token):
            signs = signs[1:]
        if len(items) == 1 and not negated:
            return items[0]
        operators: tuple[raw.ChainOperator, ...]
        operators = tuple("+" if sign == "PLUS" else "-" for sign in signs)
        return raw.Chain(items, operators, negated, span=self._span(meta))

    def product(self, meta: Meta, children: list[Any]) -> Node:
        operators: tuple[raw.ChainOperator, ...]
        operators = tuple("*" if kind == "ODOT" else "outer" for kind in _types(children))
        return raw.Chain(_nodes(children), operators, span=self._span(meta))

    def jux(self, meta: Meta, children: list[Any]) -> Node:
        items: list[Node] = []
        joins: list[Literal["", "dot", "/"]] = []
        pending: Literal["", "dot", "/"] = ""
        for child in children:
            if isinstance(child, Token):
                pending = "dot" if child.type == "DOT" else "/"
            else:
                if items:
                    joins.append(pending)
                items.append(child)
                pending = ""
        if len(items) == 1:
            return items[0]
        return raw.Juxtaposed(tuple(items), tuple(joins), span=self._span(meta))

    open = jux

    def big(self, meta: Meta, children: list[Any]) -> Node:
        body = children[-1]
        if "MINUS" in _types(children):
            body = raw.Chain((body,), (), negated=True, span=body.span)
        scripts = [child for child in children if isinstance(child, tuple)]
        subs = tuple(part for kind, parts in scripts if kind == "sub" for part in parts)
        sups = tuple(part for kind, parts in scripts if kind == "sup" for part in parts)
        kind: Literal["sum", "prod"] = "sum" if children[0] == "sum" else "prod"
        return raw.Big(kind, subs, sups, body, span=self._span(meta))

    def factor(self, meta: Meta, children: list[Any]) -> Node:
        first, *scripts = children
        base = self._leaf(first) if isinstance(first, Token) else first
        if not scripts:
            return base
        subs = tuple(part for kind, parts in scripts if kind == "sub" for part in parts)
        sups = tuple(part for kind, parts in scripts if kind == "sup" for part in parts)
        primes = sum(parts for kind, parts in scripts if kind == "primes")
        self._check_scripts([kind for kind, _ in scripts], meta)
        return raw.Scripted(base, subs, sups, primes, span=self._span(meta))

    def _check_scripts(self, kinds: list[str], meta: Meta) -> None:
        for kind, word in (("sub", "subscript"), ("sup", "superscript")):
            if kinds.count(kind) > 1:
                self.source.fail(
                    f"two {word}s on one symbol",
                    meta.start_pos,
                    meta.end_pos,
                    "Put both in one pair of braces, or bracket the inner symbol.",
                )

    def token(self, meta: Meta, children: list[Any]) -> Node:
        return self._leaf(children[0])

    def accented(self, meta: Meta, children: list[Any]) -> Node:
        return raw.Accented(str(children[0]), children[1], span=self._span(meta))

    def fraction(self, meta: Meta, children: list[Any]) -> Node:
        return raw.Fraction2D(children[1], children[2], span=self._span(meta))

    def root(self, meta: Meta, children: list[Any]) -> Node:
        return raw.Applied("sqrt", children[1], span=self._span(meta))

    def group(self, meta: Meta, children: list[Any]) -> Node:
        bracket: Literal["(", "["] = "[" if children[0].type == "LSQB" else "("
        return raw.Group(bracket, _nodes(children), span=self._span(meta))

    def braces(self, meta: Meta, children: list[Any]) -> Node:
        return raw.Group("{", _nodes(children), span=self._span(meta))

    def norm(self, meta: Meta, children: list[Any]) -> Node:
        return raw.Applied("norm", children[1], span=self._span(meta))

    def absolute(self, meta: Meta, children: list[Any]) -> Node:
        return raw.Applied("abs", children[1], span=self._span(meta))

    def matrix(self, meta: Meta, children: list[Any]) -> Node:
        rows = tuple(child for child in children if isinstance(child, raw.Group))
        return raw.Matrix(rows, span=self._span(meta))

    def cases(self, meta: Meta, children: list[Any]) -> Node:
        rows = tuple(child for child in children if isinstance(child, raw.Case))
        return raw.Cases(rows, span=self._span(meta))

    def case(self, meta: Meta, children: list[Any]) -> Node:
        value, *condition = _nodes(children)
        return raw.Case(value, condition[0] if condition else None, span=self._span(meta))

    def condition(self, meta: Meta, children: list[Any]) -> Node:
        if len(children) == 1:
            node: Node = children[0]
            return node
        relations = tuple(RELATIONS[kind] for kind in _types(children))
        return raw.Bound(_nodes(children), relations, span=self._span(meta))

    def row(self, meta: Meta, children: list[Any]) -> Node:
        return raw.Group("{", _nodes(children), span=self._span(meta))

    def primes(self, meta: Meta, children: list[Any]) -> tuple[str, int]:
        return "primes", len(children[0])

    def sub(self, meta: Meta, children: list[Any]) -> tuple[str, tuple[Node, ...]]:
        return "sub", _nodes(children)

    def sup(self, meta: Meta, children: list[Any]) -> tuple[str, tuple[Node, ...]]:
        scripts = _nodes(children)
        if len(scripts) == 1 and isinstance(scripts[0], raw.Juxtaposed):
            time, *rest = scripts[0].items
            if isinstance(time, raw.Group) and time.bracket == "(" and rest == [raw.Symbol("T")]:
                return "sup", (time, raw.Mark("top", span=rest[0].span))  # h^{(t)T}
        return "sup", scripts

    def mark(self, meta: Meta, children: list[Any]) -> Node:
        return raw.Mark(_MARKS[children[0].type], span=self._span(meta))

    sign = mark

    def angled(self, meta: Meta, children: list[Any]) -> Node:
        return raw.Angled(_nodes(children)[0], span=self._span(meta))

    def bound(self, meta: Meta, children: list[Any]) -> Node:
        relations = tuple(RELATIONS[kind] for kind in _types(children))
        return raw.Bound(_nodes(children), relations, span=self._span(meta))
