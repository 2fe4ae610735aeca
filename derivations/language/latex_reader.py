"""Parsed LaTeX to the raw tree of raw.py: what was typed, not yet what it means."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from lark import Token

from derivations.errors import InputError
from derivations.language import raw
from derivations.language.brackets import BracketStack
from derivations.language.grammar import parse_tokens
from derivations.language.limits import check_depth
from derivations.language.reader import Reader
from derivations.language.source import Source
from derivations.language.text_reader import RELATIONS
from derivations.language.tree import Node, Number, ReductionKind, Relation, Span
from derivations.language.vocabulary import FUNCTION_WORDS

_FUNCTIONS = frozenset(FUNCTION_WORDS.values())
_MARKS = {"TOP": "top", "PLUS": "plus", "MINUS": "minus", "MARK": "star", "PRIMES": "prime"}
_BIG: dict[str, ReductionKind] = {
    "sum": "sum", "prod": "prod", "bigoplus": "directsum", "oplus": "directsum",
}  # fmt: skip
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


@dataclass(frozen=True)
class _Script:
    """A subscript, a superscript or primes: the nodes in it, or how many primes."""

    kind: Literal["sub", "sup", "primes"]
    parts: tuple[Node, ...]
    count: int
    span: Span


def _scripts(children: list[Any], kind: str) -> tuple[Node, ...]:
    """What stands in the scripts of one kind."""
    found = (child for child in children if isinstance(child, _Script) and child.kind == kind)
    return tuple(part for script in found for part in script.parts)


class _LatexReader(Reader):
    """One method for each rule of ``latex.lark``."""

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

    def start(self, children: list[Any]) -> Node:
        if len(children) == 1:
            node: Node = children[0]
            return node
        left, relation, right = children
        return Relation(RELATIONS[relation.type], left, right, span=self.span(children))

    def sum(self, children: list[Any]) -> Node:
        signs = _types(children)
        items = _nodes(children)
        negated = isinstance(children[0], Token) and signs[0] == "MINUS"
        if isinstance(children[0], Token):
            signs = signs[1:]
        if len(items) == 1 and not negated:
            return items[0]
        operators: tuple[raw.ChainOperator, ...]
        operators = tuple("+" if sign == "PLUS" else "-" for sign in signs)
        return raw.Chain(items, operators, negated, span=self.span(children))

    def product(self, children: list[Any]) -> Node:
        operators: tuple[raw.ChainOperator, ...]
        operators = tuple("*" if kind == "ODOT" else "outer" for kind in _types(children))
        return raw.Chain(_nodes(children), operators, span=self.span(children))

    def jux(self, children: list[Any]) -> Node:
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
        return raw.Juxtaposed(tuple(items), tuple(joins), span=self.span(children))

    open = jux

    def big(self, children: list[Any]) -> Node:
        body = children[-1]
        if "MINUS" in _types(children):
            body = raw.Chain((body,), (), negated=True, span=body.span)
        subs, sups = _scripts(children, "sub"), _scripts(children, "sup")
        return raw.Big(_BIG[str(children[0])], subs, sups, body, span=self.span(children))

    def factor(self, children: list[Any]) -> Node:
        first, *scripts = children
        base = self._leaf(first) if isinstance(first, Token) else first
        if not scripts:
            return base
        subs, sups = _scripts(scripts, "sub"), _scripts(scripts, "sup")
        primes = sum(script.count for script in scripts)
        span = self.span([base, scripts[-1]])
        self._check_scripts([script.kind for script in scripts], span)
        return raw.Scripted(base, subs, sups, primes, span=span)

    @staticmethod
    def _check_scripts(kinds: list[str], span: Span) -> None:
        for kind, word in (("sub", "subscript"), ("sup", "superscript")):
            if kinds.count(kind) > 1:
                raise InputError(
                    f"two {word}s on one symbol",
                    span,
                    "Put both in one pair of braces, or bracket the inner symbol.",
                )

    def token(self, children: list[Any]) -> Node:
        return self._leaf(children[0])

    def accented(self, children: list[Any]) -> Node:
        return raw.Accented(str(children[0]), children[1], span=self.span(children))

    def fraction(self, children: list[Any]) -> Node:
        return raw.Fraction2D(children[1], children[2], span=self.span(children))

    def binomial(self, children: list[Any]) -> Node:
        return raw.Applied("binom", _nodes(children), span=self.span(children))

    def floored(self, children: list[Any]) -> Node:
        return raw.Applied("floor", _nodes(children), span=self.span(children))

    def ceiled(self, children: list[Any]) -> Node:
        return raw.Applied("ceil", _nodes(children), span=self.span(children))

    def root(self, children: list[Any]) -> Node:
        return raw.Applied("sqrt", _nodes(children), span=self.span(children))

    def group(self, children: list[Any]) -> Node:
        bracket: Literal["(", "["] = "[" if children[0].type == "LSQB" else "("
        return raw.Group(bracket, _nodes(children), span=self.span(children))

    def compared(self, children: list[Any]) -> Node:
        within = children[1:-1]
        bound = raw.Bound(
            _nodes(within), tuple(RELATIONS[kind] for kind in _types(within)),
            span=self.span(within),
        )  # fmt: skip
        bracket: Literal["(", "["] = "[" if children[0].type == "LSQB" else "("
        return raw.Group(bracket, (bound,), span=self.span(children))

    def braces(self, children: list[Any]) -> Node:
        return raw.Group("{", _nodes(children), span=self.span(children))

    def norm(self, children: list[Any]) -> Node:
        return raw.Applied("norm", _nodes(children), span=self.span(children))

    def absolute(self, children: list[Any]) -> Node:
        return raw.Applied("abs", _nodes(children), span=self.span(children))

    def matrix(self, children: list[Any]) -> Node:
        rows = tuple(child for child in children if isinstance(child, raw.Group))
        return raw.Matrix(rows, span=self.span(children))

    def cases(self, children: list[Any]) -> Node:
        rows = tuple(child for child in children if isinstance(child, raw.Case))
        return raw.Cases(rows, span=self.span(children))

    def case(self, children: list[Any]) -> Node:
        value, *condition = _nodes(children)
        return raw.Case(value, condition[0] if condition else None, span=self.span(children))

    def condition(self, children: list[Any]) -> Node:
        if len(children) == 1:
            node: Node = children[0]
            return node
        relations = tuple(RELATIONS[kind] for kind in _types(children))
        return raw.Bound(_nodes(children), relations, span=self.span(children))

    def inner(self, children: list[Any]) -> Node:
        return raw.Applied("dot", _nodes(children), span=self.span(children))

    def row(self, children: list[Any]) -> Node:
        return raw.Group("{", _nodes(children), span=self.span(children))

    def primes(self, children: list[Any]) -> _Script:
        return _Script("primes", (), len(children[0]), self.span(children))

    def sub(self, children: list[Any]) -> _Script:
        return _Script("sub", _nodes(children), 0, self.span(children))

    def sup(self, children: list[Any]) -> _Script:
        scripts = _nodes(children)
        if len(scripts) == 1 and isinstance(scripts[0], raw.Juxtaposed):
            time, *rest = scripts[0].items
            if isinstance(time, raw.Group) and time.bracket == "(" and rest == [raw.Symbol("T")]:
                scripts = (time, raw.Mark("top", span=rest[0].span))  # h^{(t)T}
        return _Script("sup", scripts, 0, self.span(children))

    def mark(self, children: list[Any]) -> Node:
        return raw.Mark(_MARKS[children[0].type], span=self.span(children))

    sign = mark

    def angled(self, children: list[Any]) -> Node:
        return raw.Angled(_nodes(children)[0], span=self.span(children))

    def bound(self, children: list[Any]) -> Node:
        relations = tuple(RELATIONS[kind] for kind in _types(children))
        return raw.Bound(_nodes(children), relations, span=self.span(children))
