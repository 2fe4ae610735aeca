"""Small cells like those on which random cells once went wrong."""

from __future__ import annotations

import pytest

from derivations.deriver import Deriver
from derivations.language import parse_cell
from derivations.typing.compile import compile_cell
from verify.cases import Case
from verify.floating import check_identities
from verify.identities import identities

CELLS = {
    "a parameter that only the slope of a function reads": """
        phi(u) = u * tanh(g * u)
        h[t] = phi'(W @ h[t-1] + b)
        """,
    "a matrix state drives other parameters in closed form": """
        S[t]: m x n
        S[t] = alpha * S[t-1] + tanh(U @ x[t] + S[t-1] @ w) @ tanh(V @ x[t]).T
        loss = ell(S[T])
        """,
    "an initial value below two delays": """
        h[t] = f(h[t-1], h[t-3], x[t])
        h[0] = tanh(U @ c)
        loss = squared_error(h[T], b)
        """,
    "a sum up to the present": """
        h[t] = tanh(W @ h[t-1] + x[t])
        z[t] = arctan(sum(k, 1, t, V @ h[k]))
        g[t] = tanh(A @ g[t-1] + z[t])
        """,
    "pairs of steps of which half are read, which has no closed form": """
        h[t] = tanh(W @ h[t-1] + C @ c[t])
        e[t,s] = dot(h[t-1], h[s-1])
        a[t,s] = exp(e[t,s]) / sum(r, 1, t, exp(e[t,r]))
        c[t] = sum(s, 1, t, a[t,s] * h[s-1])
        """,
    "one activation, two equations": """
        h[t] = f[t] * h[t-1] + 0.1 * tanh(W @ h[t-1] + x[t])
        f[t] = sigmoid(V @ h[t-1])
        h[0] = tanh(U @ c)
        """,
    "two chains that share a letter and nothing else, beside a bare T": """
        g[t] = tanh(A @ g[t+1] + u[t])
        h[t] = tanh(W @ h[t-1] + x[t])
        loss = ell(g[1]) + 1/T * sum(t, 1, T, ell_b(h[t]))
        """,
    "activations of two sizes, one of them before the first step": """
        h[t] = z[t] * h[t-1] + W @ concat(tanh(A @ x[t]), h[t-1])
        z[t] = sigmoid(V @ x[t])
        h[0] = tanh(U @ c)
        """,
    "sequences shorter than a delay": """
        h[t] = tanh(A @ h[t+1] + w * h[t+2] + x[t])
        loss = 1/T * sum(t, 1, T, ell(h[t]))
        """,
    "a first step of its own": """
        h[1] = tanh(U @ x[1])
        h[t] = tanh(W @ h[t-1] + U @ x[t])
        """,
    "two first steps of their own before two delays": """
        h[1] = tanh(U @ x[1])
        h[2] = tanh(V @ x[1])
        h[t] = tanh(W @ h[t-1] + Y @ h[t-2] + U @ x[t])
        """,
    "a last step of its own": """
        h[T] = tanh(U @ x[T])
        h[t] = tanh(W @ h[t+1] + U @ x[t])
        """,
    "a loss about a value before the first step": """
        h[0] = tanh(U @ c)
        h[-1] = tanh(V @ c)
        h[t] = tanh(W @ h[t-1] + Y @ h[t-2] + x[t])
        loss = ell(h[T]) + ell_b(h[-1])
        """,
    "a recurrence from the second step on": """
        h[t] = tanh(W @ h[t-1] + U @ x[t]), t = 2, ..., T
        """,
    "a recurrence from the third step on, the first one of its own": """
        h[1] = tanh(U @ x[1])
        h[t] = tanh(W @ h[t-1] + Y @ h[t-2] + x[t]), t = 3, ..., T
        """,
    "a first step that is a recurrence of its own, which has no closed form": """
        h[1] = tanh(U @ x[1] + V @ h[0])
        h[t] = tanh(W @ h[t-1] + Y @ h[t-2] + U @ x[t])
        """,
    "two states that begin at different steps, which has no closed form": """
        h[1] = tanh(U @ x[1])
        h[t] = tanh(W @ c[t-1] + U @ x[t])
        c[t] = sigmoid(V @ h[t]) * c[t-1]
        """,
    "a sum over the whole past, which has no closed form": """
        h[t] = tanh(W @ h[t-1] + V @ sum(j, 1, t-2, dot(h[t-1], h[j]) * h[j]) + x[t])
        """,
    "a sum over the whole future, which has no closed form": """
        z[t] = sum(j, t+1, T, g[j])
        h[t] = tanh(W @ z[t] + x[t])
        g[t] = sigmoid(U @ h[t])
        """,
}


@pytest.mark.parametrize("length", [1, 2, 3, 5])
@pytest.mark.parametrize("name", CELLS)
def test_a_cell_that_was_found(name: str, length: int) -> None:
    text = "\n".join(line.strip() for line in CELLS[name].strip().splitlines())
    cell = compile_cell(parse_cell(text)).cell
    deriver = Deriver(cell)
    found, missing = identities(deriver)
    sizes = {size: 2 + k for k, size in enumerate(cell.sizes)}
    case = Case(sizes, {axis.upper: length for axis in cell.axes}, "generic", 1)
    adjoints = deriver.adjoints.values()
    results = check_identities(cell, adjoints, found, "differences", [case])
    assert bool(missing) == ("has no closed form" in name)
    assert any(r.status == "pass" for r in results)
    assert not [(r.subject, r.form, r.failure) for r in results if r.status == "fail"]
