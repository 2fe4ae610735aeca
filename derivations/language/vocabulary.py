"""Names: LaTeX commands, Greek letters and spellings of functions, each to its canonical name."""

from __future__ import annotations

import re

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ϵ": "epsilon",
    "ζ": "zeta", "η": "eta", "θ": "theta", "ϑ": "theta", "ι": "iota", "κ": "kappa",
    "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "ς": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "ϕ": "phi", "χ": "chi", "ψ": "psi",
    "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi",
    "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega", "ℓ": "ell",
}  # fmt: skip

SYMBOL_COMMANDS = {name: name for name in GREEK.values()} | {
    "varepsilon": "epsilon", "vartheta": "theta", "varphi": "phi", "varrho": "rho",
    "varsigma": "sigma", "varpi": "pi", "imath": "i", "jmath": "j",
}  # fmt: skip

# Commands and bare words that are always functions, with the canonical name of each.
FUNCTION_COMMANDS = {
    "tanh": "tanh", "exp": "exp", "log": "log", "ln": "log", "sin": "sin", "cos": "cos",
    "max": "max", "min": "min", "sinh": "sinh", "cosh": "cosh", "arctan": "arctan",
    "tan": "tan", "sech": "sech", "det": "det",
}  # fmt: skip

# Spellings of words, lower-cased and without separators, that name a function of the language.
_WORDS = (
    "tanh exp log sin cos tan sinh cosh sech arctan max min abs sqrt sign relu gelu elu selu silu "
    "swish softplus softsign sigmoid softmax logsumexp leaky_relu hard_sigmoid hard_tanh diag "
    "concat hstack sum mean dot norm cross_entropy squared_error binary_cross_entropy nll outer "
    "transpose identity step trace clip erf mish heaviside expit log_sigmoid log_softmax linear "
    "square reciprocal atan maximum minimum kron vec expm sigma_min det"
)
FUNCTION_WORDS = {word.replace("_", ""): word for word in _WORDS.split()} | {
    "ln": "log", "logistic": "sigmoid", "sgn": "sign", "sigm": "sigmoid", "lrelu": "leaky_relu",
    "leakyrelu": "leaky_relu", "tr": "trace", "bce": "binary_cross_entropy",
    "concatenate": "concat", "determinant": "det",
}  # fmt: skip

# In capitals these are other functions: LN is layer normalization, Norm a normalization.
LOWER_CASE_ONLY = frozenset({"ln", "norm", "step", "dot"})

# Layers that are written like functions, none of which acts entry by entry.
LAYERS = re.compile(
    r"(?i:(?:layer|batch|rms|group|instance|l2)_?norm(?:ali[sz]ation)?|normali[sz]e"
    r"|(?:self_?)?attention|attn|mlp|ffn|conv[123]?d?)|LN|BN"
)

# Lengths of a time step, scalars: in LaTeX Δt, δt and dt.
STEP_LENGTHS = frozenset({"Delta_t", "delta_t", "dt"})

LOSS_NAMES = ("loss", "L", "J", "E")

ACCENTS = {
    "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde",
    "widetilde": "tilde", "dot": "dot", "overrightarrow": "right", "overleftarrow": "left",
    "check": "check", "breve": "breve", "acute": "acute",
}  # fmt: skip

COMBINING = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u0307": "dot"}

# Alphabets whose letters are names of their own, each with the label of such a name.
ALPHABETS = {"mathcal": "cal", "mathscr": "scr", "mathbb": "bb", "mathfrak": "frak"}

STYLES = (
    "mathbf", "boldsymbol", "bm", "pmb", "mathit", *ALPHABETS,
    "vec", "underline", "ensuremath", "mathop", "mathbin", "mathord", "mathnormal",
)  # fmt: skip

UPRIGHT = ("operatorname*", "operatorname", "mathrm", "textrm", "text", "mathsf", "textsf",
           "mathtt", "texttt", "textit", "textbf", "mbox", "rm")  # fmt: skip


def canonical_function(word: str) -> str | None:
    """The function ``word`` spells (``ReLU`` is ``relu``), or ``None`` if it spells none."""
    plain = word.replace("_", "").replace(" ", "").replace("-", "")
    if plain.lower() in LOWER_CASE_ONLY and not plain.islower():
        return None
    return FUNCTION_WORDS.get(plain.lower())


_CALLED = re.compile(  # leaky_relu of leaky_relu(z), tanh of tanh^2 (z)
    r"([A-Za-z]{2,}+(?:\\?_[A-Za-z]{2,}+)*+)"
    r"(?=[ \t]*(?:\^[ \t]*(?:\d|\{\d+\})[ \t]*)?"
    r"(?:(?:\\left|\\[bB]igg?l?)[ \t]*)?(?:['(\[]|\\\{))"
)
_WORDS_CALLED = re.compile(rf"(?<![A-Za-z_]){_CALLED.pattern}")


def called_function(text: str, start: int) -> tuple[str, int] | None:
    """The function whose plain word stands at ``start`` before its bracket, and where it ends."""
    called = _CALLED.match(text, start)
    function = _function_of(called) if called else None
    return (function, called.end()) if called and function else None


def without_functions(line: str) -> str:
    """``line`` without the words of functions that stand before their brackets."""
    return _WORDS_CALLED.sub(lambda called: "" if _function_of(called) else called[0], line)


def _function_of(called: re.Match[str]) -> str | None:
    return canonical_function(called[1].replace("\\", ""))
