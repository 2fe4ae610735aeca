"""The function table over a kit of random oracles, with the ties between functions kept.

An oracle gives each argument a value drawn once. What is tied comes from one oracle:

* σ(x) = ½ + odd(x); so σ(−x) = 1 − σ(x), and exp x = σ/(1 − σ), exp(−x) = 1/exp x, exp 0 = 1;
* tanh x = 2σ(2x) − 1, or in the ``exponential`` reading (e²ˣ − 1)/(e²ˣ + 1) with e²ˣ = (eˣ)²: both
  are true, but no function on a field has both, so an identity is tried in either;
* sinh, cosh, sech, silu, mish, elu are rational in exp; softplus x = x/2 + even(x), so softplus x −
  softplus(−x) = x; log undoes exp, and log(1 + exp x), log σ, log softmax are what they are called;
* sin and cos are rational in one odd oracle: sin² + cos² = 1, parity, tan = sin/cos;
* √x is the field's own root, a sign is the Legendre symbol: √(x²) = |x|, √(ab) = √a √b,
  sign(ab) = sign(a) sign(b), relu, leaky_relu, abs, max, min, hard_* by signs.

Not kept: addition formulas (exp(a+b), sin(a+b), log(ab)), tan(arctan x), and what needs an order
(max of three). An identity that needs those is false here; the caller asks floating point.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Protocol

from verify.arithmetic.jets import row_of


class Kit(Protocol):
    """What a number system must supply beside ``+ − × ÷`` on its elements."""

    def constant(self, value: Fraction) -> Any:
        """An exact number."""

    def symbol(self, name: str) -> Any:
        """A number that is as good as any: π."""

    def odd(self, name: str, x: Any) -> Any:
        """A value drawn for ``x``, with odd(−x) = −odd(x)."""

    def even(self, name: str, x: Any) -> Any:
        """A value drawn for ``x``, with even(−x) = even(x)."""

    def log(self, x: Any) -> Any:
        """A value drawn for ``x``, unless :meth:`remember` said what it is."""

    def fresh_log(self, x: Any) -> Any:
        """A value drawn for ``x``, whatever is known."""

    def exp(self, x: Any, otherwise: Callable[[], Any]) -> Any:
        """What ``x`` is known to be the log of, else ``otherwise()``."""

    def remember(self, pair: Callable[[], tuple[Any, Any]]) -> None:
        """``pair()`` is (y, log y); it is asked for when a log is."""

    def root(self, x: Any) -> Any:
        """A square root."""

    def select(self, gap: Any, below: Any, above: Any, equal: Any) -> Any:
        """By the sign of ``gap``."""

    def where_zero(self, gap: Any, value: Any, otherwise: Any) -> Any:
        """``value`` where ``gap`` is zero."""


class OracleSpace:
    """The space (see ``derivations.functions.spaces``) of a kit.

    Args:
        kit: the oracles.
        exponential: whether tanh is read as rational in exp x instead of as 2σ(2x) − 1.
    """

    def __init__(self, kit: Kit, exponential: bool) -> None:
        self._kit, self._exponential = kit, exponential
        self.pi = kit.symbol("pi")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        row = row_of(name)
        return lambda *arguments: row.value_in(self, *arguments)

    def number(self, text: str) -> Any:
        """An exact number."""
        return self._kit.constant(Fraction(text))

    def compare(self, x: Any, point: Any, below: Any, above: Any, equal: Any = None) -> Any:
        """By the sign of x − point."""
        return self._kit.select(x - point, below, above, below if equal is None else equal)

    def at(self, x: Any, point: Any, value: Any, otherwise: Any) -> Any:
        """``value`` where x = point."""
        return self._kit.where_zero(x - point, value, otherwise)

    def sigmoid(self, x: Any) -> Any:
        """½ + odd(x)."""
        return self._kit.odd("sigmoid", x) + Fraction(1, 2)

    def exp(self, x: Any) -> Any:
        """σ/(1 − σ)."""

        def drawn() -> Any:
            half = self._kit.odd("sigmoid", x)
            return (half + Fraction(1, 2)) / (Fraction(1, 2) - half)

        value = self._kit.exp(x, drawn)
        self._kit.remember(lambda: (value, x))
        return value

    def tanh(self, x: Any) -> Any:
        """2σ(2x) − 1, or rational in exp x."""
        if not self._exponential:
            return 2 * self._kit.odd("sigmoid", 2 * x)
        half = 2 * self._kit.odd("sigmoid", x)
        return 2 * half / (1 + half * half)

    def sinh(self, x: Any) -> Any:
        """(exp x − exp(−x))/2."""
        power = self.exp(x)
        return (power - 1 / power) / 2

    def cosh(self, x: Any) -> Any:
        """(exp x + exp(−x))/2."""
        power = self.exp(x)
        return (power + 1 / power) / 2

    def log(self, x: Any) -> Any:
        """What is known, else drawn."""
        return self._kit.log(x)

    def softplus(self, x: Any) -> Any:
        """x/2 + even(x)."""
        value = x / 2 + self._kit.even("softplus", x)
        self._kit.remember(lambda: (1 + self.exp(x), value))
        return value

    def log_sigmoid(self, x: Any) -> Any:
        """−softplus(−x)."""
        value = x / 2 - self._kit.even("softplus", x)
        self._kit.remember(lambda: (self.sigmoid(x), value))
        return value

    def sin(self, x: Any) -> Any:
        """2t/(1 + t²) with t = tan(x/2)."""
        half = self._kit.odd("tan", x)
        return 2 * half / (1 + half * half)

    def cos(self, x: Any) -> Any:
        """(1 − t²)/(1 + t²)."""
        half = self._kit.odd("tan", x)
        return (1 - half * half) / (1 + half * half)

    def tan(self, x: Any) -> Any:
        """sin/cos."""
        half = self._kit.odd("tan", x)
        return 2 * half / (1 - half * half)

    def atan(self, x: Any) -> Any:
        """Odd."""
        return self._kit.odd("arctan", x)

    def erf(self, x: Any) -> Any:
        """Odd."""
        return self._kit.odd("erf", x)

    def sqrt(self, x: Any) -> Any:
        """A root; of a plain number, too."""
        return self._kit.root(self._kit.constant(Fraction(x)) if isinstance(x, int) else x)
