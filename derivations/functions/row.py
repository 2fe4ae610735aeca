"""What one row of the table of elementwise functions says, and how it is asked.

A row is stated once; its SymPy value, its slope, its mpmath value and its code all come from it.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from derivations.functions.spaces import MpmathSpace, RowSpace, Space, SympySpace

Rule = Callable[..., Any]
Side = Literal["left", "right", "mean"]
Backend = Literal["numpy", "complex", "jax", "torch"]


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from ``low`` to ``high``; an open end is not among them."""

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False

    def __contains__(self, x: float) -> bool:
        above = self.low < x if self.open_low else self.low <= x
        return above and (x < self.high if self.open_high else x <= self.high)


REALS = Interval()


@dataclass(frozen=True, slots=True)
class Kink:
    """A point without a derivative: the slopes on its two sides, and which one code takes there.

    For a function of two arguments ``at`` is a value of their difference and the slopes are those
    in the first argument.
    """

    at: Any
    left: Any
    right: Any
    side: Side
    jump: bool = False

    @property
    def convention(self) -> Any:
        """The slope taken at the kink itself."""
        if self.side == "mean":
            total = self.left + self.right
            return Fraction(total) / 2 if isinstance(total, int) else total / 2
        return self.left if self.side == "left" else self.right

    @property
    def is_smooth(self) -> bool:
        """True when the parameters happen to close the kink (ELU with a = 1)."""
        return bool(self.left == self.right) and not self.jump


