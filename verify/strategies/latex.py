"""A cell's equations from plain text to LaTeX, as a paper would set them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derivations.language import parse_cell
from derivations.language.tree import (
    Binary,
    Call,
    Name,
    Negative,
    Node,
    Number,
    Reduction,
    Transposed,
)

_HEADS = {"tanh": r"\tanh", "exp": r"\exp", "log": r"\log", "sin": r"\sin", "cos": r"\cos",
          "sigmoid": r"\sigma", "phi": r"\phi", "psi": r"\psi", "max": r"\max", "min": r"\min",
          "ell": r"\ell"}  # fmt: skip
_GREEK = ("alpha", "beta", "gamma", "theta")
_DIGITS = str.maketrans("0123456789", "oabcdefghq")
_SIGNS = {"+": " + ", "-": " - ", "*": r" \odot ", "@": " ", "/": "/"}


def to_latex(text: str) -> str:
    """The same cell with its equations in LaTeX; declarations stay as they are.

    Raises:
        InputError: ``text`` is not a cell.
    """
    cell = parse_cell(text)
    declarations = [_declared(line) for line in text.splitlines() if ":" in line]
    functions = [
        f"{_head(f.name)}({', '.join(f.parameters)}) = {_tex(f.body)}" for f in cell.functions
    ]
    equations = [f"{_tex(e.target)} = {_tex(e.value)}" for e in cell.equations]
    return "\n".join((*declarations, *functions, *equations)) + "\n"


def _declared(line: str) -> str:
    """A declaration of the same name as LaTeX spells it."""
    name, _, shape = line.partition(":")
    name, bracket, index = name.partition("[")
    stem, _, number = name.partition("_")
    return f"{stem}_{_letters(number)}{bracket}{index}:{shape}"


def _tex(node: Node) -> str:
    return _PRINTERS[type(node)](node)


def _grouped(node: Node) -> str:
    """The node as a factor: brackets around whatever is not one name or one call."""
    plain = isinstance(node, Name | Number | Call)
    return _tex(node) if plain else rf"\left( {_tex(node)} \right)"


def _letters(number: str) -> str:
    """A number as at least two letters: one letter below could be an index."""
    return number.rjust(2, "0").translate(_DIGITS)


def _spelled(name: str) -> str:
    """``alpha_41`` as ``\\alpha_{da}``: a number below would be read as a layer or an entry."""
    stem, _, number = name.partition("_")
    letter = rf"\{stem}" if stem in _GREEK else stem
    return letter + (rf"_{{\text{{{_letters(number)}}}}}" if number else "")


def _head(function: str) -> str:
    stem, _, number = function.partition("_")
    if number.isdigit():
        return _HEADS.get(stem, stem) + rf"_{{\text{{{_letters(number)}}}}}"
    return _HEADS.get(function) or rf"\operatorname{{{function.replace('_', ' ')}}}"


def _name(node: Name) -> str:
    if node.name == "loss":
        return "L"
    if not node.indices:
        return _spelled(node.name)
    steps = ", ".join(_tex(step) for step in node.indices)
    if len(node.indices) == 1:
        return f"{_spelled(node.name)}^{{({steps})}}"
    # Two indices fill the place below, so the number goes into the letter.
    stem, _, number = node.name.partition("_")
    return rf"\mathrm{{{stem}{_letters(number)}}}_{{{steps}}}"


def _number(node: Number) -> str:
    value = node.value
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value)!r}"


def _binary(node: Binary) -> str:
    if node.operator == "/":
        return rf"\frac{{{_tex(node.left)}}}{{{_tex(node.right)}}}"
    if node.operator == "**":
        return f"{_grouped(node.left)}^{{{_tex(node.right)}}}"
    if node.operator in ("*", "@"):
        return f"{_grouped(node.left)}{_SIGNS[node.operator]}{_grouped(node.right)}"
    right = _grouped(node.right) if isinstance(node.right, Binary | Negative) else _tex(node.right)
    return f"{_tex(node.left)}{_SIGNS[node.operator]}{right}"


def _call(node: Call) -> str:
    arguments = [_tex(argument) for argument in node.args]
    if node.function == "concat":
        return f"[{'; '.join(arguments)}]"
    if node.function == "norm":
        return rf"\lVert {arguments[0]} \rVert"
    primes = "'" * node.order
    return rf"{_head(node.function)}{primes}\left( {', '.join(arguments)} \right)"


def _reduction(node: Reduction) -> str:
    bounds = rf"_{{{node.index}={_tex(node.lower)}}}^{{{_tex(node.upper)}}}"
    return rf"\sum{bounds} \left( {_tex(node.body)} \right)"


_PRINTERS: dict[type, Callable[[Any], str]] = {
    Name: _name,
    Number: _number,
    Binary: _binary,
    Negative: lambda node: f"-{_grouped(node.operand)}",
    Transposed: lambda node: rf"\left( {_tex(node.operand)} \right)^\top",
    Call: _call,
    Reduction: _reduction,
}
