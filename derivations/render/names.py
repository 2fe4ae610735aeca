"""Names and time steps: ``W_hh`` is W with subscript hh, ``htilde`` an h with a tilde.

The inverse of how the language reads LaTeX: ``h^{(1)}_{t}`` is the name ``h_1`` at time t,
``a_{f,t}`` the name ``a_f`` at time t, ``e_{t,s}`` a name at two times. The last index of a
name with the label ``^`` is set above: ``M_^`` at (k, τ) is M^τ_k.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from sympy import Add, Basic, Expr
from sympy.printing.latex import latex as sympy_latex

from derivations.expressions.nodes import MapPartial
from derivations.language.vocabulary import STEP_LENGTHS

GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega ell".split()
)
ACCENTS = {
    "hat": "hat", "tilde": "tilde", "bar": "bar", "dot": "dot", "check": "check",
    "breve": "breve", "acute": "acute", "right": "overrightarrow", "left": "overleftarrow",
}  # fmt: skip
RAISED = "^"
"""Label of a name whose last index stands above its letter; no typed name can have it."""
ITALIC_SUBSCRIPT = 3
"""Subscripts up to this many letters are italic, as in W_{hh}; longer ones are words."""


@lru_cache(maxsize=4096)
def latex_index(value: object) -> str:
    """A time step, a size or a bound; set tight, as it stands in subscripts."""
    source = _positive_first(value, sympy_latex)
    return source.replace(" + ", "+").replace(" - ", "-").replace("- ", "-")


_PRINTED = {"Max(": "max(", "Min(": "min(", "binomial(": "binom(", "ceiling(": "ceil("}
"""What SymPy calls functions of indices, and what the language does."""


def text_index(value: object) -> str:
    """A time step, a size or a bound, without blanks: ``t-1``, ``max(1,k)``."""
    source = _positive_first(value, str).replace(" ", "")
    for printed, typed in _PRINTED.items():
        source = source.replace(printed, typed)
    return source


def leads_negative(value: Expr) -> bool:
    """Whether a number or an index expression is written with a minus in front."""
    terms = value.args if value.is_Add else (value,)
    return all(term.could_extract_minus_sign() for term in terms)


def _positive_first(value: object, printed: Callable[[object], str]) -> str:
    """``t-s`` where SymPy's order of terms is ``-s+t``."""
    if not isinstance(value, Add) or leads_negative(value):
        return str(printed(value))
    terms = value.as_ordered_terms()
    if not terms[0].could_extract_minus_sign():
        return str(printed(value))
    terms.sort(key=lambda term: term.could_extract_minus_sign())
    first, *rest = terms
    signed = ("-" + printed(-x) if leads_negative(x) else "+" + printed(x) for x in rest)
    return str(printed(first)) + "".join(signed)


def latex_name(name: str, steps: Sequence[Basic] = (), accent: str = "") -> str:
    """A canonical name in LaTeX, with its times and an accent (``bar``) over its letter."""
    if name in STEP_LENGTHS and not (steps or accent):
        return rf"\{name.replace('_', ' ')}" if "_" in name else name
    head, *labels = name.split("_")
    primes = ""
    while labels and labels[-1] == "prime":
        primes += "'"
        labels.pop()
    letter = _letter(head)
    if accent:
        letter = rf"\{accent}{{{letter}}}"
    layer = ""
    if steps and labels and labels[0] == RAISED:
        *steps, above = steps
        labels.pop(0)
        layer = f"^{{{latex_index(above)}}}"
    if labels and labels[0].isdigit() and (steps or len(labels) > 1):
        layer = f"^{{({labels.pop(0)})}}"
    below = [_subscript(label) for label in labels] + [latex_index(step) for step in steps]
    subscript = f"_{{{','.join(below)}}}" if below else ""
    return letter + primes + layer + subscript


def text_name(name: str, steps: Sequence[Basic] = ()) -> str:
    """A canonical name in the text language, with its times: ``h[t-1]``, ``e[t,s]``."""
    if not steps:
        return name
    shown = "_".join(label for label in name.split("_") if label != RAISED)
    return f"{shown}[{','.join(map(text_index, steps))}]"


def slot_name(expr: MapPartial) -> str:
    """Name of the argument that tells the slot from all others; empty where none does."""
    names = [getattr(argument, "name", "") for argument in expr.map.arguments]
    name = names[expr.slot]
    return name if name and names.count(name) == 1 else ""


def _letter(word: str) -> str:
    """A word as one symbol: an accented letter, a Greek letter, or upright if it is a word."""
    symbol = _symbol(word)
    return symbol or (word if len(word) == 1 else rf"\mathrm{{{word}}}")


def _subscript(label: str) -> str:
    symbol = _symbol(label)
    return symbol or (label if len(label) <= ITALIC_SUBSCRIPT else rf"\mathrm{{{label}}}")


def _symbol(word: str) -> str:
    """A Greek letter or an accented letter; empty for any other word."""
    if word in GREEK:
        return rf"\{word}"
    for ending, command in ACCENTS.items():
        base = word.removesuffix(ending)
        if base != word and (len(base) == 1 or base in GREEK):
            return rf"\{command}{{{_letter(base)}}}"
    return ""
