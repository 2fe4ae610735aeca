"""A whole input cut into statements: comments off, environments open, continued lines joined."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from lark import Token

from derivations.language.brackets import BracketStack
from derivations.language.limits import MAX_EQUATIONS
from derivations.language.ranges import Stretch, outside_ranges
from derivations.language.source import Source
from derivations.language.text_tokens import tokenize_text
from derivations.language.vocabulary import FUNCTION_WORDS, without_functions

Mode = Literal["text", "latex"]

_LATEX = re.compile(r"[\\$]|(?<!\^)\{|\^\{\s*[(<]|^\s*&")
_PYTHON = re.compile(  # a caret beside one of these is a power, not a superscript
    r"@|\*\*|\.T\b|\b(?:sum|prod)\(\s*\w+,|\w\[\s*(?:[A-Za-z]|\d+)(?:\s*[-+]\s*\w+)*\s*[\],]"
)
_TEXT = re.compile(r"@|\*\*|\.T\b|\w\[[^\],]{0,40}\]|(?<!\w)[A-Za-z]\w*?_\w\w")
_LATEX_WEAK = re.compile(r"(?<![A-Za-z])[A-Za-z]_[A-Za-z0-9](?![A-Za-z0-9])")
_JUXTAPOSED = re.compile(r"(?:(?<![A-Za-z])[A-Za-z0-9]|[)\]]) +[A-Za-z]")
_UNDERSCORED = re.compile(r"(?<!\w)[A-Za-z]\w*_\w+")
_WORD = re.compile(r"[A-Za-z]{2,}")
_RELATIONS = {"EQUALS", "LE", "GE", "LT", "GT"}
_OPEN_ENDED = {"PLUS", "MINUS", "AT", "STAR", "SLASH", "POW", "DOT", "ODOT", "OUTER", "EQUALS",
               "LE", "GE", "LT", "GT"}  # fmt: skip
_CONTINUES = _OPEN_ENDED | {"RPAR", "RSQB", "RBRACE", "CLOSEBRACE", "NORM_CLOSE", "ABS_CLOSE"}
_OPENING = {"LPAR", "LSQB", "LBRACE", "OPENBRACE", "MATRIX", "CASES"}
_CLOSING = {"RPAR", "RSQB", "RBRACE", "CLOSEBRACE", "ENDMATRIX", "ENDCASES"}
_BREAKS = {"ROW", "GAP", "COMMA", "SEMI", "STOP", "COLON"}


@dataclass(slots=True)
class Statement:
    """The tokens of one equation, declaration, query or claim."""

    mode: Mode
    tokens: list[Token] = field(default_factory=list)
    since: tuple[str, int] | None = None

    def has_relation(self) -> bool:
        """Whether an ``=``, ``<=`` or ``>=`` stands outside every bracket."""
        return any(kind in _RELATIONS for kind in _top_level(self.tokens))


def detect_mode(line: str, default: Mode = "text") -> Mode:
    """Which of the two notations ``line`` is in; ``default`` where it could be either."""
    if _is_latex(line):
        return "latex"
    line = without_functions(line)
    if _TEXT.search(line):
        return "text"
    words = [word for word in _WORD.findall(line) if word.lower() not in FUNCTION_WORDS]
    if _LATEX_WEAK.search(line) and "[" not in line and (default == "latex" or not words):
        return "latex"
    if words:
        return "text"
    return "latex" if _JUXTAPOSED.search(line) else default


def _is_latex(line: str) -> bool:
    return bool(_LATEX.search(line)) or ("^" in line and not _PYTHON.search(line))


def split_statements(
    source: Source,
    skip: frozenset[int] = frozenset(),
    words: frozenset[str] = frozenset(),
    plain: frozenset[str] | None = None,
    single: bool = False,
) -> list[Statement]:
    """The statements of ``source``; ``skip`` holds the numbers of header lines, from 0.

    ``words`` and ``plain`` are passed on to the tokenizers. ``single`` keeps everything in one
    statement, as for a claim.

    Raises:
        InputError: for a character, command or bracket out of place, or too many statements.
    """
    lines = [(start, text) for number, (start, text) in enumerate(source.lines())
             if number not in skip]  # fmt: skip
    default: Mode = "latex" if any(_is_latex(_uncommented(t)) for _, t in lines) else "text"
    whole: Mode | None = "latex" if single and default == "latex" else None
    builder = _Builder(source, single)
    for start, text in lines:
        content = _uncommented(text)
        if not content.strip():
            builder.blank()
            continue
        mode: Mode = whole or builder.mode_within() or detect_mode(content, default)
        if mode == "latex" and plain and not whole and _names_only(content, plain):
            mode = "text"
        if mode == "text" and plain is None and _is_declaration(content):
            mode = detect_mode(content.split(":")[0], "text")
        tokens: list[Token] = []
        for part in [Stretch(0, len(content))] if single else outside_ranges(content):
            if mode == "latex":
                from derivations.language.latex_tokens import tokenize_latex

                tokens += tokenize_latex(source, start + part.start, start + part.end, words)
            else:
                tokens += tokenize_text(source, start + part.start, start + part.end, plain)
            if part.letter:
                place = start + part.end
                tokens.append(Token("RANGE", f"{part.letter} {part.first}", place, end_pos=place))
        builder.add_line(mode, tokens)
    return builder.finish()


def _names_only(line: str, known: frozenset[str]) -> bool:
    """Whether every underscore in ``line`` is one in a name of the cell, as in ``dL/db_h``."""
    found = [name.removeprefix("d") for name in _UNDERSCORED.findall(line)]
    return not _is_latex(line) and bool(found) and all(name in known for name in found)


def _is_declaration(content: str) -> bool:
    return ":" in content and "=" not in content


def _uncommented(line: str) -> str:
    """``line`` without its ``#`` or ``%`` comment; an escaped ``\\%`` is no comment."""
    match = re.search(r"(?<!\\)[#%]", line)
    return line[: match.start()] if match else line


