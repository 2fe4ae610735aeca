"""Lines handed to processes: in order, one cell with one process, none idle beside a busy one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.claims.desks import SPARED, Desk, Office, spread

LOADED = "verify.serve.warm"
"""What workers of the server are forked from; the process that runs these tests has one such."""


def shout(line):
    return line.upper()


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_order(processes):
    lines = [f"line {number}" for number in range(300)]
    found = spread(shout, iter(lines), lambda line: line[-1], processes, LOADED)
    assert list(found) == [line.upper() for line in lines]


def test_a_fault_of_the_work_is_not_swallowed():
    with pytest.raises(AttributeError):
        list(spread(shout, [None], str, 2, LOADED))


KEYS = st.lists(st.integers(0, 5), max_size=60)


@given(st.integers(1, 3), KEYS)
def test_what_is_about_one_thing_waits_at_one_desk(count, keys):
    office, chosen = Office([None] * count, shout), {}
    for number, key in enumerate(keys):
        office.add("line", key)
        (place,) = (
            place for place, desk in enumerate(office.desks)
            if desk.lines and desk.lines[-1][0] == number
        )  # fmt: skip
        assert chosen.setdefault(key, place) == place


@given(st.integers(1, 3), KEYS, st.integers(0, 2))
def test_every_line_is_handed_over_once_and_none_waits_for_long(count, keys, first):
    office = Office([None] * count, shout)
    for key in keys:
        office.add("line", key)
    one = office.desks[first % count]
    seen = set()
    while (taken := one.hand_over(office.desks)) is not None:
        assert taken[0] not in seen
        seen.add(taken[0])
    assert not one.lines
    assert all(len(desk.lines) <= SPARED for desk in office.desks)
    assert all(key not in one.known for desk in office.desks for _, key, _ in desk.lines)
    assert len(seen) + sum(len(desk.lines) for desk in office.desks) == len(keys)


def test_own_lines_come_first_and_known_cells_next():
    own, other = Desk(), Desk()
    own.lines.append((0, "a", "line"))
    other.lines.extend([(1, "b", "line"), (2, "a", "line"), (3, "b", "line")])
    desks = [own, other]
    assert [own.hand_over(desks)[0] for _ in range(2)] == [0, 2]
    assert list(other.lines) == [(1, "b", "line"), (3, "b", "line")]
    assert own.hand_over(desks) is None
