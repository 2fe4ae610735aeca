"""How the table is asked: names, conventions at kinks, code that runs on its own, cheap import."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
import sympy

from derivations.functions import FUNCTIONS, Function, Side, lookup


def test_second_argument_takes_what_the_first_does_not_at_a_tie() -> None:
    for name in ("max", "min"):
        for side in ("left", "right", "mean"):
            row = FUNCTIONS[name].with_convention(side)
            slopes = [row.mpmath_slope((2.0, 2.0), wrt=wrt) for wrt in (0, 1)]
            assert sum(slopes) == 1


@pytest.mark.parametrize("side", ["left", "right", "mean"])
def test_convention_at_the_kink_is_settable(side: Side) -> None:
    p, x = sympy.symbols("p X", real=True)
    expected = {"left": p, "right": 1, "mean": (p + 1) / 2}[side]
    row = FUNCTIONS["leaky_relu"].with_convention(side)
    assert sympy.expand(row.slope_expr().subs(x, 0) - expected) == 0
    assert FUNCTIONS["leaky_relu"].kinks()[0].side == "right"


def test_names_and_aliases_are_unique_and_found() -> None:
    names = [name for row in FUNCTIONS.values() for name in (row.name, *row.aliases)]
    assert len(names) == len(set(names))
    assert all(lookup(name) is not None for name in names)
    assert lookup("ReLU") is FUNCTIONS["relu"] and lookup("phi") is None


def test_latex_heads_are_unique() -> None:
    heads = [row.latex for row in FUNCTIONS.values()]
    assert len(heads) == len(set(heads))


@pytest.mark.parametrize("row", FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_printed_kernels_run_on_their_own(row: Function) -> None:
    import scipy.special

    names = {"np": np, "scipy": scipy, "Any": object}
    exec(f"from __future__ import annotations\n{row.kernel_source()}", names)  # noqa: S102  # our own text
    columns = {"a": np.linspace(0.1, 1.5, 9), "b": np.linspace(1.4, 0.2, 9)}
    code = row.code("numpy", *("a", "b")[: row.arity])
    expected = row.compiled("numpy")(
        *list(columns.values())[: row.arity], *map(float, row.defaults)
    )
    np.testing.assert_array_equal(eval(code, {**names, **columns}), expected)


def test_the_table_imports_nothing_heavy() -> None:
    heavy = "{'sympy', 'numpy', 'jax', 'mpmath', 'scipy', 'torch'}"
    code = f"import sys, derivations.functions as f; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_selu_constants_agree() -> None:
    scale, alpha = Fraction("1.0507009873554805"), Fraction("1.6732632423543772")
    kink = FUNCTIONS["selu"].kinks()[0]
    assert abs(kink.right - scale) < 1e-16 and abs(kink.left - scale * alpha) < 1e-15
