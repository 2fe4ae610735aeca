"""What a word ought to be answered: languages and comparisons of sums, joined by and, or, not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from derivations.errors import GradproofError
from verify.designs.languages import Language

COMPARE: dict[str, Callable[[Fraction], bool]] = {
    ">": lambda d: d > 0, ">=": lambda d: d >= 0, "<": lambda d: d < 0, "<=": lambda d: d <= 0,
    "=": lambda d: d == 0,
}  # fmt: skip
MOST_STATES = 20_000


class TooMuch(GradproofError):
    """What has to be explored is too large; a shorter or simpler question may be answered."""


class TooManyStates(TooMuch):
    """The specification has to remember too much."""

    def __init__(self) -> None:
        super().__init__(f"the specification has more than {MOST_STATES} states\n  shorten it")


@dataclass(frozen=True, slots=True)
class Comparison:
    """``odd·(sum at odd times) + even·(sum at even times) + constant`` against 0."""

    odd: Fraction
    even: Fraction
    constant: Fraction
    relation: str

    def holds(self, sums: Sums) -> bool:
        """Whether it holds of these sums."""
        value = self.odd * sums[0] + self.even * sums[1] + self.constant
        return COMPARE[self.relation](value)


@dataclass(frozen=True, slots=True)
class Formula:
    """``and``, ``or`` or ``not`` of formulas and leaves."""

    operator: str
    parts: tuple[Part, ...]


Part = Language | Comparison | Formula
Sums = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Watch:
    """What has to be remembered of a prefix: what may follow, whether its length is odd, sums.

    ``odd`` stays false where nothing asks for it, so that states are not told apart in vain.
    """

    rests: tuple[Language, ...]
    odd: bool = False
    sums: Sums = (Fraction(0), Fraction(0))

    @property
    def discrete(self) -> tuple[tuple[Language, ...], bool]:
        """All of it but the sums."""
        return self.rests, self.odd


class Specification:
    """A specification that is fed a word letter by letter.

    Args:
        part: what the answers have to be.
        letters: the number that each letter counts as in a sum.
        parity: 1 (0) where only odd (even) times are asked for; ``None``: all.
        since: the first time that is asked for.
        text: as it was typed.
    """

    def __init__(
        self,
        part: Part,
        letters: tuple[Fraction, ...],
        parity: int | None = None,
        since: int = 1,
        text: str = "",
    ) -> None:
        self.part, self.letters, self.parity, self.since, self.text = (
            part, letters, parity, since, text,
        )  # fmt: skip
        self._languages: list[Language] = []
        self.comparisons: list[Comparison] = []
        self._collect(part)
        self._counts_parity = bool(self.comparisons) or parity is not None
        self._after: dict[tuple[Language, int], Language] = {}

    @property
    def has_sums(self) -> bool:
        """Whether sums are compared, so that there are infinitely many states."""
        return bool(self.comparisons)

    def start(self) -> Watch:
        """Before the first letter."""
        return Watch(tuple(self._languages))

    def after(self, watch: Watch, letter: int) -> Watch:
        """One letter later.

        Raises:
            TooManyStates: more states than can be explored.
        """
        rests = tuple([self._derivative(rest, letter) for rest in watch.rests])
        odd = self._counts_parity and not watch.odd
        odd_sum, even_sum = watch.sums
        if self.comparisons:
            if odd:
                odd_sum += self.letters[letter]
            else:
                even_sum += self.letters[letter]
        return Watch(rests, odd, (odd_sum, even_sum))

    def asked(self, watch: Watch, phase: int) -> bool:
        """Whether anything is said about words that end in this phase."""
        return phase >= self.since and self.parity in (None, int(watch.odd))

    def expects(self, watch: Watch) -> bool:
        """The answer that is right for the word read."""
        return self.decide(watch, lambda comparison: comparison.holds(watch.sums))

    def decide(self, watch: Watch, comparison: Callable[[Comparison], bool]) -> bool:
        """The answer where ``comparison`` says which comparisons hold."""
        rests = dict(zip(map(id, self._languages), watch.rests, strict=True))

        def value(part: Part) -> bool:
            if isinstance(part, Comparison):
                return comparison(part)
            if isinstance(part, Formula):
                if part.operator == "not":
                    return not value(part.parts[0])
                results = map(value, part.parts)
                return all(results) if part.operator == "and" else any(results)
            return rests[id(part)].nullable

        return value(self.part)

    def _derivative(self, rest: Language, letter: int) -> Language:
        key = (rest, letter)
        found = self._after.get(key)
        if found is None:
            if len(self._after) > MOST_STATES:
                raise TooManyStates
            found = self._after[key] = rest.after(letter)
        return found

    def _collect(self, part: Part) -> None:
        if isinstance(part, Comparison):
            self.comparisons.append(part)
        elif isinstance(part, Formula):
            for inner in part.parts:
                self._collect(inner)
        else:
            self._languages.append(part)
