"""The command ``plot``: a cell and options in, a picture or its numbers out.

JSON, keys are only ever added: ``{"what", "sizes": {name: number}, "seed", "panels": [{"scale",
"title", "x_label", "y_label", "curves": [{"radius", "x": [numbers], "y": [numbers]}]}]}``; a
radius is null for weights from a file, a y where a value overflowed. That of a graph is described
in :mod:`derivations.unrolled.drawn`.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from sympy import Symbol

from derivations.arguments import named_cell
from derivations.cell import Cell
from derivations.counts.sizes import read_sizes
from derivations.deriver import deriver_of
from derivations.errors import InputError
from derivations.loading import load
from verify.plots.given import given_sizes, read_weights
from verify.plots.measured import What, measure, recurrences
from verify.plots.panels import Panel, Setting
from verify.plots.picture import picture
from verify.plots.weights import default_sizes

RADII = (0.5, 0.9, 1.0, 1.5, 3.0)
TITLES: dict[What, str] = {
    "jacobian-norms": "what a state still does later",
    "spectrum": "what one step does, and what many do",
    "gradient-by-age": "what old steps still contribute",
}
STEPS = 60
MOST_STEPS, MOST_ROWS = 500, 256
FORMATS = (".png", ".svg")


def plot(
    cell: str | None,
    equations: tuple[str, ...],
    what: What | Literal["graph"],
    radii: Sequence[float] = (),
    steps: int | None = None,
    sizes: Sequence[str] = (),
    weights: str | None = None,
    seed: int = 0,
    output: str | None = None,
    as_json: bool = False,
    query: str | None = None,
    window: int | None = None,
) -> None:
    """Draw a cell's gradients over time, or its graph; SVG where no file is named.

    Args:
        radii: spectral radii of the recurrent weights; five around 1 where none are given, none
            for weights from a file.
        steps: length of every sequence.
        sizes: ``n=64``.
        weights: an ``.npz`` file with parameters, and inputs stacked over time, by name.
        output: a file that ends in .png or .svg.
        query, window: what is highlighted in a graph; see
            :func:`derivations.unrolled.drawn.computation_graph`.

    Raises:
        InputError: no recurrence, sizes that do not fit, options that do not belong together, a
            file that cannot be read or written.
    """
    if what == "graph":
        if radii or sizes or weights:
            raise InputError(
                "a graph has no weights and no sizes",
                remedy="leave out --radius, --size, --weights",
            )
        return _graph(named_cell(cell, equations), query, window, steps, output, as_json)
    if query is not None or window is not None:
        raise InputError("--query and --window are about a graph", remedy="add --what graph")
    suffix = Path(output).suffix.lower() if output else ".svg"
    if suffix not in FORMATS and not as_json:
        raise InputError(f"{output} is no picture", remedy="let its name end in .png or .svg")
    setting = _setting(named_cell(cell, equations), radii, steps, sizes, weights, seed)
    panels = measure(setting, what)
    if as_json:
        data = {"what": what, "sizes": _named(setting), "seed": seed}
        written = json.dumps({**data, "panels": list(map(_data, panels))}, ensure_ascii=False)
        return _write((written + "\n").encode(), output)
    title = f"{setting.cell.title or 'Recurrent cell'}: {TITLES[what]}"
    drawn = "weights from a file" if weights else f"seeded weights (seed {seed})"
    numbers = ", ".join(f"{name} = {value}" for name, value in _named(setting).items())
    radius = r"; $\rho$: spectral radius of the recurrent weights" if setting.radii else ""
    return _write(picture(panels, title, f"{drawn}, {numbers}{radius}", suffix[1:]), output)


def _graph(
    cell: str | list[str],
    query: str | None,
    window: int | None,
    steps: int | None,
    output: str | None,
    as_json: bool,
) -> None:
    """Draw the unrolled graph, which has no numbers in it."""
    from derivations.unrolled.drawn import computation_graph

    if output is not None and Path(output).suffix.lower() != ".svg" and not as_json:
        raise InputError(f"{output} is no SVG file", remedy="let its name end in .svg")
    found = computation_graph(cell, query, window, steps)
    data = json.dumps(found.as_dict(), ensure_ascii=False) + "\n"
    written = data if as_json else found.svg(alone=True)
    _write(written.encode(), output)


def _setting(
    chosen: str | list[str],
    radii: Sequence[float],
    steps: int | None,
    sizes: Sequence[str],
    weights: str | None,
    seed: int,
) -> Setting:
    compiled = load(chosen)
    cell = compiled.cell
    groups = recurrences(deriver_of(cell))
    given = read_weights(weights, cell) if weights else {}
    known = given_sizes(cell, given)
    length = STEPS if steps is None else steps
    asked = read_sizes(cell, sizes)
    ends = {axis.upper: known.get(axis.upper, length) for axis in cell.axes}
    extents = {s: known.get(s, n) for s, n in (default_sizes(cell, groups) | asked).items()}
    _check(cell, ends, extents, radii)
    return Setting(compiled, extents, ends, seed, tuple(radii) or (() if given else RADII), given)


def _check(
    cell: Cell, ends: dict[Symbol, int], sizes: dict[Symbol, int], radii: Sequence[float]
) -> None:
    for symbol, number in ends.items():
        if not 1 <= number <= MOST_STEPS:
            raise InputError(
                f"{symbol} = {number}", remedy=f"give between 1 and {MOST_STEPS} steps"
            )
    for symbol, number in sizes.items():
        if number > MOST_ROWS:
            raise InputError(f"{symbol} = {number}", remedy=f"give sizes up to {MOST_ROWS}")
    for radius in radii:
        if not 0 < radius < float("inf"):
            raise InputError(f"{radius} is no spectral radius", remedy="give a positive number")


def _named(setting: Setting) -> dict[str, int]:
    return {str(k): v for k, v in (*setting.ends.items(), *setting.sizes.items())}


def _data(panel: Panel) -> dict[str, Any]:
    """A panel for JSON, which has no word for what is not a number."""
    data = asdict(panel)
    for curve in data["curves"]:
        curve["y"] = [y if math.isfinite(y) else None for y in curve["y"]]
    return data


def _write(content: bytes, output: str | None) -> None:
    if output is None:
        sys.stdout.write(content.decode())
        return
    try:
        Path(output).write_bytes(content)
    except OSError as error:
        raise InputError(
            f"{output} cannot be written: {error.strerror or error}",
            remedy="name a file in a folder that exists",
        ) from None
