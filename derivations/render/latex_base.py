"""What every LaTeX rule starts from: the two tables of rules, brackets, calls, numbers."""

from __future__ import annotations

import re
from functools import lru_cache, singledispatch

from sympy import Expr
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.errors import MissingRule
from derivations.expressions import nodes
from derivations.render.names import latex_index, leads_negative
from derivations.render.style import Style
from derivations.render.typeset import Level, Typeset, negated

_TALL = re.compile(r"\\(frac|sum|prod|bigoplus|left|begin|sqrt)(?![A-Za-z])")


@singledispatch
def rule(expr: MatrixExpr, style: Style) -> Typeset:
    """The LaTeX of a node kind, which asks :func:`typeset` for that of its operands."""
    raise MissingRule("LaTeX", type(expr).__name__)


@lru_cache(maxsize=1 << 14)
def typeset(expr: MatrixExpr, style: Style) -> Typeset:
    """The LaTeX of ``expr`` and how tightly it binds.

    Remembered: long formulas share their parts, and are tried on several lines.
    """
    return rule(expr, style)


@singledispatch
def broadcast(expr: MatrixExpr, style: Style) -> Typeset:
    """As :func:`typeset`, where neighbours give the shape: a constant is just its number."""
    return typeset(expr, style)


@singledispatch
def sized(expr: MatrixExpr, style: Style) -> Typeset:
    """As :func:`typeset`, where no neighbour gives the shape: an identity matrix says its size."""
    return typeset(expr, style)


@sized.register
def _(expr: Identity, style: Style) -> Typeset:
    return Typeset(f"I_{{{latex_index(expr.shape[0])}}}", Level.ATOM)


@sized.register
def _(expr: nodes.Constant, style: Style) -> Typeset:
    """A column or a row of ones says how long it is."""
    rows, cols = expr.shape
    if expr.value != 1 or 1 not in (rows, cols) or rows == cols:
        return typeset(expr, style)
    ones = rf"\mathbf{{1}}_{{{latex_index(rows if cols == 1 else cols)}}}"
    return Typeset(ones if cols == 1 else rf"{ones}^{{\top}}", Level.UNARY)


@broadcast.register
def _(expr: nodes.Constant, style: Style) -> Typeset:
    return number(expr.value)


def tall(source: str) -> bool:
    """Whether the source is higher than a line."""
    return _TALL.search(source) is not None


def bracketed(source: str) -> str:
    """``source`` in round brackets that are as high as it is."""
    return rf"\left({source}\right)" if tall(source) else f"({source})"


def call(function: str, *arguments: str) -> str:
    """``function(arguments)``."""
    return function + bracketed(", ".join(arguments))


def number(value: Expr) -> Typeset:
    """A number, a size or an index expression as a factor or a term."""
    if leads_negative(value):
        return negated(number(-value), bracketed)
    source = latex_index(value)
    if value.is_Add:
        return Typeset(source, Level.SUM)
    if source.startswith(r"\frac") or value.is_Pow:
        return Typeset(source, Level.UNARY)
    return Typeset(source, Level.PRODUCT if value.is_Mul else Level.ATOM)
