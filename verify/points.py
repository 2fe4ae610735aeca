"""A cell at one case: the numbers its formulas give there, and those an oracle gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from sympy import Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.cell import LOSS, Cell, Definition
from derivations.expressions.nodes import Adjoint, Entry, Jacobian, Variable
from verify.arithmetic.arbitrary import generator
from verify.arithmetic.base import Arithmetic
from verify.arithmetic.numpy import NumpyArithmetic
from verify.cases import Case, times
from verify.evaluate import Key, System, variable
from verify.evaluate.indices import compile_integer
from verify.identities import Identity
from verify.oracles import Derivative, Estimate, Oracle, as_gradient, rounding_bound
from verify.precision import frobenius
from verify.problem import ForwardProblem
from verify.sampling import Sampler

LOSS_KEY = variable(LOSS)
EPSILON = float(np.finfo(float).eps)
NUDGE = 1e-4
"""How far a neighbour is, relative to the size of a value."""


@dataclass(frozen=True, eq=False)
class Instance:
    """An identity at concrete values of its own indices."""

    identity: Identity
    at: Mapping[Symbol, int]

    @property
    def right(self) -> MatrixExpr:
        """The side that is in question."""
        return self.identity.formula.right


@dataclass(frozen=True, eq=False)
class Point:
    """A cell at one case, with its forward problem and its derived recurrences.

    Attributes:
        moved: added to values right after an equation gave them.
    """

    cell: Cell
    derived: tuple[Definition, ...]
    case: Case
    sampler: Sampler
    moved: Mapping[Key, np.ndarray] = field(default_factory=dict)

    @cached_property
    def problem(self) -> ForwardProblem:
        """What an oracle sees."""
        cell, case = self.cell, self.case
        whole = ForwardProblem.of(cell, case.ends, case.sizes, self.sampler, case.seed)
        return replace(whole, moved=self.moved)

    @cached_property
    def computed(self) -> System:
        """Forward equations and derived recurrences together, in float64."""
        return self.system(NumpyArithmetic(seed=self.case.seed))

    def system(self, arithmetic: Arithmetic) -> System:
        """Forward equations and derived recurrences together."""
        shifts = {key: arithmetic.asarray(offset) for key, offset in self.moved.items()}
        definitions = (*self.cell.definitions, *self.derived)
        case = self.case
        return System(definitions, arithmetic, case.ends, case.sizes, self.sampler, shifts=shifts)

    def instances(self, identities: Sequence[Identity]) -> list[Instance]:
        """The identities at the times of this case."""
        ends, sizes = self.case.ends, self.case.sizes
        return [Instance(i, at) for i in identities for at in times(i.formula.domain, ends, sizes)]

    def claimed(self, instance: Instance) -> Estimate:
        """The right side in float64."""
        value = np.asarray(self.computed.evaluate(instance.right, instance.at))
        return self.rounded(value)

    def rounded(self, value: np.ndarray) -> Estimate:
        """A float64 value that is off by no more than well-conditioned rounding."""
        return Estimate(value, rounding_bound(value, EPSILON, self.problem))

    def beside(self, number: int) -> Point:
        """The same case at a neighbouring point."""
        return replace(self, sampler=self.sampler.neighbour(number, NUDGE))

    def moving(self, key: Key, number: int) -> Point:
        """This point with one value moved, whatever its equation says.

        What a dead unit passes on is exactly 0 at every neighbour: only so does it leave a kink.
        """
        size = frobenius(self.problem.computed.value(key)) or 1.0
        draw = generator(self.case.seed, "moved", number, *key)
        offset = NUDGE * size * draw.standard_normal(self.problem.shape(key))
        return replace(self, moved={key: offset})

    def key(self, leaf: MatrixExpr, at: Mapping[Symbol, int]) -> Key:
        """The variable at concrete steps that a leaf is, or is the adjoint of."""
        env = self._scope(at)
        return variable(leaf.name, *(compile_integer(step)(env) for step in leaf.steps))

    def below(self, instance: Instance) -> Key:
        """What the left side is differentiated by; the variable itself for a plain value."""
        core = _core(instance.identity.formula.left)
        return self.key(core.denominator if isinstance(core, Jacobian) else core, instance.at)

    def truths(self, instances: Sequence[Instance], judge: Oracle) -> list[Estimate]:
        """The oracle's value of every left side; all that it is asked about in one go."""
        asked = dict.fromkeys(derivative for i in instances for derivative in self._asked(i))
        found = judge.derivatives(list(asked), self.problem) if asked else {}
        return [self._truth(instance, found) for instance in instances]

    def _asked(self, instance: Instance) -> Iterator[Derivative]:
        core = _core(instance.identity.formula.left)
        if isinstance(core, Adjoint):
            yield Derivative(LOSS_KEY, self.key(core, instance.at))
        elif isinstance(core, Jacobian):
            top, bottom = (self.key(v, instance.at) for v in (core.numerator, core.denominator))
            yield Derivative(top, bottom, core.immediate)
        elif not isinstance(core, Variable):
            raise TypeError(f"no oracle gives the value of a {type(core).__name__}")

    def _truth(self, instance: Instance, found: Mapping[Derivative, Estimate]) -> Estimate:
        left = instance.identity.formula.left
        core, asked = _core(left), next(self._asked(instance), None)
        if asked is None:
            whole = self.rounded(np.asarray(self.problem.computed.value(self.below(instance))))
        elif isinstance(core, Adjoint):
            whole = as_gradient(found[asked], asked.wrt, self.problem)
        else:
            whole = found[asked]
        if not isinstance(left, Entry):
            return whole
        env = self._scope(instance.at)
        row, col = (compile_integer(place)(env) - 1 for place in (left.row, left.col))
        return Estimate(whole.value[row : row + 1, col : col + 1], whole.error)

    def _scope(self, at: Mapping[Symbol, int]) -> dict[Symbol, int]:
        return {**self.case.ends, **self.case.sizes, **at}


def _core(left: MatrixExpr) -> MatrixExpr:
    return left.matrix if isinstance(left, Entry) else left
