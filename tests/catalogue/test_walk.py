"""Everything that is registered: every cell through queries and exact verification, every listing.

That each one is shown, counted, derived in every form and printed in every format stands in
``tests/cli`` and ``tests/counts``; topics and designs have tests of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sympy import Integer

from derivations.answers import query
from derivations.catalogue import names
from derivations.deriver import Deriver
from derivations.expressions.nodes import Adjoint, Entry, Jacobian
from derivations.listing import LISTINGS
from derivations.loading import load
from derivations.render import FORMATS, render_formulas
from derivations.render.text import text
from derivations.topics import topics
from tests.cli.test_commands import printed
from verify.designs.stock import names as designs
from verify.run import verify


def queries(deriver: Deriver) -> Iterator[str]:
    """One question of each kind that the cell has an answer to."""
    cell = deriver.cell
    for some in (cell.parameters, cell.inputs, [d.target for d in cell.definitions]):
        asked = [v.name for v in some if v.name in deriver.adjoints]
        for name in asked[:1]:
            variable = cell.templates[name]
            yield text(Adjoint(variable))
            yield text(Entry(Adjoint(variable), 1, 1))
    for group in deriver.closed.groups[:1]:
        state = cell.templates[next(iter(group.states))]
        ends = (Integer(1), group.end) if group.forward else (group.end, Integer(1))
        yield text(Adjoint(state.at([group.earlier(1).subs(group.index, ends[0])])))
        yield text(Jacobian(state, state.at([group.earlier(1)])))
        yield text(Jacobian(state.at([ends[1]]), state.at([ends[0]])))
    for formula in list(deriver.local_jacobians())[:1]:
        yield text(formula.left)


@pytest.mark.parametrize("name", names())
def test_every_kind_of_query_is_answered(name: str) -> None:
    asked = list(queries(Deriver(load(name).cell)))
    assert any("direct" in one for one in asked) or name == "multiplicative-unit"
    for one in asked:
        assert query(name, one, "unrolled", 2).formulas
        answer = query(name, one)
        formulas = (*answer.formulas, *answer.where)
        for format_ in FORMATS:
            assert render_formulas(formulas, format_, displays=answer.cell.displays).strip()


@pytest.mark.parametrize("name", names())
def test_every_formula_is_exact(name: str) -> None:
    report = verify(name, methods=["exact"], seed=3)
    assert [r.subject for r in report.results if r.status != "pass"] == []
    assert report.results and not report.unavailable
    assert max(result.bound or 0.0 for result in report.results) < 1e-15


@pytest.mark.parametrize("what", [*LISTINGS, "designs"])
def test_everything_is_listed_with_a_line_about_it(what: str) -> None:
    lines = printed("list", what).splitlines()
    expected = {"cells": names(), "topics": topics(), "designs": designs()}.get(what, lines)
    assert len(lines) == len(expected) > 0
    assert all(len(line.split(maxsplit=1)) == 2 for line in lines)
