"""Sentences in each format: what is special there is escaped, `code` in backticks is kept."""

from __future__ import annotations

import re
from collections.abc import Callable

from derivations.render.names import latex_name

NAME = r"\{(\w+)\}"
"""A variable in a sentence, as in ``{W_hh} is the same at every step``."""
_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "—": "---", "–": "--", "’": "'", "“": "``",
    "”": "''", "…": r"\ldots{}",
}  # fmt: skip
_LATEX_MATH = {
    "∂": r"\partial", "Σ": r"\Sigma", "∑": r"\sum", "∏": r"\prod", "Π": r"\Pi", "⊙": r"\odot",
    "⊗": r"\otimes", "ᵀ": r"{}^{\top}", "⊤": r"{}^{\top}", "′": r"{}'", "⁺": r"{}^{+}",
    "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "→": r"\to", "←": r"\leftarrow", "↦": r"\mapsto",
    "×": r"\times", "·": r"\cdot", "−": "-", "∇": r"\nabla", "∞": r"\infty", "∈": r"\in",
    "√": r"\surd", "²": "{}^{2}", "³": "{}^{3}", "½": r"\tfrac{1}{2}", "ℓ": r"\ell",
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon",
    "η": r"\eta", "θ": r"\theta", "κ": r"\kappa", "λ": r"\lambda", "μ": r"\mu", "ξ": r"\xi",
    "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma", "τ": r"\tau",
    "φ": r"\phi", "ϕ": r"\phi", "ψ": r"\psi", "ω": r"\omega",
    "Γ": r"\Gamma", "Δ": r"\Delta", "Θ": r"\Theta", "Φ": r"\Phi", "Ω": r"\Omega",
    "₀": "{}_{0}", "₁": "{}_{1}", "₂": "{}_{2}", "ₜ": "{}_{t}", "‖": r"\|",
    "\u0304": "{}", "≈": r"\approx", "∘": r"\circ",
}  # fmt: skip


def sentence(words: str) -> str:
    """Words with a capital in front and a stop behind; a name in front stays as it is."""
    opened = words[:1].upper() + words[1:]
    return opened if not opened or opened[-1] in ".!?:" else f"{opened}."


def plain_prose(sentence: str) -> str:
    """As it is, without the backticks; ``{name}`` is a variable."""
    return re.sub(NAME, r"\1", sentence.replace("`", ""))


def latex_prose(sentence: str) -> str:
    """For LaTeX: special characters escaped, mathematical ones and names set as mathematics."""

    def words(part: str) -> str:
        found = re.split(NAME, part)
        return "".join(
            f"${latex_name(piece)}$" if i % 2 else latex_words(piece)
            for i, piece in enumerate(found)
        )

    return outside_code(sentence, words, lambda code: rf"\texttt{{{latex_words(code)}}}")


def markdown_prose(sentence: str) -> str:
    """For Markdown: no character turns into markup; names are set as mathematics."""

    def words(part: str) -> str:
        found = re.split(NAME, part)
        return "".join(
            f"${latex_name(piece)}$" if i % 2 else _markdown_words(piece)
            for i, piece in enumerate(found)
        )

    return outside_code(sentence, words, lambda code: f"`{code}`")


def _markdown_words(words: str) -> str:
    return re.sub(r"([\\*_$|\[\]])", r"\\\1", words).replace("<", "&lt;")


def outside_code(sentence: str, words: Callable[[str], str], code: Callable[[str], str]) -> str:
    """``words`` of every second part between backticks, ``code`` of the others."""
    parts = sentence.split("`")
    if len(parts) % 2 == 0:
        return words(sentence)
    return "".join(code(part) if i % 2 else words(part) for i, part in enumerate(parts))


def latex_words(words: str) -> str:
    """Words in LaTeX, every character of which is shown as it is."""
    return "".join(_latex_character(character) for character in words)


def _latex_character(character: str) -> str:
    if character in _LATEX_MATH:
        return f"${_LATEX_MATH[character]}$"
    return _LATEX.get(character, character)
