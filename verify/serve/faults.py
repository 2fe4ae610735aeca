"""What is wrong with a request, as data: message, remedy, and the place where it stands."""

from __future__ import annotations

from typing import Any

from derivations.errors import GradproofError, InputError


def fault(message: str, remedy: str = "", about: str = "") -> dict[str, Any]:
    """An event that says what is wrong.

    Args:
        about: the part of the request that it is about: cell, query or claim.
    """
    return {
        "kind": "error", "about": about, "error": f"{message}\n  {remedy}" if remedy else message,
        "message": message, "remedy": remedy, "place": None,
    }  # fmt: skip


def fault_of(error: GradproofError, about: str = "") -> dict[str, Any]:
    """The same for an error of the tool, which may know the place."""
    if not isinstance(error, InputError):
        return fault(str(error), "", about)
    found = {**fault(error.message, error.remedy, about), "error": str(error)}
    span = error.span
    if span is not None and span.line:
        found["place"] = {
            "source": span.source, "line": span.line, "column": span.column,
            "end_column": max(span.end_column, span.column + 1), "text": span.text,
        }  # fmt: skip
    return found
