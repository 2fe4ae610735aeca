"""The table, the means and the figure of what ``benchmarks/export.py --results`` wrote.

``python benchmarks/export_table.py FILE [--short] [--plot FIGURE]``

``--short`` prints a table for each cell with a line for each T x B and a column for each n.
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


def grids(rows: Sequence[Row]) -> Iterator[str]:
    """The ratios against jax.grad, and the shares of a plain product's rate, cell by cell."""
    for cell in dict.fromkeys(row["cell"] for row in rows):
        found = {tuple(map(int, r["point"].split("x"))): r for r in rows if r["cell"] == cell}
        sizes = sorted({size for *_, size in found})
        yield f"| {cell}, T x B | {' | '.join(f'n = {size}' for size in sizes)} |"
        yield "|---" * (1 + len(sizes)) + "|"
        for steps, batch in sorted({(steps, batch) for steps, batch, _ in found}):
            entries = [_ratio_and_rate(found.get((steps, batch, size))) for size in sizes]
            yield f"| {steps}x{batch} | {' | '.join(entries)} |"
        yield ""
    yield from means(rows)


def _ratio_and_rate(row: Row | None) -> str:
    if row is None:
        return "-"
    return f"{row['jax.grad'][0]:.2f}, {row['rate'] / row['plain rate']:.0%}"


def plotted(rows: Sequence[Row], path: str) -> None:
    """Draw the ratios against jax.grad over the work of a call."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 3.6), layout="constrained")
    for cell in dict.fromkeys(row["cell"] for row in rows):
        own = [row for row in rows if row["cell"] == cell]
        work = [row["rate"] * row["seconds"] for row in own]
        axes.plot(work, [row["jax.grad"][0] for row in own], "o", label=cell, alpha=0.6)
    axes.axhline(1.0, color="0.5", linewidth=1)
    axes.set(xlabel="multiply-adds of both passes", ylabel="time of jax.grad / time of export")
    axes.set(xscale="log", yscale="log")
    axes.legend(fontsize="small")
    figure.savefig(path, metadata={"Date": None})


def _shown(ratio: Sequence[float]) -> str:
    middle, low, high = ratio
    return f"{middle:5.2f} [{low:.2f}, {high:.2f}]"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results")
    parser.add_argument("--short", action="store_true", help="ratios and rates only")
    parser.add_argument("--plot", help="a file for a figure of the ratios")
    chosen = parser.parse_args()
    lines = Path(chosen.results).read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    rows = [row for row in found if "seconds" in row]
    print("\n".join(grids(rows) if chosen.short else table(rows)))
    for row in found:
        if "limit" in row:
            print(f"\n{row['cell']} {row['point']} took longer than {row['limit']:g} s")
    if chosen.plot:
        plotted(rows, chosen.plot)


if __name__ == "__main__":
    main()
