"""Methods as users name them, checked before any work begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from derivations.errors import InputError


def chosen(asked: Iterable[str], known: Sequence[str]) -> tuple[str, ...]:
    """The methods asked for.

    Raises:
        InputError: one of them does not exist.
    """
    found = tuple(asked)
    unknown = [method for method in found if method not in known]
    if unknown:
        raise InputError(f"there is no method {unknown[0]}", remedy=f"methods: {', '.join(known)}")
    return found


def check_count(count: int) -> None:
    """Refuse to verify by no case at all.

    Raises:
        InputError: ``count`` is not positive.
    """
    if count < 1:
        raise InputError("no cases to try", remedy="give --cases 1 or more")
