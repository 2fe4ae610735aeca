"""What one number of a design may be, the others as given: exact sets, windows, repairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction

from derivations.errors import InputError
from verify.arithmetic.rational import RationalArithmetic
from verify.designs.decide import Decision
from verify.designs.design import Design, Entry
from verify.designs.exact_sets import works_for
from verify.designs.stretches import Stretch
from verify.designs.windows import Side, Window, repairs, window


@dataclass(frozen=True)
class Change:
    """One number.

    Attributes:
        exact: all values for which the design works; ``None`` where that is not known.
        window: values around one that works, all of which do.
        repair: a value that mends a design that fails.
        searched: whether a repair was looked for among some values only.
    """

    entry: Entry
    given: Fraction
    exact: tuple[Stretch, ...] | None = None
    window: Window | None = None
    repair: Fraction | None = None
    searched: bool = False


def changes(
    decision: Decision,
    vary: str | None = None,
    mend: bool = True,
    progress: Callable[[str], None] = lambda line: None,
) -> tuple[Change, ...]:
    """What may be changed in a design.

    Args:
        vary: only this number, and with its window where there is no exact set.
        mend: look for repairs of a design that fails.
        progress: called with a line before each search that takes long.

    Raises:
        InputError: there is no number of that name.
    """
    design = decision.machine.design
    chosen = [_named(design, vary)] if vary else list(design.entries)
    exact = isinstance(decision.machine.arithmetic, RationalArithmetic) and not decision.hulls
    if not exact:
        return tuple(_near(decision, chosen, vary is not None, mend, progress))
    return tuple(_exactly(decision, chosen)) if mend or vary else ()


def _named(design: Design, name: str) -> Entry:
    names = {entry.name: entry for entry in design.entries}
    if name not in names:
        close = get_close_matches(name, names, n=2, cutoff=0.5)
        remedy = f"did you mean {' or '.join(close)}?" if close else f"given: {', '.join(names)}"
        raise InputError(f"no number called {name} is given", remedy=remedy)
    return names[name]


def _exactly(decision: Decision, chosen: list[Entry]) -> Iterator[Change]:
    design = decision.machine.design
    for entry in chosen:
        given = design.value(entry)
        exact = works_for(design, entry)
        repair = None
        if exact and decision.verdict == "fails":
            closest = min(exact, key=lambda stretch: stretch.distance(given))
            repair = closest.simplest(given)
        yield Change(entry, given, None if exact is None else tuple(exact), repair=repair)


def _near(
    decision: Decision,
    chosen: list[Entry],
    varied: bool,
    mend: bool,
    progress: Callable[[str], None],
) -> Iterator[Change]:
    design = decision.machine.design
    for entry in chosen:
        given = design.value(entry)
        start: Fraction | None = given
        if decision.verdict != "works":
            if not (mend or varied):
                continue
            progress(f"looking for a value of {entry.name} that works")
            start = next(repairs(design, entry), None)
        around = None
        if varied and start is not None:
            progress(f"looking how far {entry.name} may go")
            around = window(design, entry, start)
        if decision.verdict != "works":
            yield Change(entry, given, window=around, repair=start, searched=True)
        elif around is not None:
            yield Change(entry, given, window=around)


def change_lines(found: tuple[Change, ...], design: Design) -> Iterator[str]:
    """The changes for a reader."""
    if not found:
        return
    yield "One number at a time, the others as given:"
    for change in found:
        name = change.entry.name
        if change.exact is not None:
            sets = " or ".join(map(str, change.exact))
            text = f"works exactly for {name} in {sets}" if sets else "works for no value"
        elif change.window is not None:
            text = _window_text(change.window, name, design)
        elif change.repair is not None:
            text = "works for another value"
        elif change.searched:
            text = "no value tried works"
        else:
            text = "for which values it works is not known"
        yield f"  {name} = {change.given}: {text}"
    for change in found:
        if change.repair is not None:
            yield f"Repair: {change.entry.name} = {change.repair} instead of {change.given}"


def _window_text(around: Window, name: str, design: Design) -> str:
    low, high = around.low, around.high
    text = f"works for every {name} in [{float(low.proved):.6g}, {float(high.proved):.6g}]"
    ends = [_end(side, design) for side in (low, high) if side.fails is not None]
    return text + ("; fails " + " and ".join(ends) if ends else "")


def _end(side: Side, design: Design) -> str:
    word = "".join(design.letters[k].name for k in side.word)
    shown = word if len(word) <= 40 else f"{word[:40]}… ({len(side.word)} letters)"
    assert side.fails is not None
    return f"at {float(side.fails):.6g} (word {shown})"
