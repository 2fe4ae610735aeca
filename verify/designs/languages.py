"""Regular languages over a finite alphabet, stepped letter by letter without building automata.

The state after a prefix is the expression for what may follow, its derivative (Brzozowski 1964);
equal expressions are equal states, and there are finitely many of them because unions and
intersections are sets. Letters are numbers from 0.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass


class Language(ABC):
    """A set of words."""

    __slots__ = ()

    @property
    @abstractmethod
    def nullable(self) -> bool:
        """Whether the empty word is one of them."""

    @abstractmethod
    def after(self, letter: int) -> Language:
        """The words that may follow ``letter``."""


@dataclass(frozen=True, slots=True)
class Letters(Language):
    """Words of one letter, out of a set; no words at all where the set is empty."""

    letters: frozenset[int]
    nullable = False

    def after(self, letter: int) -> Language:
        return EMPTY_WORD if letter in self.letters else NOTHING


@dataclass(frozen=True, slots=True)
class Sequence(Language):
    """One part after the other; of no parts: the empty word alone."""

    parts: tuple[Language, ...]

    @property
    def nullable(self) -> bool:
        return all(part.nullable for part in self.parts)

    def after(self, letter: int) -> Language:
        choices: list[Language] = []
        for place, part in enumerate(self.parts):
            choices.append(sequence(part.after(letter), *self.parts[place + 1 :]))
            if not part.nullable:
                break
        return union(*choices)


@dataclass(frozen=True, slots=True)
class Star(Language):
    """Any number of words of ``body``, one after the other."""

    body: Language
    nullable = True

    def after(self, letter: int) -> Language:
        return sequence(self.body.after(letter), self)


@dataclass(frozen=True, slots=True)
class Union(Language):
    """Words of one choice or another."""

    choices: frozenset[Language]

    @property
    def nullable(self) -> bool:
        return any(choice.nullable for choice in self.choices)

    def after(self, letter: int) -> Language:
        return union(*(choice.after(letter) for choice in self.choices))


@dataclass(frozen=True, slots=True)
class Complement(Language):
    """All other words."""

    body: Language

    @property
    def nullable(self) -> bool:
        return not self.body.nullable

    def after(self, letter: int) -> Language:
        return complement(self.body.after(letter))


NOTHING = Letters(frozenset())
EMPTY_WORD = Sequence(())
EVERYTHING = Complement(NOTHING)


def sequence(*parts: Language) -> Language:
    """Concatenation, flat; nothing where a part has no word."""
    flat: list[Language] = []
    for part in parts:
        if part == NOTHING:
            return NOTHING
        flat += part.parts if isinstance(part, Sequence) else [part]
    return flat[0] if len(flat) == 1 else Sequence(tuple(flat))


def star(body: Language) -> Language:
    """Repetition; what is repeated already stays as it is."""
    if body in (NOTHING, EMPTY_WORD):
        return EMPTY_WORD
    return body if isinstance(body, Star) else Star(body)


def union(*choices: Language) -> Language:
    """Union as a flat set, single letters put together."""
    flat: set[Language] = set()
    letters: frozenset[int] = frozenset()
    for choice in choices:
        for part in choice.choices if isinstance(choice, Union) else (choice,):
            if isinstance(part, Letters):
                letters |= part.letters
            else:
                flat.add(part)
    if EVERYTHING in flat:
        return EVERYTHING
    if letters:
        flat.add(Letters(letters))
    if not flat:
        return NOTHING
    return next(iter(flat)) if len(flat) == 1 else Union(frozenset(flat))


def complement(body: Language) -> Language:
    """All other words; twice is none at all."""
    return body.body if isinstance(body, Complement) else Complement(body)


def intersection(*parts: Language) -> Language:
    """Words of every part."""
    return complement(union(*map(complement, parts)))


def size(language: Language) -> int:
    """How many letters and stars an expression is made of."""
    if isinstance(language, Sequence):
        return sum(map(size, language.parts))
    if isinstance(language, Union):
        return sum(map(size, language.choices))
    if isinstance(language, Star | Complement):
        return 1 + size(language.body)
    return 1


def repeated(body: Language, least: int, most: int | None) -> Language:
    """Between ``least`` and ``most`` words of ``body`` one after the other; ``None``: any more."""
    rest: Language = EMPTY_WORD
    if most is None:
        rest = star(body)
    else:
        for _ in range(most - least):
            rest = union(EMPTY_WORD, sequence(body, rest))
    return sequence(*[body] * least, rest)
