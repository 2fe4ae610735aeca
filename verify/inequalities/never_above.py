"""Whether one product of norms is never above another, at all times of a domain."""

from __future__ import annotations

from sympy import Expr, Float, Poly, Symbol, expand_log, log

from derivations.cell import Range


def never_above(bound: Expr, claimed: Expr, domain: tuple[Range, ...]) -> bool:
    """Whether ``claimed - bound`` is never negative, for norms ≥ 0 and times in the domain."""
    later = _shifts(domain)
    gap = (claimed - bound).expand()
    if gap == 0 or _nonnegative(gap.subs(later)):
        return True
    ratio = expand_log(log(claimed) - log(bound), force=True).expand()
    ratio = ratio.replace(lambda e: e.func is log and not e.args[0].is_number, _as_symbol)
    if any(s.name.startswith("log ") for s in ratio.free_symbols):
        return False
    exact = ratio.replace(lambda e: e.func is log, lambda e: Float(e.evalf(30)))
    return _nonnegative(exact.subs(later).expand())


def _as_symbol(node: Expr) -> Symbol:
    return Symbol(f"log {node.args[0]}")


def _shifts(domain: tuple[Range, ...]) -> dict[Symbol, Expr]:
    """T = k + s with s ≥ 0, for the end of the range of k."""
    found: dict[Symbol, Expr] = {}
    for r in domain:
        if r.upper.is_Symbol and r.upper not in found:
            found[r.upper] = r.index + Symbol(f"after {r.index}", nonnegative=True)
    return found


def _nonnegative(expr: Expr) -> bool:
    """Whether every coefficient of a polynomial in nonnegative symbols is nonnegative."""
    if expr.is_number:
        return bool(expr >= -Float("1e-25"))
    symbols = sorted(expr.free_symbols, key=str)
    if not expr.is_polynomial(*symbols):
        return False
    coefficients = Poly(expr, *symbols).coeffs()
    return all(c.is_number and c >= -Float("1e-25") for c in coefficients)
