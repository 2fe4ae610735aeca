"""LaTeX to tokens: layout commands dropped, symbols and words by their canonical names."""

from __future__ import annotations

import re
from typing import NoReturn

from lark import Token

from derivations.language.source import Source
from derivations.language.text_tokens import check_number
from derivations.language.vocabulary import (
    ACCENTS,
    ALPHABETS,
    FUNCTION_COMMANDS,
    GREEK,
    LAYERS,
    LOSS_NAMES,
    STEP_LENGTHS,
    STYLES,
    SYMBOL_COMMANDS,
    UPRIGHT,
    called_function,
    canonical_function,
)

_UPRIGHT = "|".join(re.escape(word) for word in UPRIGHT)
_STYLE = "|".join(STYLES)
_TOKEN = re.compile(
    rf"""
    (?P<SPACE>[ \t\u00a0~]+ | \\[,;:!\ >/] | \\(?:displaystyle|textstyle|limits|nolimits|nonumber
        |notag|left|right|middle|[bB]ig{{1,2}}[lrm]?|allowbreak|strut|hfill|hspace\{{[^{{}}]*\}}
        |phantom\{{[^{{}}]*\}}|hphantom\{{[^{{}}]*\}}|vphantom\{{[^{{}}]*\}})(?![A-Za-z])\.?
      | \\(?:label|tag\*?|eqref|ref|cite)\s*\{{[^{{}}]*\}})
  | (?P<ROW>\\\\\*?(?:\s*\[\s*-?[\d.]+\s*[a-z]{{2}}\s*\])? | \\(?:newline|cr)(?![A-Za-z]))
  | (?P<GAP>\\q?quad(?![A-Za-z]))
  | (?P<DISPLAY>\\(?:begin|end)\s*\{{(?:align|alignat|aligned|equation|gather|gathered|multline
        |split|eqnarray|displaymath|math|flalign|subequations)\*?\}}(?:\{{\d+\}})?
      | \\\[ | \\\] | \\\( | \\\) | \$\$?)
  | (?P<CASES>\\begin\s*\{{d?cases\}}) | (?P<ENDCASES>\\end\s*\{{d?cases\}})
  | (?P<MATRIX>\\begin\s*\{{[bpvB]?(?:small)?matrix\}} | \\begin\s*\{{array\}}\s*\{{[lcr|\ ]*\}})
  | (?P<ENDMATRIX>\\end\s*\{{(?:[bpvB]?(?:small)?matrix|array)\}})
  | (?P<ONES>\\(?:mathbf|mathbb|boldsymbol|bm|mathds)\s*(?:\{{\s*1\s*\}}|1))
  | (?P<TOP>\\(?:top|intercal|transpose)(?![A-Za-z])
      | \\(?:{_UPRIGHT})\s*(?:\{{\s*T\s*\}}|(?<=mathsf)\s+T|(?<=mathrm)\s+T) | [ᵀ⊤])
  | (?P<UPRIGHT>\\(?:{_UPRIGHT})\s*\{{\s*(?P<word>[A-Za-z](?:[A-Za-z0-9 -]|\\_|_)*)\s*\}})
  | (?P<STYLED>\\(?P<style>{_STYLE}|{_UPRIGHT})\s*(?:\{{\s*(?P<letter>[A-Za-z])\s*\}}
      | \s(?P<letter2>[A-Za-z])))
  | (?P<STYLE>\\(?:{_STYLE}|{_UPRIGHT})(?![A-Za-z*])\*?)
  | (?P<PARTIAL>(?:\\partial(?![A-Za-z])|∂)\s*(?:\^\s*(?:\+|\{{\s*\+\s*\}})|⁺)?)
  | (?P<STEP>(?:\\(?P<delta>[Dd]elta)(?![A-Za-z])|[Δδ])\s*(?:\\[,!]\s*)?t(?![A-Za-z]))
  | (?P<COMMAND>\\(?P<name>[A-Za-z]+))
  | (?P<NORM>\\\|) | (?P<ABS>\|) | (?P<OPENBRACE>\\\{{) | (?P<CLOSEBRACE>\\\}})
  | (?P<NUMBER>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)
  | (?P<LETTERS>[A-Za-z]+) | (?P<GREEK>[{"".join(GREEK)}])
  | (?P<PRIMES>['′]+)
  | (?P<EQUALS>:?=) | (?P<LE><=|≤) | (?P<GE>>=|≥) | (?P<LT><) | (?P<GT>>)
  | (?P<LPAR>\() | (?P<RPAR>\)) | (?P<LSQB>\[) | (?P<RSQB>\]) | (?P<LBRACE>\{{) | (?P<RBRACE>\}})
  | (?P<COMMA>,) | (?P<SEMI>;) | (?P<STOP>\.) | (?P<COLON>:) | (?P<AMP>&)
  | (?P<PLUS>\+) | (?P<MINUS>[-−–]) | (?P<DOT>[@·×⋅]) | (?P<ODOT>[*⊙∘∗]) | (?P<SLASH>/)
  | (?P<SUB>_) | (?P<SUP>\^)
""",
    re.VERBOSE,
)
_COMMANDS = {
    "cdot": "DOT", "times": "DOT", "odot": "ODOT", "circ": "ODOT", "ast": "ODOT", "otimes": "OUTER",
    "le": "LE", "leq": "LE", "leqslant": "LE", "ge": "GE", "geq": "GE", "geqslant": "GE",
    "lt": "LT", "gt": "GT", "coloneqq": "EQUALS", "triangleq": "EQUALS", "gets": "EQUALS",
    "leftarrow": "EQUALS", "equiv": "EQUALS", "frac": "FRAC", "tfrac": "FRAC", "dfrac": "FRAC",
    "cfrac": "FRAC", "sqrt": "SQRT", "sum": "BIG", "prod": "BIG", "bigoplus": "BIG",
    "oplus": "BIG", "nabla": "NABLA",
    "prime": "PRIMES", "langle": "LANGLE", "rangle": "RANGLE", "lVert": "NORM_OPEN",
    "rVert": "NORM_CLOSE", "Vert": "NORM", "lvert": "ABS_OPEN", "rvert": "ABS_CLOSE", "vert": "ABS",
    "star": "MARK", "dagger": "MARK", "lbrack": "LSQB", "rbrack": "RSQB", "lbrace": "OPENBRACE",
    "rbrace": "CLOSEBRACE", "ldots": "DOTS", "dots": "DOTS", "cdots": "DOTS", "vdots": "DOTS",
    "forall": "DOTS", "in": "DOTS", "dotsc": "DOTS",
    "binom": "BINOM", "dbinom": "BINOM", "tbinom": "BINOM", "lfloor": "FLOOR_OPEN",
    "rfloor": "FLOOR_CLOSE", "lceil": "CEIL_OPEN", "rceil": "CEIL_CLOSE",
}  # fmt: skip


