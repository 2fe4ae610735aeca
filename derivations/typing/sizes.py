"""Unification of symbolic sizes: which extents are equal, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Dummy, Expr, Integer, Symbol

Shape = tuple[Expr, Expr]


class Clash(Exception):
    """Two extents that cannot be equal."""


class Sizes:
    """A store of equalities between sizes; unknown sizes are ``Dummy`` symbols."""

    def __init__(self) -> None:
        self._bound: dict[Expr, Expr] = {}

    def fresh(self) -> Dummy:
        """A new unknown size."""
        return Dummy("size", integer=True, positive=True)

    def find(self, size: Expr) -> Expr:
        """The size in terms of the unknowns that are still open."""
        while True:
            known = {s: self._bound[s] for s in size.free_symbols if s in self._bound}
            if not known:
                return size
            size = size.xreplace(known)

    def shape(self, shape: Shape) -> Shape:
        """Both extents, resolved."""
        return self.find(shape[0]), self.find(shape[1])

    def equal(self, a: Expr, b: Expr) -> None:
        """Make two sizes equal.

        Raises:
            Clash: they cannot be: two numbers, two declared sizes, or a size and its multiple.
        """
        a, b = self.find(a), self.find(b)
        if a == b:
            return
        gap = (a - b).expand()
        unknowns = sorted(gap.atoms(Dummy), key=lambda s: s.dummy_index)
        for unknown in unknowns:
            if gap.coeff(unknown) in (1, -1) and not (gap - gap.coeff(unknown) * unknown).has(
                unknown
            ):
                value = (unknown - gap / gap.coeff(unknown)).expand()
                if _positive(value):
                    self._bound[unknown] = value
                    return
        if len(unknowns) == 1:
            value = (unknowns[0] - gap / gap.coeff(unknowns[0])).expand()
            if value.is_number and value.is_integer and value > 0:
                self._bound[unknowns[0]] = value
                return
        raise Clash

    def unify(self, a: Shape, b: Shape) -> None:
        """Make two shapes equal, or change nothing and raise :class:`Clash`."""
        saved = dict(self._bound)
        try:
            self.equal(a[0], b[0])
            self.equal(a[1], b[1])
        except Clash:
            self._bound = saved
            raise

    def name_unknowns(self, shapes: Iterable[Shape], taken: set[str]) -> None:
        """Give every open size a letter, in the order the shapes are met."""
        letters = [letter for letter in "nmdpqrlabcefgijkuvwxyz" if letter not in taken]
        for shape in shapes:
            for extent in self.shape(shape):
                for unknown in sorted(extent.atoms(Dummy), key=lambda s: s.dummy_index):
                    name = letters.pop(0) if letters else f"n_{unknown.dummy_index}"
                    self._bound[unknown] = Symbol(name, integer=True, positive=True)


def _positive(value: Expr) -> bool:
    return not (value.is_number and value <= 0)


def declared_size(text: str) -> Expr:
    """A size as a user declares it: numbers and names joined by ``+`` and ``*``, as ``4*n``."""
    total: Expr = Integer(0)
    for term in text.replace(" ", "").split("+"):
        product: Expr = Integer(1)
        for factor in term.split("*"):
            product *= (
                Integer(int(factor))
                if factor.isdigit()
                else Symbol(factor, integer=True, positive=True)
            )
        total += product
    return total


def scalar(shape: Shape) -> bool:
    """Whether a shape is 1×1 whatever the unknown sizes are."""
    return shape == (1, 1)
