"""Identifiers: one for every value, size and end, none of them taken twice."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping

from sympy import Expr, Symbol
from sympy.printing.pycode import PythonCodePrinter

from derivations.program.values import APART

_OTHER = re.compile(r"[^0-9A-Za-z_]")


class Names:
    """The identifiers of one function.

    Args:
        reserved: names that the module uses itself.
    """

    def __init__(self, reserved: Iterable[str]) -> None:
        self._taken = set(reserved)
        self._values: dict[str, str] = {}
        self._symbols: dict[Symbol, str] = {}

    def copy(self) -> Names:
        """The same names, to go on from."""
        twin = Names(self._taken)
        twin._values, twin._symbols = dict(self._values), dict(self._symbols)
        return twin

    def value(self, name: str) -> str:
        """The identifier of a value."""
        # Adjoints of two programs live in functions of their own.
        name = name.replace(APART, "")
        if name not in self._values:
            self._values[name] = self._free(_identifier(name))
        return self._values[name]

    def symbol(self, symbol: Symbol) -> str:
        """The identifier of a size or of the end of an axis."""
        if symbol not in self._symbols:
            self._symbols[symbol] = self._free(_identifier(symbol.name))
        return self._symbols[symbol]

    def local(self, name: str, used: set[str]) -> str:
        """The name, or the nearest one that neither the module nor ``used`` has."""
        while name in self._taken or name in used:
            name += "_"
        used.add(name)
        return name

    def fresh(self, stem: str) -> str:
        """An identifier that nothing else has: the stem and a number."""
        count = 1
        while f"{stem}{count}" in self._taken:
            count += 1
        self._taken.add(f"{stem}{count}")
        return f"{stem}{count}"

    def expression(self, expr: Expr, steps: Mapping[Symbol, str], exact: bool = True) -> str:
        """Sizes, ends and steps in an expression of them.

        Args:
            steps: text of the indices that a loop runs over.
            exact: whether it is a whole number.
        """
        named = {s: Symbol(steps[s] if s in steps else self.symbol(s)) for s in expr.free_symbols}
        printed = expr.xreplace(named)
        if exact or printed.free_symbols:
            return str(_PRINTER.doprint(printed))
        return repr(float(printed))

    def _free(self, name: str) -> str:
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name


def _identifier(name: str) -> str:
    plain = _OTHER.sub("_", name)
    if keyword.iskeyword(plain) or plain[:1].isdigit():
        plain += "_"
    return plain if plain.isidentifier() else f"v_{plain}"


_PRINTER = PythonCodePrinter({"fully_qualified_modules": False})
