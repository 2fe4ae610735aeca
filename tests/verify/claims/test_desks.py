"""Lines handed to processes: in order, one cell with one process, none idle beside a busy one."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.claims.desks import SLACK, Desks, spread


def shout(line):
    return line.upper()


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_order(processes):
    lines = [f"line {number}" for number in range(300)]
    found = spread(shout, iter(lines), lambda line: line[-1], processes)
    assert list(found) == [line.upper() for line in lines]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60))
def test_what_is_about_one_thing_goes_to_one_process_while_none_is_busy(keys):
    desks, chosen = Desks(), {}
    for key in keys:
        desk = desks.choose(key, [0, 0])
        assert chosen.setdefault(key, desk) == desk


@given(st.integers(2, 4), st.integers(1, 200))
def test_no_process_is_far_behind_another(count, lines):
    desks, waiting = Desks(), Counter(dict.fromkeys(range(count), 0))
    for _ in range(lines):
        waiting[desks.choose("one cell", [waiting[k] for k in range(count)])] += 1
    assert max(waiting.values()) - min(waiting.values()) <= SLACK + 1
