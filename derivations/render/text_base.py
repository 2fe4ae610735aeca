"""What every rule of the text language starts from: tables of rules, brackets, calls, numbers."""

from __future__ import annotations

from functools import lru_cache, singledispatch

from sympy import Expr
from sympy.matrices.expressions import ZeroMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.errors import MissingRule
from derivations.expressions import nodes
from derivations.render.names import leads_negative, text_index
from derivations.render.style import Style
from derivations.render.typeset import Level, Typeset, negated


@singledispatch
def rule(expr: MatrixExpr, style: Style) -> Typeset:
    """The text of a node kind, which asks :func:`typeset` for that of its operands."""
    raise MissingRule("text", type(expr).__name__)


@lru_cache(maxsize=1 << 14)
def typeset(expr: MatrixExpr, style: Style) -> Typeset:
    """The text of ``expr`` and how tightly it binds.

    Remembered: long formulas share their parts, and are tried on several lines.
    """
    return rule(expr, style)


@singledispatch
def broadcast(expr: MatrixExpr, style: Style) -> Typeset:
    """As :func:`typeset`, where neighbours give the shape: a constant is just its number."""
    return typeset(expr, style)


@broadcast.register
def _(expr: nodes.Constant, style: Style) -> Typeset:
    return number(expr.value)


@broadcast.register
def _(expr: ZeroMatrix, style: Style) -> Typeset:
    return Typeset("0", Level.ATOM)


def bracketed(source: str) -> str:
    """``source`` in round brackets."""
    return f"({source})"


def number(value: Expr) -> Typeset:
    """A number, a size or an index expression as a factor or a term."""
    if leads_negative(value):
        return negated(number(-value), bracketed)
    source = text_index(value)
    if value.is_Add:
        return Typeset(source, Level.SUM)
    plain = value.is_Integer or value.is_Symbol
    return Typeset(source, Level.ATOM if plain else Level.ELEMENTWISE)


def call(function: str, *arguments: str) -> Typeset:
    """``function(arguments)``."""
    return Typeset(f"{function}({', '.join(arguments)})", Level.ATOM)
