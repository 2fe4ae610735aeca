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
        while size.is_Atom:
            bound = self._bound.get(size)
            if bound is None:
                return size
            size = bound
        while True:
            known = {s: self._bound[s] for s in size.free_symbols if s in self._bound}
            if not known:
                return size
            size = size.xreplace(known)

    def shape(self, shape: Shape) -> Shape:
        """Both extents, resolved."""
        return self.find(shape[0]), self.find(shape[1])

    def is_column(self, shape: Shape) -> bool:
        """Whether this is known to be a column of more than one entry."""
        rows, cols = self.shape(shape)
        return cols == 1 and rows != 1 and not rows.has(Dummy)

    def equal(self, a: Expr, b: Expr) -> None:
        """Make two sizes equal.

        Raises:
            Clash: they cannot be: two numbers, two declared sizes, or a size and its multiple.
        """
        a, b = self.find(a), self.find(b)
        if a == b:
            return
        if a.is_Atom and b.is_Atom:
            self._bind(a, b)
            return
        gap = (a - b).expand()
        unknowns = sorted(gap.atoms(Dummy), key=lambda s: s.dummy_index)
        solved = [(unknown, _solve(gap, unknown)) for unknown in unknowns]
        possible = [(unknown, value) for unknown, value in solved if value is not None]
        if not possible:
            raise Clash
        # A sum of sizes reads better than a difference, and is always positive.
        unknown, value = min(possible, key=lambda pair: _has_difference(pair[1]))
        self._bound[unknown] = value

    def _bind(self, a: Expr, b: Expr) -> None:
        """The same for single symbols and numbers; the older one of two unknowns is bound."""
        if not a.is_Dummy or (b.is_Dummy and b.dummy_index < a.dummy_index):
            a, b = b, a
        if not a.is_Dummy or (b.is_number and not b.is_positive):
            raise Clash
        self._bound[a] = b

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
            for extent in shape:
                found = self.find(extent)
                if found.is_Symbol and not found.is_Dummy:
                    continue  # known, as most are
                for unknown in sorted(found.atoms(Dummy), key=lambda s: s.dummy_index):
                    name = letters.pop(0) if letters else f"n_{unknown.dummy_index}"
                    self._bound[unknown] = Symbol(name, integer=True, positive=True)


def _has_difference(size: Expr) -> bool:
    return any(c < 0 for c in size.as_coefficients_dict().values())


def _solve(gap: Expr, unknown: Dummy) -> Expr | None:
    """The unknown from ``gap = 0``, if that is a positive whole number of known sizes."""
    factor = gap.coeff(unknown)
    rest = (gap - factor * unknown).expand()
    if factor == 0 or rest.has(unknown):
        return None
    value = (-rest / factor).expand()
    whole = all(c.is_integer for c in value.as_coefficients_dict().values())
    return value if whole and not (value.is_number and value <= 0) else None


def declared_size(text: str) -> Expr:
    """A size as a user declares it: a number, a name, or a multiple: ``4*n``, ``4n``."""
    compact = text.replace(" ", "").replace("*", "")
    digits = compact[: len(compact) - len(compact.lstrip("0123456789"))]
    name = compact[len(digits) :]
    count = Integer(int(digits or "1"))
    return count * Symbol(name, integer=True, positive=True) if name else count


def scalar(shape: Shape) -> bool:
    """Whether a shape is 1×1 whatever the unknown sizes are."""
    return shape == (1, 1)
