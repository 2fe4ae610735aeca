"""Every formula of a derivation, printed in text and in LaTeX, reads back as itself.

Two readings differ in the letters of bound indices and in how signs are gathered, so shapes are
compared for all formulas and the trees themselves where neither can differ: the adjoints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.derivation import Formula
from derivations.derive import Form, derive
from derivations.load import load
from derivations.render.latex import latex
from derivations.render.text import text
from derivations.typing.statements import Claim, read_claim

CELLS = ["rnn", "lstm", "gru", "lstm-concat", "rnn-deep", "bi-rnn", "state-space", "two-step-scalar"]
FORMATS = [(text, "="), (latex, r"\;=")]


def _formulas(cell: str, form: Form) -> Iterator[Formula]:
    for section in derive(cell, form=form).sections:
        for step in section.steps:
            yield from step.formulas


def _read(cell: str, formula: Formula, show: Callable[[MatrixExpr], str], equals: str) -> Claim:
    source = f"{show(formula.left)} {equals} {show(formula.right)}"
    return read_claim(load(cell), source, matrix_powers=False)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("show", "equals"), FORMATS)
def test_adjoints_read_back(cell: str, show: Callable[[MatrixExpr], str], equals: str) -> None:
    for formula in _formulas(cell, "adjoint"):
        read = _read(cell, formula, show, equals)
        assert (read.left, read.right) == (formula.left, formula.right)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("show", "equals"), FORMATS)
def test_closed_forms_read_back(cell: str, show: Callable[[MatrixExpr], str], equals: str) -> None:
    for formula in _formulas(cell, "closed"):
        read = _read(cell, formula, show, equals)
        assert read.left == formula.left
        assert read.right.shape == formula.right.shape
