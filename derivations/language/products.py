"""Juxtaposed LaTeX factors: products, calls ``f(z)``, applications ``\\tanh z``, ``∂L/∂W``.

A symbol before a bracket is a call unless the cell uses the symbol as a variable, or it is a
capital letter: ``\\phi(z)`` is a call, ``W(h + b)`` a product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derivations.errors import InputError
from derivations.language import raw
from derivations.language.context import Context
from derivations.language.indicators import condition_of, indicator
from derivations.language.raised import raised
from derivations.language.scripts import Reading, call, entry, plain_letters
from derivations.language.slots import named_slot, slot_number
from derivations.language.symbols import read_symbol
from derivations.language.tree import (
    Binary,
    Call,
    Name,
    Node,
    Partial,
    SlotDerivative,
    Transposed,
)
from derivations.language.vocabulary import LOSS_NAMES, STEP_LENGTHS

_D = raw.Symbol("d")
_DELTA = raw.Symbol("delta")
MAX_ORDER = 9
"""The highest derivative in one argument that is read."""


def read_product(node: raw.Juxtaposed, context: Context, resolve: Callable[[Node], Node]) -> Node:
    """The product of the factors of ``node``, left to right, ``@`` between factors."""
    return _Product(node, context, resolve).read()


@dataclass(slots=True)
class _Product:
    node: raw.Juxtaposed
    context: Context
    resolve: Callable[[Node], Node]
    position: int = 0

    def read(self) -> Node:
        value = self._operand()
        while self.position < len(self.node.items):
            join = self.node.joins[self.position - 1]
            right = self._operand()
            value = Binary("/" if join == "/" else "@", value, right, span=self.node.span)
        return value

    def _item(self, offset: int = 0) -> Node | None:
        place = self.position + offset
        return self.node.items[place] if place < len(self.node.items) else None

    def _joined(self, offset: int = 0) -> Node | None:
        """The item at ``offset``, if nothing stands between it and the one before it."""
        place = self.position + offset
        if place >= len(self.node.items) or self.node.joins[place - 1] != "":
            return None
        return self.node.items[place]

    def _operand(self) -> Node:
        item = self._item()
        assert item is not None
        derivative = self._derivative(item) or self._error_signal(item)
        if derivative is not None:
            return derivative
        condition = condition_of(item, self._joined(1))
        if condition is not None:
            self.position += 1 + condition[1]
            return indicator(condition[0], self.resolve)
        if _is_ones(item):
            return self._ones(item)
        reading = read_symbol(item, self.context, self.resolve)
        if reading is None:
            self.position += 1
            value = self.resolve(item)
            at = self._joined()
            return self._slope_at(value, at) if isinstance(at, raw.Group) else value
        follower = self._joined(1)
        above: tuple[Node, ...] = ()
        below: tuple[Node, ...] = ()
        if isinstance(follower, raw.Scripted) and not follower.primes:
            above, below, follower = follower.sups, follower.subs, follower.base
        if isinstance(follower, raw.Group) and self._is_call(reading, follower):
            self.position += 2
            value = call(reading, [self.resolve(part) for part in follower.items])
            return self._raised(entry(value, below, self.resolve), above)  # softmax(o_t)_i
        follower = None if below else follower
        if reading.kind == "function":
            self.position += 1
            return call(reading, [self._argument(item)])
        if isinstance(follower, raw.Group) and self._is_time(reading, follower):
            self.position += 2
            reading.indices.extend(self.resolve(part) for part in follower.items)
            return self._raised(reading.as_value(), above)
        self.position += 1
        return self.resolve(item)

    def _ones(self, item: Node) -> Node:
        """A column of ones, or a row, as a factor; alone it is the number, spread as needed."""
        row = isinstance(item, raw.Scripted) and bool(item.sups)
        alone = len(self.node.items) == 1
        if isinstance(item, raw.Scripted) and item.subs and (alone or not row):
            self.position += 1
            sizes = tuple(self.resolve(sub) for sub in item.subs)
            stated: Node = Call("ones", (), indices=sizes, span=item.span)
            return Transposed(stated, span=item.span) if row else stated
        if row and alone:
            raise InputError(
                "a row of ones stands alone",
                item.span,
                "Write what it sums behind it: \\mathbf{1}^\\top v.",
            )
        self.position += 1
        column = Call("ones", (), span=item.span)
        return Transposed(column, span=item.span) if row else column

    def _slope_at(self, value: Node, at: raw.Group) -> Node:
        """``\\frac{\\partial f}{\\partial h}(x_t, h_t)``: the derivative of a map at arguments."""
        if not isinstance(value, Partial) or at.bracket != "(":
            return value
        above, below = value.numerator, value.denominator
        if not isinstance(above, Name) or not isinstance(below, Name):
            return value
        if above.name in self.context.known or above.name in LOSS_NAMES:
            return value
        arguments = tuple(self.resolve(part) for part in at.items)
        if not any(isinstance(part, Name) and part.name == below.name for part in arguments):
            return value
        self.position += 1
        applied = Call(above.name, arguments, 0, above.indices, span=value.span)
        return named_slot(applied, below, value.span)

    def _raised(self, value: Node, above: tuple[Node, ...]) -> Node:
        """``value`` with the powers and transposes typed behind its bracket."""
        return raised(value, above, self.context.scalars, self.resolve)

    def _is_call(self, reading: Reading, group: raw.Group) -> bool:
        if reading.kind == "function" or reading.name in self.context.functions:
            return True
        if reading.name in STEP_LENGTHS:
            return False
        if group.bracket != "(" or reading.transposed or self._is_time(reading, group):
            return False
        if reading.primes or reading.kind == "word":
            return reading.name not in self.context.symbols
        if reading.name in self.context.symbols:
            return False
        single = len(group.items) == 1
        return not reading.name[0].isupper() or reading.name == "D" or not single

    def _is_time(self, reading: Reading, group: raw.Group) -> bool:
        """``h(t-1)`` and ``h[t-1]``: brackets that hold nothing but an index."""
        if reading.indices or len(group.items) != 1 or reading.kind == "function":
            return False
        inner = group.items[0]
        if isinstance(inner, raw.Chain):
            letters = [part for item in inner.items for part in plain_letters(item) or ["?"]]
        else:
            letters = plain_letters(inner) or ["?"]
        letters = [letter for letter in letters if not letter.isdigit()]
        if group.bracket == "(":
            return letters == ["t"] and reading.name not in self.context.functions
        return bool(letters) and all(self.context.is_index(letter) for letter in letters)

    def _argument(self, function: Node) -> Node:
        """What ``\\tanh W x`` applies to: the factors up to a dot, slash or next function."""
        start = self.position
        stop = start
        while stop < len(self.node.items) and self.node.joins[stop - 1] == "":
            reading = read_symbol(self.node.items[stop], self.context, self.resolve)
            if stop > start and reading is not None and reading.kind == "function":
                break
            stop += 1
        if stop == start:
            raise InputError(
                "this function has no argument",
                function.span,
                "Write what it applies to behind it, in brackets.",
            )
        return self._slice(start, stop)

    def _slice(self, start: int, stop: int) -> Node:
        self.position = stop
        items = self.node.items[start:stop]
        if len(items) == 1:
            return self.resolve(items[0])
        joins = self.node.joins[start : stop - 1]
        return self.resolve(raw.Juxtaposed(items, joins, span=self.node.span))

    def _error_signal(self, item: Node) -> Node | None:
        """``\\delta h_t`` and ``dh_t`` in a claim are the gradient in ``h_t``, as in papers."""
        known, follower = self.context.known, self._joined(1)
        sign = item.name if isinstance(item, raw.Symbol) and item in (_DELTA, _D) else None
        if sign is None or not known or sign in known or follower is None:
            return None
        variable = self.resolve(follower)
        if not isinstance(variable, Name) or variable.name not in known:
            return None
        self.position += 2
        return Partial(Name("loss"), variable, span=self.node.span)

    def _derivative(self, item: Node) -> Node | None:
        if isinstance(item, raw.Scripted) and isinstance(item.base, raw.Differential):
            return self._below(item, item.base)
        if isinstance(item, raw.Fraction2D):
            upper = item.upper
            while isinstance(upper, raw.Group) and len(upper.items) == 1:
                upper = upper.items[0]
            if isinstance(upper, raw.Differential) or (upper == _D and self._plain_d()):
                return self._operator(item, upper)
        sign = item if isinstance(item, raw.Differential) else None
        if sign is None and not (item == _D and self._plain_d()):
            return None
        return self._slashed(sign)

    def _below(self, item: raw.Scripted, sign: raw.Differential) -> Node:
        """``\\nabla_{W} L``, ``\\partial_{2} f(a, b)`` and ``\\nabla_{h} \\ell_t(h_t)``."""
        slots = sign.kind == "partial" and len(item.sups) < 2
        if len(item.subs) != 1 or (item.sups and not slots):
            raise InputError(
                "only first derivatives are read",
                item.span,
                "Write \\frac{\\partial L}{\\partial W} or \\nabla_{W} L.",
            )
        self.position += 1
        below, operand = self.resolve(item.subs[0]), self._operand_of(item)
        if isinstance(operand, Transposed) and isinstance(operand.operand, Call):
            slope = named_slot(operand.operand, below, self.node.span)  # (∇ f)ᵀ
            return slope if sign.kind == "nabla" else Transposed(slope, span=self.node.span)
        if not isinstance(operand, Call | SlotDerivative):
            derivative = Partial(operand, below, span=self.node.span)
            # A gradient of the loss of one step stands as a column, where ∂L_t/∂h_t is a row.
            of_step = sign.kind == "nabla" and isinstance(operand, Name) and operand.indices
            return Transposed(derivative, span=self.node.span) if of_step else derivative
        if sign.kind == "nabla" and isinstance(operand, Call):
            return Transposed(named_slot(operand, below, self.node.span), span=self.node.span)
        times = slot_number(self.resolve(item.sups[0])) if item.sups else 1
        for _ in range(min(times, MAX_ORDER)):
            operand = SlotDerivative(operand, slot_number(below), span=self.node.span)
        return operand

    def _plain_d(self) -> bool:
        return "d" not in self.context.known

    def _operator(self, item: raw.Fraction2D, upper: Node) -> Node | None:
        """``\\frac{\\partial}{\\partial W} L``."""
        lower = item.lower
        while isinstance(lower, raw.Group) and len(lower.items) == 1:
            lower = lower.items[0]
        if not isinstance(lower, raw.Juxtaposed) or lower.items[0] != upper:
            return None
        self.position += 1
        return Partial(self._operand_of(item), self.resolve(lower.items[1]), span=self.node.span)

    def _operand_of(self, sign: Node) -> Node:
        if self._joined() is None:
            raise InputError(
                "this derivative does not say of what",
                sign.span,
                "Write the variable behind it: \\nabla_{W} L.",
            )
        return self._operand()

    def _slashed(self, sign: raw.Differential | None) -> Node | None:
        """``\\partial h_T / \\partial h_k`` and ``dL / dW``, five or more items from here."""
        start = self.position
        items, joins = self.node.items, self.node.joins
        slash = next((k for k in range(start + 1, min(start + 4, len(items)))
                      if joins[k - 1] == "/"), None)  # fmt: skip
        if slash is None or slash == start + 1 or slash + 1 >= len(items):
            return None
        below = items[slash]
        matches = isinstance(below, raw.Differential) if sign is not None else below == _D
        if not matches or joins[slash] != "":
            return None
        numerator = self._slice(start + 1, slash)
        self.position = slash + 2
        return Partial(
            numerator,
            self.resolve(items[slash + 1]),
            sign is not None and sign.immediate,
            span=self.node.span,
        )


def _is_ones(item: Node) -> bool:
    if isinstance(item, raw.Scripted) and isinstance(item.base, raw.Ones):
        return all(sup in (raw.Mark("top"), raw.Symbol("T")) for sup in item.sups)
    return isinstance(item, raw.Ones)