@dataclass(frozen=True)
class Function:
    """One elementwise function.

    Args:
        name: canonical text name.
        latex: LaTeX head, as in ``\\tanh``.
        value_rule: ``(f, x, *parameters)``; ``f`` is a
            :class:`~derivations.functions.spaces.Space`.
        slope_rules: one per argument, ``(f, x, y, *parameters)`` with ``y`` the value.
        numpy, jax, torch: source templates; ``{x}`` is the argument (``{x2}`` the second one),
            parameters stand by name. Every template yields an atom or a call.
        complex_numpy: the template for complex steps where ``numpy`` is not analytic.
        kernels: names in ``derivations.functions.kernels`` that ``numpy`` calls.
        parameters: names and defaults of the extra scalar parameters.
        slope_in_value: the slope is a formula in ``y`` alone.
        domain: where the value is finite; tan states one period.
        range: bounds of the value; ends that no argument reaches are open.
        gamma: sup of |slope| over the domain, rounded up; may be a rule of the parameters.
        source: paper or textbook.
        latex_form: LaTeX with ``%s`` for the argument where a head is not enough.
        kink_rule: the kinks, given the parameters.
    """

    name: str
    latex: str
    value_rule: Rule
    slope_rules: tuple[Rule, ...]
    numpy: str
    jax: str
    torch: str
    gamma: float | Callable[..., float]
    source: str
    aliases: tuple[str, ...] = ()
    parameters: tuple[tuple[str, Fraction], ...] = ()
    slope_in_value: bool = False
    complex_numpy: str = ""
    kernels: tuple[str, ...] = ()
    domain: tuple[Interval, ...] = (REALS,)
    range: Interval = REALS
    latex_form: str = ""
    kink_rule: Callable[..., tuple[Kink, ...]] = lambda *_: ()

    @property
    def arity(self) -> int:
        """How many arguments the function takes, parameters aside."""
        return len(self.slope_rules)

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of the extra scalar parameters."""
        return tuple(name for name, _ in self.parameters)

    @property
    def defaults(self) -> tuple[Fraction, ...]:
        """Default values of the extra scalar parameters."""
        return tuple(value for _, value in self.parameters)

    def kinks(self, *parameters: Any) -> tuple[Kink, ...]:
        """The kinks at these parameters (the defaults where none are given)."""
        found = self.kink_rule(*(parameters or self.defaults))
        return tuple(kink for kink in found if not kink.is_smooth)

    def slope_bound(self, *parameters: Any) -> float:
        """γ = sup |slope| over the domain, infinite where there is none."""
        if callable(self.gamma):
            return float(self.gamma(*(parameters or self.defaults)))
        return self.gamma

    def with_convention(self, side: Side) -> Function:
        """The same function with another slope at every kink: left, right or their mean."""
        rule = self.kink_rule
        return replace(
            self, kink_rule=lambda *p: tuple(replace(kink, side=side) for kink in rule(*p))
        )

    def value(self, *arguments: Any) -> Any:
        """The value as a SymPy expression; parameters may follow the arguments."""
        return self.value_in(SympySpace(_row_value), *arguments)

    def slope(self, x: Any, y: Any, *parameters: Any, wrt: int = 0) -> Any:
        """The slope as a SymPy expression; other rows stay applied functions of their name.

        Args:
            x: the argument, or the pair of arguments of a function of two.
            y: the value at ``x``.
            parameters: the extra parameters, else their defaults.
            wrt: which argument the slope is in.
        """
        return self.slope_in(RowSpace(_row_value), x, y, *parameters, wrt=wrt)

    def slope_expr(self, wrt: int = 0) -> Any:
        """The slope in the real symbols X (X2) and Y and one symbol per parameter."""
        import sympy

        symbols = sympy.symbols(("X", "X2")[: self.arity], real=True)
        parameters = sympy.symbols(self.parameter_names, real=True)
        x = symbols[0] if self.arity == 1 else tuple(symbols)
        return self.slope(x, sympy.Symbol("Y", real=True), *parameters, wrt=wrt)

    def value_in(self, space: Space, *arguments: Any) -> Any:
        """The value in any space."""
        given, parameters = arguments[: self.arity], arguments[self.arity :]
        return self.value_rule(space, *given, *self._parameters_in(space, parameters))

    def slope_in(self, space: Space, x: Any, y: Any, *parameters: Any, wrt: int = 0) -> Any:
        """The slope in any space, kinks included; arguments as for :meth:`slope`."""
        exact = self._parameters_in(space, parameters)
        arguments = x if isinstance(x, tuple) else (x,)
        slope = self.slope_rules[wrt](space, *arguments, y, *exact)
        place = arguments[0] if self.arity == 1 else arguments[0] - arguments[1]
        for kink in self.kink_rule(*exact):
            # What the first argument does not take at a tie, the second one does.
            taken = kink.convention if wrt == 0 else kink.left + kink.right - kink.convention
            exact_slope = space.number(str(taken)) if isinstance(taken, int | Fraction) else taken
            slope = space.at(place, kink.at, exact_slope, slope)
        return slope

    def mpmath_value(self, *arguments: Any, digits: int = 50) -> Any:
        """The value as an mpmath number with about ``digits`` correct digits."""
        import mpmath

        with mpmath.workdps(_working_digits(digits, arguments)):
            return self.value_in(MpmathSpace(_row_value), *map(mpmath.mpmathify, arguments))

    def mpmath_slope(self, x: Any, *parameters: Any, digits: int = 50, wrt: int = 0) -> Any:
        """The slope at ``x`` (a pair for a function of two) as an mpmath number."""
        import mpmath

        arguments = x if isinstance(x, tuple) else (x,)
        with mpmath.workdps(_working_digits(digits, arguments)):
            space = MpmathSpace(_row_value)
            exact = tuple(map(mpmath.mpmathify, arguments))
            y = self.value_in(space, *exact, *parameters)
            return self.slope_in(space, exact, y, *parameters, wrt=wrt)

    def code(self, backend: Backend, *arguments: str) -> str:
        """Source text of an application to arguments that are source text themselves."""
        names = ("x", "x2")[: self.arity] + self.parameter_names
        texts = (*arguments, *(repr(float(d)) for d in self.defaults))
        template = self._template(backend)
        return template.format(**dict(zip(names, texts[: len(names)], strict=True)))

    def kernel_source(self) -> str:
        """Source of the NumPy helper functions that :meth:`code` calls; empty if it needs none."""
        from derivations.functions import kernels

        return "\n\n".join(inspect.getsource(getattr(kernels, name)) for name in self.kernels)

    def compiled(self, backend: Backend, **modules: Any) -> Callable[..., Any]:
        """The code of the row as a function: exactly the text that an export prints is run.

        Args:
            modules: what the templates of a library call by name: ``jax`` and ``jnp``, or
                ``torch``; those of NumPy find their own.
        """
        if backend not in self._compiled:
            names = ("x", "x2")[: self.arity] + self.parameter_names
            source = f"lambda {', '.join(names)}: {self.code(backend, *names)}"
            # The text is this table's own, never a user's.
            self._compiled[backend] = eval(source, modules or _kernels())  # noqa: S307
        return self._compiled[backend]

    @cached_property
    def _compiled(self) -> dict[str, Callable[..., Any]]:
        return {}

    def _template(self, backend: Backend) -> str:
        if backend == "complex":
            return self.complex_numpy or self.numpy
        templates = {"numpy": self.numpy, "jax": self.jax, "torch": self.torch}
        return templates[backend]

    def _parameters_in(self, space: Space, parameters: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(parameters) > len(self.parameters):
            raise TypeError(f"{self.name} takes {len(self.parameters)} parameters")
        missing = self.defaults[len(parameters) :]
        given = (space.number(str(p)) if isinstance(p, Fraction) else p for p in parameters)
        return (*given, *(space.number(str(value)) for value in missing))


def _row_value(name: str, space: Space) -> Rule:
    """The value of the row ``name`` in ``space``."""
    from derivations.functions.table import FUNCTIONS

    row = FUNCTIONS[name]
    return lambda *arguments: row.value_in(space, *arguments)


def _working_digits(digits: int, arguments: tuple[Any, ...]) -> int:
    """Digits to work with so that ``1 + exp(-x)`` and ``1 + erf(x)`` keep their small part.

    At the cap of 2000 digits that part is far below the least float64.
    """
    size = max(abs(float(argument)) for argument in arguments)
    return digits + 20 + int(min(0.44 * size + 0.22 * size * size, 2000.0))


def _kernels() -> dict[str, Any]:
    """The names that a template of NumPy may use."""
    from derivations.functions import kernels

    return dict(vars(kernels))
