"""A whole cell from text or LaTeX: headers, declarations, function definitions, equations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lark import Token

from derivations.errors import InputError
from derivations.language.limits import check_depth
from derivations.language.loss import name_loss
from derivations.language.rows import Row, starting
from derivations.language.source import Source
from derivations.language.statements import Statement, split_statements
from derivations.language.text_reader import read_text
from derivations.language.tree import (
    Call,
    CellSource,
    Declaration,
    Equation,
    FunctionDefinition,
    Name,
    Node,
    Relation,
    Span,
)

_HEADER = re.compile(r"^\s*(title|source)\s*:(.*)$", re.IGNORECASE)
_SIZE = r"(?:\d+\s*\*\s*)?\d*[A-Za-z]\w*|\d+"
_SHAPE = re.compile(
    rf"\(?\s*({_SIZE})\s*(?:(?:\s[x×]\s|[,×*]|\s+by\s+|\\times)\s*({_SIZE})|,)?\s*\)?"
    r"(?:\s+(distribution))?\s*$"
)
INVERSES = {"log": "exp", "exp": "log"}
"""Functions that may stand on the left of an equation, solved for what they apply to."""
_EXAMPLE = "Write one equation a line, such as h[t] = tanh(W @ h[t-1] + U @ x[t] + b)."


def parse_cell(lines: str | Sequence[str], source: str = "<input>") -> CellSource:
    """Read a cell: the text of a file, or its lines.

    Args:
        lines: plain text, LaTeX or a mixture, told apart line by line.
        source: what error messages call the input, such as a file name.

    Raises:
        InputError: if a line is not one of the language; it points at the place.
    """
    text = Source(lines if isinstance(lines, str) else "\n".join(lines), source)
    headers, skip = _headers(text)
    statements = split_statements(text, skip)
    read = [_read(statement, text) for statement in statements]
    resolve = _resolver(read)
    equations: list[Equation] = []
    functions: list[FunctionDefinition] = []
    declarations: list[Declaration] = []
    for line in read:
        if line.shape is not None:
            named = resolve(line.node) if line.mode == "latex" and line.node else line.node
            declarations.append(_declaration(named, *line.shape))
            continue
        assert isinstance(line.node, Relation)
        for row in _rows(line.mode, line.node):
            node = resolve(row.relation) if line.mode == "latex" else row.relation
            check_depth(node)
            entry = _entry(node)
            if isinstance(entry, FunctionDefinition):
                functions.append(entry)
            elif (equation := row.equation(entry)) is not None:
                equations.append(starting(equation, row.since or line.since))
    if not equations and not functions:
        raise InputError("there is no equation in the input", None, _EXAMPLE)
    return CellSource(
        headers.get("title", ""),
        headers.get("source", ""),
        name_loss(tuple(equations)),
        tuple(functions),
        tuple(declarations),
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """One statement as read: its tree (raw if LaTeX) and, in a declaration, the shape's text."""

    mode: str
    node: Node | None
    shape: tuple[str, Span] | None = None
    since: tuple[str, int] | None = None


def _resolver(read: list[_Line]) -> Callable[[Node], Node]:
    """What gives a LaTeX line its meaning."""
    latex = [line.node for line in read if line.mode == "latex" and line.node]
    if not latex:
        return lambda node: node
    # Plain text needs none of it, and reading a cell should not wait for it.
    from derivations.language.latex_lines import resolver_of

    declared = [(line.node, line.shape) for line in read if line.node and line.shape]
    scalars = [node for node, (shape, _) in declared if shape.strip() == "scalar"]
    text = [line.node for line in read if line.mode == "text" and line.node]
    return resolver_of(latex, text, scalars).resolve


def _headers(source: Source) -> tuple[dict[str, str], frozenset[int]]:
    found: dict[str, str] = {}
    numbers: set[int] = set()
    for number, (_, line) in enumerate(source.lines()):
        match = _HEADER.match(line)
        if match and match.group(1).lower() not in found:
            found[match.group(1).lower()] = match.group(2).strip()
            numbers.add(number)
    return found, frozenset(numbers)


