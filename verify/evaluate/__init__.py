"""Runs expressions at concrete sizes and times, in any number system.

Expressions are compiled once into closures (``compile.py``); a :class:`System` gives every leaf
its value at concrete steps, on demand, in dependency order and without recursion over time.
"""

from __future__ import annotations

from verify.evaluate.compile import compile_expression
from verify.evaluate.frame import Compiled, Frame, Key, adjoint, leaf_key, tangent, variable
from verify.evaluate.system import InstantaneousCycle, System

__all__ = [
    "Compiled",
    "Frame",
    "InstantaneousCycle",
    "Key",
    "System",
    "adjoint",
    "compile_expression",
    "leaf_key",
    "tangent",
    "variable",
]
