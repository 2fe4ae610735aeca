"""A number as a formula in the symbolic sizes: grouped as a paper prints it, or evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sympy import Expr, Integer, Symbol

from derivations.render.names import latex_index, text_index


@dataclass(frozen=True)
class Count:
    """A sum of products of sizes; ``terms`` keeps the order in which they were counted."""

    terms: tuple[Expr, ...] = ()

    @classmethod
    def of(cls, terms: Iterable[Expr]) -> Count:
        """The sum of some terms."""
        return cls(tuple(terms))

    @classmethod
    def sorted(cls, terms: Iterable[Expr]) -> Count:
        """The sum of some terms, the products of most sizes first."""
        products = sum(terms, Integer(0)).expand().as_coefficients_dict().items()
        ranked = sorted(products, key=lambda item: (-_degree(item[0]), str(item[0])))
        return cls(tuple(often * product for product, often in ranked))

    def __add__(self, other: Count) -> Count:
        return Count(self.terms + other.terms)

    @property
    def total(self) -> Expr:
        """The whole as one expression, expanded."""
        return sum(self.terms, Integer(0)).expand()

    def __bool__(self) -> bool:
        return self.total != 0

    def at(self, sizes: Mapping[Symbol, int]) -> Count:
        """The same with numbers in place of some sizes."""
        return Count.sorted((self.total.xreplace({s: Integer(v) for s, v in sizes.items()}),))

    @property
    def value(self) -> int | None:
        """The number, where no size is left."""
        return int(self.total) if self.total.is_Integer else None

    def text(self) -> str:
        """``4*(m*n + n**2 + n)``."""
        return self._printed(text_index, "*")

    def latex(self) -> str:
        r"""``4 (m n + n^{2} + n)``."""
        return self._printed(latex_index, " ")

    def _printed(self, printed: Callable[[object], str], times: str) -> str:
        pieces = [_group(*group, printed, times) for group in self._groups()]
        return " ".join([pieces[0].removeprefix("+ "), *pieces[1:]]) if pieces else "0"

    def _groups(self) -> list[tuple[Expr, list[Expr]]]:
        """Products of sizes that come equally often, in the order of their first term."""
        often = self.total.as_coefficients_dict()
        first = [product for term in self.terms for product in _products(term)]
        groups: dict[Expr, list[Expr]] = {}
        for product in dict.fromkeys([*first, *often]):
            if often.get(product, 0) != 0:
                groups.setdefault(often[product], []).append(product)
        return list(groups.items())


def _products(term: Expr) -> tuple[Expr, ...]:
    return tuple(term.expand().as_coefficients_dict())


def _degree(product: Expr) -> int:
    return int(sum(product.as_powers_dict().values())) if product.free_symbols else 0


def _group(often: Expr, products: list[Expr], printed: Callable[[object], str], times: str) -> str:
    """One group with its sign in front: ``+ 4*(m*n + n)``."""
    sign, size = ("-", -often) if often < 0 else ("+", often)
    if products == [1]:
        return f"{sign} {printed(size)}"
    if size == 1:
        return " ".join(f"{sign} {printed(product)}" for product in products)
    inside = " + ".join(map(printed, products))
    whole = inside if len(products) == 1 else f"({inside})"
    return f"{sign} {printed(size)}{times}{whole}"
