"""``design``: read a design, decide it, and see what may be changed in it."""

from __future__ import annotations

from collections.abc import Callable

from verify.designs.changes import changes
from verify.designs.decide import LENGTH, decide
from verify.designs.fixed_points import memories
from verify.designs.reading import read_design
from verify.designs.report import DesignReport
from verify.designs.stock import design_text


def design(
    name: str,
    length: int = LENGTH,
    vary: str | None = None,
    mend: bool = True,
    text: str | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> DesignReport:
    """Decide a design.

    Args:
        name: a file, or one of the designs that come with the tool.
        length: every word up to this length is tried in any case.
        vary: the given number whose good values are wanted; all where that is quickly had.
        mend: look for repairs of a design that fails.
        text: the design itself, where it comes from no file.
        progress: called with a line before each search that takes long.

    Raises:
        InputError: bad input.
    """
    content, shown = (text, name) if text is not None else design_text(name)
    read = read_design(content, shown)
    decision = decide(read, length)
    found = changes(decision, vary, mend, progress)
    return DesignReport(read, decision, found, tuple(memories(read)))
