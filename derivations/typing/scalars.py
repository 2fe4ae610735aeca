"""Which names are scalars by use: Greek small letters that only ever scale."""

from __future__ import annotations

from collections.abc import Iterable

from derivations.language.tree import Binary, Call, Equation, Name, Negative, Node, Number, children

GREEK = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi rho "
    "sigma tau upsilon phi varphi chi psi omega".split()
)


def _greek(name: str) -> bool:
    return name.split("_")[0] in GREEK


def scaling_only(equations: Iterable[Equation]) -> frozenset[str]:
    """Greek small letters that no equation defines and that are factors and divisors only.

    ``alpha * h + (1 - alpha) * g`` scales by alpha twice; ``h + beta`` does not scale.
    """
    equations = tuple(equations)
    defined = {equation.target.name for equation in equations}
    used: set[str] = set()
    otherwise: set[str] = set()
    for equation in equations:
        _visit(equation.value, used, otherwise)
    return frozenset(used - otherwise - defined)


def _visit(node: Node, used: set[str], otherwise: set[str]) -> None:
    if isinstance(node, Binary) and node.operator in ("*", "@", "/"):
        for side in (node.left, node.right):
            names = _factor_names(side)
            if names is None:
                _visit(side, used, otherwise)
            else:
                used.update(names)
        return
    if isinstance(node, Name):
        if _greek(node.name):
            otherwise.add(node.name)
        return
    for child in children(node):
        _visit(child, used, otherwise)


def _factor_names(node: Node) -> frozenset[str] | None:
    """The Greek names of a factor built of nothing but numbers and Greek letters, else None."""
    if isinstance(node, Number):
        return frozenset()
    if isinstance(node, Name):
        return frozenset([node.name]) if _greek(node.name) else None
    if isinstance(node, Negative) or (isinstance(node, Binary) and node.operator != "@"):
        return _union(children(node))
    if isinstance(node, Call) and len(node.args) == 1:
        return _union(node.args)
    return None


def _union(nodes: Iterable[Node]) -> frozenset[str] | None:
    found = [_factor_names(node) for node in nodes]
    return None if None in found else frozenset().union(*(names or () for names in found))
