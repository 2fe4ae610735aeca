"""Whole derivations in every format; the LaTeX one must compile."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from sympy import Integer, symbols
from sympy.matrices.expressions import HadamardProduct, Identity, MatAdd, MatMul, Transpose

from derivations.cell import Axis, Cell, Definition, Piece, Range
from derivations.derivation import Derivation, Formula, Section, Step
from derivations.errors import InputError
from derivations.expressions import nodes
from derivations.render import FORMATS, render, render_formulas
from derivations.render.prose import latex_prose, markdown_prose

t, T, k, j = symbols("t T k j", integer=True)
n, m = symbols("n m", integer=True, positive=True)
W = nodes.Variable("W_hh", (), n, n)
U = nodes.Variable("W_hx", (), n, m)
x = nodes.Variable("x", (t,), m, 1)
z, h = (nodes.Variable(name, (t,), n, 1) for name in ("z", "h"))
LOSS = nodes.Variable("loss", (), 1, 1)
ALWAYS = Range(t, Integer(1), T)
EARLIER = h.at([t - 1])
ELL = nodes.Map("ell", (t,), 1, 1, h)
SLOPE = MatAdd(
    nodes.Constant(1, n, 1), nodes.Scale(nodes.Constant(-1, 1, 1), HadamardProduct(h, h))
)
ARGUMENT = MatAdd(MatMul(W, EARLIER), MatMul(U, x))
TERMS = [MatMul(nodes.Variable(f"W_{g}", (), n, n), nodes.Adjoint(z)) for g in "abcdefghijkl"]
CHAIN = nodes.TimeProduct(nodes.Jacobian(h.at([j]), h.at([j - 1])), j, k + 1, T)


def _derivation() -> Derivation:
    written = (
        Definition(z, (Piece(ARGUMENT, (ALWAYS,)),)),
        Definition(h, (Piece(nodes.Apply("tanh", (0,), z), (ALWAYS,)),)),
        Definition(LOSS, (Piece(nodes.TimeSum(ELL, t, 1, T)),)),
    )
    templates = {variable.name: variable for variable in (z, W, h, U, x, LOSS)}
    cell = Cell(
        "Elman & co.", "Elman 1990, Eq. (1)_a", written, written, (Axis(t, T),), templates,
        frozenset("z"),
    )  # fmt: skip
    steps = (
        Step("Forward", "The state enters through `z[t]`.", (Formula(z, ARGUMENT, (ALWAYS,)),)),
        Step(
            "Chain rule",
            "The loss sees h at once and through ∂z/∂h, 100 % of it.",
            (
                Formula(
                    nodes.Adjoint(h),
                    MatAdd(
                        Transpose(nodes.MapPartial(0, ELL)),
                        MatMul(Transpose(W), nodes.Adjoint(z.at([t + 1]))),
                    ),
                    (Range(t, Integer(1), T - 1),),
                ),
                Formula(nodes.Adjoint(z), HadamardProduct(SLOPE, nodes.Adjoint(h)), (ALWAYS,)),
            ),
        ),
        Step(
            "Closed form",
            "Unroll it.",
            (
                Formula(
                    nodes.Jacobian(h.at([T]), h.at([k])),
                    nodes.TimeProduct(MatMul(nodes.Diag(SLOPE), W).subs(t, j), j, k + 1, T),
                    (Range(k, Integer(0), T),),
                    (CHAIN,),
                ),
                Formula(
                    nodes.Jacobian(h, W),
                    MatAdd(
                        nodes.Kron(Transpose(EARLIER), Identity(n)),
                        MatMul(W, nodes.Jacobian(EARLIER, W)),
                    ),
                    (ALWAYS,),
                ),
                Formula(nodes.Vec(Transpose(W)), MatMul(nodes.Commutation(n, n), nodes.Vec(W))),
            ),
        ),
    )
    return Derivation(cell, (Section("From equations to gradients", steps),))


TEXT = """\
Elman & co.
===========

Source: Elman 1990, Eq. (1)_a

  W_hh  n x n  parameter
  W_hx  n x m  parameter
  x[t]  m x 1  input
  h[t]  n x 1  state
  z[t]  n x 1  intermediate, named here
  L     1 x 1  loss

Time runs over t = 1, ..., T.

From equations to gradients
---------------------------

Forward. The state enters through z[t].
    z[t] = W_hh @ h[t-1] + W_hx @ x[t]    (t = 1, ..., T)

Chain rule. The loss sees h at once and through ∂z/∂h, 100 % of it.
    dL/dh[t] = (dell[t]/dh(h[t])).T + W_hh.T @ dL/dz[t+1]    (t = T-1, ..., 1)
    dL/dz[t] = (1 - h[t] * h[t]) * dL/dh[t]    (t = T, ..., 1)

