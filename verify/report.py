"""What a verification found, per identity and method; printable and stable as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Failure:
    """A case in which an identity does not hold, in full.

    Attributes:
        case: sizes, lengths, regime and seed, as text; enough to run it again.
        at: the times of the formula's own indices.
        claimed, truth: both values, row by row.
    """

    case: str
    at: dict[str, int]
    claimed: list[list[float]]
    truth: list[list[float]]
    relative_error: float


@dataclass
class Result:
    """One identity under one method.

    Attributes:
        status: ``pass``, ``fail``, ``vacuous`` (both sides were always zero) or ``undecided``.
        checks: how many times and cases were compared.
        vacuous: how many more there were in which both sides are zero; they show nothing.
        relative_error: the largest one among those, for methods with a tolerance.
        bound: the probability that a wrong formula passed, for the exact method.
        ill_conditioned: cases that float64 cannot decide and more digits did.
        kinks: cases at a kink, decided beside it.
    """

    subject: str
    form: str
    method: str
    status: str = "vacuous"
    checks: int = 0
    vacuous: int = 0
    relative_error: float | None = None
    bound: float | None = None
    ill_conditioned: int = 0
    kinks: int = 0
    seconds: float = 0.0
    reason: str = ""
    failure: Failure | None = None

    def saw(self, error: float) -> None:
        """Count one comparison that agrees and is not vacuous."""
        self.checks += 1
        if self.status != "fail":
            self.status = "pass"
        self.relative_error = max(error, self.relative_error or 0.0)


@dataclass
class Report:
    """All results about one cell."""

    cell: str
    results: list[Result] = field(default_factory=list)
    unavailable: list[dict[str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing failed and something was really checked."""
        return not self.failures and any(result.status == "pass" for result in self.results)

    @property
    def exit_status(self) -> int:
        """0 if something was checked and nothing failed, 1 if something failed, 3 for nothing."""
        return 0 if self.ok else 1 if self.failures else 3

    @property
    def failures(self) -> list[Result]:
        """The results that failed."""
        return [result for result in self.results if result.status == "fail"]

    @property
    def summary(self) -> str:
        """How many checks pass and fail, in one line."""
        passed = sum(result.status == "pass" for result in self.results)
        return f"{passed} of {len(self.results)} checks pass, {len(self.failures)} fail"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from derivations.render.html import notebook
        from verify.pages import report_fragment

        return notebook(report_fragment(self))

    def _repr_latex_(self) -> str:
        """What a notebook becomes in a printed document."""
        from verify.latex import report_latex

        return report_latex(self)

    def as_dict(self) -> dict[str, Any]:
        """A plain dictionary: ``cell``, ``ok``, ``results``, ``unavailable``."""
        return {
            "cell": self.cell,
            "ok": self.ok,
            "results": [asdict(result) for result in self.results],
            "unavailable": self.unavailable,
        }
