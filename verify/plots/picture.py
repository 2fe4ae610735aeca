"""Panels as a picture: logarithmic, blue where things vanish, red where they explode."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from derivations.errors import InputError
from verify.plots.panels import Curve, Panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUES = ("#08306b", "#2171b5", "#6baed6")
REDS = ("#fd8d3c", "#e31a1c", "#800026")
GREY = "#3d3d3d"
VANISHING, EXPLODING = "#eaf2fb", "#fdecea"
HEADER = 0.72
"""Inches above the panels, for the title and what it was measured with."""
LEGEND: dict[str, Any] = {
    "frameon": False, "fontsize": 9, "loc": "upper left", "bbox_to_anchor": (1.0, 1.0),
}  # fmt: skip
DECADES = 10
"""Powers of ten shown on either side of 1: further out there is nothing to learn."""
STYLE = {
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#666666",
    "mathtext.fontset": "cm",
    "svg.hashsalt": "gradproof",
}


def picture(panels: Sequence[Panel], title: str, subtitle: str, format_: str) -> bytes:
    """The panels side by side, as PNG or SVG.

    Raises:
        InputError: matplotlib is not installed.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        raise InputError(
            "a picture needs matplotlib, which is not installed",
            remedy='pip install "gradproof[plot]", or take the numbers with --json',
        ) from None
    with matplotlib.rc_context(STYLE):
        across = min(len(panels), 2)
        down = math.ceil(len(panels) / across)
        width, height = (7.6 if across == 1 else 11.0), 4.2 * down + HEADER
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots(down, across, squeeze=False).flat
        for number, place in enumerate(axes):
            if number < len(panels):
                _draw(place, panels[number])
                if number % across == across - 1 or number == len(panels) - 1:
                    place.legend(**LEGEND)
            else:
                place.set_visible(False)
        figure.get_layout_engine().set(rect=(0, 0, 1, 1 - HEADER / height))
        # A title is no formula.
        plain = title.replace("$", r"\$")
        figure.text(0.01, 1 - 0.31 / height, plain, fontsize=13, fontweight="bold")
        figure.text(0.01, 1 - 0.56 / height, subtitle, fontsize=9, color="#555555")
        target = io.BytesIO()
        # Without a date the same command writes the same bytes.
        metadata: dict[str, Any] = {"Date": None} if format_ == "svg" else {}
        figure.savefig(target, format=format_, dpi=160, metadata=metadata)
    return target.getvalue()


def colours(curves: Sequence[Curve]) -> list[str]:
    """Blue for a spectral radius below 1, darker the smaller; red above, darker the larger."""
    radii = [curve.radius for curve in curves]
    below = sorted({r for r in radii if r is not None and r < 1})
    above = sorted({r for r in radii if r is not None and r > 1})
    shades = {r: _shade(BLUES, i, len(below)) for i, r in enumerate(below)}
    shades |= {r: _shade(REDS, i, len(above)) for i, r in enumerate(above)}
    return [shades.get(r, GREY) if r is not None else GREY for r in radii]


def _shade(shades: Sequence[str], place: int, count: int) -> str:
    if count == 1:
        return shades[1]
    return shades[round(place * (len(shades) - 1) / (count - 1))]


def _label(curve: Curve) -> str:
    return "these weights" if curve.radius is None else rf"$\rho = {curve.radius:g}$"


def _draw(axes: Axes, panel: Panel) -> None:
    axes.set_title(panel.title, loc="left")
    axes.set_xlabel(panel.x_label)
    axes.set_ylabel(panel.y_label)
    if panel.scale == "plane":
        _plane(axes, panel)
    else:
        _logarithmic(axes, panel)


def _logarithmic(axes: Axes, panel: Panel) -> None:
    low, high = _limits(panel.curves)
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.axhspan(1, high, color=EXPLODING, zorder=0, linewidth=0)
    axes.axhspan(low, 1, color=VANISHING, zorder=0, linewidth=0)
    axes.axhline(1, color="#888888", linewidth=0.9, zorder=1)
    marker = "o" if panel.scale == "rank" else None
    for curve, colour in zip(panel.curves, colours(panel.curves), strict=True):
        sizes = np.array(curve.y)
        shown = np.isfinite(sizes) & (sizes > 0)
        axes.plot(
            np.array(curve.x)[shown], sizes[shown], color=colour, label=_label(curve),
            linewidth=1.8, marker=marker, markersize=3,
        )  # fmt: skip
    axes.set_xlim(min(c.x[0] for c in panel.curves), max(c.x[-1] for c in panel.curves))
    # Where no curve runs: they fall from the upper left by rank, and start at 1 by time.
    side = 0.985 if panel.scale == "rank" else 0.015
    for text, x, y, colour in (
        ("explodes", side, 0.97, "#b03a2e"),
        ("vanishes", 0.015, 0.03, "#2e6da4"),
    ):
        axes.text(
            x, y, text, transform=axes.transAxes, color=colour, style="italic",
            ha="right" if x > 0.5 else "left", va="top" if y > 0.5 else "bottom",
        )  # fmt: skip


def _limits(curves: Sequence[Curve]) -> tuple[float, float]:
    """Whole decades around everything, no further than :data:`DECADES` from 1."""
    values = [v for curve in curves for v in curve.y if math.isfinite(v) and v > 0]
    low = min((math.floor(math.log10(v)) for v in values), default=0)
    high = max((math.ceil(math.log10(v)) for v in values), default=0)
    return 10.0 ** max(min(low, -2), -DECADES), 10.0 ** min(max(high, 2), DECADES)


def _plane(axes: Axes, panel: Panel) -> None:
    turn = np.linspace(0, 2 * np.pi, 400)
    axes.axhline(0, color="#cccccc", linewidth=0.7, zorder=0)
    axes.axvline(0, color="#cccccc", linewidth=0.7, zorder=0)
    radii = [math.hypot(x, y) for c in panel.curves for x, y in zip(c.x, c.y, strict=True)]
    far = max(1.25, 1.08 * max(radii))
    axes.set_facecolor(EXPLODING)
    axes.fill(np.cos(turn), np.sin(turn), color=VANISHING, zorder=0, linewidth=0)
    axes.plot(np.cos(turn), np.sin(turn), color="#888888", linewidth=0.9, zorder=1)
    for curve, colour in zip(panel.curves, colours(panel.curves), strict=True):
        axes.scatter(
            curve.x, curve.y, s=9, color=colour, alpha=0.6, label=_label(curve), linewidth=0,
            zorder=2,
        )  # fmt: skip
    axes.set_xlim(-far, far)
    axes.set_ylim(-far, far)
    axes.set_aspect("equal")
