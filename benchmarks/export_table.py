"""The table, the means and the figure of what ``benchmarks/export.py --results`` wrote.

``python benchmarks/export_table.py FILE [--plot FIGURE]``
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import geometric_mean
from typing import Any

Row = Mapping[str, Any]
COLUMNS = ("jax.grad", "torch.nn", "numpy")


def table(rows: Sequence[Row]) -> Iterator[str]:
    """A line for each point, then the mean and the worst of each cell and of all."""
    columns = [name for name in COLUMNS if any(name in row for row in rows)]
    heads = ["cell", "T x B x n", "export", *columns, "rate", "memory"]
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for row in rows:
        own, other = row["bytes"], row["bytes of jax.grad"]
        entries = [
            row["cell"], row["point"], f"{1e3 * row['seconds']:.2f} ms",
            *(_shown(row[name]) if name in row else "-" for name in columns),
            f"{row['rate'] / row['plain rate']:.0%}",
            f"{own / 2**20:.2f} MiB, x {other / own:.1f}",
        ]  # fmt: skip
        yield f"| {' | '.join(entries)} |"
    yield ""
    yield from means(rows)


def means(rows: Sequence[Row]) -> Iterator[str]:
    """Geometric mean and worst ratio against jax.grad, by cell and of all."""
    yield "| cell | points | geometric mean | worst | at |"
    yield "|---|---|---|---|---|"
    cells = [*dict.fromkeys(row["cell"] for row in rows)]
    for cell in [*cells, "all"]:
        own = [row for row in rows if cell in (row["cell"], "all")]
        worst = min(own, key=lambda row: float(row["jax.grad"][0]))
        mean = geometric_mean(row["jax.grad"][0] for row in own)
        place = f"{worst['cell']} {worst['point']}" if cell == "all" else worst["point"]
        yield f"| {cell} | {len(own)} | {mean:.2f} | {worst['jax.grad'][0]:.2f} | {place} |"


def plotted(rows: Sequence[Row], path: str) -> None:
    """Draw the ratios against jax.grad."""
    import matplotlib.pyplot as plt

    points = [*dict.fromkeys(row["point"] for row in rows)]
    figure, axes = plt.subplots(figsize=(9, 3.6), layout="constrained")
    for cell in dict.fromkeys(row["cell"] for row in rows):
        there = [(points.index(r["point"]), r["jax.grad"][0]) for r in rows if r["cell"] == cell]
        axes.plot(*zip(*there, strict=True), "o", label=cell, alpha=0.8)
    axes.axhline(1.0, color="0.5", linewidth=1)
    axes.set_xticks(range(len(points)), points, rotation=90, fontsize="small")
    axes.set(xlabel="T x B x n", ylabel="time of jax.grad / time of export", yscale="log")
    axes.legend(fontsize="small")
    figure.savefig(path, metadata={"Date": None})


def _shown(ratio: Sequence[float]) -> str:
    middle, low, high = ratio
    return f"{middle:5.2f} [{low:.2f}, {high:.2f}]"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results")
    parser.add_argument("--plot", help="a file for a figure of the ratios")
    chosen = parser.parse_args()
    lines = Path(chosen.results).read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    rows = [row for row in found if "seconds" in row]
    print("\n".join(table(rows)))
    for row in found:
        if "limit" in row:
            print(f"\n{row['cell']} {row['point']} took longer than {row['limit']:g} s")
    if chosen.plot:
        plotted(rows, chosen.plot)


if __name__ == "__main__":
    main()
