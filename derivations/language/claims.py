"""Queries and claims about a cell, from text or LaTeX."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from derivations.errors import InputError
from derivations.language.cell_names import known_names
from derivations.language.context import context_of, gather
from derivations.language.latex_reader import read_latex
from derivations.language.limits import check_depth
from derivations.language.loss import settle
from derivations.language.resolve import Resolver
from derivations.language.source import Source
from derivations.language.spoken import step_losses, times_below
from derivations.language.statements import Mode, split_statements
from derivations.language.text_reader import read_text
from derivations.language.tree import CellSource, Element, Node, Partial, Relation, Transposed

_QUERIES = "Ask for a derivative: dL/dW_hh, dh[T]/dh[k], direct dc[t]/dc[t-1]."
_CLAIMS = "Write LEFT = RIGHT, LEFT <= RIGHT, LEFT >= RIGHT, or < or >."


def parse_query(
    text: str, cell: CellSource | None = None, source: str = "<query>"
) -> Partial | Element:
    """Read a query: one derivative, or one entry of one.

    Args:
        text: plain text or LaTeX.
        cell: the cell it is about; tells times from entries and labels. Without it, usual
            spellings still read.
        source: what error messages call the input.

    Raises:
        InputError: if ``text`` is not a query.
    """
    node = _parse(text, cell, source)
    if isinstance(node, Transposed) and node.span == node.operand.span:
        node = node.operand  # \nabla_{h_t} L_t, a column of what ∂L_t/∂h_t is a row of
    inner = node.operand if isinstance(node, Element) else node
    if not isinstance(inner, Partial):
        message = "this is not a derivative"
        if isinstance(node, Relation):
            message = "a query has no relation in it"
        raise InputError(message, node.span, _QUERIES)
    assert isinstance(node, Partial | Element)
    return node


def parse_claim(text: str, cell: CellSource | None = None, source: str = "<claim>") -> Relation:
    """Read a claim ``LEFT = RIGHT``, or with ``<=``, ``>=``, ``<`` or ``>``.

    Arguments as in :func:`parse_query`.

    Raises:
        InputError: if ``text`` is not a claim.
    """
    node = _parse(text, cell, source)
    if not isinstance(node, Relation):
        raise InputError("there is no relation in this claim", node.span, _CLAIMS)
    return node


def _parse(text: str, cell: CellSource | None, name: str) -> Node:
    known: Mapping[str, int] = {} if cell is None else known_names(cell)
    words = frozenset(n for n in known if len(n) > 1) | {"loss"}
    mode, node = _as_typed(text, name, words, frozenset(known))
    if mode == "latex":
        node = Resolver(gather(context_of(cell), [node])).resolve(node)
    elif cell is not None:
        node = times_below(node, cell, known)
    check_depth(node)
    return settle(step_losses(node, known), cell, known)


@lru_cache(maxsize=256)
def _as_typed(
    text: str, name: str, words: frozenset[str], plain: frozenset[str]
) -> tuple[Mode, Node]:
    """The tree of a text whose names mean nothing yet.

    Remembered: the lines that introduce names stand before many claims.
    """
    source = Source(text, name)
    statements = split_statements(source, words=words, plain=plain, single=True)
    if not statements:
        raise InputError("the input is empty", None, f"{_QUERIES} {_CLAIMS}")
    mode, tokens = statements[0].mode, statements[0].tokens
    return mode, read_text(source, tokens) if mode == "text" else read_latex(source, tokens)