Closed form. Unroll it.
    dh[T]/dh[k] = prod(j, k+1, T, dh[j]/dh[j-1])    (0 <= k <= T)
                = prod(j, k+1, T, diag(1 - h[j] * h[j]) @ W_hh)
    dh[t]/dW_hh = kron(h[t-1].T, eye(n)) + W_hh @ dh[t-1]/dW_hh    (1 <= t <= T)
    vec(W_hh.T) = commutation(n, n) @ vec(W_hh)

Notation
"""


def test_text_is_as_written_here() -> None:
    assert render(_derivation(), "text").startswith(TEXT)


def test_notes_come_only_where_their_notation_does() -> None:
    plain = [Formula(z, ARGUMENT, (ALWAYS,))]
    assert "Notation" not in render_formulas(plain, "text")
    assert "latest time on the left" in render_formulas([Formula(CHAIN, CHAIN)], "text")
    assert "latest time on the left" not in render_formulas(plain, "latex")


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("adjoint", ["partial", "bar"])
def test_every_format_prints_every_step(format_: str, adjoint: str) -> None:
    printed = render(_derivation(), format_, adjoint=adjoint)  # type: ignore[arg-type]  # every name
    assert printed.endswith("\n")
    for step in _derivation().steps:
        assert step.rule in printed


def test_latex_rows_align_and_carry_their_times() -> None:
    rows = render(_derivation(), "latex", adjoint="bar")
    assert r"z_{t} &= W_{hh} h_{t-1} + W_{hx} x_{t} && t = 1, \dots, T" in rows
    assert r"\bar{h}_{t} &= \nabla_{h} \ell_{t}(h_{t}) + W_{hh}^{\top} \bar{z}_{t+1}" in rows
    assert r"&= \prod_{j=k+1}^{T} (\operatorname{diag}(1 - h_{j} \odot h_{j}) W_{hh})" in rows


def test_a_long_sum_takes_a_line_for_each_term() -> None:
    answer = [Formula(nodes.Adjoint(h), MatAdd(*TERMS))]
    assert render_formulas(answer, "latex").count(r"\\") == len(TERMS) - 1
    assert len(render_formulas(answer, "text").splitlines()) == len(TERMS)


def test_a_long_product_around_a_sum_breaks_inside_its_brackets() -> None:
    total = nodes.TimeSum(MatMul(MatAdd(*TERMS), Transpose(EARLIER)), t, 1, T)
    printed = render_formulas([Formula(nodes.Adjoint(W), total)], "latex")
    assert printed.count(r"\\") == len(TERMS) - 1
    assert printed.count(r"\Bigl(") == printed.count(r"\Bigr)") == 1
    assert r"\Bigr) h_{t-1}^{\top}" in printed


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_a_formula_cut_inside_several_brackets_compiles(tmp_path: Path) -> None:
    total = MatMul(HadamardProduct(SLOPE, MatAdd(*TERMS)), Transpose(EARLIER))
    answer = [Formula(nodes.Adjoint(W), nodes.TimeSum(total, t, 1, T))]
    printed = render_formulas(answer, "latex", standalone=True)
    assert printed.count(r"\left(") == printed.count(r"\right)") == 0
    assert printed.count(r"\Bigl(") == printed.count(r"\Bigr)") == 2
    _compile(printed, tmp_path)


def test_json_is_what_it_says() -> None:
    data = json.loads(render(_derivation(), "json"))
    assert data["axes"] == [{"index": "t", "upper": "T"}]
    assert {"name": "loss", "latex": "L", "text": "L", "shape": ["1", "1"], "role": "loss"} in (
        data["symbols"]
    )
    step = data["sections"][0]["steps"][0]
    assert step["rule"] == "Forward"
    assert step["formulas"][0]["text"] == "z[t] = W_hh @ h[t-1] + W_hx @ x[t]"
    assert step["formulas"][0]["domain"]["latex"] == r"t = 1, \dots, T"


def test_markdown_sets_formulas_between_dollars() -> None:
    printed = render(_derivation(), "markdown")
    assert printed.startswith("# Elman & co.\n")
    assert printed.count("$$") == 2 * len(_derivation().steps)
    assert "| $W_{hh}$ | $n \\times n$ | parameter |" in printed


def test_an_unknown_format_is_the_users_mistake() -> None:
    with pytest.raises(InputError, match="no format 'doc'"):
        render(_derivation(), "doc")


def test_prose_is_escaped() -> None:
    assert latex_prose("50% of `W_hh` & ∂L") == r"50\% of \texttt{W\_hh} \& $\partial$L"
    assert markdown_prose("a*b `c*d` <e>") == r"a\*b `c*d` &lt;e>"
    assert latex_prose("one ` alone") == "one ` alone"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("adjoint", ["partial", "bar"])
def test_the_article_compiles(adjoint: str, tmp_path: Path) -> None:
    source = render(_derivation(), "latex", standalone=True, adjoint=adjoint)  # type: ignore[arg-type]  # every name
    _compile(source, tmp_path)


def _compile(source: str, folder: Path) -> None:
    (folder / "article.tex").write_text(source)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "article.tex"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout[-2000:]
    assert "Overfull" not in run.stdout
