"""Golden LaTeX and text of expressions, brackets above all."""

from __future__ import annotations

import pytest
from sympy import Rational, Symbol, symbols
from sympy.matrices.expressions import (
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.errors import MissingRule
from derivations.expressions.nodes import (
    KINDS,
    Adjoint,
    Apply,
    Blocks,
    Commutation,
    Constant,
    Determinant,
    Diag,
    Diagonalizer,
    DirectSum,
    Entry,
    Jacobian,
    Kron,
    LogSoftmax,
    LogSumExp,
    Map,
    MapPartial,
    MatrixExponential,
    MatrixPower,
    Power,
    Quotient,
    Scale,
    SmallestSingular,
    Softmax,
    SpectralNorm,
    Tangent,
    TimeProduct,
    TimeSum,
    Unvec,
    Variable,
    Vec,
)
from derivations.render import latex_base, text_base
from derivations.render.latex import latex
from derivations.render.style import Style
from derivations.render.text import text

t, T, k, j, s, i = symbols("t T k j s i", integer=True)
n, m = symbols("n m", integer=True, positive=True)


def matrix(name: str, *steps: object) -> Variable:
    return Variable(name, steps, n, n)


def vector(name: str, *steps: object) -> Variable:
    return Variable(name, steps, n, 1)


def number(value: object) -> Constant:
    return Constant(value, 1, 1)


def minus(expr: MatrixExpr) -> Scale:
    return Scale(number(-1), expr)


A, B, C, W = map(matrix, ("A", "B", "C", "W_hh"))
h, f, z, x, w = vector("h", t), vector("f", t), vector("z", t), vector("x", t), vector("w")
alpha = Variable("alpha", (), 1, 1)
one = Constant(1, n, 1)
slope = MatAdd(one, minus(HadamardProduct(h, h)))
step = Jacobian(vector("h", j), vector("h", j - 1))
f_map = Map("f", (), n, 1, x, vector("h", t - 1), w)
ell = Map("ell", (t,), 1, 1, h)
adjoints = TimeSum(Adjoint(z), t, 1, T)

GOLDEN: list[tuple[MatrixExpr, str, str]] = [
    # names and times
    (W, "W_{hh}", "W_hh"),
    (vector("h", t - 1), "h_{t-1}", "h[t-1]"),
    (vector("h", 0), "h_{0}", "h[0]"),
    (vector("a_f", t), "a_{f,t}", "a_f[t]"),
    (vector("h_1", t), "h^{(1)}_{t}", "h_1[t]"),
    (vector("b_h_1"), "b_{h,1}", "b_h_1"),
    (Variable("e", (t, s), 1, 1), "e_{t,s}", "e[t,s]"),
    (vector("htilde", t), r"\tilde{h}_{t}", "htilde[t]"),
    (vector("a_hhat", t), r"a_{\hat{h},t}", "a_hhat[t]"),
    (vector("yhat"), r"\hat{y}", "yhat"),
    (vector("hright", t), r"\overrightarrow{h}_{t}", "hright[t]"),
    (vector("Gamma_f", t), r"\Gamma_{f,t}", "Gamma_f[t]"),
    (vector("x_prime", t), "x'_{t}", "x_prime[t]"),
    (matrix("W_out"), "W_{out}", "W_out"),
    (matrix("W_input"), r"W_{\mathrm{input}}", "W_input"),
    (vector("loss"), "L", "L"),
    (vector("gate", t), r"\mathrm{gate}_{t}", "gate[t]"),
    (matrix("M_^", k, t), "M^{t}_{k}", "M[k,t]"),
    (matrix("M_^_prime", t + s), "M'^{s+t}", "M_prime[s+t]"),
    (vector("h", t - s), "h_{t-s}", "h[t-s]"),
    (vector("h", -s - t), "h_{-s-t}", "h[-s-t]"),
    (Scale(number(t - s), h), "(t-s) h_{t}", "(t-s) * h[t]"),
    (Scale(number(-s - t), h), "-(s+t) h_{t}", "-(s+t) * h[t]"),
    # sums and signs
    (MatAdd(A, minus(B)), "A - B", "A - B"),
    (MatAdd(minus(A), B, evaluate=False), "B - A", "B - A"),
    (minus(MatAdd(h, f)), "-(h_{t} + f_{t})", "-(h[t] + f[t])"),
    (MatAdd(A, minus(MatAdd(B, C))), "A - (B + C)", "A - (B + C)"),
    (minus(minus(h)), "h_{t}", "h[t]"),
    (MatAdd(one, MatAdd(minus(h), minus(f), evaluate=False), evaluate=False), "1 - h_{t} - f_{t}",
     "1 - h[t] - f[t]"),
    (slope, r"1 - h_{t} \odot h_{t}", "1 - h[t] * h[t]"),
    (minus(MatMul(A, B)), "-A B", "-A @ B"),
    # products
    (MatMul(MatAdd(A, B), C), "(A + B) C", "(A + B) @ C"),
    (MatMul(A, MatMul(B, C), evaluate=False), "A B C", "A @ B @ C"),
    (MatMul(A, minus(B)), "-A B", "-A @ B"),
    (MatMul(A, HadamardProduct(h, f)), r"A (h_{t} \odot f_{t})", "A @ (h[t] * f[t])"),
    (HadamardProduct(MatMul(A, h), f), r"(A h_{t}) \odot f_{t}", "(A @ h[t]) * f[t]"),
    (HadamardProduct(h, minus(f)), r"-h_{t} \odot f_{t}", "-h[t] * f[t]"),
    (MatMul(Diag(slope), W), r"\operatorname{diag}(1 - h_{t} \odot h_{t}) W_{hh}",
     "diag(1 - h[t] * h[t]) @ W_hh"),
    (Scale(alpha, MatMul(A, B)), r"\alpha A B", "alpha * (A @ B)"),
    (Scale(number(2), Scale(number(3), h)), r"2 \cdot 3 h_{t}", "2 * (3 * h[t])"),
    (Scale(number(Rational(1, 2)), h), r"\frac{1}{2} h_{t}", "1/2 * h[t]"),
    (Scale(number(-2), h), "-2 h_{t}", "-2 * h[t]"),
    (Scale(number(1 / T), adjoints),
     r"\frac{1}{T} \sum_{t=1}^{T} \frac{\partial L}{\partial z_{t}}",
     "1/T * sum(t, 1, T, dL/dz[t])"),
    (MatMul(Transpose(one), h), r"\mathbf{1}^{\top} h_{t}", "ones(n, 1).T @ h[t]"),
    (MatMul(Constant(1, 1, n), h), r"\mathbf{1}^{\top} h_{t}", "sum(h[t])"),
    (Scale(alpha, one), r"\alpha \mathbf{1}", "alpha * ones(n, 1)"),
    (Kron(A, MatMul(B, C)), r"A \otimes (B C)", "kron(A, B @ C)"),
    (MatMul(Kron(A, B), Vec(C)), r"(A \otimes B) \operatorname{vec}(C)", "kron(A, B) @ vec(C)"),
    # transposes and powers
    (Transpose(MatMul(A, B)), r"(A B)^{\top}", "(A @ B).T"),
    (Transpose(W), r"W_{hh}^{\top}", "W_hh.T"),
    (Transpose(vector("h_1", t)), r"(h^{(1)}_{t})^{\top}", "h_1[t].T"),
    (Transpose(Adjoint(h)),
     r"\left(\frac{\partial L}{\partial h_{t}}\right)^{\top}", "(dL/dh[t]).T"),
    (Power(h, 2), "h_{t}^{2}", "h[t] ** 2"),
    (Power(MatAdd(h, f), 2), "(h_{t} + f_{t})^{2}", "(h[t] + f[t]) ** 2"),
    (Power(h, Rational(-1, 2)), r"h_{t}^{-\frac{1}{2}}", "h[t] ** (-1/2)"),
    (Power(A, 2), r"A \odot A", "A * A"),
    (MatrixPower(A, k), "A^{k}", "A ** k"),
    (Quotient(one, h), r"\frac{1}{h_{t}}", "1 / h[t]"),
    (Quotient(h, MatAdd(h, f)), r"\frac{h_{t}}{h_{t} + f_{t}}", "h[t] / (h[t] + f[t])"),
    (Transpose(Quotient(h, f)), r"\left(\frac{h_{t}}{f_{t}}\right)^{\top}", "(h[t] / f[t]).T"),
    # over time
    (MatMul(adjoints, Transpose(h)),
     r"\left(\sum_{t=1}^{T} \frac{\partial L}{\partial z_{t}}\right) h_{t}^{\top}",
     "sum(t, 1, T, dL/dz[t]) @ h[t].T"),
    (TimeSum(MatAdd(h, f), t, 1, T),
     r"\sum_{t=1}^{T} (h_{t} + f_{t})", "sum(t, 1, T, h[t] + f[t])"),
    (MatMul(A, TimeProduct(step, j, k + 1, T)),
     r"A \prod_{j=k+1}^{T} \frac{\partial h_{j}}{\partial h_{j-1}}",
     "A @ prod(j, k+1, T, dh[j]/dh[j-1])"),
    (TimeProduct(MatMul(A, B), j, 1, T), r"\prod_{j=1}^{T} (A B)", "prod(j, 1, T, A @ B)"),
    (TimeProduct(matrix("A", j), j, 1, T, False),
     r"\left(\prod_{j=1}^{T} A_{j}^{\top}\right)^{\top}", "prod(j, 1, T, A[j], order=ascending)"),
    # functions and maps
    (Apply("sigmoid", (0,), z), r"\sigma(z_{t})", "sigmoid(z[t])"),
    (Apply("sigmoid", (1,), z), r"\sigma'(z_{t})", "sigmoid'(z[t])"),
    (Apply("phi", (2,), z), r"\phi''(z_{t})", "phi''(z[t])"),
    (Apply("phi", (4,), z), r"\phi^{(4)}(z_{t})", "phi''''(z[t])"),
    (Apply("log_sigmoid", (1,), z), r"(\log\sigma)'(z_{t})", "log_sigmoid'(z[t])"),
    (Apply("max", (0, 0), number(0), z), r"\max(0, z_{t})", "max(0, z[t])"),
    (Apply("max", (0, 1), z, h), r"\partial_{2} \max(z_{t}, h_{t})", "partial(max(z[t], h[t]), 2)"),
    (Apply("sqrt", (0,), h), r"\sqrt{h_{t}}", "sqrt(h[t])"),
    (f_map, "f(x_{t}, h_{t-1}, w)", "f(x[t], h[t-1], w)"),
    (MapPartial(1, f_map), r"\frac{\partial f}{\partial h}(x_{t}, h_{t-1}, w)",
     "df/dh(x[t], h[t-1], w)"),
    (MapPartial(1, Map("f", (), n, 1, h, vector("h", t - 1))), r"\partial_{2} f(h_{t}, h_{t-1})",
     "partial(f(h[t], h[t-1]), 2)"),
    (Transpose(MapPartial(0, ell)), r"\nabla_{h} \ell_{t}(h_{t})", "(dell[t]/dh(h[t])).T"),
    (Transpose(MapPartial(1, f_map)),
     r"\left(\frac{\partial f}{\partial h}(x_{t}, h_{t-1}, w)\right)^{\top}",
     "(df/dh(x[t], h[t-1], w)).T"),
    (Softmax(z), r"\operatorname{softmax}(z_{t})", "softmax(z[t])"),
    (LogSoftmax(z), r"\log(\operatorname{softmax}(z_{t}))", "log(softmax(z[t]))"),
    (LogSumExp(z), r"\operatorname{logsumexp}(z_{t})", "logsumexp(z[t])"),
    # derivatives and what is made of matrices
    (Adjoint(W), r"\frac{\partial L}{\partial W_{hh}}", "dL/dW_hh"),
    (Tangent(h), r"\dot{h}_{t}", "tangent(h[t])"),
    (Jacobian(h, vector("h", t - 1)), r"\frac{\partial h_{t}}{\partial h_{t-1}}", "dh[t]/dh[t-1]"),
    (MatMul(Jacobian(h, vector("h", t - 1), True), x),
     r"\frac{\partial^{+} h_{t}}{\partial h_{t-1}} x_{t}", "(direct dh[t]/dh[t-1]) @ x[t]"),
    (Entry(Adjoint(W), i, j), r"\left[\frac{\partial L}{\partial W_{hh}}\right]_{i,j}",
     "dL/dW_hh[i,j]"),
    (Entry(h, i, 1), r"\left[h_{t}\right]_{i}", "(h[t])[i,1]"),
    (Blocks(2, 1, h, f), r"\begin{bmatrix} h_{t} \\ f_{t} \end{bmatrix}", "concat(h[t], f[t])"),
    (Blocks(2, 2, A, Identity(n), ZeroMatrix(n, n), B),
     r"\begin{bmatrix} A & I_{n} \\ 0 & B \end{bmatrix}",
     "concat(hstack(A, eye(n)), hstack(zeros(n, n), B))"),
    (SmallestSingular(W), r"\sigma_{\min}(W_{hh})", "sigma_min(W_hh)"),
    (SpectralNorm(W), r"\lVert W_{hh} \rVert", "norm(W_hh)"),
    (Unvec(Vec(A), n, n), r"\operatorname{unvec}_{n \times n}(\operatorname{vec}(A))",
     "unvec(vec(A), n, n)"),
    (Commutation(n, m), "K_{n,m}", "commutation(n, m)"),
    (MatrixExponential(A), r"\exp(A)", "expm(A)"),
    (Determinant(A), r"\det(A)", "det(A)"),
    (MatMul(DirectSum(matrix("A", j), j, 1, m), Constant(1, m * n, 1)),
     r"\left(\bigoplus_{j=1}^{m} A_{j}\right) \mathbf{1}",
     "directsum(j, 1, m, A[j]) @ ones(m*n, 1)"),
    (DirectSum(MatMul(A, matrix("A", j)), j, 1, m), r"\bigoplus_{j=1}^{m} (A A_{j})",
     "directsum(j, 1, m, A @ A[j])"),
    (Diagonalizer(n), r"\operatorname{E}_{n}", "diagonalizer(n)"),
    (Identity(n), "I", "eye(n)"),
]  # fmt: skip


@pytest.mark.parametrize(("expr", "expected"), [(row[0], row[1]) for row in GOLDEN])
def test_latex(expr: MatrixExpr, expected: str) -> None:
    assert latex(expr) == expected


@pytest.mark.parametrize(("expr", "expected"), [(row[0], row[2]) for row in GOLDEN])
def test_text(expr: MatrixExpr, expected: str) -> None:
    assert text(expr) == expected


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rules", [latex_base.rule, text_base.rule])
def test_every_kind_has_a_rule(rules: object, kind: type) -> None:
    assert rules.dispatch(kind) is not rules.dispatch(MatrixExpr)  # type: ignore[attr-defined]  # singledispatch has it


@pytest.mark.parametrize("printed", [latex, text])
def test_an_unknown_kind_is_an_error(printed: object) -> None:
    class Stranger(MatrixExpr):
        shape = (n, n)

    with pytest.raises(MissingRule, match="Stranger"):
        printed(MatMul(A, Stranger(Symbol("q")), evaluate=False))  # type: ignore[operator]  # an unknown kind, on purpose


def test_adjoints_may_wear_bars_but_parameters_never_do() -> None:
    bars = Style("bar")
    assert latex(Adjoint(vector("h_1", t)), bars) == r"\bar{h}^{(1)}_{t}"
    assert latex(Transpose(Adjoint(h)), bars) == r"\bar{h}_{t}^{\top}"
    assert latex(Adjoint(W), bars) == r"\frac{\partial L}{\partial W_{hh}}"


def test_the_loss_goes_by_the_users_name() -> None:
    style = Style(displays={"loss": "J"})
    assert latex(Adjoint(W), style) == r"\frac{\partial J}{\partial W_{hh}}"
    assert text(Adjoint(W), style) == "dJ/dW_hh"
