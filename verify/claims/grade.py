"""What is said about one claim, and how it is printed as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    # A process that only prints grades which others found needs no SymPy.
    from verify.edits.place import Place

Verdict = Literal["correct", "conditional", "wrong", "undecided"]
Text = dict[str, str]
STATUS: dict[str, int] = {"correct": 0, "conditional": 0, "wrong": 1, "undecided": 3}
"""Exit status by verdict; bad input is 2."""


@dataclass(frozen=True)
class Counterexample:
    """A case in which both sides of a claim differ.

    Attributes:
        values: every free value by its name, entry by entry; what arbitrary functions are taken to
            be; and the times (``t``, ``k``) at which the claim fails.
        T: ``None`` for a claim about a topic, which has no sequence.
        claimed, true: value of the claim's right side, and what it should be.
        end: what the cell calls the length ``T``.
    """

    sizes: dict[str, int]
    T: int | None
    values: dict[str, Any]
    claimed: Any
    true: Any
    relative_error: float
    end: str = "T"

    @property
    def extents(self) -> dict[str, int]:
        """The sizes, and the length by the cell's own word where there is one."""
        return self.sizes if self.T is None else {**self.sizes, self.end: self.T}

    def as_dict(self) -> dict[str, Any]:
        """A plain dictionary with the attributes' names, but for the cell's own word for T."""
        return {name: value for name, value in vars(self).items() if name != "end"}


@dataclass(frozen=True)
class Grade:
    """What is said about one claim.

    Attributes:
        verdict: ``None`` for bad input, about which ``error`` says what is wrong.
        conditions: every reading that makes the claim hold, one clause each.
        evidence: per method what was found; ``exact`` with the number of evaluations, the degree
            and the bound on a false pass.
        repair: the claim after the smallest edit that makes it correct.
        place: the one part of the claim that this edit replaces, where it is one.
        correct_form: what the left side is.
        reason: the verdict in one sentence.
        near: equations of a close cell about which the claim is correct, and what differs.
        where: equations of the names in the mend and the correct form that the tool itself gave.
        claim: what is graded, as it was typed.
    """

    verdict: Verdict | None
    conditions: tuple[str, ...] = ()
    evidence: tuple[dict[str, Any], ...] = ()
    counterexample: Counterexample | None = None
    repair: Text | None = None
    correct_form: Text | None = None
    error: str | None = None
    reason: str = ""
    near: tuple[str, ...] = ()
    place: Place | None = None
    where: tuple[str, ...] = ()
    claim: str = ""

    @property
    def status(self) -> int:
        """The exit status that belongs to the verdict."""
        return 2 if self.verdict is None else STATUS[self.verdict]

    def as_dict(self, name: object = None) -> dict[str, Any]:
        """One line of JSON output."""
        return {
            "id": name,
            "verdict": self.verdict,
            "conditions": list(self.conditions),
            "evidence": list(self.evidence),
            "counterexample": self.counterexample and self.counterexample.as_dict(),
            "repair": self._repair(),
            "correct_form": self.correct_form,
            "error": self.error,
        }

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from derivations.render.html import notebook
        from verify.pages import grade_fragment

        return notebook(grade_fragment(self))

    def _repr_latex_(self) -> str:
        """What a notebook becomes in a printed document."""
        from verify.latex import grade_latex

        return grade_latex(self)

    def _repair(self) -> dict[str, Any] | None:
        if self.repair is None:
            return None
        return {**self.repair, "place": self.place and self.place.as_dict()}
