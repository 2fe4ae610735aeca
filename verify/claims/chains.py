"""Chains of relations, ``A = B = C``: one claim per relation, at the columns it was typed at."""

from __future__ import annotations

import re
from dataclasses import replace

from sympy import Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS
from derivations.errors import InputError
from derivations.language.tree import Name
from derivations.typing.compile import Compiled
from derivations.typing.names import Vocabulary
from derivations.typing.statements import relation_of
from verify.claims.domain import Vacuous, domain_of
from verify.claims.grade import Grade
from verify.claims.ranges import outside_times
from verify.claims.typing import read_about, type_relation

MOST = 20
"""Relations in one chain."""
_MARK = re.compile(
    r"(?P<relation>\\[lg](?:eq?|t)(?![A-Za-z])|[<>]=|[=<>≤≥])|(?P<open>[(\[{])|(?P<close>[)\]}])"
)
_FRAME = re.compile(r"\\(?:begin|end)\s*\{(?:align|aligned|equation|gather|split|eqnarray)\*?\}")
_DISPLAY = re.compile(r"\\[\[\]]|\$\$?")
_EDGES = re.compile(r"\A(?:\s|&|\\\\)+|(?:\s|&|\\\\)+\Z")
_RANK = ("wrong", "undecided", "conditional", "correct")
_COUNTED = ("first", "second", "third", "fourth", "fifth")


def links(text: str) -> list[str]:
    """The relations of a chain as claims; a text with one relation is itself.

    What is not part of a link is blank in it, so that messages and marks point at the right place.
    Lines before the chain, which introduce names, and times stated behind it, stay in every link.

    Raises:
        InputError: the chain is very long.
    """
    said, _ = outside_times(text)
    start, marks = _last_statement(said)
    if len(marks) < 2:
        return [text]
    if len(marks) > MOST:
        raise InputError(
            f"more than {MOST} relations in one claim", remedy="split it into several claims"
        )
    plain = _DISPLAY.sub(_blank, _FRAME.sub(_blank, said))
    # Line breaks, and the times stated behind the chain.
    shared = [t if t == "\n" or t != s else " " for t, s in zip(text, said, strict=True)]
    edges = [start, *(edge for mark in marks for edge in mark), len(text)]
    sides = list(zip(edges[::2], edges[1::2], strict=True))
    found = []
    for number, mark in enumerate(marks):
        link = shared.copy()
        link[slice(*mark)] = plain[slice(*mark)]
        for low, high in sides[number : number + 2]:
            typed = _EDGES.sub(_blank, plain[low:high])
            link[low:high] = [
                t if t != " " else s for t, s in zip(typed, shared[low:high], strict=True)
            ]
        # Both sides on one line: a line without a relation goes on with the one before it.
        first, last = sides[number][0], sides[number + 1][1]
        typed = "".join(link[first:last]).replace("\n", " ")
        found.append(text[:start] + "".join(link[start:first]) + typed + "".join(link[last:]))
    return found


def without_definition(compiled: Compiled, claims: list[str]) -> list[str]:
    """The links of ``J_t = A = B`` but the first, if ``J_t`` is a name of the claim's own."""
    if len(claims) < 2:
        return claims
    try:
        relation = relation_of(compiled, outside_times(claims[0])[0])
    except InputError:
        return claims
    cell = compiled.cell
    left = Vocabulary(cell, compiled.source.functions).expand(relation).left
    if not isinstance(left, Name) or left.name in cell.templates:
        return claims
    loss = cell.displays.get(LOSS, LOSS)
    return claims if relation.operator != "=" or left.name == loss else claims[1:]


def at_common_times(compiled: Compiled, claims: list[str]) -> list[str]:
    """The links of a chain, made for the times at which all terms of the whole chain exist.

    Args:
        claims: what :func:`links` found; unchanged where times are stated or shapes do not fit.
    """
    sides: list[MatrixExpr] = []
    indices: set[Symbol] = set()
    try:
        relations = []
        for claim in claims:
            # What one link names, as L_t, is a variable for all of them.
            compiled, relation = read_about(compiled, claim)
            if relation.conditions:
                return claims
            relations.append(relation)
        for relation in relations:
            typed = type_relation(compiled, relation)
            sides += [typed.left, typed.right]
            indices |= set(typed.indices)
        ranges = domain_of(compiled.cell, sides, sorted(indices, key=str))
    except (InputError, Vacuous):
        return claims
    times = ", ".join(f"{r.lower} <= {r.index} <= {r.upper}" for r in ranges)
    return [f"{claim}    ({times})" for claim in claims] if times else claims


def worst(grades: list[Grade], claim: str) -> Grade:
    """The grade of a chain: that of its worst link, the first of several."""
    place = min(range(len(grades)), key=lambda k: _RANK.index(str(grades[k].verdict)))
    grade = replace(grades[place], claim=claim)
    if grade.verdict == "correct":
        evidence = tuple(e for one in grades for e in one.evidence)
        reason = f"All {len(grades)} relations hold for all sizes, lengths and values."
        return replace(grade, evidence=evidence, reason=reason)
    counted = _COUNTED[place] if place < len(_COUNTED) else f"{place + 1}th"
    return replace(grade, reason=f"In the {counted} relation of the chain: {grade.reason}")


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def _last_statement(said: str) -> tuple[int, list[tuple[int, int]]]:
    """Where the last statement begins, and its relations outside all brackets.

    A line that begins with a relation goes on with the statement before it.
    """
    start, depth = 0, 0
    marks: list[tuple[int, int]] = []
    for mark in _MARK.finditer(said):
        depth += bool(mark["open"]) - bool(mark["close"])
        if not mark["relation"] or depth:
            continue
        line = said.rfind("\n", 0, mark.start()) + 1
        before = _EDGES.sub("", said[max(line, start) : mark.start()])
        if marks and line > marks[-1][1] and before:
            start, marks = line, []
        marks.append(mark.span())
    return start, marks
