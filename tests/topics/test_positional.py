"""Sinusoidal positions: the facts by name, in numbers of NumPy's own, and as a compiled article."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Symbol, pi
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.derivation import Derivation
from derivations.errors import InputError
from derivations.expressions.nodes import Power, Scale
from derivations.render.style import Style
from derivations.render.text import text
from derivations.topics import topic
from derivations.topics._writing import call
from derivations.topics.positional.pairs import Pairs, d, k, number, t, tau
from derivations.topics.positional.precision import bfloat16_bits, collisions, encodings
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import System
from verify.inequalities.numbers import never_zero
from verify.topics.points import inlined
from verify.topics.proofs import rule_of

SIZE, POSITION, OFFSET = 6, 5, -3
FACTS = """
P[t+tau,k] = M[k,tau] @ P[t,k]
P[t+tau] = M[tau] @ P[t]
M[tau] = directsum(k, 1, d/2, M[k,tau])
M[k,a] @ M[k,b] = M[k,a+b]
M[a] @ M[b] = M[a+b]
M[tau].T @ M[tau] = eye(d)
M[tau].T = M[-tau]
P[t].T @ P[t] = d/2
P[t].T @ P[t+tau] = sum(k, 1, d/2, cos(omega[k] * tau))
dP[t]/dt = Omega @ P[t]
M[tau] = expm(tau * Omega)
R[s].T @ R[t] = R[t-s]
P_prime[t+tau] = M_prime[tau] @ P_prime[t]
concat(sin(omega[k] * t + 2*pi), cos(omega[k] * t + 2*pi)) = P[t,k]
(P[t] - P[s]).T @ (P[t] - P[s]) = 4 * sum(k, 1, d/2, sin(omega[k] * (t/2-s/2)) ** 2)
r[t+tau] = r[t] + tau/(N-1)
u[t+tau] = u[t] + tau
"""
"""What the topic must say, in the text language; printed from its formulas."""


@pytest.fixture(scope="module")
def derivation() -> Derivation:
    return topic("positional").build()


@pytest.mark.parametrize("fact", FACTS.strip().splitlines())
def test_the_topic_says(fact: str, derivation: Derivation) -> None:
    style = Style(displays=derivation.cell.displays)
    said = [f"{text(f.left, style)} = {text(f.right, style)}" for f in derivation.formulas]
    assert fact in said


def value(expr: MatrixExpr, derivation: Derivation) -> np.ndarray:
    """An expression of the topic in float64."""
    bound = {d: SIZE, t: POSITION, tau: OFFSET, k: 2}
    system = System((), NumpyArithmetic(), {}, bound, lambda key: np.zeros((1, 1)))
    return np.asarray(system.evaluate(inlined(expr, derivation.cell)))


@pytest.mark.parametrize("first", [0, 1])
def test_the_definitions_are_those_of_the_paper(first: int, derivation: Derivation) -> None:
    pairs = Pairs(first, "" if first else "prime")
    rows = encodings(SIZE, 10, first)
    for i in range(SIZE // 2):
        angle = POSITION / 10000 ** (2 * (i + first) / SIZE)
        assert rows[POSITION, 2 * i : 2 * i + 2] == pytest.approx([np.sin(angle), np.cos(angle)])
    assert value(pairs.encoding(t), derivation)[:, 0] == pytest.approx(rows[POSITION])
    assert value(pairs.encoding(t + tau), derivation)[:, 0] == pytest.approx(rows[2])


@pytest.mark.parametrize("first", [0, 1])
def test_the_shift_is_a_rotation_by_numpy(first: int, derivation: Derivation) -> None:
    shift = value(Pairs(first, "" if first else "prime").shift_all(tau), derivation)
    rows = encodings(SIZE, 10, first)
    assert rows[3:] @ shift.T == pytest.approx(rows[:-3])
    assert np.linalg.det(shift) == pytest.approx(1.0)
    assert np.count_nonzero(shift) == 2 * SIZE


@pytest.mark.parametrize(
    ("dtype", "count"), [("float32", 0), ("float16", 36143), ("bfloat16", 62538), ("float64", 0)]
)
def test_collisions_of_rounded_encodings(dtype: str, count: int) -> None:
    assert collisions(dtype, 2, 70000) == count


def test_the_other_numbering_collides_more() -> None:
    assert collisions("float16", 2, 70000, first=0) > collisions("float16", 2, 70000)


def test_counts_in_the_text_are_the_computed_ones(derivation: Derivation) -> None:
    (step,) = (step for step in derivation.steps if step.rule == "low precision")
    for dtype in ("float32", "float16", "bfloat16"):
        assert f"{dtype} {collisions(dtype, 2, 70000)}" in step.why


def test_positions_themselves_collide_and_grow(derivation: Derivation) -> None:
    (step,) = (step for step in derivation.steps if step.rule == "position itself")
    positions = np.arange(70000)
    with np.errstate(over="ignore"):  # above 65504 all are infinite
        rounded = positions.astype(np.float16)
    assert f"float16 {len(positions) - len(np.unique(rounded))} of them" in step.why
    assert np.hypot(np.sin(69999.0), np.cos(69999.0)) == pytest.approx(1.0)


def test_bfloat16_rounds_as_ml_dtypes_does() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    values = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    ties = (np.arange(1000, dtype=np.uint32) << 15 | 0x3F800000).view(np.float32)
    for each in (values, ties):
        assert (bfloat16_bits(each) == each.astype(ml_dtypes.bfloat16).view(np.uint16)).all()


@pytest.mark.parametrize(("size", "shared"), [(2, True), (4, True), (8, True), (6, False)])
def test_real_positions_repeat_for_small_powers_of_two(size: int, shared: bool) -> None:
    frequencies = 10000.0 ** (-2 * np.arange(1, size // 2 + 1) / size)
    turns = 2 * np.pi / frequencies[-1] * frequencies / (2 * np.pi)
    assert np.allclose(turns, np.round(turns), atol=1e-9) is shared


def test_whole_positions_are_told_apart_by_a_proof(derivation: Derivation) -> None:
    """Every bound of the section is proved for all sizes, not seen at points only."""
    (section,) = (s for s in derivation.sections if s.title == "Uniqueness")
    bounds = [f for step in section.steps for f in step.formulas if f.relation == ">"]
    assert len(bounds) == 2
    assert all(rule_of(bound, derivation) for bound in bounds)


def test_only_angles_that_are_algebraic_and_not_zero_are_no_multiples_of_pi() -> None:
    whole, position = Symbol("n", integer=True, positive=True), Symbol("x", real=True)
    frequency = Power(number(10000), -2 * k / d)
    waves = {
        "whole": Scale(frequency, number(whole)),
        "may be zero": Scale(frequency, number(whole - 1)),
        "real": Scale(frequency, number(position)),
        "a turn": Scale(number(pi), number(whole)),
    }
    told = [name for name, angle in waves.items() if never_zero(call("sin", angle), lambda x: x)]
    assert told == ["whole"]


@pytest.mark.parametrize("arguments", [("float16", 3, 5), ("float16", 2, 0), ("float8", 2, 5)])
def test_bad_questions_are_refused(arguments: tuple[str, int, int]) -> None:
    with pytest.raises(InputError):
        collisions(*arguments)
