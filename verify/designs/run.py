"""``design``: read a design, decide it, and report."""

from __future__ import annotations

from verify.designs.decide import LENGTH, decide
from verify.designs.reading import design_text, read_design
from verify.designs.report import DesignReport


def design(name: str, length: int = LENGTH, text: str | None = None) -> DesignReport:
    """Decide a design.

    Args:
        name: a file, or one of the designs that come with the tool.
        length: every word up to this length is tried in any case.
        text: the design itself, where it comes from no file.

    Raises:
        InputError: bad input.
    """
    content, shown = (text, name) if text is not None else design_text(name)
    read = read_design(content, shown)
    return DesignReport(read, decide(read, length))