def _read(statement: Statement, source: Source) -> _Line:
    read = _reader(statement.mode)
    tokens = statement.tokens
    colon = next((k for k, token in enumerate(tokens) if token.type == "COLON"), None)
    if colon is not None and not statement.has_relation():
        start, end = tokens[colon].end_pos or 0, tokens[-1].end_pos or 0
        if not tokens[:colon]:
            source.fail(
                "the name before ':' is missing",
                start - 1,
                start,
                "Declare a shape as in S[t]: n x d.",
            )
        return _Line(
            statement.mode,
            read(source, tokens[:colon]),
            (source.text[start:end], source.span(start + 1, end)),
        )
    node = read(source, tokens)
    if not isinstance(node, Relation):
        _no_relation(source, tokens)
    return _Line(statement.mode, node, since=statement.since)


def _rows(mode: str, relation: Relation) -> Iterable[Row]:
    """One equation for each row of cases, which only LaTeX has."""
    if mode == "text":
        return [Row(relation)]
    from derivations.language.cases import rows_of

    return rows_of(relation)


def _reader(mode: str) -> Callable[[Source, list[Token]], Node]:
    if mode == "text":
        return read_text
    from derivations.language.latex_reader import read_latex

    return read_latex


def _no_relation(source: Source, tokens: list[Token]) -> None:
    source.fail("this line has no '='", tokens[0].start_pos or 0, tokens[-1].end_pos or 0, _EXAMPLE)


def _entry(node: Node) -> Equation | FunctionDefinition:
    assert isinstance(node, Relation)
    left = node.left
    if node.operator != "=":
        raise InputError(
            f"'{node.operator}' stands in an equation of a cell",
            node.span,
            "Equations define values with '='; inequalities belong into claims.",
        )
    if isinstance(left, Name):
        return Equation(left, node.right, span=node.span)
    plain = isinstance(left, Call) and all(
        isinstance(arg, Name) and not arg.indices for arg in left.args
    )
    if isinstance(left, Call) and plain and not left.order and not left.indices:
        names = tuple(arg.name for arg in left.args if isinstance(arg, Name))
        if "t" in names:
            raise InputError(
                f"{left.function}(t) looks like a value at a time",
                left.span,
                f"Write {left.function}[t] for it, in every equation.",
            )
        return FunctionDefinition(left.function, names, node.right, span=node.span)
    if isinstance(left, Call) and left.function in INVERSES and not left.order:
        argument, *others = left.args
        if isinstance(argument, Name) and not others:  # \log a_t = …
            value = Call(INVERSES[left.function], (node.right,), span=node.right.span)
            return Equation(argument, value, span=node.span)
    raise InputError(
        "the left side of an equation must be a variable",
        left.span,
        "Define one variable, as in h[t] = …, or one function, as in phi(u) = ….",
    )


def _declaration(node: Node | None, text: str, span: Span) -> Declaration:
    if not isinstance(node, Name):
        place = node.span if node is not None else span
        raise InputError(
            "only a variable can be declared",
            place,
            "Write its name before the colon, as in S[t]: n x d.",
        )
    words = text.split("#")[0].strip().rstrip(".,")
    if words == "scalar":
        return Declaration(node.name, ("1", "1"), span=node.span)
    if words in ("distribution", "vector distribution"):
        return Declaration(node.name, None, "distribution", span=node.span)
    match = _SHAPE.fullmatch(words)
    if match is None:
        raise InputError(
            f"'{words}' is not a shape",
            span,
            "Write a size (n), two sizes (n x d), scalar or distribution.",
        )
    rows, columns, distribution = match.groups()
    shape = (rows, columns or "1")
    return Declaration(node.name, shape, "distribution" if distribution else None, span=node.span)
