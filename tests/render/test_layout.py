"""Formulas on a page: widths against those of TeX, and every derivation within its margins."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from derivations.catalogue import names
from derivations.derivation import Derivation
from derivations.pipeline import derive
from derivations.render import render
from derivations.render.latex_width import latex_width

RECENT = Path(__file__).parents[1] / "data" / "recent"
CELLS = [*names(), *map(str, sorted(RECENT.glob("*.cell")))]
TEX = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
SAMPLES = r"""
W_{hh} h_{t-1} + W_{hx} x_{t} + b_{h}
\operatorname{diag}(o_{t} \odot (1 - \tanh(c_{t}) \odot \tanh(c_{t})) \odot f_{t}) U_{f}
\sum_{\tau=t}^{T} \left(\prod_{j=t+1}^{\tau} \frac{\partial h_{j}}{\partial h_{j-1}}\right)^{\top} \nabla_{h} \ell_{\tau}(h_{\tau})
\begin{bmatrix} \operatorname{diag}(f_{t}) & J_{ch,t} \\ \operatorname{diag}(o_{t} \odot f_{t}) & 0 \end{bmatrix}
\Bigl( \operatorname{softmax}(p_{t}) \operatorname{softmax}(p_{t})^{\top} V
\frac{1}{\sum_{r=1}^{S} \exp(e_{t,r})} \exp(e_{t,s}) h_{s} v_{a}^{\top} W_{a}
(1 - \mathrm{mask}_{t}) V \hat{y}_{t} \otimes \mathbf{1}
1 \le k \le T-1
t = T-1, \dots, 1
""".strip().splitlines()  # noqa: E501 — as they are printed


def compiled(body: str, folder: Path) -> str:
    """What pdflatex says about a body in the article of the tool."""
    article = render(derive("rnn"), "latex", standalone=True)
    head, _, _ = article.partition(r"\begin{document}")
    (folder / "a.tex").write_text(f"{head}\\begin{{document}}\n{body}\n\\end{{document}}\n")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout[-2000:]
    return run.stdout


@TEX
def test_widths_are_nearly_those_of_tex(tmp_path: Path) -> None:
    lines = [rf"\settowidth{{\w}}{{$\displaystyle {s}$}}\typeout{{W \the\w}}" for s in SAMPLES]
    said = compiled("\n".join([r"\newlength{\w}", *lines, "x"]), tmp_path)
    measured = [float(width) for width in re.findall(r"^W ([\d.]+)pt", said, re.MULTILINE)]
    assert len(measured) == len(SAMPLES)
    for source, width in zip(SAMPLES, measured, strict=True):
        assert 0.95 * width < latex_width(source) < 1.12 * width, source


@TEX
def test_every_derivation_fits_its_page(tmp_path: Path) -> None:
    said = compiled("\n".join(render(derive(cell), "latex") for cell in CELLS), tmp_path)
    assert "Overfull" not in said


def aligned(derivation: Derivation) -> list[str]:
    return re.findall(r"\\begin\{align\*\}\n(.*?)\n\\end", render(derivation, "latex"), re.DOTALL)


def test_times_stand_below_where_there_is_no_room_beside() -> None:
    (wide,) = (
        rows for rows in aligned(derive("lstm-peephole")) if "&&" not in rows and "dots" in rows
    )
    assert r"&\quad t = T, \dots, 1" in wide
    assert all("&&" in rows for rows in aligned(derive("rnn")) if r"\dots" in rows)


def test_a_sum_among_factors_is_cut_only_where_it_is_long() -> None:
    text = "\n".join(aligned(derive(str(RECENT / "antisymmetric.cell"))))
    assert r"\Bigl( 1 \\" not in text and r"(1 - \tanh(a_{h,t}) \odot" in text
