"""Everything found out about a design, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from sympy import Matrix, Rational

from verify.designs.boxes import Boxes
from verify.designs.changes import Change, change_lines
from verify.designs.decide import STATUS, Decision
from verify.designs.design import Design
from verify.designs.fixed_points import Memory
from verify.designs.hulls import Hull, Place
from verify.designs.memory_text import memory_dict, memory_lines
from verify.designs.trace import Trace, shown_entry, trace
from verify.flat import flat_functions, flatness

MOST_ROWS = 40
MOST_STATES = 8


@dataclass(frozen=True)
class DesignReport:
    """A decided design."""

    design: Design
    decision: Decision
    changes: tuple[Change, ...] = ()
    memories: tuple[Memory, ...] = ()

    @property
    def status(self) -> int:
        """The exit status: 0 works, 1 fails, 3 undecided."""
        return STATUS[self.decision.verdict]

    @property
    def word(self) -> list[str] | None:
        """The letters of the shortest wrong word."""
        wrong = self.decision.wrong
        return None if wrong is None else [self.design.letters[k].name for k in wrong.word]

    def as_dict(self) -> dict[str, Any]:
        """The report as stable JSON."""
        decision = self.decision
        run = self._trace()
        return {
            "design": self.design.name,
            "verdict": decision.verdict,
            "arithmetic": decision.machine.arithmetic.name,
            "specification": self.design.specification.text,
            "checked_length": decision.length,
            "proof": list(proof_lines(decision)) if decision.verdict == "works" else None,
            "counterexample": run and {
                "word": self.word,
                "shortest": decision.shortest,
                "answer": run.rows[-1].answer,
                "right": run.rows[-1].right,
                "names": list(run.names),
                "initial": list(run.initial),
                "steps": [
                    {"t": row.time, "letter": row.letter, "values": list(row.values),
                     "answer": row.answer, "right": row.right}
                    for row in run.rows
                ],
            },
            "reason": decision.reason or None,
            "parameters": [
                {"name": change.entry.name, "given": str(change.given),
                 "exact": None if change.exact is None else [str(s) for s in change.exact],
                 "proved": change.window and [str(change.window.low.proved),
                                              str(change.window.high.proved)],
                 "repair": None if change.repair is None else str(change.repair)}
                for change in self.changes
            ],
            "fixed_points": [memory_dict(memory) for memory in self.memories],
            "flat": list(flat_functions(self.design.cell)),
        }  # fmt: skip

    def lines(self) -> Iterator[str]:
        """The report for a reader."""
        decision = self.decision
        if self.design.cell.title:
            yield self.design.cell.title
        yield from _verdict_lines(self)
        run = self._trace()
        if run is not None:
            yield from _table(run)
        yield from proof_lines(decision)
        yield from memory_lines(self.memories)
        yield from change_lines(self.changes, self.design)
        flat = flatness(self.design.cell)
        if flat:
            yield f"Gradients: {flat}: it neither verifies nor trains this design."

    def _trace(self) -> Trace | None:
        wrong = self.decision.wrong
        return None if wrong is None else trace(self.decision.machine, wrong.word)


def _verdict_lines(report: DesignReport) -> Iterator[str]:
    decision, text = report.decision, report.design.specification.text
    if decision.verdict == "works":
        yield f"works: for every word, {report.design.answer} exactly where '{text}'"
    elif decision.verdict == "undecided":
        yield f"undecided: right for every word of up to {decision.length} letters"
        yield f"  {decision.reason}"
    else:
        assert report.word is not None
        run = report._trace()
        assert run is not None
        last = run.rows[-1]
        said, right = ("yes" if value else "no" for value in (last.answer, last.right))
        word = " ".join(report.word)
        yield f"fails: the word {word} is answered {said}, and '{text}' is {right}"
        if decision.shortest:
            yield "  no shorter word is answered wrongly"


def _table(run: Trace) -> Iterator[str]:
    names = [f"{name}[t]" for name in run.names]
    lines = [["t", "letter", *names, "answer", "right"]]
    if any(run.initial):
        lines.append(["0", "", *run.initial, "", ""])
    said = {True: "yes", False: "no", None: "-"}
    rows = run.rows if len(run.rows) <= MOST_ROWS else run.rows[-MOST_ROWS:]
    for row in rows:
        lines.append([str(row.time), row.letter, *row.values, said[row.answer], said[row.right]])
    widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    for line in lines:
        cells = (f"{text:<{width}}" for text, width in zip(line, widths, strict=True))
        yield "  " + "  ".join(cells).rstrip()


def proof_lines(decision: Decision) -> Iterator[str]:
    """How it is known: what was tried, and what closes the proof."""
    rounding = decision.machine.arithmetic.name
    words = f"{decision.words} words" if decision.length <= 60 else "words"
    how = ", extreme states alone because the cell is monotone" if decision.pruned else ""
    yield f"Tried: all {words} of up to {decision.length} letters, in {rounding}{how}"
    if decision.complete:
        yield "  (longer words lead to nothing new)"
    if decision.verdict != "works":
        return
    if decision.states:
        yield (
            f"All lengths: {len(decision.states)} states of cell and specification are reachable, "
            "and every letter leads from them to one of them."
        )
        yield from _reached(decision)
    elif decision.boxes is not None:
        yield "All lengths: these intervals hold the state at every time, whatever the word."
        yield from _box_lines(decision, decision.boxes)
    elif decision.hulls is not None:
        yield "All lengths: these equations hold at every time, whatever the word."
        yield from _hull_lines(decision, decision.hulls)


def _reached(decision: Decision) -> Iterator[str]:
    letters = decision.machine.design.letters
    for node in decision.states[:MOST_STATES]:
        word = " ".join(letters[k].name for k in node.word)
        values = ", ".join(
            f"{name} = {shown_entry(entry)}"
            for name, entry in zip(decision.machine.names, node.state, strict=True)
        )
        yield f"  after {word}: {values or 'nothing to remember'}"
    if len(decision.states) > MOST_STATES:
        yield f"  and {len(decision.states) - MOST_STATES} more"


def _box_lines(decision: Decision, boxes: Boxes) -> Iterator[str]:
    names, letters = decision.machine.names, decision.machine.design.letters
    for place, box in boxes.boxes.items():
        word = " ".join(letters[k].name for k in boxes.words[place])
        last = " ".join(letters[k].name for k in place[2])
        where = f"where the specification stands as {f'after {word}' if word else 'at the start'}"
        inside = ", ".join(
            f"{name} in [{_digits(entry.low, ROUND_FLOOR)}, {_digits(entry.high, ROUND_CEILING)}]"
            for name, entry in zip(names, box, strict=True)
            if entry is not None
        )
        yield f"  {where}{f', the last letters being {last}' if last else ''}: {inside}"


def _digits(value: float, rounding: str) -> str:
    """Six digits, rounded outward like everything about an interval."""
    exact = Decimal(value)
    if not exact:
        return "0"
    unit = Decimal(1).scaleb(exact.adjusted() - 5)
    return f"{float(exact.quantize(unit, rounding=rounding)):.6g}"


def _hull_lines(decision: Decision, hulls: dict[Place, Hull]) -> Iterator[str]:
    names = [*decision.machine.names, "(sum at odd)", "(sum at even)"]
    for hull in hulls.values():
        times = "odd" if hull.watch.odd else "even"
        for equation in _equations(hull, names):
            yield f"  at {times} t: {equation}"


def _equations(hull: Hull, names: list[str]) -> Iterator[str]:
    """The equations of an affine hull, each solved for its first variable."""
    size = len(names)
    rows = [[Rational(e.numerator, e.denominator) for e in d] for d in hull.directions]
    normals = Matrix(rows).nullspace() if rows else [Matrix.eye(size)[:, k] for k in range(size)]
    reduced = Matrix([list(normal) for normal in normals]).rref()[0] if normals else Matrix()
    for k in range(reduced.rows):
        normal = [Fraction(int(e.p), int(e.q)) for e in reduced[k, :]]
        lead = next(j for j, e in enumerate(normal) if e)
        total = sum((a * b for a, b in zip(normal, hull.point, strict=True)), Fraction(0))
        terms = [(-e, names[j]) for j, e in enumerate(normal) if e and j != lead]
        right = "".join(
            f" {'-' if factor < 0 else '+'} {'' if abs(factor) == 1 else f'{abs(factor)} * '}{name}"
            for factor, name in terms
        )
        if total or not terms:
            right = f" {'-' if total < 0 else '+'} {abs(total)}" + right
        right = right.strip().removeprefix("+ ")
        yield f"{names[lead]} = {right}"
