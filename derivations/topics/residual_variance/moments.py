"""Expectations by SymPy, turned into expressions that a topic prints and checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Expr, Poly, Symbol, integrate, oo
from sympy.matrices.expressions.matexpr import MatrixExpr
from sympy.stats import E as expectation
from sympy.stats import Normal, density

from derivations.expressions import build


def second_moment_of_sum(entries: Sequence[Symbol], deviation: Symbol) -> Expr:
    """E (w·a)² for independent normal weights of mean zero and the given deviation."""
    weights = [Normal(f"w_{number}", 0, deviation) for number, _ in enumerate(entries)]
    total = sum(w * a for w, a in zip(weights, entries, strict=True))
    return expectation(total**2)


def second_moment_after_relu(deviation: Symbol) -> Expr:
    """E max(0, u)² for normal u of mean zero and the given deviation: only u > 0 counts."""
    value = Symbol("u", positive=True)
    weight = density(Normal("u", 0, deviation))(value)
    return integrate(value**2 * weight, (value, 0, oo))


def from_polynomial(expr: Expr, meanings: Mapping[Symbol, MatrixExpr]) -> MatrixExpr:
    """A polynomial of SymPy over 1×1 expressions, term by term.

    Raises:
        sympy.PolynomialError: it is none in these symbols.
    """
    symbols = list(meanings)
    terms = []
    for exponents, coefficient in Poly(expr, *symbols).terms():
        term: MatrixExpr = build.constant(coefficient)
        for symbol, exponent in zip(symbols, exponents, strict=True):
            if exponent:
                term = build.scale(term, build.power(meanings[symbol], exponent))
        terms.append(term)
    return build.add(*terms)
