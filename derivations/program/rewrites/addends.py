"""Addends that all steps share: added inside the loop, where that takes no array of its own.

A hoisted product with a bias, X_t = W x_t + b for all steps, is two arrays in a library that fuses
neither into the other. A step that reads X_t has a sum there already, into which b goes for free.
"""

from __future__ import annotations

from dataclasses import replace

from sympy.matrices.expressions import MatAdd
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.expressions import build
from derivations.expressions.nodes import Variable
from derivations.expressions.traverse import map_leaves, occurrences
from derivations.program.blocks import Loop, Whole
from derivations.program.rewrites.naming import Values
from derivations.program.rewrites.weights import is_weight
from derivations.program.schedule import Program
from derivations.program.values import Value


def inside(program: Program) -> Values:
    """Weights that are added to a value of all steps are added by the loops that read it."""
    values = {name: replace(value) for name, value in program.values.items()}
    looped = {n for block in program.blocks if isinstance(block, Loop) for n in block.names}
    for block in program.blocks:
        if not isinstance(block, Whole) or block.name in program.asked:
            continue
        value = values[block.name]
        shared = _shared(value, values)
        readers = [v for v in values.values() if _reads(v, value.name)]
        if shared and readers and all(reader.name in looped for reader in readers):
            own = value.terms[0]
            rest = [part for part in own.value.args if part not in shared]
            value.terms = (replace(own, value=build.add(*rest)),)
            for reader in readers:
                _add(reader, value.name, shared)
    return values


def _shared(value: Value, values: Values) -> list[MatrixExpr]:
    """The weights that are added at every step, where something else is added, too."""
    if len(value.terms) != 1 or value.terms[0].domain or not value.ranges:
        return []
    whole = value.terms[0].value
    if not isinstance(whole, MatAdd):
        return []
    found = [part for part in whole.args if isinstance(part, Variable) and is_weight(part, values)]
    return found if len(found) < len(whole.args) else []


def _reads(value: Value, name: str) -> bool:
    return any(use.leaf.name == name for term in value.terms for use in occurrences(term.value))


def _add(reader: Value, name: str, shared: list[MatrixExpr]) -> None:
    def change(leaf: MatrixExpr) -> MatrixExpr:
        return build.add(leaf, *shared) if leaf.name == name else leaf

    def added(node: MatrixExpr) -> MatrixExpr:
        changed = map_leaves(node, change)
        return build.add(*changed.args) if isinstance(changed, MatAdd) else changed

    reader.terms = tuple(replace(term, value=added(term.value)) for term in reader.terms)
