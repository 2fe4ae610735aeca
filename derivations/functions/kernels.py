"""NumPy functions that no one-line template says safely; exports print their source.

Each is right for float64 and for complex128 with a small imaginary part (complex steps): branches
are taken on the real part, and no branch that is thrown away overflows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy  # loads a part of it when that is used, which most cells never do

__all__ = [
    "elu",
    "log_sigmoid",
    "magnitude",
    "mish",
    "np",
    "scipy",
    "sech",
    "sigmoid",
    "silu",
    "softplus",
]


def magnitude(x: Any) -> Any:
    """|x|, continued analytically off the real line on either side of 0."""
    return np.where(np.real(x) < 0, -x, x)


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)) without overflow."""
    e = np.exp(np.where(np.real(x) < 0, x, -x))
    return np.where(np.real(x) < 0, e, 1) / (1 + e)


def softplus(x: Any) -> Any:
    """log(1 + exp(x)) without overflow."""
    return np.where(np.real(x) > 0, x, 0) + np.log1p(np.exp(np.where(np.real(x) > 0, -x, x)))


def log_sigmoid(x: Any) -> Any:
    """log of the sigmoid, without overflow."""
    return np.where(np.real(x) < 0, x, 0) - np.log1p(np.exp(np.where(np.real(x) < 0, x, -x)))


def silu(x: Any) -> Any:
    """x times its sigmoid."""
    e = np.exp(np.where(np.real(x) < 0, x, -x))
    return x * np.where(np.real(x) < 0, e, 1) / (1 + e)


def elu(x: Any, a: Any) -> Any:
    """x above 0, a (exp(x) - 1) below."""
    return np.where(np.real(x) > 0, x, a * np.expm1(np.where(np.real(x) > 0, 0, x)))


def sech(x: Any) -> Any:
    """1 / cosh(x) without overflow."""
    e = np.exp(np.where(np.real(x) < 0, x, -x))
    return 2 * e / (1 + e * e)


def mish(x: Any) -> Any:
    """x tanh(softplus(x)), with tanh(softplus(x)) a ratio of polynomials in exp(-|x|)."""
    e = np.exp(np.where(np.real(x) < 0, x, -x))
    below, above = e * (e + 2), 1 + 2 * e
    rest = np.where(np.real(x) < 0, 2, 2 * e * e)
    top = np.where(np.real(x) < 0, below, above)
    return x * top / (top + rest)
