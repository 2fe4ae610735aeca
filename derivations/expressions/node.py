"""The base of every node: equal nodes are one object.

Derivatives repeat whole subexpressions, and SymPy compares trees from the root to the leaves. With
one object for each distinct node a comparison is a comparison of addresses, and what is cached by
node is found at once.
"""

from __future__ import annotations

from typing import Self, TypeVar
from weakref import WeakValueDictionary

from sympy import Basic
from sympy.core.sympify import _sympify
from sympy.matrices.expressions.matexpr import MatrixExpr

_Kind = TypeVar("_Kind", bound=MatrixExpr)
_KNOWN: WeakValueDictionary[tuple[object, ...], MatrixExpr] = WeakValueDictionary()


def made(kind: type[_Kind], *args: Basic) -> _Kind:
    """``kind(*args)``; a sum or product of SymPy's own is built and looked through once."""
    if issubclass(kind, Node):
        return kind._of(*args)
    key = (kind, *args)
    known = _KNOWN.get(key)
    if known is None:
        known = _KNOWN[key] = kind(*args)
    return known


class Node(MatrixExpr):
    """A matrix expression of this package; arguments are expressions, never text."""

    def __new__(cls, *args: object) -> Self:
        return cls._of(*map(_sympify, args))

    @classmethod
    def _of(cls, *args: Basic) -> Self:
        """The node with these arguments: the one that there is, else a new one."""
        key = (cls, *args)
        known = _KNOWN.get(key)
        if known is None:
            known = _KNOWN[key] = Basic.__new__(cls, *args)
        assert isinstance(known, cls)
        return known