def tokenize_latex(
    source: Source, start: int, end: int, words: frozenset[str] = frozenset()
) -> list[Token]:
    """The tokens of ``source.text[start:end]``; their positions are offsets into the source.

    Bare runs of letters are products of letters, except function names and ``words``.

    Raises:
        InputError: for a character or a command the language does not have.
    """
    tokens: list[Token] = []
    position = start
    text = source.text
    while position < end:
        match = _TOKEN.match(text, position, end)
        if match is None:
            _explain_character(source, position)
        kind, value, stop = str(match.lastgroup), match.group(), match.end()
        if kind == "word" or kind == "UPRIGHT":
            kind, value = _upright(match.group("word"))
        elif kind in ("letter", "letter2", "STYLED"):
            letter = match.group("letter") or match.group("letter2")
            kind, value = "SYMBOL", _styled(match.group("style"), letter)
        elif kind in ("name", "COMMAND"):
            kind, value = _command(source, match.group("name"), position, stop)
        elif kind in ("delta", "STEP"):
            kind, value = "SYMBOL", f"{match.group('delta') or GREEK[value[0]]}_t"
        elif kind == "NUMBER":
            if value[0] != "." and _takes_one_digit(tokens, text, position):
                value, stop = value[0], position + 1
            check_number(source, value, position)
            if [token.type for token in tokens[-3:]] == ["SUP", "LBRACE", "ODOT"]:
                tokens.pop()  # h^{\odot 2}: powers are elementwise anyway
        elif kind == "LETTERS":
            kind, value, stop = _letters(source, value, words, position, tokens)
        elif kind == "GREEK":
            kind, value = "SYMBOL", GREEK[value]
        elif kind == "EQUALS" and text[stop : stop + 1] == "=":
            source.fail("'==' is not a relation here", position, stop + 1, "Write a single '='.")
        if kind not in ("SPACE", "STYLE"):
            tokens.append(Token(kind, value, start_pos=position, end_pos=stop))
        position = stop
    return tokens


