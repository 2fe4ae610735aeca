"""Typical mistakes planted in every formula of every catalogue cell: are they caught?

    python benchmarks/planted.py [--limit N] [--peers N] [--seed N] [--cell NAME]

Every formula that a derivation prints is read back as a claim, and must hold. Then the edits of
``verify/edits`` make one mistake each in it. A mistake is effective if its value differs from the
truth at some random point in floating point, which the exact check knows nothing about; every
effective one must fail. JAX's and PyTorch's gradient checkers get a sample of the same wrong
formulas, those for the gradient of a parameter, as hand-written backward passes.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest

from peers import Mistake, peers
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from derivations import catalogue
from derivations.cell import Range
from derivations.deriver import Deriver
from derivations.errors import GradproofError, InputError
from derivations.expressions.nodes import Adjoint, Jacobian
from derivations.language.tree import Relation
from derivations.language.unparse import unparse
from derivations.loading import load
from derivations.render.text import text
from derivations.typing.compile import Compiled
from verify.claims.domain import domain_of
from verify.claims.holding import Identity
from verify.claims.typing import read_relation, truth_first, type_relation
from verify.edits import EDITS
from verify.edits.facts import Facts
from verify.edits.point import Point
from verify.edits.sieve import Sieve
from verify.exact import Checker
from verify.identities import identities

LIMIT = 40
"""Effective mistakes per cell."""
PEERS = 60
"""Mistakes that the peers get."""
PER_KIND = 2
"""Mistakes of one kind in one formula."""
SEEDS = (0, 1, 2)
"""Points at which a mistake may show."""


@dataclass(frozen=True)
class Formula:
    """A printed formula, read back.

    Attributes:
        compiled: the cell it is about.
        domain: the times for which it was printed.
    """

    compiled: Compiled
    relation: Relation
    domain: tuple[Range, ...]
    text: str


@dataclass
class Tally:
    """What was seen, by kind of mistake; kind "" counts formulas without any."""

    planted: Counter[str] = field(default_factory=Counter)
    effective: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)
    right: int = 0
    rejected: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


class Subject:
    """One catalogue cell with its formulas, checkers and points."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.compiled = load(name)
        self.deriver = Deriver(self.compiled.cell)
        self._checkers: dict[int, Checker] = {}
        self._points: dict[int, list[Point]] = {}

    @cached_property
    def formulas(self) -> tuple[list[Formula], list[str]]:
        """What reads back as a claim, and what does not."""
        found, unread = [], []
        for identity in identities(self.deriver)[0]:
            formula = identity.formula
            source = f"{text(formula.left)} = {text(formula.right)}"
            try:
                relation = read_relation(self.compiled, source)
            except InputError as error:
                unread.append(f"{self.name}: {source[:100]}: {error.message}")
                continue
            found.append(Formula(self.compiled, relation, formula.domain, source))
        return found, unread

    def identity(self, formula: Formula, relation: Relation) -> Identity | None:
        """A relation typed, at the times of the formula; ``None`` if its shapes do not fit.

        Raises:
            InputError: a side does not type, or is about no time.
        """
        compiled = formula.compiled
        claim = type_relation(compiled, relation)
        left, right = truth_first(claim.left, claim.right)
        if left.shape != right.shape:
            return None
        domain = domain_of(compiled.cell, (left, right), claim.indices, claim.entries)
        return Identity(left, right, (*domain, *formula.domain))

    def status(self, compiled: Compiled, identity: Identity) -> str:
        """What the exact check says."""
        if id(compiled) not in self._checkers:
            derived = tuple(self.deriver.adjoints.values())
            self._checkers[id(compiled)] = Checker(compiled.cell, derived)
        checker = self._checkers[id(compiled)]
        return checker.check(identity.left, identity.right, identity.domain).status

    def sieves(self, formula: Formula) -> list[Sieve]:
        """The points at which a mistake in a formula may show: those at which the formula holds.

        Where a slope is all but zero, rounding alone would look like a mistake.
        """
        key = id(formula.compiled)
        if key not in self._points:
            self._points[key] = [Point(formula.compiled, seed) for seed in SEEDS]
        sieves = [Sieve(p, formula.relation, formula.domain) for p in self._points[key]]
        return [sieve for sieve in sieves if sieve.verdict(formula.relation) == "agrees"]


def run_cell(subject: Subject, limit: int, seed: int, tally: Tally) -> Iterator[Mistake]:
    """Check every formula of a cell, and plant ``limit`` effective mistakes in them."""
    draw = random.Random(f"{seed} {subject.name}")
    formulas, unread = subject.formulas
    tally.unread += unread
    sound = [formula for formula in formulas if _holds(subject, formula, tally)]
    draw.shuffle(sound)
    found = 0
    for formula, (kind, relation) in _planted(sound, draw):
        if found >= limit:
            return
        tally.planted[kind] += 1
        if not _effective(subject.sieves(formula), relation):
            continue
        tally.effective[kind] += 1
        found += 1
        mistake = _judge(subject, formula, kind, relation, tally)
        if mistake is not None:
            yield mistake


