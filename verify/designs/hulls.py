"""Affine invariants: every linear relation between the cell and the sums that all words keep.

A step of an affine cell and of the running sums is an affine map for each letter. The affine hull
of all reachable vectors is found by following directions until none is new (Karr 1976); on it, the
answer's margin may be a positive multiple of what the specification compares.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction

from verify.arithmetic.linear import Linear, LinearArithmetic, NotLinear
from verify.designs.machine import Machine
from verify.designs.search import SIGNS
from verify.designs.specification import COMPARE, Comparison, Specification, Watch

Vector = tuple[Fraction, ...]
Place = tuple[int, tuple[object, ...]]
"""(phase, what the specification remembers beside sums)."""
MOST_PLACES = 512
_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


@dataclass
class Hull:
    """``point`` plus the span of ``directions`` (in echelon form)."""

    watch: Watch
    point: Vector
    directions: list[Vector]

    def add(self, vector: Vector) -> Vector | None:
        """Take a direction in; what of it is new."""
        rest = list(vector)
        for known in self.directions:
            lead = next(k for k, entry in enumerate(known) if entry)
            if rest[lead]:
                factor = rest[lead] / known[lead]
                rest = [a - factor * b for a, b in zip(rest, known, strict=True)]
        if not any(rest):
            return None
        self.directions.append(tuple(rest))
        return self.directions[-1]


def affine_hulls(machine: Machine) -> dict[Place, Hull] | None:
    """The hulls that prove the design right at every length; ``None`` where they do not.

    Args:
        machine: the design in exact fractions.

    Raises:
        NotLinear: a step is not affine.
    """
    design = machine.design
    size = machine.size

    def refuse(form: Linear) -> int:
        raise NotLinear("a threshold between values")

    forms = LinearArithmetic(size + 2, refuse, dict(design.jumps))
    steps = _Steps(Machine(design, forms), forms, size)
    start = design.specification.start()
    point = (*(Fraction(0) if e is None else e for e in machine.start()), Fraction(0), Fraction(0))
    root: Place = (1, start.discrete)
    hulls = {root: Hull(start, point, [])}
    # First in, first out: a place is known before a direction leads there.
    waiting: deque[tuple[Place, Vector | None]] = deque([(root, None)])
    while waiting:
        place, direction = waiting.popleft()
        hull = hulls[place]
        for letter in range(len(design.letters)):
            watch = design.specification.after(hull.watch, letter)
            there: Place = (min(place[0] + 1, machine.phases), watch.discrete)
            if direction is not None:
                new = steps.turned(place[0], letter, direction)
            else:
                image = steps.image(place[0], letter, hull.point, watch.odd)
                if there not in hulls:
                    if len(hulls) > MOST_PLACES:
                        return None
                    hulls[there] = Hull(watch, image, [])
                    waiting.append((there, None))
                    continue
                new = tuple(a - b for a, b in zip(image, hulls[there].point, strict=True))
            taken = hulls[there].add(new)
            if taken is not None:
                waiting.append((there, taken))
    return hulls if _answers(steps, hulls, design.specification) else None


class _Steps:
    """The affine maps of a design, one for each phase and letter."""

    def __init__(self, machine: Machine, forms: LinearArithmetic, size: int) -> None:
        self.machine, self._size = machine, size
        unknowns = tuple(forms.unknown(k + 1) for k in range(size))
        self._maps = {}
        for phase in range(1, machine.phases + 1):
            state = tuple(
                None if old is None and phase == 1 else unknown
                for unknown, old in zip(unknowns, machine.start(), strict=True)
            )
            (nexts,), (margins,) = machine.step([state], phase)
            zero = forms.convert(0)
            self._maps[phase] = (
                [tuple(zero if e is None else e for e in following) for following in nexts],
                margins,
            )

    def margin(self, phase: int, letter: int) -> Linear:
        """The margin as a form in the entries before the step."""
        found: Linear = self._maps[phase][1][letter]
        return found

    def image(self, phase: int, letter: int, point: Vector, odd: bool) -> Vector:
        """Where a letter leads from a point, if it stands at an odd time."""
        value = self.machine.design.specification.letters[letter]
        shift = [form.coefficients[0] for form in self._maps[phase][0][letter]]
        sums = [value, Fraction(0)] if odd else [Fraction(0), value]
        moved = self.turned(phase, letter, point)
        return tuple(a + b for a, b in zip(moved, [*shift, *sums], strict=True))

    def turned(self, phase: int, letter: int, vector: Vector) -> Vector:
        """What a letter makes of a direction."""
        entries = [_dot(form, vector) for form in self._maps[phase][0][letter]]
        return (*entries, *vector[-2:])


def _dot(form: Linear, vector: Vector) -> Fraction:
    # The sums, the last two entries of the vector, are no part of the cell.
    return sum((a * b for a, b in zip(form.coefficients[1:], vector, strict=True)), Fraction(0))


def _answers(steps: _Steps, hulls: dict[Place, Hull], specification: Specification) -> bool:
    return all(
        _right(steps, place[0], hull, letter, specification)
        for place, hull in hulls.items()
        for letter in range(len(specification.letters))
    )


def _right(
    steps: _Steps, phase: int, hull: Hull, letter: int, specification: Specification
) -> bool:
    """Whether every vector of the hull is answered rightly after one letter more."""
    watch = specification.after(hull.watch, letter)
    if not specification.asked(watch, phase):
        return True
    relation = steps.machine.design.answer.relation
    margin = steps.margin(phase, letter)
    at = margin.coefficients[0] + _dot(margin, hull.point)
    moves = [_dot(margin, direction) for direction in hull.directions]
    positive = specification.decide(watch, lambda _: True)
    outcomes = {positive, specification.decide(watch, lambda _: False)}
    if len(outcomes) == 1 and len(specification.comparisons) < 2:
        sign = (at > 0) - (at < 0)
        return not any(moves) and (sign in SIGNS[relation]) == outcomes.pop()
    if len(specification.comparisons) != 1 or specification.comparisons[0].relation == "=":
        return False
    (comparison,) = specification.comparisons
    value, turns = _compared(comparison, hull, specification.letters[letter], watch.odd)
    if not any(moves) and not any(turns):
        sign = (at > 0) - (at < 0)
        right = specification.decide(watch, lambda c: COMPARE[c.relation](value))
        return (sign in SIGNS[relation]) == right
    wanted = comparison.relation if positive else _OPPOSITE[comparison.relation]
    factor = _factor([at, *moves], [value, *turns])
    return factor is not None and relation == (wanted if factor > 0 else _MIRRORED[wanted])


def _compared(
    comparison: Comparison, hull: Hull, letter: Fraction, odd: bool
) -> tuple[Fraction, list[Fraction]]:
    """The compared sum after the letter at the point, and how it moves along the directions."""

    def value(vector: Vector) -> Fraction:
        return comparison.odd * vector[-2] + comparison.even * vector[-1]

    added = (comparison.odd if odd else comparison.even) * letter
    return value(hull.point) + comparison.constant + added, [value(d) for d in hull.directions]


def _factor(left: list[Fraction], right: list[Fraction]) -> Fraction | None:
    """λ ≠ 0 with left = λ right, where there is one."""
    lead = next((k for k, entry in enumerate(right) if entry), None)
    if lead is None or not left[lead]:
        return None
    factor = left[lead] / right[lead]
    return factor if all(a == factor * b for a, b in zip(left, right, strict=True)) else None
