"""The smallest concrete case in which a claim is wrong, with numbers that a student can follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
from sympy import Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Cell, Range
from derivations.errors import GradproofError
from verify.claims.grade import Counterexample
from verify.claims.plain import GENERIC, PlainSetting, plain_world
from verify.claims.stand_ins import concrete
from verify.evaluate import Key
from verify.exact.compare import Identity, bindings
from verify.exact.functions import functions_of, may_branch, used
from verify.exact.result import Failure
from verify.exact.schedule import Case
from verify.exact.world import World

DRAWS = 6
VISIBLE = 1e-3
"""A relative error that is seen without many digits; a smaller one is shown where none is."""
LEAST = 1e-14
DOUBLE = 1e-12
"""A relative error far above the rounding of double precision, in which it must show, too."""
LARGEST_SIZE = 2
MOST_SIZES = 8
LONGEST = 4
"""End of time up to which every length is tried."""
SHORT = 2
"""The same for each of several axes."""


def counterexample(
    cell: Cell, left: MatrixExpr, right: MatrixExpr, domain: tuple[Range, ...],
    failure: Failure | None = None,
) -> Counterexample | None:  # fmt: skip
    """The first case, smallest first, in which ``right`` is not what ``left`` is.

    Args:
        failure: the first case, small ones first, in which another method saw a difference.
    """
    # Of several branches one draw sees one: there, all draws tell more than any one of them.
    branching = may_branch(used(cell) | functions_of(left) | functions_of(right))
    for patient in (True,) if branching else (False, True):
        for stand_in, (changed, *sides) in concrete(cell, left, right):
            identity = Identity(sides[0], sides[1], domain)
            for case in _cases(changed, failure):
                found = _in_case(changed, identity, case, stand_in, patient)
                if found is not None:
                    return found
    return None


def _in_case(
    cell: Cell, identity: Identity, case: Case, stand_in: Mapping[str, str], patient: bool
) -> Counterexample | None:
    """The best draw of a case.

    Args:
        patient: whether all draws are tried where values at random show nothing.
    """
    best: Counterexample | None = None
    for draw in range(DRAWS):
        found = _at(cell, identity, case, draw, stand_in)
        if found is None:
            if draw == 0 and not patient and _at(cell, identity, case, GENERIC, stand_in) is None:
                return None
            continue
        if found.relative_error >= VISIBLE and _readable(found):
            return found
        if best is None or _worth(found) > 10 * _worth(best):
            best = found
    return best


def _readable(shown: Counterexample) -> bool:
    """Whether the values are no tiny remains of saturated slopes."""
    return max(_largest(shown.claimed), _largest(shown.true)) >= VISIBLE


def _worth(shown: Counterexample) -> float:
    """How well a case shows the difference: a plain one with plain values best."""
    scale = min(1.0, max(_largest(shown.claimed), _largest(shown.true)))
    return min(shown.relative_error, 1.0) * scale


def _largest(value: Any) -> float:
    return float(np.max(np.abs(np.asarray(value, dtype=float)), initial=0.0))


def _cases(cell: Cell, failure: Failure | None) -> Iterator[Case]:
    """Short sequences before long ones, small sizes before large ones.

    None smaller than the one in which another method saw the first difference, none longer.
    """
    choices = sorted(
        product(range(1, LARGEST_SIZE + 1), repeat=len(cell.sizes)), key=lambda c: (sum(c), c)
    )
    if len(choices) > MOST_SIZES:
        # Many sizes: all 1, one of them 2 at a time, all 2.
        choices = [c for c in choices if sum(c) <= len(c) + 1] + [choices[-1]]
    longest = dict.fromkeys((axis.upper for axis in cell.axes), LONGEST)
    least = 1
    if failure is not None:
        longest = dict(failure.ends)
        if all(size == 1 for size in failure.sizes.values()):
            least = min(longest.values(), default=1)
        else:
            choices = [c for c in choices if sum(c) > len(c)]
    for chosen in choices:
        for ends in _lengths(longest, least):
            yield Case(dict(zip(cell.sizes, chosen, strict=True)), ends)
    if max(longest.values(), default=1) > LONGEST and choices:
        yield Case(dict(zip(cell.sizes, choices[-1], strict=True)), longest)


def _lengths(longest: Mapping[Symbol, int], least: int) -> list[dict[Symbol, int]]:
    """Lengths of the axes, short ones first; several axes may be of one length."""
    if len(longest) == 1:
        ranges = [range(min(least, LONGEST), min(end, LONGEST) + 1) for end in longest.values()]
    else:
        ranges = [range(1, min(end, SHORT) + 1) for end in longest.values()]
    chosen = sorted(product(*ranges), key=lambda c: (sum(c), c))
    return [dict(zip(longest, ends, strict=True)) for ends in chosen]


def _at(
    cell: Cell, identity: Identity, case: Case, draw: int, stand_in: Mapping[str, str]
) -> Counterexample | None:  # fmt: skip
    world = plain_world(cell, case, draw)
    try:
        for one in bindings(identity.domain, world):
            claimed, true = _sides(world, identity, one)
            error = _error(claimed, true)
            if error is None or error < LEAST:
                continue
            plain = error >= VISIBLE and max(_largest(claimed), _largest(true)) >= VISIBLE
            if not plain and error > DOUBLE:
                single = World(cell, case, PlainSetting(cell, draw, np.float64))
                if _is_rounding(_gap(claimed, true), _gap(*_sides(single, identity, one))):
                    continue
            read = world.read_by(identity.left, one) | world.read_by(identity.right, one)
            setting = PlainSetting(cell, draw)
            drawn = {key: setting.free(key, *world.shape(key)) for key in read}
            return presented(case, one, drawn, stand_in, claimed, true)
    except (GradproofError, ArithmeticError, ValueError, LookupError):
        return None  # this case cannot be evaluated; another one may be
    return None


def _sides(
    world: World, identity: Identity, one: Mapping[Symbol, int]
) -> tuple[np.ndarray, np.ndarray]:
    """What is claimed and what is true."""
    true = np.asarray(world.claim(identity.left, one))
    return np.asarray(world.claim(identity.right, one)), true


def presented(
    case: Case, one: Mapping[Symbol, int], drawn: Mapping[Key, Any], stand_in: Mapping[str, str],
    claimed: np.ndarray, true: np.ndarray,
) -> Counterexample:  # fmt: skip
    """A case with its values, those that ``drawn`` holds, under the names that a reader knows."""
    values: dict[str, Any] = {str(index): step for index, step in one.items()}
    values |= {
        _label(key): as_plain(value)
        for key, value in sorted(drawn.items(), key=lambda item: str(item[0]))
    }
    ends = {str(end): value for end, value in case.ends.items()}
    end = "T" if "T" in ends else next(iter(ends), "T")
    others = {name: value for name, value in ends.items() if name != end}
    # A claim may call a time n, as the cell calls a size.
    sizes = {f"size {s}" if str(s) in values else str(s): n for s, n in case.sizes.items()}
    return Counterexample(
        sizes | others,
        ends.get(end, 1),
        {**values, **stand_in},
        as_plain(claimed),
        as_plain(true),
        float(f"{_error(claimed, true) or 0.0:.6g}"),
        end,
    )


def _error(claimed: np.ndarray, true: np.ndarray) -> float | None:
    """‖claimed - true‖/‖true‖ (or over the larger one where the truth is zero)."""
    if claimed.shape != true.shape:
        return None
    if not (np.isfinite(claimed).all() and np.isfinite(true).all()):
        return None
    scale = np.linalg.norm(true.astype(float)) or np.linalg.norm(claimed.astype(float))
    return _gap(claimed, true) / float(scale) if scale else 0.0


def _gap(claimed: np.ndarray, true: np.ndarray) -> float:
    return float(np.linalg.norm((claimed - true).astype(float)))


def _is_rounding(fine: float, coarse: float) -> bool:
    """Whether a gap is due to rounding: fewer digits change it by as much as it is."""
    return not abs(coarse - fine) <= fine / 2


def _label(key: Key) -> str:
    name, steps = str(key[1]), key[2:]
    return f"{name}[{', '.join(map(str, steps))}]" if steps else name


def as_plain(value: np.ndarray) -> Any:
    """A number, a list for a column, rows for a matrix."""
    rows = [[_number(x) for x in row] for row in np.asarray(value).tolist()]
    if len(rows) == 1 and len(rows[0]) == 1:
        return rows[0][0]
    return [row[0] for row in rows] if all(len(row) == 1 for row in rows) else rows


def _number(x: float) -> int | float:
    return int(x) if float(x).is_integer() and abs(x) < 1e15 else float(f"{x:.12g}")
