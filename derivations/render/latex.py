"""LaTeX of expressions: one rule per node kind, in the three files read here."""

from __future__ import annotations

from sympy.matrices.expressions import MatAdd
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.render import latex_algebra, latex_calls, latex_leaves
from derivations.render.latex_base import broadcast, typeset
from derivations.render.style import Style

RULES = (latex_leaves, latex_algebra, latex_calls)
"""The modules whose import fills the table of rules."""

PLAIN = Style()


def latex(expr: MatrixExpr, style: Style = PLAIN) -> str:
    """``expr`` in LaTeX (amsmath).

    Raises:
        MissingRule: for a node kind without a rule.
    """
    return typeset(expr, style).source


def latex_terms(expr: MatrixExpr, style: Style = PLAIN) -> list[str]:
    """``expr`` cut at the signs of its outermost sum; all parts but the first open with one."""
    if expr.func is MatAdd:
        return latex_algebra.terms_of_sum(expr, style)
    return [broadcast(expr, style).source]
