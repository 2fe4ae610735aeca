"""Laws of the field arithmetic, of its duals, and of second derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations.functions import FUNCTIONS
from derivations.loading import load
from verify.arithmetic import modular
from verify.arithmetic.dual import Dual, DualArithmetic
from verify.arithmetic.field import FieldArithmetic
from verify.arithmetic.modular import PRIME
from verify.evaluate import variable
from verify.exact.schedule import schedule
from verify.exact.settings import FieldSetting
from verify.exact.world import World

entries = st.integers(0, PRIME - 1)
FIELD = FieldArithmetic(seed=1, trials=4)


def matrices(rows, cols):
    flat = st.lists(entries, min_size=rows * cols, max_size=rows * cols)
    return flat.map(lambda xs: np.array(xs, dtype=np.uint64).reshape(1, rows, cols))


@given(matrices(2, 3), matrices(3, 2), matrices(3, 2))
def test_products_distribute_and_match_python_integers(a, b, c):
    together = FIELD.matmul(a, FIELD.add(b, c))
    apart = FIELD.add(FIELD.matmul(a, b), FIELD.matmul(a, c))
    exact = [[sum(int(x) * int(y) for x, y in zip(row, col, strict=True)) % PRIME
              for col in b[0].T] for row in a[0]]  # fmt: skip
    assert (together == apart).all() and FIELD.matmul(a, b)[0].tolist() == exact


@given(st.integers(0, 2**32))
def test_the_wide_product_agrees_with_the_narrow_one(seed):
    draw = np.random.default_rng(seed)
    a = draw.integers(0, PRIME, (40, 30), dtype=np.uint64)
    b = draw.integers(0, PRIME, (30, 20), dtype=np.uint64)
    narrow = (a[:, :, None] * b[None] % PRIME).sum(1) % PRIME
    assert (modular.matmul(a, b) == narrow).all()


@given(entries.filter(bool))
def test_inverses_signs_and_roots(x):
    a = np.array([[[x]]], dtype=np.uint64)
    assert (a * modular.inverse(a) % PRIME == 1).all()
    assert modular.is_positive(a) != modular.is_positive((PRIME - a) % PRIME)
    square = a * a % PRIME
    root = modular.square_root(square)
    assert (root * root % PRIME == square).all() and modular.is_positive(root).all()


@given(st.integers(1, 60), st.integers(1, 60))
def test_small_rationals_have_the_sign_they_have_among_the_reals(a, b):
    number = np.array([modular.residue(a, b)], dtype=np.uint64)
    assert modular.is_positive(number) and not modular.is_positive(PRIME - number)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_has_a_value_and_a_slope_drawn_once(name):
    row = FUNCTIONS[name]
    args = [FIELD.random((name, k), 2, 2) for k in range(row.arity + len(row.parameters))]
    orders = (1,) + (0,) * (len(args) - 1)
    for wanted in ((0,) * len(args), orders):
        value = FIELD.apply(name, wanted, args)
        again = FIELD.apply(name, wanted, [x.copy() for x in args])
        assert value.shape == (4, 2, 2) and (value == again).all() and (value < PRIME).all()


def test_trials_are_independent():
    x = np.full((4, 1, 1), 7, dtype=np.uint64)
    assert len(np.unique(FIELD.apply("phi", (0,), [x]))) == 4


@given(matrices(2, 2), matrices(2, 2), matrices(2, 2))
def test_duals_obey_the_product_and_the_quotient_rule(a, b, c):
    dual = DualArithmetic(FIELD)
    x, y = Dual(a, c), Dual(b)
    assert (dual.multiply(x, y).tangent == FIELD.multiply(c, b)).all()
    if (b != 0).all():
        assert (dual.divide(dual.multiply(x, y), y).tangent == c).all()


@pytest.mark.parametrize("name", ["rnn", "lstm", "rnn-generic", "rnn-leaky", "attention-decoder"])
def test_hessians_are_symmetric(name):
    cell = load(name).cell
    case = list(schedule(cell, False))[-2]
    first, second = (variable(p.name) for p in cell.parameters[:2])

    def mixed(one, other):
        setting = FieldSetting(cell, case, 4, 3)
        world = World(cell, case, setting)
        along = world.direction(other)
        return world.mixed(one, other, along)

    assert (mixed(first, second) == mixed(second, first)).all()
    assert mixed(first, second).any() or name == "rnn-leaky"
