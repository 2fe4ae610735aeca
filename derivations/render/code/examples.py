"""Small examples on which an export checks itself; its own tables stand beside these functions.

NumPy stands for whichever library has its functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derivations.render.code.checks import GIVEN, LENGTHS, PARAMETERS, STARTS, extent

Array = Any
SIZES: tuple[str, ...] = ()


def example(
    draw: Callable[[tuple[int, ...]], Array], steps: int = 4
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Parameters between -1 and 1, and a batch of two sequences of numbers between 0.2 and 1.2."""
    sizes = {name: 2 + k for k, name in enumerate(SIZES)}
    lengths = {name: steps + k for k, name in enumerate(LENGTHS)}
    params = {
        name: 2.0 * draw(tuple(extent(e, sizes) for e in form)) - 1.0
        for name, form in PARAMETERS.items()
    }
    data: dict[str, Any] = dict(lengths)
    for name, (times, form) in {**GIVEN, **STARTS}.items():
        lead = tuple(extent(e, lengths) for e in times)
        data[name] = 0.2 + draw((*lead, 2, *(extent(e, sizes) for e in form)))
    return params, data


def form_shape(form: tuple[str, ...]) -> tuple[int, ...]:
    """The shape of a form at the sizes of the example."""
    sizes = {name: 2 + k for k, name in enumerate(SIZES)}
    return tuple(extent(e, sizes) for e in form)


def compared(found: dict[str, Array], expected: dict[str, Array], bound: float) -> float:
    """The largest difference, relative to the largest entry.

    Raises:
        AssertionError: it is larger than ``bound``.
    """
    worst = 0.0
    for name, gradient in found.items():
        scale = max(1.0, float(abs(expected[name]).max()))
        error = float(abs(gradient - expected[name]).max()) / scale
        if not error <= bound:
            raise AssertionError(f"the gradient in {name} is off by {error:.1e}")
        worst = max(worst, error)
    return worst
