"""Numbers inside expressions: exact literals, arithmetic between them, positions of entries."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Rational

from derivations.errors import InputError
from derivations.language.tree import Binary, Name, Node
from derivations.typing.scope import index_symbol, index_value


def rational(value: object) -> Expr:
    """A parameter's default as an exact number."""
    return Rational(str(value))


def entry_index(node: Node, letters: Mapping[str, Expr]) -> Expr:
    """``i`` in ``W[i,j]``: a number, a bound index, or a free letter that stands for any entry."""
    if isinstance(node, Name) and node.name not in letters:
        return index_symbol(node.name)
    return index_value(node, letters)


def divides_by_zero(node: Binary) -> InputError:
    """What is said about a quotient by 0, or a negative power of 0."""
    return InputError("division by zero", node.span, "correct the denominator")


def number(node: Binary, left: Expr, right: Expr) -> Expr:
    """An operation between two numbers.

    Raises:
        InputError: division by zero.
    """
    if node.operator in ("*", "@"):
        return left * right
    if node.operator == "/":
        if right == 0:
            raise divides_by_zero(node)
        return left / right
    return left + right if node.operator == "+" else left - right
