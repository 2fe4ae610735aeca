"""A system of definitions at concrete ends and sizes: every leaf's value, on demand.

Values are found in dependency order with a stack of its own, so a chain over T = 10⁴ steps needs
no recursion; each value is computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sympy import Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import Definition, Piece
from derivations.errors import GradproofError
from derivations.expressions.nodes import Jacobian
from verify.arithmetic.base import Arithmetic, Array
from verify.evaluate.compile import compile_expression
from verify.evaluate.frame import VARIABLE, Compiled, Frame, Key
from verify.evaluate.indices import Env, compile_integer
from verify.evaluate.rules import (
    Bindings,
    Head,
    Rule,
    definition_rules,
    formula_rules,
    head_of,
    show_key,
    split,
)

Matched = list[tuple[Rule, Bindings]]


class InstantaneousCycle(GradproofError):
    """Values that need each other at the same concrete steps."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self.keys = tuple(keys)
        super().__init__("instantaneous cycle: " + " → ".join(map(show_key, self.keys)))


class System:
    """Values of all leaves.

    Args:
        definitions: what is defined: forward equations, adjoint or tangent recurrences, or all.
        arithmetic: number system of every value.
        ends: concrete end of each time axis.
        sizes: concrete value of each size symbol.
        free: value of a variable at steps where no equation defines it.
        shifts: added to a value right after it is computed; what reads it sees the sum.
        formulas: what a ``Jacobian`` node is; its index symbols match any concrete steps.
        jacobian: value of a ``Jacobian`` node that no formula matches, and of an adjoint or tangent
            that no definition is about.

    Attributes:
        frame: what has been computed so far.

    Raises:
        ValueError: two definitions are about the same leaf.
    """

    def __init__(
        self,
        definitions: Iterable[Definition],
        arithmetic: Arithmetic,
        ends: Mapping[Symbol, int],
        sizes: Mapping[Symbol, int],
        free: Callable[[Key], Any],
        *,
        shifts: Mapping[Key, Array] | None = None,
        formulas: Mapping[Jacobian, tuple[Piece, ...]] | None = None,
        jacobian: Callable[[Key], Any] | None = None,
    ) -> None:
        self._rules: dict[Head, tuple[Rule, ...]] = {}
        self._targets: dict[Head, Any] = {}
        for definition in definitions:
            self._add(definition.target, definition_rules(definition))
        for target, pieces in (formulas or {}).items():
            self._add(target, formula_rules(target, pieces))
        self.arithmetic = arithmetic
        self._base: Env = {**ends, **sizes}
        self._free = free
        self._shifts = dict(shifts or {})
        self._jacobian = jacobian
        self._sources: dict[Key, frozenset[Key]] = {}
        self.frame = Frame(arithmetic, dict(self._base))

    def value(self, key: Key) -> Array:
        """The value of one leaf at concrete steps, (…, rows, cols).

        Raises:
            InstantaneousCycle: the value needs itself.
            UnboundIndex: a formula uses an index that nothing binds.
        """
        if key not in self.frame.values:
            self._compute([key])
        return self.frame.values[key]

    def preset(self, values: Mapping[Key, Any]) -> None:
        """Give values that were computed elsewhere, so that what they read is not needed."""
        self.frame.values.update({k: self.arithmetic.asarray(v) for k, v in values.items()})

    def evaluate(self, expr: MatrixExpr, indices: Mapping[Symbol, int] | None = None) -> Array:
        """The value of an expression with these index bindings besides ends and sizes."""
        bound = dict(indices or {})
        compiled = self._prepared(expr, [bound])
        with np.errstate(all="ignore"):
            return self._run(compiled.run, bound)

    def evaluate_all(self, expr: MatrixExpr, indices: Sequence[Mapping[Symbol, int]]) -> Array:
        """The values under several bindings of the same indices, side by side on a first axis.

        There is no such axis where the value depends on none of the indices.

        Raises:
            MissingRule: the number system has no values side by side.
        """
        compiled = self._prepared(expr, indices)
        names = list(indices[0])
        listed = {name: tuple([one[name] for one in indices]) for name in names}
        self.frame.spread = frozenset(names)
        try:
            with np.errstate(all="ignore"):
                return self._run(compiled.run, listed)  # type: ignore[arg-type]  # read by parts only
        finally:
            self.frame.spread = frozenset()

    def _prepared(self, expr: MatrixExpr, indices: Sequence[Mapping[Symbol, int]]) -> Compiled:
        """An expression ready to run: all that it reads is computed."""
        compiled = compile_expression(expr)
        if self.frame.common is None:
            # Formulas asked for one after the other have much in common; equations have not.
            self.frame.common = {}
        found: list[Key] = []
        for one in indices:
            compiled.needs({**self._base, **one}, found, self.frame.visited)
        try:
            self._compute([key for key in found if key not in self.frame.values])
        except Exception:
            self.frame.visited.clear()
            raise
        return compiled

    def reevaluate(self, key: Key, replaced: Mapping[Key, Array]) -> Array:
        """The definition of ``key`` once more, all that it reads held fixed but ``replaced``.

        What no equation defines, as an initial value, reads nothing and stays what it is.
        """
        value = self.value(key)
        matched = self._match(key)
        if not matched:
            return replaced.get(key, value)
        kept = self.frame
        self.frame = Frame(self.arithmetic, dict(self._base), {**kept.values, **replaced})
        try:
            with np.errstate(all="ignore"):
                return self._sum(matched)
        finally:
            self.frame = kept

    def leaves(self, expr: MatrixExpr, indices: Mapping[Symbol, int]) -> list[Key]:
        """The leaves that the value of an expression reads, with these index bindings."""
        found: list[Key] = []
        compile_expression(expr).needs({**self._base, **indices}, found)
        return found

    def sources(self, key: Key) -> frozenset[Key]:
        """What no definition gives and the value of ``key`` depends on."""
        known = self._sources.get(key)
        if known is None:
            seen, free, stack = {key}, [], [key]
            while stack:
                current = stack.pop()
                matched = self._match(current)
                if not matched:
                    free.append(current)
                new = [need for need in self._needs(matched) if need not in seen]
                seen.update(new)
                stack.extend(new)
            known = self._sources[key] = frozenset(free)
        return known

    def reads(self, key: Key) -> list[Key]:
        """The leaves that the definition of ``key`` reads; empty where the value is free."""
        return self._needs(self._match(key))

    def defines(self, key: Key) -> bool:
        """Whether an equation applies at these steps."""
        return bool(self._match(key))

    def _add(self, target: Any, rules: tuple[Rule, ...]) -> None:
        head = head_of(target)
        if head in self._rules:
            raise ValueError(f"{target} is defined twice")
        self._rules[head], self._targets[head] = rules, target

    def _compute(self, wanted: list[Key]) -> None:
        # What overflows is there to be seen in the values; a warning would say nothing more.
        with np.errstate(all="ignore"):
            self._compute_in_order(wanted)

    def _compute_in_order(self, wanted: list[Key]) -> None:
        values = self.frame.values
        # The keys in ``waiting`` are the path from what was asked to the top of the stack.
        waiting: dict[Key, Matched] = {}
        stack = list(reversed(wanted))
        while stack:
            key = stack[-1]
            if key in values:
                stack.pop()
                continue
            matched = waiting.get(key)
            if matched is None:
                matched = self._match(key)
                missing = [need for need in self._needs(matched) if need not in values]
                waiting[key] = matched
                if missing:
                    self._refuse_cycle(waiting, missing)
                    stack.extend(missing)
                    continue
            values[key] = self._finish(key, matched)
            del waiting[key]
            stack.pop()

    @staticmethod
    def _refuse_cycle(waiting: Mapping[Key, Matched], missing: Iterable[Key]) -> None:
        for need in missing:
            if need in waiting:
                path = list(waiting)
                raise InstantaneousCycle([*path[path.index(need) :], need])

    def _match(self, key: Key) -> Matched:
        head, steps = split(key)
        matched: Matched = []
        for rule in self._rules.get(head, ()):
            if len(rule.binds) + len(rule.checks) != len(steps):
                expected = len(rule.binds) + len(rule.checks)
                raise ValueError(f"{show_key(key)} has {len(steps)} time steps, not {expected}")
            bound = rule.match(steps, self._base)
            if bound is not None:
                matched.append((rule, bound))
        return matched

    def _needs(self, matched: Matched) -> list[Key]:
        found: list[Key] = []
        for rule, bound in matched:
            rule.body.needs({**self._base, **bound}, found)
        return found

    def _run(self, run: Callable[[Frame], Array], bound: Bindings) -> Array:
        # A scope of its own for each value: no binding outlives it.
        self.frame.env = {**self._base, **bound}
        return run(self.frame)

    def _sum(self, matched: Matched) -> Array:
        total = None
        for rule, bound in matched:
            value = self._run(rule.body.run, bound)
            total = value if total is None else self.arithmetic.add(total, value)
        return total

    def _finish(self, key: Key, matched: Matched) -> Array:
        value = self._sum(matched) if matched else self._undefined(key)
        shift = self._shifts.get(key)
        return value if shift is None else self.arithmetic.add(value, shift)

    def _undefined(self, key: Key) -> Array:
        """Where no rule applies: free for a variable, zero for an adjoint or a tangent."""
        if key[0] == VARIABLE:
            return self.arithmetic.asarray(self._free(key))
        head, _ = split(key)
        target = self._targets.get(head)
        if isinstance(target, Jacobian) or target is None:
            if self._jacobian is not None:
                return self.arithmetic.asarray(self._jacobian(key))
            raise ValueError(f"nothing says what the value of {show_key(key)} is")
        rows, cols = (compile_integer(extent)(self._base) for extent in target.shape)
        return self.arithmetic.zeros(rows, cols)
