"""Index and size expressions as closures over integer bindings: ``t - 1``, ``n*m``, ``1/T``."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache, singledispatch
from typing import Any

from sympy import Add, Expr, Float, Integer, Max, Min, Mul, Pow, Rational, Symbol

from verify.arithmetic.base import Number

Env = dict[Symbol, int]
IndexFunction = Callable[[Env], Number]


class UnboundIndex(KeyError):
    """A time index or size has no value where an expression is evaluated."""

    def __str__(self) -> str:
        return f"no value for the index or size {self.args[0]}"


class NotWhole(ValueError):
    """A time step, a bound or a size came out as a fraction."""


@lru_cache(maxsize=4096)
def compile_index(expr: Expr) -> IndexFunction:
    """The value of ``expr`` given the integer value of each symbol.

    Rational results are ``int`` or ``Fraction``; anything else stays a SymPy number.
    """
    return _compile(expr)


@lru_cache(maxsize=1 << 12)
def compile_integer(expr: Expr) -> Callable[[Env], int]:
    """Like :func:`compile_index`, for what must be whole: steps, bounds, sizes.

    The closure raises NotWhole where the value is not an integer.
    """
    function: Callable[[Env], Any] = compile_index(expr)
    if isinstance(expr, Integer | Symbol) or _is_shift(expr):
        return function

    def run(env: Env) -> int:
        value = function(env)
        if not isinstance(value, int):
            raise NotWhole(f"{expr} = {value} is not a whole number")
        return value

    return run


def whole(value: Fraction) -> int | Fraction:
    """An ``int`` where the fraction is one."""
    return value.numerator if value.denominator == 1 else value


def _is_shift(expr: Expr) -> bool:
    """Whether ``expr`` is a symbol plus an integer."""
    if not isinstance(expr, Add) or len(expr.args) != 2:
        return False
    return isinstance(expr.args[0], Integer) and isinstance(expr.args[1], Symbol)


@singledispatch
def _compile(expr: Expr) -> IndexFunction:
    """Whatever has no closure of its own is left to SymPy, exactly."""
    symbols = tuple(expr.free_symbols)

    def run(env: Env) -> Number:
        bindings = {symbol: Integer(_bound(env, symbol)) for symbol in symbols}
        return _as_number(expr.xreplace(bindings).doit())

    return run


def _bound(env: Env, symbol: Symbol) -> int:
    try:
        return env[symbol]
    except KeyError:
        raise UnboundIndex(symbol) from None


def _as_number(value: Expr) -> Number:
    if isinstance(value, Rational):
        return whole(Fraction(int(value.p), int(value.q)))
    if isinstance(value, Float):
        return whole(Fraction(float(value)))
    if not value.is_number:
        raise UnboundIndex(value)
    return value


@_compile.register
def _(expr: Symbol) -> IndexFunction:
    def run(env: Env) -> Number:
        try:
            return env[expr]
        except KeyError:
            raise UnboundIndex(expr) from None

    return run


@_compile.register(Rational)
@_compile.register(Float)
def _(expr: Rational | Float) -> IndexFunction:
    value = _as_number(expr)
    return lambda env: value


@_compile.register
def _(expr: Add) -> IndexFunction:
    if _is_shift(expr):
        offset, symbol = int(expr.args[0]), expr.args[1]

        def shift(env: Env) -> Number:
            try:
                return env[symbol] + offset
            except KeyError:
                raise UnboundIndex(symbol) from None

        return shift
    terms = [compile_index(term) for term in expr.args]

    def run(env: Env) -> Number:
        total = terms[0](env)
        for term in terms[1:]:
            total = _plus(total, term(env))
        return total

    return run


@_compile.register
def _(expr: Mul) -> IndexFunction:
    factors = [compile_index(factor) for factor in expr.args]

    def run(env: Env) -> Number:
        total = factors[0](env)
        for factor in factors[1:]:
            total = _times(total, factor(env))
        return total

    return run


@_compile.register
def _(expr: Pow) -> IndexFunction:
    base, exponent = compile_index(expr.base), compile_index(expr.exp)

    def run(env: Env) -> Number:
        b, e = base(env), exponent(env)
        if isinstance(b, int | Fraction) and isinstance(e, int):
            return whole(Fraction(b) ** e)
        return _as_number(_exact(b) ** _exact(e))

    return run


@_compile.register(Max)
@_compile.register(Min)
def _(expr: Max | Min) -> IndexFunction:
    arguments = [compile_index(argument) for argument in expr.args]
    choose = max if isinstance(expr, Max) else min

    def run(env: Env) -> Number:
        return choose([argument(env) for argument in arguments])

    return run


def _plus(a: Number, b: Number) -> Number:
    if isinstance(a, int | Fraction) and isinstance(b, int | Fraction):
        total = a + b
        return total if isinstance(total, int) else whole(total)
    return _as_number(_exact(a) + _exact(b))


def _times(a: Number, b: Number) -> Number:
    if isinstance(a, int | Fraction) and isinstance(b, int | Fraction):
        product = a * b
        return product if isinstance(product, int) else whole(product)
    return _as_number(_exact(a) * _exact(b))


def _exact(value: Number) -> Expr:
    if isinstance(value, int | Fraction):
        return Rational(value.numerator, value.denominator)
    return value
