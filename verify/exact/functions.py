"""Which elementwise functions an identity uses, and what that means for the field."""

from __future__ import annotations

from functools import lru_cache

from sympy import Basic

from derivations.cell import Cell
from derivations.expressions.nodes import Apply, LogSoftmax, LogSumExp, Power, Softmax
from derivations.functions import FUNCTIONS, lookup

_TIED = frozenset({"linear", "square", "reciprocal"})
_NODES = {Softmax: "exp", LogSoftmax: "log", LogSumExp: "log"}
_EXPONENTIAL = frozenset({"exp", "sinh", "cosh", "sech", "elu", "selu", "gelu", "silu"})


def used(cell: Cell) -> frozenset[str]:
    """Names of all functions in the equations of a cell."""
    values = (piece.value for item in cell.definitions for piece in item.pieces)
    return frozenset(name for value in values for name in functions_of(value))


@lru_cache(maxsize=1 << 12)
def functions_of(expr: Basic) -> frozenset[str]:
    """Names of the functions in an expression; roots count as ``sqrt``."""
    own: frozenset[str] = frozenset()
    if isinstance(expr, Apply):
        row = lookup(expr.function)
        own = frozenset({row.name if row else expr.function})
    elif isinstance(expr, Power) and not expr.exponent.is_integer:
        own = frozenset({"sqrt"})
    elif type(expr) in _NODES:
        own = frozenset({_NODES[type(expr)]})
    return own.union(*map(functions_of, expr.args))


def may_branch(names: frozenset[str]) -> bool:
    """Whether a trial may leave something unseen: another branch, or a root that is not there."""
    rows = [FUNCTIONS[name] for name in names & FUNCTIONS.keys()]
    return (
        "sqrt" in names or "softsign" in names or any(row.kink_rule(*row.defaults) for row in rows)
    )


def loose(names: frozenset[str]) -> frozenset[str]:
    """Functions with true identities that the field does not keep."""
    return (names & FUNCTIONS.keys()) - _TIED


def two_readings(names: frozenset[str]) -> bool:
    """Whether tanh meets a function of exp, so that both of its readings may be needed."""
    return "tanh" in names and bool(names & _EXPONENTIAL)
