"""Whole random cells in the text language, from a seeded generator.

States stand in layers. Within a layer all run in one direction and may read each other at delays;
a layer reads earlier layers at any time that exists, so no instantaneous cycle can arise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from verify.strategies.losses import loss_lines
from verify.strategies.state import State
from verify.strategies.terms import Names, Terms, Value

LETTERS = ("n", "m", "d")
"""Sizes; two variables of one letter have one size."""

STATES = (1, 1, 1, 2, 2, 3)
"""How many states; a cell of three takes ten times as long to check as one of one."""

DEPTHS = (1, 1, 1, 2, 2, 3)
"""How deep the operations of one equation nest."""


def random_cell(rng: Random) -> str:
    """The text of a random cell; the same state of ``rng`` gives the same text.

    Between one and three states with delays up to three, forward or backward in time, vectors or
    matrices, in one to three layers, with gates, attention, initial values and a readout.
    """
    return _Writer(rng).write()


@dataclass
class _Writer:
    rng: Random
    names: Names = field(init=False)
    lines: list[str] = field(default_factory=list)
    sequences: dict[str, list[Value]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = Names(self.rng)

    def write(self) -> str:
        """All lines: declarations and functions first, then equations in any order."""
        layers = self._layers()
        done: list[State] = []
        for layer in layers:
            self._layer(layer, done)
            done += layer
        if self.rng.random() < 0.15:
            self.rng.shuffle(self.lines)
        loss = loss_lines(self.rng, self.names, done)
        if self.rng.random() < 0.2:
            self.names.header.append(self._function())
        for state in done:
            shape = state.rows if state.cols == "1" else f"{state.rows} x {state.cols}"
            self.names.header.append(f"{state.name}[{state.index}]: {shape}")
        return "\n".join((*self.names.header, *self.lines, *loss)) + "\n"

    def _function(self) -> str:
        """A definition of φ, for cells that use it or not."""
        rate = self.names.scalar()
        return self.rng.choice((
            f"phi(u) = max({rate} * u, u)", f"phi(u) = tanh({rate} * u) + 0.1 * u",
            "phi(u) = u / (1 + u ** 2)",
        ))  # fmt: skip

    def _layers(self) -> list[list[State]]:
        count = self.rng.choice(STATES)
        layers: list[list[State]] = []
        for number in range(1, count + 1):
            if not layers or self.rng.random() < 0.5:
                layers.append([])
                forward, index = self.rng.random() < 0.7, "t"
                if number == 1 and count > 1 and self.rng.random() < 0.2:
                    index = "s"
            layers[-1].append(self._state(number, forward, index))
        if len(layers) == 1:
            layers[0] = [State(s.name, s.rows, s.cols, s.lags, s.forward) for s in layers[0]]
        return layers

    def _state(self, number: int, forward: bool, index: str) -> State:
        rows, cols = self.rng.choice(LETTERS), "1"
        matrix = index == "t" and self.rng.random() < 0.2
        if matrix:
            cols = self.rng.choice([letter for letter in LETTERS if letter != rows])
        deepest = self.rng.choice((1, 1, 1, 2, 3))
        lags = {lag for lag in range(1, deepest) if self.rng.random() < 0.5} | {deepest}
        name = f"{'S' if matrix else 'h'}_{number}"
        return State(name, rows, cols, tuple(sorted(lags)), forward, index)

    def _layer(self, layer: list[State], done: list[State]) -> None:
        index, end = layer[0].index, layer[0].end
        sequences = self.sequences.setdefault(index, [])
        inputs = [self._input(index) for _ in range(self.rng.choice((1, 1, 2)))]
        sequences += [Value(v.text.replace(f"[{index}]", "[{}]"), v.rows) for v in inputs]
        common = list(inputs)
        for old in done:
            if old.index == index:
                common.append(old.at())
                common += [old.at(lag) for lag in old.lags if self.rng.random() < 0.3]
        written: list[Value] = []
        for state in layer:
            delayed = [other.at(lag) for other in layer for lag in other.lags
                       if other == state or self.rng.random() < 0.5]  # fmt: skip
            reads = [*common, *written, *delayed]
            for source in done:
                if source.cols == "1" and (source.index != index or self.rng.random() < 0.15):
                    reads.append(self._attention(state, source))
            self._equation(state, Terms(self.rng, self.names, reads, list(sequences), index, end))
            if self.rng.random() < 0.25:
                self._initial(state, done)
            written.append(state.at())
        sequences += [state.sequence for state in layer if state.cols == "1"]

    def _input(self, index: str) -> Value:
        return Value(f"{self.names.fresh('x', 'u')}[{index}]", self.rng.choice(LETTERS))

    def _attention(self, state: State, source: State) -> Value:
        """A weighted sum of a whole sequence, with weights from the state before."""
        score, weight, context = (self.names.fresh(stem) for stem in ("e", "a", "c"))
        # Along the state's own axis the second index needs letters of its own.
        over, other = ("s", "r") if source.index == "s" else ("j", "r")
        key, query = source.sequence.text, state.at(state.lags[0]).text
        if state.cols == "1":
            inner = self.names.matrix(state.rows, source.rows)
            scored = f"dot({query}, {inner} @ {key.format(over)})"
        else:
            scored = f"dot({self.names.vector(source.rows)}, tanh({key.format(over)}))"
        pair = f"[t,{over}]"
        self.lines += [
            f"{score}{pair} = {scored}",
            f"{weight}{pair} = exp(tanh({score}{pair})) / "
            f"sum({other}, 1, {source.end}, exp(tanh({score}[t,{other}])))",
            f"{context}[t] = sum({over}, 1, {source.end}, {weight}{pair} * {key.format(over)})",
        ]
        return Value(f"{context}[t]", source.rows)

    def _equation(self, state: State, terms: Terms) -> None:
        own = tuple(state.at(lag) for lag in state.lags)
        value = self._matrix(state, terms) if state.cols != "1" else self._vector(state, terms, own)
        self.lines.append(f"{state.at().text} = {_bare(value)}")

    def _vector(self, state: State, terms: Terms, own: tuple[Value, ...]) -> str:
        """An update in one of the usual forms around a random expression."""
        size, depth = state.rows, self.rng.choice(DEPTHS)
        inner = terms.affine(size, own)
        form = self.rng.randrange(6)
        if form == 0:
            gate = self._named(f"sigmoid({terms.affine(size, own)})", state)
            new = self._named(terms.squashed(size, depth), state)
            return f"({gate} * {own[0].text} + (1 - {gate}) * {new} + 0.1 * tanh({inner}))"
        if form == 1:
            return f"(tanh({inner}) + {terms.squashed(size, depth)})"
        if form == 2:
            arguments = ", ".join(value.text for value in (*own, *terms.vectors[:1]))
            return f"{self.names.fresh('f')}({arguments}, {self.names.fresh('theta')})"
        if form == 3:
            function = self.rng.choice(("phi", "relu", "tanh", "softplus"))
            return f"{function}({inner} + {self.names.vector(size)})"
        activation = self._named(inner, state)
        extra = terms.vector(size, depth)
        return f"tanh({activation} + {extra})"

    def _named(self, text: str, state: State) -> str:
        """The expression, or the name of an equation for it."""
        if self.rng.random() < 0.5:
            return text
        name = f"{self.names.fresh('z', 'g')}[{state.index}]"
        self.lines.append(f"{name} = {_bare(text)}")
        return name

    def _matrix(self, state: State, terms: Terms) -> str:
        """Updates of a matrix: decay and outer product, delta rule, products from both sides."""
        (rows, cols), old = (state.rows, state.cols), [state.at(lag).text for lag in state.lags]
        left, right = terms.squashed(rows), terms.squashed(cols)
        rest = "".join(f" + {self.names.scalar()} * {text}" for text in old[1:])
        form = self.rng.randrange(5)
        if form == 0:
            return f"({terms.scalar()} * {old[0]} + {left} @ {right}.T{rest})"
        if form == 1:
            return f"(diag(sigmoid({terms.affine(rows)})) @ {old[0]} + {left} @ {right}.T{rest})"
        if form == 2:
            gap = f"({old[0]} @ {right} - {left})"
            return f"({old[0]} - {terms.scalar()} * {gap} @ {right}.T{rest})"
        if form == 3:
            gate = f"sigmoid({left} @ {right}.T)"
            return f"({gate} * {old[0]}{rest} + {left} @ {right}.T)"
        first, second = self.names.matrix(rows, rows), self.names.matrix(cols, cols)
        drive = f"{self.names.fresh('X')}[{state.index}]"
        return f"tanh({first} @ {old[0]} + {old[0]} @ {second} + {drive}{rest})"

    def _initial(self, state: State, done: list[State]) -> None:
        """A value before the first step: learned, computed, or another layer's last state."""
        if state.cols != "1":
            return
        time = "0" if state.forward else f"{state.end}+1"
        sources = [s for s in done if s.cols == "1"]
        weights = self.names.matrix(state.rows, "c")
        value = f"tanh({weights} @ {self.names.fresh('c')})"
        if sources and self.rng.random() < 0.5:
            source = self.rng.choice(sources)
            value = f"{self.names.matrix(state.rows, source.rows)} @ {source.last.text}"
        self.lines.append(f"{state.name}[{time}] = {value}")


def _bare(text: str) -> str:
    """Without the brackets around the whole."""
    if not text.startswith("("):
        return text
    depth = 0
    for position, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text[1:-1] if position == len(text) - 1 else text
    return text
