"""The shape of a direct sum: as many times its body as it has terms, which sizes tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Symbol

from derivations.errors import InputError
from derivations.language.tree import Reduction
from derivations.typing.scope import index_value
from derivations.typing.sized import size_symbol
from derivations.typing.sizes import Shape

if TYPE_CHECKING:
    from derivations.typing.infer import Inference


def direct_sum_shape(inference: Inference, node: Reduction, body: Shape) -> Shape:
    """The shape of ``directsum(k, lower, upper, body)``.

    Raises:
        InputError: how many terms there are depends on more than sizes.
    """
    # Whether half of a size is a whole number is looked at where the sum is built.
    halved = {name: Symbol(name, even=True, positive=True) for name in inference.size_names}
    lower, upper = (index_value(end, halved) for end in (node.lower, node.upper))
    count = upper - lower + 1
    if count.free_symbols - set(halved.values()):
        raise InputError(
            f"the size of a direct sum up to {upper} depends on a time",
            node.span,
            "let it run up to a number or a size, as in directsum(k, 1, d/2, M[k,tau])",
        )
    terms = count.xreplace({symbol: size_symbol(symbol.name) for symbol in halved.values()})
    return terms * body[0], terms * body[1]
