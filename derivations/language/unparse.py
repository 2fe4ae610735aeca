"""The untyped tree back to plain text, with as few brackets as reading it back allows."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from derivations.language.tree import (
    Binary,
    Call,
    CellSource,
    Declaration,
    Element,
    Equation,
    FunctionDefinition,
    Name,
    Negative,
    Node,
    Number,
    Partial,
    Reduction,
    Relation,
    SlotDerivative,
    Transposed,
)

# How tightly each form binds, as in the grammar: sum, product, sign, power, postfix, atom.
_SUM, _PRODUCT, _SIGN, _POWER, _POSTFIX, _ATOM = range(6)
_LEVELS = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "@": _PRODUCT, "/": _PRODUCT, "**": _POWER}


def unparse(node: Node) -> str:
    """Plain text that reads back as ``node``.

    Raises:
        KeyError: for a node that is not part of the untyped tree.
    """
    return _PRINTERS[type(node)](node)


def _level(node: Node) -> int:
    if isinstance(node, Binary):
        return _LEVELS[node.operator]
    if isinstance(node, Negative):
        return _SIGN
    if isinstance(node, Number):
        if node.value < 0:
            return _SIGN
        return _ATOM if _decimal(node.value) is not None else _PRODUCT
    if isinstance(node, Transposed | Element):
        return _POSTFIX
    return _ATOM


def _within(node: Node, level: int) -> str:
    """``node`` as it must stand where only forms binding at least as tightly as ``level`` may."""
    text = unparse(node)
    return text if _level(node) >= level else f"({text})"


def _decimal(value: Fraction) -> str | None:
    """``value`` as a literal, or ``None`` if it has no finite decimal form."""
    if value.denominator == 1:
        return str(value.numerator)
    rest, places = value.denominator, 0
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    while rest % 2 == 0:
        rest, places = rest // 2, places + 1
    while rest % 5 == 0:
        rest, places = rest // 5, places + 1
    if rest != 1:
        return None
    digits = str(value.numerator * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"


def _number(node: Number) -> str:
    magnitude = abs(node.value)
    text = _decimal(magnitude) or f"{magnitude.numerator} / {magnitude.denominator}"
    if node.value >= 0:
        return text
    return f"-{text}" if _decimal(magnitude) else f"-({text})"


def _indices(indices: tuple[Node, ...]) -> str:
    if not indices:
        return ""
    return "[" + ", ".join(_tight(index) for index in indices) + "]"


def _tight(index: Node) -> str:
    """An index without spaces around its sign, as people write ``t-1``."""
    if isinstance(index, Binary) and index.operator in "+-":
        return f"{_tight(index.left)}{index.operator}{_within(index.right, _PRODUCT)}"
    return unparse(index)


def _name(node: Name) -> str:
    return node.name + _indices(node.indices)


def _call(node: Call) -> str:
    inner = ", ".join(unparse(arg) for arg in node.args)
    return f"{node.function}{_indices(node.indices)}{chr(39) * node.order}({inner})"


def _binary(node: Binary) -> str:
    level = _LEVELS[node.operator]
    if node.operator == "**":  # groups to the right, and a sign may stand in the exponent
        return f"{_within(node.left, _POSTFIX)}**{_within(node.right, _SIGN)}"
    return f"{_within(node.left, level)} {node.operator} {_within(node.right, level + 1)}"


def _reduction(node: Reduction) -> str:
    parts = [node.index, _tight(node.lower), _tight(node.upper), unparse(node.body)]
    if node.order == "ascending":
        parts.append("order=ascending")
    return f"{node.kind}({', '.join(parts)})"


def _element(node: Element) -> str:
    operand = node.operand
    return _within(operand, _POSTFIX) + _indices(node.indices)


def _partial(node: Partial) -> str:
    above = "L" if node.numerator == Name("loss") else unparse(node.numerator)
    text = f"d{above}/d{unparse(node.denominator)}"
    return f"direct {text}" if node.immediate else text


def _relation(node: Relation) -> str:
    said = f"{unparse(node.left)} {node.operator} {unparse(node.right)}"
    if not node.conditions:
        return said
    times = (f"{_tight(c.left)} {c.operator} {_tight(c.right)}" for c in node.conditions)
    return f"{said} for {', '.join(times)}"


def _equation(node: Equation) -> str:
    said = f"{unparse(node.target)} = {unparse(node.value)}"
    if node.since is None:
        return said
    letter, first = node.since
    return f"{said}, {letter} = {first}, ..., {letter[0].upper()}"


def _function(node: FunctionDefinition) -> str:
    return f"{node.name}({', '.join(node.parameters)}) = {unparse(node.body)}"


def _declaration(node: Declaration) -> str:
    words: list[str] = []
    if node.shape == ("1", "1"):
        words.append("scalar")
    elif node.shape is not None:
        rows, columns = node.shape
        words.append(rows if columns == "1" else f"{rows} x {columns}")
    if node.property is not None:
        words.append(node.property)
    return f"{node.name}: {' '.join(words)}"


def _cell(node: CellSource) -> str:
    lines = [f"title: {node.title}"] if node.title else []
    lines += [f"source: {node.origin}"] if node.origin else []
    parts: tuple[Node, ...] = (*node.declarations, *node.functions, *node.equations)
    return "\n".join(lines + [unparse(part) for part in parts])


_PRINTERS: dict[type[Node], Callable[[Any], str]] = {
    Number: _number,
    Name: _name,
    Call: _call,
    Binary: _binary,
    Negative: lambda node: "-" + _within(node.operand, _SIGN),
    Transposed: lambda node: _within(node.operand, _POSTFIX) + ".T",
    Reduction: _reduction,
    Element: _element,
    Partial: _partial,
    SlotDerivative: lambda node: f"partial({unparse(node.operand)}, {node.slot})",
    Relation: _relation,
    Equation: _equation,
    FunctionDefinition: _function,
    Declaration: _declaration,
    CellSource: _cell,
}
