"""The whole derivation, section by section."""

from __future__ import annotations

from dataclasses import replace

from derivations.cell import Cell
from derivations.derivation import Derivation, Formula, Section, Step
from derivations.expressions.nodes import Power, Scale, Variable
from derivations.expressions.traverse import nodes_in
from derivations.topics.positional.pairs import BASE, Pairs, d, k, number
from derivations.topics.positional.rotations import KEY, QUERY, generator, rotary
from derivations.topics.positional.shifts import ALPHA, BETA, Shifts, one_numbering
from derivations.topics.positional.uniqueness import DEFINITIONS, alternatives, uniqueness

FROM_ONE, FROM_ZERO = Pairs(1), Pairs(0, "prime")


def positional(title: str, source: str) -> Derivation:
    """The derivation of the topic under a title."""
    sections = (
        *one_numbering(FROM_ONE),
        generator(FROM_ONE),
        rotary(FROM_ONE),
        _from_zero(),
        uniqueness(FROM_ONE),
        alternatives(),
    )
    defined = (*FROM_ONE.definitions(), *FROM_ZERO.definitions(), *DEFINITIONS)
    used = {
        variable.name
        for section in sections
        for step in section.steps
        for formula in step.formulas
        for variable in nodes_in(formula.left, Variable) | nodes_in(formula.right, Variable)
    }
    definitions = tuple(x for x in defined if x.name in used)
    variables = (*(x.target for x in definitions), ALPHA, BETA, QUERY, KEY)
    cell = Cell(
        title,
        source,
        definitions,
        definitions,
        (),
        {variable.name: variable for variable in variables},
        displays={**FROM_ONE.displays(), **FROM_ZERO.displays()},
    )
    return Derivation(cell, sections)


def _from_zero() -> Section:
    p = FROM_ZERO
    shifts = Shifts(p)
    ratio = Power(number(BASE), 2 / d)
    relation = Formula(p.omega(), Scale(ratio, FROM_ONE.omega(k + 1)), p.all)
    related = Step(
        "other frequencies",
        "numbered from 0 the first frequency is 1, and all are larger by one factor; no proof "
        "above used the value of a frequency",
        (relation,),
    )
    proved = (*shifts.one_pair(), *shifts.all_pairs(), *shifts.group(), *shifts.lengths())
    again = Step(
        "the same results",
        "by the same proofs, with these frequencies",
        tuple(replace(formula, via=()) for step in proved for formula in step.formulas),
    )
    return Section("Pairs numbered from 0", (shifts.encoding(), related, again))