def _holds(subject: Subject, formula: Formula, tally: Tally) -> bool:
    """Whether a formula without mistakes is accepted."""
    try:
        identity = subject.identity(formula, formula.relation)
    except InputError as error:
        tally.unread.append(f"{subject.name}: {formula.text[:100]}: {error.message}")
        return False
    tally.right += 1
    if identity is not None and subject.status(formula.compiled, identity) == "pass":
        return True
    tally.rejected.append(f"{subject.name}: {formula.text}")
    return False


def _planted(
    formulas: Sequence[Formula], draw: random.Random
) -> Iterator[tuple[Formula, tuple[str, Relation]]]:
    """Mistakes in random order: one of each formula in turn, kinds evenly mixed."""

    def of(formula: Formula) -> Iterator[tuple[Formula, tuple[str, Relation]]]:
        facts = Facts(formula.compiled, formula.relation)
        kinds = draw.sample(EDITS, len(EDITS))
        for edit in kinds:
            made = list(dict.fromkeys(edit.apply(formula.relation, facts)))
            for relation in draw.sample(made, min(len(made), PER_KIND)):
                yield formula, (edit.name, relation)

    for turn in zip_longest(*(of(formula) for formula in formulas)):
        yield from (made for made in turn if made is not None)


def _effective(sieves: Sequence[Sieve], relation: Relation) -> bool:
    """Whether a mistake changes the value at some point; one without a value does not."""
    for sieve in sieves:
        verdict = sieve.verdict(relation)
        if verdict != "agrees":
            return verdict == "differs"
    return False


def _judge(
    subject: Subject, formula: Formula, kind: str, relation: Relation, tally: Tally
) -> Mistake | None:
    """Grade one mistake; those in gradients of parameters go on to the peers."""
    try:
        identity = subject.identity(formula, relation)
    except InputError:
        identity = None
    status = "fail"
    if identity is not None:
        try:
            status = subject.status(formula.compiled, identity)
        except GradproofError:
            status = "undecided"
    if status == "fail":
        tally.caught[kind] += 1
    elif status == "undecided":
        tally.undecided[kind] += 1
    if status != "fail":
        tally.missed.append(f"{subject.name}, {kind}, {status}: {unparse(relation)}")
    if identity is None or not isinstance(identity.left, Adjoint) or identity.left.steps:
        return None
    if identity.right.atoms(Jacobian):  # a backward pass has no Jacobians to read
        return None
    return Mistake(kind, subject.name, identity)


def table(tally: Tally) -> Table:
    """Counts by kind of mistake."""
    shown = Table(title="Planted mistakes, exact check")
    shown.add_column("kind", no_wrap=True)
    for column in ("planted", "effective", "caught", "missed", "undecided"):
        shown.add_column(column, justify="right")
    for kind in [*tally.planted, ""]:
        counts = [
            c.total() if not kind else c[kind]
            for c in (tally.planted, tally.effective, tally.caught, tally.undecided)
        ]
        planted, effective, caught, undecided = counts
        numbers = (planted, effective, caught, effective - caught - undecided, undecided)
        shown.add_row(kind or "all", *map(str, numbers))
    return shown


def main(arguments: Sequence[str] | None = None) -> None:
    """Plant, judge, and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--limit", type=int, default=LIMIT, help="effective mistakes per cell")
    parser.add_argument("--peers", type=int, default=PEERS, help="mistakes that the peers get")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cell", action="append", help="only this one; may be repeated")
    options = parser.parse_args(arguments)

    console, tally, gradients = Console(), Tally(), list[Mistake]()
    with Progress(console=Console(stderr=True)) as progress:
        for name in progress.track(options.cell or list(catalogue.names())):
            gradients += run_cell(Subject(name), options.limit, options.seed, tally)
    console.print(table(tally))
    wrongly = len(tally.rejected)
    console.print(f"right formulas: {tally.right}, falsely rejected: {wrongly}")
    console.print(f"printed formulas that are refused as claims: {len(tally.unread)}")
    for line in (*tally.rejected, *tally.unread, *tally.missed):
        console.print(f"  {line}", markup=False, highlight=False)
    random.Random(options.seed).shuffle(gradients)
    chosen = gradients[: options.peers]
    for peer, counts in peers(chosen, options.seed).items():
        console.print(f"{peer}: {counts[False]} of {len(chosen)} wrong gradients caught")


if __name__ == "__main__":
    main()
