"""Topics: derivations that are not about one recurrence, found by walking this folder.

A topic is a module or a package here that has a ``TOPIC``. Listing topics must be quick, so what
it imports at the top is light; ``build`` imports the rest. Names with an underscore are helpers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from derivations.errors import InputError

if TYPE_CHECKING:
    from derivations.derivation import Derivation


@dataclass(frozen=True)
class Topic:
    """A derivation under a name.

    Attributes:
        name: what the user calls it.
        title, source: one line each.
        build: makes the derivation, once; may take seconds, and imports what it needs.
    """

    name: str
    title: str
    source: str
    build: Callable[[], Derivation]


def is_topic(name: str | None) -> bool:
    """Whether a topic has this name; no topic is loaded for it."""
    return any(found.name.replace("_", "-") == name for found in iter_modules(__path__))


@cache
def topics() -> dict[str, Topic]:
    """Every topic by name, sorted."""
    modules = (
        import_module(f"{__name__}.{found.name}")
        for found in iter_modules(__path__)
        if not found.name.startswith("_")
    )
    # Built once in a process: nothing can change a derivation.
    found = [replace(module.TOPIC, build=cache(module.TOPIC.build)) for module in modules]
    return {topic.name: topic for topic in sorted(found, key=lambda topic: topic.name)}


def check_whole(name: str, *parts: object) -> None:
    """Refuse options that choose a part of a derivation, as users give them for a cell.

    Raises:
        InputError: one of them is given: a topic has one form.
    """
    if any(part is not None for part in parts):
        raise InputError(
            f"{name} is a topic, which is derived and verified as a whole",
            remedy="leave out --wrt, --form and --steps",
        )


def topic(name: str) -> Topic:
    """The topic called ``name``.

    Raises:
        InputError: there is none; the remedy names the closest ones.
    """
    known = topics()
    if name not in known:
        from difflib import get_close_matches

        close = get_close_matches(name.lower().replace("_", "-"), known, n=3, cutoff=0.5)
        remedy = f"did you mean {' or '.join(close)}?" if close else f"topics: {', '.join(known)}"
        raise InputError(f"there is no topic called '{name}'", remedy=remedy)
    return known[name]