def _upright(word: str) -> tuple[str, str]:
    """``\\mathrm{ReLU}`` is the function ``relu``; ``\\mathrm{hh}`` a word, usually a label."""
    plain = word.strip().replace("\\_", "_")
    function = canonical_function(plain)
    if function is not None:
        return "WORD", function
    plain = "_".join(part for part in re.split(r"[ _-]+", plain) if part)
    return ("SYMBOL" if len(plain) == 1 else "WORD"), plain


def _styled(style: str, letter: str) -> str:
    """``\\mathcal{W}`` is ``W_cal``, a name beside ``W``; ``\\mathbf{W}`` is ``W``."""
    label = ALPHABETS.get(style)
    return letter if label is None or letter in LOSS_NAMES else f"{letter}_{label}"


def _command(source: Source, name: str, start: int, stop: int) -> tuple[str, str]:
    if name in SYMBOL_COMMANDS:
        return "SYMBOL", SYMBOL_COMMANDS[name]
    if name in FUNCTION_COMMANDS:
        return "WORD", FUNCTION_COMMANDS[name]
    if name in ACCENTS:
        return "ACCENT", ACCENTS[name]
    if name in _COMMANDS:
        return _COMMANDS[name], "'" if name == "prime" else name
    function = canonical_function(name)
    if function is not None:
        return "WORD", function
    if name == "infty":
        source.fail(
            "infinity is no value, no norm and no time here",
            start,
            stop,
            "Norms are 2-norms (the Frobenius norm is sqrt(sum(A*A))); sums end at a time.",
        )
    if name in ("begin", "end"):
        source.fail(
            "this environment is not one of equations or matrices",
            start,
            stop,
            "Use align, equation, gather, bmatrix or pmatrix, or the bare equations.",
        )
    source.fail(
        f"the LaTeX command \\{name} is not known",
        start,
        stop,
        f"For a name or a function of your own, write \\operatorname{{{name}}}.",
    )


def _takes_one_digit(tokens: list[Token], text: str, position: int) -> bool:
    """TeX reads ``x^12`` as x¹2 and ``\\frac12`` as ½: a lone script or argument is one digit."""
    if not tokens:
        return False
    if tokens[-1].type in ("SUB", "SUP", "FRAC"):
        return True
    return len(tokens) > 1 and tokens[-2].type == "FRAC" and tokens[-1].type in ("NUMBER", "SYMBOL")


def _letters(
    source: Source, run: str, words: frozenset[str], start: int, tokens: list[Token]
) -> tuple[str, str, int]:
    """A run of letters: a known word, a function before its bracket, or its first letter.

    Last comes the offset behind what was read.

    Raises:
        InputError: a word before a bracket that is none of these.
    """
    text, stop = source.text, start + len(run)
    if len(run) > 1 and len(tokens) > 1 and tokens[-1].type == "SUB":
        if f"{tokens[-2]}_{run}" in words:  # W_hh as in the plain text of the cell
            return "WORD", run, stop
    elif len(run) > 1 and not (tokens and tokens[-1].type == "SUP"):
        if run in STEP_LENGTHS and not _below_a_bar(tokens):
            return "WORD", run, stop
        if run in words:
            return "WORD", run, stop
        called = called_function(text, start)
        if called is not None:
            return "WORD", *called
        if (len(run) > 2 or LAYERS.fullmatch(run)) and text.startswith("(", stop):
            source.fail(
                f"'{run}' before a bracket would be a product of its letters",
                start,
                stop,
                f"For a function write \\operatorname{{{run}}}, for a product spaces between them.",
            )
    return "SYMBOL", run[0], start + 1


def _below_a_bar(tokens: list[Token]) -> bool:
    """Whether what comes next is a denominator, as in ``\\frac{dh}{dt}`` and ``dh/dt``."""
    kinds = [token.type for token in tokens[-2:]]
    return kinds[-1:] == ["SLASH"] or kinds == ["RBRACE", "LBRACE"]


def _explain_character(source: Source, position: int) -> NoReturn:
    character = source.text[position]
    if character in '"`“”':
        source.fail(
            "a string cannot stand here",
            position,
            position + 1,
            "Write names without quotes, or \\text{name} for an upright word.",
        )
    if character == "\\":
        source.fail(
            "a backslash with no command behind it",
            position,
            position + 1,
            "Write a command such as \\tanh, or remove the backslash.",
        )
    source.fail(
        f"the character '{character}' has no meaning here",
        position,
        position + 1,
        "Use LaTeX mathematics: letters, numbers, + - = / and commands.",
    )