def _top_level(tokens: list[Token]) -> Iterator[str]:
    depth = 0
    for token in tokens:
        if token.type in _OPENING:
            depth += 1
        elif token.type in _CLOSING:
            depth -= 1
        elif depth == 0:
            yield token.type


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What follows a token up to the next row break: nothing, a relation, dots."""

    nothing: bool = True
    relation: bool = False
    dots: bool = False


def _look_ahead(tokens: list[Token]) -> list[_Ahead]:
    """For each token what follows it; a relation counts only outside later brackets."""
    found: list[_Ahead] = []
    state, depth = _Ahead(), 0
    for token in reversed(tokens):
        found.append(state)
        depth += (token.type in _CLOSING) - (token.type in _OPENING)
        if token.type in ("ROW", "DISPLAY"):
            state, depth = _Ahead(), 0
        elif token.type not in (*_BREAKS, "AMP"):
            relation = state.relation or (depth == 0 and token.type in _RELATIONS)
            dots = state.dots or token.type == "DOTS"
            if (False, relation, dots) != (state.nothing, state.relation, state.dots):
                state = _Ahead(False, relation, dots)
    return found[::-1]


class _Builder:
    """Collects tokens into statements, watching brackets across lines."""

    def __init__(self, source: Source, single: bool) -> None:
        self.source = source
        self.single = single
        self.done: list[Statement] = []
        self.current: Statement | None = None
        self.brackets = BracketStack(source)
        self.displays = 0
        self.broken = False
        self.wrappers = 0

    def mode_within(self) -> Mode | None:
        """The notation an unfinished statement or an open environment fixes for the next line."""
        if self.displays:
            return "latex"
        return self.current.mode if self.current is not None and self.brackets.open else None

    def blank(self) -> None:
        """An empty line ends an equation, whatever stands behind it."""
        if not self.brackets.open:
            self._close()

    def add_line(self, mode: Mode, tokens: list[Token]) -> None:
        """Add one line; it continues the statement before it where that is unfinished."""
        if not self.brackets.open:
            self.broken = True
        for token, ahead in zip(tokens, _look_ahead(tokens), strict=True):
            if token.type == "DISPLAY" or self._lays_out(token):
                self._display(token)
            elif token.type == "RBRACE" and not self.brackets.open and self.wrappers:
                self.wrappers -= 1
            elif token.type == "RANGE":
                self._limit(token)
            elif self._within_round(token):
                continue  # a long line that is cut inside its brackets
            elif self.brackets.open or token.type not in (*_BREAKS, "AMP"):
                self._add(mode, token)
            elif token.type in ("COMMA", "SEMI", "GAP", "STOP"):
                self._soft_break(mode, token, ahead)
            elif token.type == "ROW":
                self.broken = True
            elif token.type == "COLON":
                self._add(mode, token)
        if self.current is not None and self.single:
            self.broken = False

    def _limit(self, token: Token) -> None:
        """Note from which time on the equation before holds."""
        if self.current is not None:
            letter, first = token.split()
            self.current.since = (letter, int(first))

    def _within_round(self, token: Token) -> bool:
        """Whether a row break or a column mark stands where no rows or columns can be."""
        innermost = self.brackets.open[-1].type if self.brackets.open else ""
        return token.type in ("ROW", "AMP") and innermost == "LPAR"

    def _lays_out(self, token: Token) -> bool:
        """Whether an ``array`` only lines up equations, as where nothing stands before it."""
        if token.type == "MATRIX" and str(token).startswith("\\begin{array}"):
            return not self.brackets.open and (self.current is None or self.broken)
        return token.type == "ENDMATRIX" and not self.brackets.open and self.displays > 0

    def _display(self, token: Token) -> None:
        if self.current is not None and all(t.type == "LBRACE" for t in self.current.tokens):
            self.wrappers += len(self.current.tokens)  # {\displaystyle {\begin{aligned} … }}
            self.brackets.open.clear()
            self.current = None
        if str(token).startswith(("\\begin", "\\[")):
            self.displays += 1
        elif str(token).startswith(("\\end", "\\]")):
            self.displays = max(0, self.displays - 1)
        if not self.single and not self.brackets.open:
            self.broken = True

    def _soft_break(self, mode: Mode, token: Token, ahead: _Ahead) -> None:
        """A comma or a wide space parts equations only where another equation follows."""
        if ahead.nothing:
            self.broken = self.broken or (not self.single and token.type == "SEMI")
        elif ahead.dots or (ahead.relation and not self.single):
            self.broken = True
        elif token.type != "GAP":
            self._add(mode, token)

    def _add(self, mode: Mode, token: Token) -> None:
        if self.broken and not self._continues(token):
            self._close()
        self.broken = False
        if token.type == "GAP":
            return
        if self.current is None:
            self.current = Statement(mode)
        self.current.tokens.append(token)
        self.brackets.feed(token)

    def _continues(self, token: Token) -> bool:
        if self.current is None:
            return False
        if self.single or self.brackets.open or token.type in _CONTINUES - {"MINUS"}:
            return True
        return token.type == "MINUS" or self.current.tokens[-1].type in _OPEN_ENDED

    def _close(self) -> None:
        if self.current is not None:
            if not any(token.type == "DOTS" for token in self.current.tokens):
                self.done.append(self.current)
            elif self.current.has_relation() and not self.done:
                dots = next(t for t in self.current.tokens if t.type == "DOTS")
                self.source.fail(
                    "dots and ranges are not read",
                    dots.start_pos or 0,
                    dots.end_pos or 0,
                    "Write every term, or a sum over an index.",
                )
            if len(self.done) > MAX_EQUATIONS:
                first = self.current.tokens[0]
                self.source.fail(
                    f"more than {MAX_EQUATIONS} equations",
                    first.start_pos or 0,
                    first.end_pos or 0,
                    "Split the cell.",
                )
        self.current = None

    def finish(self) -> list[Statement]:
        """Every statement; the last one may end where the input does."""
        self.brackets.finish()
        self._close()
        return self.done
