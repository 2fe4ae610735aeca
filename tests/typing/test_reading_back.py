"""Every formula of a derivation, printed in text and in LaTeX, reads back as itself.

Printing puts a positive term of a sum first, and reading gives bound indices letters of their
own; so adjoints are compared up to the order of terms, and closed forms by shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sympy.matrices.expressions import MatAdd
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.derivation import Formula
from derivations.expressions.traverse import operands, with_operands
from derivations.loading import load
from derivations.pipeline import Form, derive
from derivations.render.latex import latex
from derivations.render.text import text
from derivations.typing.statements import Claim, read_claim

CELLS = ["rnn", "gru", "rnn-deep", "bi-rnn", "state-space", "two-step-scalar"]
FORMATS = [(text, "="), (latex, r"\;=")]


def _formulas(cell: str, form: Form) -> Iterator[Formula]:
    for section in derive(cell, form=form).sections:
        for step in section.steps:
            yield from step.formulas


def _read(cell: str, formula: Formula, show: Callable[[MatrixExpr], str], equals: str) -> Claim:
    source = f"{show(formula.left)} {equals} {show(formula.right)}"
    return read_claim(load(cell), source, matrix_powers=False)


def _ordered(expr: MatrixExpr) -> MatrixExpr:
    """``expr`` with the terms of every sum in one order."""
    parts = tuple(_ordered(part) for part in operands(expr))
    if isinstance(expr, MatAdd):
        return MatAdd(*sorted(parts, key=str))
    return with_operands(expr, parts)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("show", "equals"), FORMATS)
def test_adjoints_read_back(cell: str, show: Callable[[MatrixExpr], str], equals: str) -> None:
    for formula in _formulas(cell, "adjoint"):
        read = _read(cell, formula, show, equals)
        assert read.left == formula.left
        assert _ordered(read.right) == _ordered(formula.right)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("show", "equals"), FORMATS)
def test_closed_forms_read_back(cell: str, show: Callable[[MatrixExpr], str], equals: str) -> None:
    for formula in _formulas(cell, "closed"):
        read = _read(cell, formula, show, equals)
        assert read.left == formula.left
        assert read.right.shape == formula.right.shape
