"""Numbers inside expressions: exact literals, arithmetic between them, positions of entries."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr, Integer, Rational

from derivations.errors import Ambiguous, InputError
from derivations.language.tree import Binary, Node, Span
from derivations.typing.scope import index_symbol, index_value, names_in
from derivations.typing.sized import size_symbol
from derivations.typing.sizes import Shape


def rational(value: object) -> Expr:
    """A parameter's default as an exact number."""
    return Rational(str(value))


def entry_index(node: Node, letters: Mapping[str, Expr], sizes: frozenset[str]) -> Expr:
    """``i`` in ``W[i,j]``: a number, a bound index, or a free letter that stands for any entry.

    Args:
        sizes: names that are sizes, as in ``J[a, i+n*(j-1)]``.
    """
    free = {
        name.name: size_symbol(name.name) if name.name in sizes else index_symbol(name.name)
        for name in names_in(node)
    }
    return index_value(node, {**free, **letters})


def jacobian_entry(
    places: tuple[Expr, ...], above: Shape, below: Shape, span: Span
) -> tuple[Expr, ...]:
    """Row and column of ``ds[a]/dW[i,j]`` in the Jacobian, one index for each that a part needs.

    Two indices beside a vector above and below, and whatever has another number of them, are row
    and column already.

    Args:
        above, below: shapes of what is differentiated, and of what by.
        span: where this is written.

    Raises:
        Ambiguous: one number, where the Jacobian has several columns.
    """
    first, second = (_indices(shape) for shape in (above, below))
    if len(places) == 1 and first and second:
        raise Ambiguous(
            "one number does not say which entry of this derivative is meant",
            span,
            "Give the entries of both: dh[t][i]/dW[j,k].",
        )
    if len(places) != first + second or (first, second) == (1, 1):
        return places
    return _stacked(places[:first], above), _stacked(places[first:], below)


def _indices(shape: Shape) -> int:
    """How many indices an entry needs."""
    return sum(extent != 1 for extent in shape)


def _stacked(places: tuple[Expr, ...], shape: Shape) -> Expr:
    """The place of an entry when columns are stacked."""
    if len(places) < 2:
        return places[0] if places else Integer(1)
    row, col = places
    return row + shape[0] * (col - 1)


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
