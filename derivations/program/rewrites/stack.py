"""Products that share an operand: one product with the weights stacked.

W v, U v, … are rows of [W; U; …] v; Wᵀa + Uᵀb + … is [W; U; …]ᵀ [a; b; …]; and the gradients
Σ a vᵀ, Σ b vᵀ, … are rows of Σ [a; b; …] vᵀ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sympy import Expr
from sympy.matrices.expressions import MatAdd, MatMul
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.reverse import selector
from derivations.cell import Range
from derivations.expressions import build
from derivations.expressions.nodes import TimeSum, Variable
from derivations.expressions.traverse import BINDERS, LEAVES, nodes_in
from derivations.program.blocks import Block, Loop
from derivations.program.rewrites.naming import Values, added, parts_of, with_parts
from derivations.program.rewrites.weights import is_weighted
from derivations.program.schedule import Program
from derivations.program.values import Value

Key = tuple[object, ...]


def stack(program: Program) -> Values:
    """Products that share an operand, stacked: of weights, of sums, and of gradients."""
    values = {name: replace(value) for name, value in program.values.items()}
    stacking = _Stacking(values, program)
    stacking.shared_operands()
    stacking.added_products()
    stacking.gradients()
    return values


class _Stacking:
    def __init__(self, values: Values, program: Program) -> None:
        self._values, self._program = values, program
        self._weights: dict[tuple[MatrixExpr, ...], Variable] = {}
        self._columns: dict[tuple[MatrixExpr, ...], Variable] = {}

    def shared_operands(self) -> None:
        """W v, U v, … in one block."""
        groups: dict[Key, list[MatMul]] = {}
        owners: dict[Key, Value] = {}
        for block in self._program.blocks:
            for value in self._in(block):
                for node, ranges in _nodes(value):
                    if is_weighted(node, self._values) and ranges == value.ranges:
                        key: Key = (id(block) if isinstance(block, Loop) else ranges, value.role,
                               node.args[1], ranges)  # fmt: skip
                        group = groups.setdefault(key, [])
                        owners.setdefault(key, value)
                        if node not in group:
                            group.append(node)
        for key, products in groups.items():
            if len(products) > 1:
                ordered = sorted(products, key=lambda product: self._place(product.args[0]))
                self._share(ordered, owners[key])

    def _share(self, products: list[MatMul], owner: Value) -> None:
        factors = [product.args[0] for product in products]
        right = products[0].args[1]
        weights = self._stacked_weights(factors, owner)
        leaf = added(
            self._values, f"{owner.name}_all", build.matmul(weights, right), owner.ranges,
            owner.role, True,
        )  # fmt: skip
        heights = [product.shape[0] for product in products]
        chosen = {product: MatMul(selector(heights, k), leaf) for k, product in enumerate(products)}
        self._replace(chosen, owner.role, but=leaf.name)

    def _place(self, weight: MatrixExpr) -> int:
        """Where a weight stands among the values: stacks that are alike are stacked alike."""
        names = [leaf.name for leaf in nodes_in(weight, Variable)]
        return [*self._values].index(names[0])

    def added_products(self) -> None:
        """Aᵀa + Bᵀb + … in one value."""
        for value in [*self._values.values()]:
            if value.given:
                continue
            whole = build.add(*(t.value for t in value.terms)) if _plain(value) else None
            if not isinstance(whole, MatAdd):
                continue
            weighted = [term for term in whole.args if is_weighted(term, self._values)]
            columns = [term.args[1] for term in weighted]
            if len(weighted) < 2 or not self._together(columns):
                continue
            column = self._stacked_columns(columns, value)
            weights = self._stacked_weights(
                [build.transpose(term.args[0]) for term in weighted], value
            )
            joined = build.matmul(build.transpose(weights), column)
            rest = [term for term in whole.args if term not in weighted]
            value.terms = (replace(value.terms[0], value=build.add(joined, *rest)),)

    def gradients(self) -> None:
        """Σ a vᵀ, Σ b vᵀ, …"""
        groups: dict[Key, list[tuple[Value, MatrixExpr, tuple[Range, ...]]]] = {}
        for value in [*self._values.values()]:
            if value.role != "adjoint" or value.ranges or not _plain(value) or len(value.terms) > 1:
                continue
            body, over = _summed(value.terms[0].value)
            if not over:
                continue
            left, right = _sides(body)
            if isinstance(left, Variable) and left.steps:
                loop = id(self._program.block_of.get(left.name))
                key = (right, tuple(over), tuple(left.steps), left.shape[1], loop)
                groups.setdefault(key, []).append((value, left, tuple(over)))
        for (right, *_), found in groups.items():
            lefts = [left for _, left, _ in found]
            if len(set(lefts)) < 2 or not self._together(lefts):
                continue
            if right is None and not any(
                _within(tuple(lefts), k) is not None for k in self._columns
            ):
                continue  # to sum a stack takes as long as to sum its parts
            column = self._stacked_columns(lefts, found[0][0])
            product = column if right is None else build.matmul(column, right)
            for r in reversed(found[0][2]):
                product = TimeSum(product, r.index, r.lower, r.upper)
            leaf = added(self._values, f"{found[0][0].name}_all", product, (), "adjoint", False)
            self._values[leaf.name].batched = False
            heights = [left.shape[0] for left in lefts]
            for k, (value, _, _) in enumerate(found):
                picked = MatMul(selector(heights, k), leaf)
                value.terms = (replace(value.terms[0], value=picked),)

    def _stacked_weights(self, factors: Sequence[MatrixExpr], owner: Value) -> Variable:
        key = tuple(factors)
        if key not in self._weights:
            node = build.blocks([[factor] for factor in factors])
            names = [leaf.name for factor in factors for leaf in nodes_in(factor, Variable)]
            leaf = added(self._values, "_".join([*names[:1], "all"]), node, (), owner.role, False)
            self._weights[key] = leaf
        return self._weights[key]

    def _stacked_columns(self, columns: Sequence[MatrixExpr], owner: Value) -> MatrixExpr:
        key = tuple(columns)
        for known, leaf in self._columns.items():
            found = _within(key, known)
            if found is not None:
                return leaf if len(known) == len(key) else _rows(known, found, len(key), leaf)
        source = self._values[columns[0].name]
        leaf = added(
            self._values, f"{source.name}_all", build.blocks([[c] for c in columns]),
            source.ranges, source.role, True,
        )  # fmt: skip
        self._columns[key] = leaf
        return leaf

    def _together(self, columns: Sequence[MatrixExpr]) -> bool:
        """Whether all are leaves at the same steps, computed in one block."""
        if not all(isinstance(c, Variable) and c.steps and c.shape[1] == 1 for c in columns):
            return False
        first = columns[0]
        if tuple(first.steps) != tuple(self._values[first.name].target.steps):
            return False  # what lies before the first step would have to be stacked, too
        blocks = [self._program.block_of.get(c.name) for c in columns]
        ranges = {self._values[c.name].ranges for c in columns}
        same = all(b is blocks[0] for b in blocks) and isinstance(blocks[0], Loop)
        return same and len(ranges) == 1 and all(c.steps == first.steps for c in columns)

    def _in(self, block: Block) -> Iterator[Value]:
        yield from (self._values[name] for name in block.names)

    def _replace(self, chosen: dict[MatrixExpr, MatrixExpr], role: str, but: str) -> None:
        def change(node: MatrixExpr) -> MatrixExpr:
            if node in chosen:
                return chosen[node]
            parts = parts_of(node)
            changed = tuple(map(change, parts))
            return node if changed == parts else with_parts(node, changed)

        for value in self._values.values():
            if value.role == role and value.name != but:
                value.terms = tuple(replace(t, value=change(t.value)) for t in value.terms)


def _nodes(value: Value) -> Iterator[tuple[MatrixExpr, tuple[Range, ...]]]:
    waiting: list[tuple[MatrixExpr, tuple[Range, ...]]] = [
        (t.value, value.ranges) for t in value.terms if not t.domain
    ]
    while waiting:
        node, ranges = waiting.pop(0)
        yield node, ranges
        if isinstance(node, LEAVES):
            continue
        if isinstance(node, BINDERS):
            ranges = (*ranges, Range(node.index, node.lower, node.upper))
        waiting += [(part, ranges) for part in parts_of(node)]


def _plain(value: Value) -> bool:
    return bool(value.terms) and not any(term.domain for term in value.terms)


def _summed(node: MatrixExpr) -> tuple[MatrixExpr, list[Range]]:
    over: list[Range] = []
    while isinstance(node, TimeSum):
        over.append(Range(node.index, node.lower, node.upper))
        node = node.body
    return node, over


def _sides(body: MatrixExpr) -> tuple[MatrixExpr, MatrixExpr | None]:
    """The column and the rest of a product; a column alone has none."""
    if isinstance(body, MatMul) and body.args[0].shape[1] == 1:
        return body.args[0], build.matmul(*body.args[1:])
    return body, None


def _within(part: Key, whole: Key) -> int | None:
    """Where a run of columns begins in a stack."""
    for start in range(len(whole) - len(part) + 1):
        if whole[start : start + len(part)] == part:
            return start
    return None


def _rows(known: Sequence[MatrixExpr], start: int, count: int, leaf: Variable) -> MatrixExpr:
    heights: list[Expr] = [column.shape[0] for column in known]
    picked = [selector(heights, start + k) for k in range(count)]
    return MatMul(build.blocks([list(row.blocks) for row in picked]), leaf)
