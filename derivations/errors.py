"""Errors a user can act on: what is wrong, where it stands, and what would mend it."""

from __future__ import annotations

from derivations.language.tree import Span


class GradproofError(Exception):
    """Base of every error that bad input may raise; the command line exits with status 2."""


class InputError(GradproofError):
    """Bad input at a known place.

    Args:
        message: what is wrong, in one sentence, without the place.
        span: where it stands; ``None`` when there is no one place (an empty file).
        remedy: what would mend it, in one sentence.
    """

    def __init__(self, message: str, span: Span | None = None, remedy: str = "") -> None:
        self.message = message
        self.span = span
        self.remedy = remedy
        super().__init__(message)

    def __str__(self) -> str:
        lines = [self.message]
        if self.span is not None and self.span.line:
            span = self.span
            width = max(1, span.end_column - span.column)
            lines[0] = f"{span.source}, line {span.line}, column {span.column}: {self.message}"
            lines.append(f"  {span.text}")
            lines.append("  " + " " * (span.column - 1) + "^" * width)
        if self.remedy:
            lines.append(f"  {self.remedy}")
        return "\n".join(lines)


class Ambiguous(InputError):
    """What does not say what it means, in whatever way it is read."""


class MissingRule(GradproofError):
    """A node kind, or a pair of kinds, has no rule in some table. Never taken for a zero."""

    def __init__(self, table: str, kind: str) -> None:
        super().__init__(f"no {table} rule for {kind}")
