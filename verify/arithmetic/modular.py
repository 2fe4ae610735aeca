"""Arrays modulo a prime: vectorised on uint64, every product below 2⁶².

The prime p is the largest below 2³¹ with p ≡ 7 (mod 8) for which every prime up to 61 is a square.
Then −1 is no square, so the Legendre symbol is an odd multiplicative "sign" that gives each small
rational the sign it has among the reals, and √x = x^((p+1)/4) is a root of every "positive" x.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import numpy as np

Residues = np.ndarray
"""uint64, each entry below :data:`PRIME`."""

PRIME = 2_147_260_631
MODULUS = np.array(PRIME, dtype=np.uint64)
"""The prime as NumPy needs it: a Python integer would be converted at every operation."""
_SMALL = 24
_BROADCAST_LIMIT = 2_048


def residue(numerator: int, denominator: int = 1) -> int:
    """A fraction in the field.

    Raises:
        ZeroDivisionError: the denominator is a multiple of the prime.
    """
    if denominator % PRIME == 0:
        raise ZeroDivisionError("the denominator is zero in the field")
    return numerator * pow(denominator, -1, PRIME) % PRIME


def subtract(a: Residues, b: Residues) -> Residues:
    """a − b."""
    return (a + (MODULUS - b)) % MODULUS


def matmul(a: Residues, b: Residues) -> Residues:
    """The matrix product over the last two axes."""
    if a.shape[-1] == 1:
        return a * b % MODULUS
    if a.size * b.shape[-1] <= _BROADCAST_LIMIT:
        products = a[..., :, :, None] * b[..., None, :, :] % MODULUS
        return np.add.reduce(products, axis=-2) % MODULUS
    # 16-bit halves keep every sum of products below 2⁶⁴.
    high = np.matmul(a, b >> 16) % MODULUS
    return ((high << 16) + np.matmul(a, b & 0xFFFF)) % MODULUS


def power(a: Residues, exponent: int) -> Residues:
    """Entrywise power, exponent ≥ 0."""
    if a.size <= _SMALL:
        flat = [pow(int(x), exponent, PRIME) for x in a.ravel().tolist()]
        return np.array(flat, dtype=np.uint64).reshape(a.shape)
    result, square = np.ones_like(a), a
    while exponent:
        if exponent & 1:
            result = result * square % MODULUS
        exponent >>= 1
        if exponent:
            square = square * square % MODULUS
    return result


def inverse(a: Residues) -> Residues:
    """1/a entrywise; 0 where a is 0, which the caller has to notice."""
    return power(a, PRIME - 2)


def is_positive(a: Residues) -> np.ndarray:
    """Where the Legendre symbol is 1."""
    return power(a, (PRIME - 1) // 2) == 1


def square_root(a: Residues) -> Residues:
    """The root that is itself a square; of −a where a is no square."""
    return power(a, (PRIME + 1) // 4)


def mix(x: Residues) -> Residues:
    """SplitMix64's finalizer (Steele, Lea and Flood 2014): a bijection of 64-bit words."""
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB
    return x ^ (x >> 31)


@lru_cache(maxsize=1 << 14)
def key_of(*parts: Any) -> int:
    """A 64-bit word fixed by ``parts``."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=8).digest(), "little")


def words(key: int, count: int) -> Residues:
    """``count`` 64-bit words fixed by ``key``."""
    return mix(np.arange(1, count + 1, dtype=np.uint64) * 0x9E3779B97F4A7C15 + key)
