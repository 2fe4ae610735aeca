"""Numbers of a counterexample as mathematics: a number, a vector, a matrix."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from derivations.render.html.mathml import mathml


def value_math(value: Any) -> Markup:
    """A value of a counterexample; what is said in words stays words."""
    return escape(value) if isinstance(value, str) else mathml(value_latex(value))


def value_latex(value: Any) -> str:
    """A number, a vector or a matrix in LaTeX (amsmath)."""
    if not isinstance(value, list):
        return number(value)
    rows = [row if isinstance(row, list) else [row] for row in value]
    lines = r" \\ ".join(" & ".join(map(number, row)) for row in rows)
    return rf"\begin{{bmatrix}} {lines} \end{{bmatrix}}"


def number(value: float) -> str:
    """A number in LaTeX: ``0.5``, ``1.2 \\cdot 10^{-7}``, ``\\infty``."""
    source = repr(value)
    if source.endswith(("inf", "nan")):
        return source.replace("inf", r"\infty").replace("nan", r"\text{not a number}")
    digits, _, exponent = source.removesuffix(".0").partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if exponent else digits
