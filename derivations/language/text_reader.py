"""Parsed plain text to the untyped tree; nothing about the cell is needed for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from lark import Token

from derivations.errors import InputError
from derivations.language.brackets import BracketStack
from derivations.language.grammar import parse_tokens
from derivations.language.indicators import Condition, chooses, chosen, compared
from derivations.language.reader import Reader
from derivations.language.slots import named_slot, slot_number
from derivations.language.source import Source
from derivations.language.tree import (
    REDUCTIONS,
    Binary,
    Call,
    Element,
    Name,
    Negative,
    Node,
    Number,
    Partial,
    Reduction,
    Relation,
    RelationSign,
    SlotDerivative,
    Span,
    Transposed,
)
from derivations.language.vocabulary import FUNCTION_WORDS

RELATIONS: dict[str, RelationSign] = {
    "EQUALS": "=", "LE": "<=", "GE": ">=", "LT": "<", "GT": ">",
}  # fmt: skip
_OPERATORS: dict[str, Any] = {"PLUS": "+", "MINUS": "-", "AT": "@", "STAR": "*", "SLASH": "/",
                              "POW": "**"}  # fmt: skip
_BARE = Name("")  # the d of d(W @ h[t-1])/dh[t-1]
_ALIASES = {"sigma": "sigmoid", "ln": "log"} | {
    word: name for word, name in FUNCTION_WORDS.items() if word in ("concatenate", "lrelu")
}


def read_text(source: Source, tokens: list[Token]) -> Node:
    """One line of plain text: a :class:`Relation` if it has one, else an expression.

    Raises:
        InputError: if the line is not one of the language.
    """
    stack = BracketStack(source)
    tokens = [stack.feed(token) for token in tokens]
    stack.finish()
    result: Node = parse_tokens("text", tokens, source, _TextReader(source))
    return result


def _nodes(children: list[Any]) -> list[Node]:
    return [child for child in children if isinstance(child, Node)]


@dataclass(frozen=True)
class _Option:
    """``order=ascending``."""

    name: str
    value: str
    span: Span


class _TextReader(Reader):
    """One method for each rule of ``text.lark``."""

    def start(self, children: list[Any]) -> Node:
        if len(children) == 1:
            node: Node = children[0]
            return node
        left, relation, right = children
        return Relation(RELATIONS[relation.type], left, right, span=self.span(children))

    def binary(self, children: list[Any]) -> Node:
        left, operator, right = children
        return Binary(_OPERATORS[operator.type], left, right, span=self.span(children))

    def negative(self, children: list[Any]) -> Node:
        return Negative(children[1], span=self.span(children))

    def positive(self, children: list[Any]) -> Node:
        node: Node = children[1]
        return node

    def transposed(self, children: list[Any]) -> Node:
        return Transposed(children[0], span=self.span(children))

    def group(self, children: list[Any]) -> Node:
        node: Node = children[1]
        return replace(node, span=self.span(children))

    def number(self, children: list[Any]) -> Node:
        return Number(Fraction(str(children[0])), span=self.span(children))

    def name(self, children: list[Any]) -> Node:
        return Name(str(children[0]), span=self.span(children))

    def concat(self, children: list[Any]) -> Node:
        return Call("concat", tuple(_nodes(children)), span=self.span(children))

    def indexed(self, children: list[Any]) -> Node:
        operand, *items = _nodes(children)
        indices, span = tuple(items), self.span(children)
        if isinstance(operand, Name) and not operand.indices:
            return replace(operand, indices=indices, span=span)
        if isinstance(operand, Partial):
            below = operand.denominator
            if isinstance(below, Name) and not below.indices:
                return replace(operand, denominator=replace(below, indices=indices), span=span)
        return Element(operand, indices, span=span)

    def condition(self, children: list[Any]) -> Condition:
        left, sign, right = children
        span = self.span(children)
        return Condition(compared(left, RELATIONS[sign.type], right, span), span)

    def compared(self, children: list[Any]) -> Node:
        condition: Condition = children[1]
        return condition.value

    def indicated(self, children: list[Any]) -> Node:
        return chosen(children[0], [children[2]])

    def call(self, children: list[Any]) -> Node:
        function, *rest = children
        span = self.span(children)
        if any(isinstance(child, Condition) for child in rest):
            if chooses(function):
                return chosen(function, [c for c in rest if not isinstance(c, Token)])
            rest = [child.value if isinstance(child, Condition) else child for child in rest]
        if isinstance(function, Partial) and isinstance(function.numerator, Name):
            above = function.numerator
            applied = Call(above.name, tuple(_nodes(rest)), 0, above.indices, span=span)
            return named_slot(applied, function.denominator, span)
        if not isinstance(function, Name):
            opener = next(child for child in rest if isinstance(child, Token))
            self.source.fail(
                "only a function can stand before this bracket",
                opener.start_pos or 0,
                opener.end_pos or 0,
                "Put @ (matrix product) or * (elementwise product) before it.",
            )
        primes = sum(len(c) for c in rest if isinstance(c, Token) and c.type == "PRIMES")
        arguments = tuple(_nodes(rest))
        options = {child.name: child for child in rest if isinstance(child, _Option)}
        if not arguments and function.name != "ones":
            self._fail(
                span,
                f"{function.name}() has no argument",
                "Put what it applies to between the brackets.",
            )
        if function.name in REDUCTIONS and (len(arguments) > 1 or options):
            return self._reduction(function.name, arguments, options, span)
        for option in options.values():
            self._fail(
                option.span,
                "only sum and prod over a time index take an option",
                "Write order=ascending only in prod(j, k+1, T, …).",
            )
        if function.name == "partial" and len(arguments) == 2:
            return SlotDerivative(arguments[0], slot_number(arguments[1]), span=span)
        name = _ALIASES.get(function.name, function.name)
        return Call(name, arguments, primes, function.indices, span=span)

    def option(self, children: list[Any]) -> _Option:
        return _Option(str(children[0]), str(children[2]), self.span(children))

    def partial(self, children: list[Any]) -> Partial:
        upper, _, lower = children
        below = Name(str(lower), span=self.source.span(lower.start_pos + 1, lower.end_pos))
        return Partial(upper, below, span=self.span(children))

    def direct(self, children: list[Any]) -> Node:
        return replace(self.partial(children[1:]), immediate=True)

    def derivative(self, children: list[Any]) -> Node:
        first, *rest = children
        span = self.span(children)
        if isinstance(first, Token):
            return Name(str(first), span=span)
        indices = tuple(_nodes(rest))
        if isinstance(first, Name) and not first.indices:
            return replace(first, indices=indices, span=span)
        return Element(first, indices, span=span)

    def applied(self, children: list[Any]) -> Node:
        function, *arguments = _nodes(children)
        if function == _BARE and len(arguments) == 1:
            return arguments[0]  # d(W @ h[t-1])/dh[t-1]
        if function == _BARE or not isinstance(function, Name):
            raise InputError(
                "only a function can stand before this bracket",
                function.span,
                "Write df(x, h)/dh, or one expression: d(W @ h)/dh.",
            )
        return Call(function.name, tuple(arguments), 0, function.indices, span=self.span(children))

    def _reduction(
        self, kind: str, arguments: tuple[Node, ...], options: dict[str, _Option], span: Span
    ) -> Node:
        if len(arguments) != 4:
            self._fail(
                span,
                f"{kind} over an index takes four arguments, not {len(arguments)}",
                f"Write {kind}(k, 1, T, expression).",
            )
        index, lower, upper, body = arguments
        if not isinstance(index, Name) or index.indices:
            self._fail(
                index.span,
                f"the first argument of {kind} must be an index name",
                f"Write {kind}(k, 1, T, expression).",
            )
        order: Literal["descending", "ascending"] = "descending"
        for option in options.values():
            if option.name != "order" or option.value not in ("ascending", "descending"):
                self._fail(
                    option.span,
                    f"'{option.name}={option.value}' is not an option of {kind}",
                    "The only option is order=ascending or order=descending.",
                )
            order = "ascending" if option.value == "ascending" else "descending"
        assert isinstance(index, Name)
        return Reduction(REDUCTIONS[kind], index.name, lower, upper, body, order, span=span)

    def _fail(self, span: Span, message: str, remedy: str) -> None:
        raise InputError(message, span, remedy)
