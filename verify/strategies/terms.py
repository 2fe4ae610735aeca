"""Random expressions of vector shape, in plain text, over the values that an equation may read.

Every compound stands in brackets of its own, so it can be put anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from derivations.functions import FUNCTIONS
from derivations.functions.row import Function

SQUASHING = ("tanh", "sigmoid", "sin", "softsign", "arctan", "erf", "hard_tanh", "hard_sigmoid")
"""Bounded values: what grows fast is applied to these only, or recurrences overflow."""

SLOPES = ("tanh", "sigmoid", "softplus", "silu", "phi")
PARAMETRIC = ("leaky_relu({}, 0.2)", "elu({}, 1.5)", "max(0, {})")


@dataclass(frozen=True)
class Value:
    """Something an equation may read: its text at one time, and its sizes by letter."""

    text: str
    rows: str
    cols: str = "1"


@dataclass
class Names:
    """Fresh names for one cell, and what has to be said about them outside the equations."""

    rng: Random
    header: list[str] = field(default_factory=list)
    matrices: list[Value] = field(default_factory=list)
    count: int = 0

    def fresh(self, *stems: str) -> str:
        """A name that nothing else has."""
        self.count += 1
        return f"{self.rng.choice(stems)}_{self.count}"

    def matrix(self, rows: str, cols: str) -> str:
        """A weight matrix; now and then one that is in use elsewhere."""
        same = [v.text for v in self.matrices if (v.rows, v.cols) == (rows, cols)]
        if same and self.rng.random() < 0.15:
            return self.rng.choice(same)
        name = self.fresh("W", "U", "A")
        self.matrices.append(Value(name, rows, cols))
        return name

    def scalar(self) -> str:
        """A parameter of size 1×1."""
        name = self.fresh("alpha", "beta", "gamma")
        self.header.append(f"{name}: scalar")
        return name

    def vector(self, size: str) -> str:
        """A parameter vector; its size is declared now and then, else inferred."""
        name = self.fresh("b", "w")
        if self.rng.random() < 0.3:
            self.header.append(f"{name}: {size}")
        return name


class Terms:
    """Random vectors over what one equation may read.

    Args:
        rng: source of every choice.
        names: shared by all equations of the cell.
        reads: values in reach, at their times.
        sequences: patterns of vectors over the whole axis, such as ``x[{}]``, with their size.
        index, end: letters of the time axis.
    """

    def __init__(
        self,
        rng: Random,
        names: Names,
        reads: list[Value],
        sequences: list[Value],
        index: str = "t",
        end: str = "T",
    ) -> None:
        self.rng, self.names = rng, names
        self.vectors = [value for value in reads if value.cols == "1"]
        self.matrices = [value for value in reads if value.cols != "1"]
        self.sequences, self.index, self.end = sequences, index, end

    def vector(self, size: str, depth: int) -> str:
        """A vector of ``size`` whose operations nest about ``depth`` deep."""
        if depth <= 0 or self.rng.random() < 0.15:
            return self.affine(size)
        return self.rng.choice(PRODUCTIONS)(self, size, depth - 1)

    def squashed(self, size: str, depth: int = 0) -> str:
        """A vector whose entries stay bounded."""
        function = self.rng.choice(SQUASHING)
        return f"{function}({self.argument(FUNCTIONS[function], size, depth)})"

    def shifted(self, size: str, depth: int) -> str:
        """A vector plus a parameter: the exact zeros of a dead relu do not land on a kink."""
        return f"({self.vector(size, depth)} + {self.names.vector(size)})"

    def argument(self, row: Function, size: str, depth: int) -> str:
        """An argument inside the domain, off the kinks, and bounded where the slope is not."""
        if all(any(x in part for part in row.domain) for x in (-1e9, 0.0, 1e9)):
            if row.kinks():
                return self.shifted(size, depth)
            grows = row.slope_bound() == float("inf")
            return self.squashed(size, depth) if grows else self.vector(size, depth)
        if any(1e9 in part for part in row.domain):
            return self.positive(size, depth)
        return f"tanh({self.vector(size, depth)})"

    def positive(self, size: str, depth: int) -> str:
        """A vector whose entries stay away from zero."""
        inner = self.vector(size, depth)
        return self.rng.choice((
            f"(1 + square({inner}))", f"(1 + {inner} ** 2)", f"(0.5 + softplus({inner}))",
            f"exp({self.squashed(size)})", f"(1.5 + tanh({inner}))",
        ))  # fmt: skip

    def affine(self, size: str, must: tuple[Value, ...] = ()) -> str:
        """A weighted sum of values, those in ``must`` among them, mostly with a bias."""
        others = self.rng.sample(self.vectors, min(len(self.vectors), self.rng.randint(1, 2)))
        read = list(dict.fromkeys((*must, *others)))
        terms = [self._weighted(value, size) for value in read if value.cols == "1"]
        fitting = [m for m in self.matrices if size in (m.rows, m.cols)]
        if fitting and self.rng.random() < 0.6:
            terms.append(self._through_state(self.rng.choice(fitting), size))
        self.rng.shuffle(terms)
        if self.rng.random() < 0.7 or not terms:
            terms.append(self.names.vector(size))
        return f"({' + '.join(terms)})"

    def scalar(self) -> str:
        """A 1×1 value that stays moderate."""
        pick = self.rng.randrange(6)
        if pick == 0 or not self.vectors:
            return self.names.scalar()
        if pick == 1:
            return f"sigmoid({self.names.scalar()})"
        value = self.rng.choice(self.vectors)
        if pick == 2:
            return f"tanh(dot({self.names.vector(value.rows)}, {value.text}))"
        if pick == 3:
            return f"sigmoid(norm(1 + square({value.text})))"
        return f"tanh({self.rng.choice(('sum', 'mean', 'logsumexp'))}({value.text}))"

    def _weighted(self, value: Value, size: str) -> str:
        draw = self.rng.random()
        if value.rows == size and draw < 0.35:
            return self.rng.choice((
                f"{self.names.vector(size)} * {value.text}",
                f"diag({self.names.vector(size)}) @ {value.text}",
                f"{self.names.scalar()} * {value.text}",
                value.text,
            ))  # fmt: skip
        if draw < 0.45:
            return f"{self.names.matrix(value.rows, size)}.T @ {value.text}"
        if draw < 0.6 and len(self.vectors) > 1:
            other = self.rng.choice(self.vectors)
            weights = self.names.fresh("W", "V")
            return f"{weights} @ concat({value.text}, {other.text})"
        return f"{self.names.matrix(size, value.rows)} @ {value.text}"

    def _through_state(self, state: Value, size: str) -> str:
        inner, text = (state.cols, state.text) if state.rows == size else (state.rows, state.text)
        turned = text if state.rows == size else f"{text}.T"
        fitting = [v.text for v in self.vectors if v.rows == inner] or [self.names.vector(inner)]
        return f"{turned} @ {self.rng.choice(fitting)}"


Production = Callable[[Terms, str, int], str]


def _table(terms: Terms, size: str, depth: int) -> str:
    row = terms.rng.choice([row for row in FUNCTIONS.values() if row.arity == 1])
    return f"{row.name}({terms.argument(row, size, depth)})"


def _gates(terms: Terms, size: str, depth: int) -> str:
    gate = f"sigmoid({terms.affine(size)})"
    return f"({gate} * {terms.vector(size, depth)} + (1 - {gate}) * {terms.vector(size, depth)})"


def _product(terms: Terms, size: str, depth: int) -> str:
    return f"({terms.squashed(size)} * {terms.vector(size, depth)})"


def _sum(terms: Terms, size: str, depth: int) -> str:
    sign = terms.rng.choice("+-")
    return f"({terms.vector(size, depth)} {sign} {terms.vector(size, depth)})"


def _quotient(terms: Terms, size: str, depth: int) -> str:
    below = terms.positive(size, depth)
    if terms.vectors and terms.rng.random() < 0.3:
        text = terms.rng.choice(terms.vectors).text
        below = f"(1 + dot({text}, {text}))"
    return f"({terms.vector(size, depth)} / {below})"


def _softmax(terms: Terms, size: str, depth: int) -> str:
    return f"softmax({terms.vector(size, depth)})"


def _scaled(terms: Terms, size: str, depth: int) -> str:
    return f"({terms.scalar()} * {terms.vector(size, depth)})"


def _extremum(terms: Terms, size: str, depth: int) -> str:
    function = terms.rng.choice(("max", "min"))
    return f"{function}({terms.shifted(size, depth)}, {terms.vector(size, depth)})"


def _arbitrary(terms: Terms, size: str, depth: int) -> str:
    return f"{terms.rng.choice(('phi', 'psi'))}({terms.shifted(size, depth)})"


def _parametric(terms: Terms, size: str, depth: int) -> str:
    return terms.rng.choice(PARAMETRIC).format(terms.shifted(size, depth))


def _slope(terms: Terms, size: str, depth: int) -> str:
    return f"{terms.rng.choice(SLOPES)}'({terms.vector(size, depth)})"


def _power(terms: Terms, size: str, depth: int) -> str:
    exponent = terms.rng.choice(("0.5", "(-1)", "1.5", "(-2)"))
    return f"{terms.positive(size, depth)} ** {exponent}"


def _projected(terms: Terms, size: str, depth: int) -> str:
    top, bottom = terms.squashed(size, depth), terms.vector(size, depth)
    return f"({terms.names.fresh('W', 'V')} @ concat({top}, {bottom}) + {terms.names.vector(size)})"


def _over_time(terms: Terms, size: str, depth: int) -> str:
    """A sum over the same axis, causal or whole, of what does not depend on this equation."""
    if not terms.sequences:
        return terms.vector(size, depth)
    value = terms.rng.choice(terms.sequences)
    upper = terms.rng.choice((terms.index, terms.end))
    weights = terms.names.matrix(size, value.rows)
    return f"(sum(k, 1, {upper}, {weights} @ {value.text.format('k')}))"


def _map(terms: Terms, size: str, depth: int) -> str:
    del depth  # the arguments of an arbitrary map are plain values: nothing is lost
    read = terms.rng.sample(terms.vectors, min(2, len(terms.vectors)))
    arguments = ", ".join([value.text for value in read] + [terms.names.fresh("theta")])
    return f"({terms.names.vector(size)} + {terms.names.fresh('f')}({arguments}))"


PRODUCTIONS: tuple[Production, ...] = (
    _table, _table, _table, _table, _gates, _product, _sum, _quotient, _softmax, _scaled,
    _extremum, _arbitrary, _parametric, _slope, _power, _projected, _over_time, _map,
)  # fmt: skip
"""Ways to make a vector; one that stands several times is that much likelier."""
