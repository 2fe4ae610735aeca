"""The operators of an entry in an object array, from five operations that its class defines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np


class Entry(ABC):
    """A number-like value; a number beside it is lifted, an array beside it takes over."""

    __slots__ = ()

    @abstractmethod
    def lift(self, other: Any) -> Self:
        """A number as an entry of this kind."""

    @abstractmethod
    def plus(self, other: Self) -> Self:
        """The sum."""

    @abstractmethod
    def times(self, other: Self) -> Self:
        """The product."""

    @abstractmethod
    def over(self, other: Self) -> Self:
        """The quotient."""

    @abstractmethod
    def negated(self) -> Self:
        """The negative."""

    def __add__(self, other: Any) -> Self:
        return NotImplemented if isinstance(other, np.ndarray) else self.plus(self.lift(other))

    def __mul__(self, other: Any) -> Self:
        return NotImplemented if isinstance(other, np.ndarray) else self.times(self.lift(other))

    def __truediv__(self, other: Any) -> Self:
        return NotImplemented if isinstance(other, np.ndarray) else self.over(self.lift(other))

    def __sub__(self, other: Any) -> Self:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return self.plus(self.lift(other).negated())

    def __neg__(self) -> Self:
        return self.negated()

    def __rsub__(self, other: Any) -> Self:
        return self.lift(other).plus(self.negated())

    def __rtruediv__(self, other: Any) -> Self:
        return self.lift(other).over(self)

    __radd__ = __add__
    __rmul__ = __mul__
