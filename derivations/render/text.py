"""The text language of expressions: one rule per node kind, in the files read here.

What is printed reads back as the same expression.
"""

from __future__ import annotations

from sympy.matrices.expressions import MatAdd
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.render import text_algebra, text_calls
from derivations.render.style import Style
from derivations.render.text_base import broadcast, typeset

RULES = (text_algebra, text_calls)
"""The modules whose import fills the table of rules."""

PLAIN = Style()


def text(expr: MatrixExpr, style: Style = PLAIN) -> str:
    """``expr`` in the text language.

    Raises:
        MissingRule: for a node kind without a rule.
    """
    return typeset(expr, style).source


def text_terms(expr: MatrixExpr, style: Style = PLAIN) -> list[str]:
    """``expr`` cut at the signs of its outermost sum; all parts but the first open with one."""
    if expr.func is MatAdd:
        return text_algebra.terms_of_sum(expr, style)
    return [broadcast(expr, style).source]
