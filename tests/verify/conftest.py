"""Cells built by hand from nodes, and numbers for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from sympy import Integer, MatAdd, MatMul, Symbol, Transpose
from sympy.matrices.expressions import HadamardProduct

from derivations.cell import Axis, Cell, Definition, Piece, Range
from derivations.expressions.nodes import (
    Adjoint,
    Apply,
    Constant,
    Entry,
    LogSoftmax,
    Map,
    Quotient,
    Scale,
    Softmax,
    TimeSum,
    Variable,
)
from verify.problem import ForwardProblem
from verify.sampling import Sampler

t, s, T, S = (Symbol(name, integer=True) for name in "tsTS")
n, m, d = (Symbol(name, integer=True, positive=True) for name in "nmd")
ONE = Integer(1)
SIZES = {n: 3, m: 2, d: 4}


def v(name, steps=(), rows=n, cols=1):
    return Variable(name, steps, rows, cols)


def define(target, value, index=t, lower=ONE, upper=T):
    domain = () if not target.steps else (Range(index, lower, upper),)
    return Definition(target, (Piece(value, domain),))


def minus(value):
    return MatMul(-ONE, value)


def cell_of(title, definitions, variables, axes=None, distributions=()):
    templates = {x.name: x for x in (*variables, *(d.target for d in definitions))}
    return Cell(
        title, "", tuple(definitions), tuple(definitions), axes or (Axis(t, T),), templates,
        distributions=frozenset(distributions),
    )  # fmt: skip


def cross_entropy(p, y):
    return minus(MatMul(Transpose(y), LogSoftmax(p)))


def rnn():
    W, U, b = v("W", (), n, n), v("U", (), n, m), v("b")
    V, c = v("V", (), d, n), v("c", (), d, 1)
    h, x, z, p, y = v("h", (t,)), v("x", (t,), m), v("z", (t,)), v("p", (t,), d), v("y", (t,), d)
    loss = v("loss", (), 1, 1)
    return cell_of("rnn", [
        define(z, MatAdd(MatMul(W, h.at((t - 1,))), MatMul(U, x), b)),
        define(h, Apply("tanh", (0,), z)),
        define(p, MatAdd(MatMul(V, h), c)),
        define(loss, TimeSum(cross_entropy(p, y), t, ONE, T)),
    ], [W, U, b, V, c, x, y], distributions=["y"])  # fmt: skip


def rnn_backward():
    """Adjoint recurrences and parameter gradients of :func:`rnn`, as a person would write them."""
    h, x, p, y, z = v("h", (t,)), v("x", (t,), m), v("p", (t,), d), v("y", (t,), d), v("z", (t,))
    W, U, b = v("W", (), n, n), v("U", (), n, m), v("b")
    V, c = v("V", (), d, n), v("c", (), d, 1)
    dz, dh, dp = Adjoint(z), Adjoint(h), Adjoint(p)
    total_y = Scale(MatMul(Constant(1, 1, d), y), Softmax(p))
    first, whole = Range(t, Integer(0), T - 1), Range(t, ONE, T)
    summed = {
        W: MatMul(dz, Transpose(h.at((t - 1,)))),
        U: MatMul(dz, Transpose(x)),
        b: dz,
        V: MatMul(dp, Transpose(h)),
        c: dp,
    }
    return [
        Definition(dp, (Piece(MatAdd(total_y, minus(y)), (whole,)),)),
        Definition(dh, (
            Piece(MatMul(Transpose(V), dp), (whole,)),
            Piece(MatMul(Transpose(W), dz.at((t + 1,))), (first,)),
        )),
        Definition(dz, (Piece(HadamardProduct(dh, Apply("tanh", (1,), z)), (whole,)),)),
        *(
            Definition(Adjoint(w), (Piece(TimeSum(body, t, ONE, T)),))
            for w, body in summed.items()
        ),
    ]  # fmt: skip


def lstm():
    h, c, x = v("h", (t,)), v("c", (t,)), v("x", (t,), m)
    loss, definitions, parameters = v("loss", (), 1, 1), [], [x]
    for gate, squash in (("i", "sigmoid"), ("f", "sigmoid"), ("o", "sigmoid"), ("g", "tanh")):
        W, U, b = v(f"W_{gate}", (), n, n), v(f"U_{gate}", (), n, m), v(f"b_{gate}")
        z = v(f"z_{gate}", (t,))
        parameters += [W, U, b]
        definitions += [
            define(z, MatAdd(MatMul(W, h.at((t - 1,))), MatMul(U, x), b)),
            define(v(gate, (t,)), Apply(squash, (0,), z)),
        ]
    i, f, o, g = (v(gate, (t,)) for gate in "ifog")
    definitions += [
        define(c, MatAdd(HadamardProduct(f, c.at((t - 1,))), HadamardProduct(i, g))),
        define(h, HadamardProduct(o, Apply("tanh", (0,), c))),
        define(loss, TimeSum(Map("ell", (t,), 1, 1, h), t, ONE, T)),
    ]
    return cell_of("lstm", definitions, parameters)


def skip():
    A, B, x = v("A", (), n, n), v("B", (), n, n), v("x", (t,))
    h, loss = v("h", (t,)), v("loss", (), 1, 1)
    inner = MatAdd(MatMul(A, h.at((t - 1,))), MatMul(B, h.at((t - 2,))), x)
    return cell_of("skip", [
        define(h, Apply("phi", (0,), inner)),
        define(loss, Map("ell", (), 1, 1, h.at((T,)))),
    ], [A, B, x])  # fmt: skip


def backward_in_time():
    W, x, b = v("W", (), n, n), v("x", (t,)), v("b", (t,))
    loss = v("loss", (), 1, 1)
    inner = MatAdd(MatMul(W, b.at((t + 1,))), x)
    return cell_of("backward in time", [
        define(b, Apply("softplus", (0,), inner)),
        define(loss, TimeSum(Map("ell", (t,), 1, 1, b), t, ONE, T)),
    ], [W, x])  # fmt: skip


def attention():
    """Encoder over s, decoder over t, a sum of the one inside the other."""
    W, U, Q = v("W", (), n, n), v("U", (), n, m), v("Q", (), n, n)
    x, e, h, a = v("x", (s,), m), v("e", (s,)), v("h", (t,)), v("a", (t, s), 1, 1)
    context, total, loss = v("k", (t,)), v("q", (t,), 1, 1), v("loss", (), 1, 1)
    both = (Range(t, ONE, T), Range(s, ONE, S))
    score = MatMul(Transpose(h.at((t - 1,))), MatMul(Q, e, evaluate=False), evaluate=False)
    return cell_of("attention", [
        define(e, Apply("tanh", (0,), MatAdd(MatMul(W, e.at((s - 1,))), MatMul(U, x))), s, ONE, S),
        Definition(a, (Piece(Apply("exp", (0,), score), both),)),
        define(total, TimeSum(a, s, ONE, S)),
        define(context, TimeSum(Scale(Quotient(a, total), e), s, ONE, S)),
        define(h, Apply("tanh", (0,), MatAdd(MatMul(W, h.at((t - 1,))), context))),
        define(loss, TimeSum(Map("ell", (t,), 1, 1, h), t, ONE, T)),
    ], [W, U, Q, x], axes=(Axis(t, T), Axis(s, S)))  # fmt: skip


def matrix_state():
    P, q, k, x = v("P", (t,), n, m), v("q", (t,), m), v("k", (t,), m), v("x", (t,))
    f, o, loss = v("f", (), 1, 1), v("o", (t,)), v("loss", (), 1, 1)
    outer = MatMul(x, Transpose(k))
    return cell_of("matrix state", [
        define(P, MatAdd(Scale(Apply("sigmoid", (0,), f), P.at((t - 1,))), outer)),
        define(o, MatMul(P, q)),
        define(loss, TimeSum(MatAdd(Entry(o, 1, 1), Map("ell", (t,), 1, 1, o)), t, ONE, T)),
    ], [q, k, x, f])  # fmt: skip


BUILDERS = (rnn, lstm, skip, backward_in_time, attention, matrix_state)


@dataclass
class Toolbox:
    """What the tests share."""

    builders: ClassVar = {builder.__name__: builder for builder in BUILDERS}
    rnn_backward = staticmethod(rnn_backward)
    symbols: ClassVar = {"t": t, "s": s, "T": T, "S": S, "n": n, "m": m, "d": d}
    sizes: ClassVar = SIZES

    def problem(self, name, end=5, seed=1, regime="generic", sizes=None):
        cell = self.builders[name]()
        ends, sizes = {T: end, S: 4}, sizes or SIZES
        return ForwardProblem.of(cell, ends, sizes, Sampler(cell, sizes, ends, seed, regime), seed)


@pytest.fixture(scope="session")
def toolbox():
    return Toolbox()


@pytest.fixture(params=[builder.__name__ for builder in BUILDERS])
def cell_name(request):
    return request.param


@pytest.fixture
def close():
    """Relative error by norm."""

    def relative(a, b):
        scale = max(float(np.linalg.norm(a)), float(np.linalg.norm(b)))
        return float(np.linalg.norm(np.asarray(a) - np.asarray(b))) / (scale or 1.0)

    return relative
