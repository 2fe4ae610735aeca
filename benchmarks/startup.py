"""What a command costs beyond the import it cannot do without.

    python benchmarks/startup.py [--repeats N] [--check]

Each command of the tool is timed beside a Python process that only imports the library that the
command needs: SymPy to derive or to verify exactly, JAX to verify in every way, nothing to list.
``--check`` fails where a ratio of medians is above its limit.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from clock import PYTHON, gradproof, measure


@dataclass(frozen=True)
class Pair:
    """A command, what it is compared with, and the largest ratio it may have."""

    arguments: tuple[str, ...]
    baseline: str
    limit: float


PAIRS = (
    Pair(("derive", "lstm"), "import sympy", 3),
    Pair(("verify", "lstm"), "import jax", 10),
    Pair(("verify", "lstm", "--method", "exact"), "import sympy", 3),
    # A bare interpreter takes some 20 ms; the command line library alone doubles that.
    Pair(("list",), "pass", 15),
    Pair(("show", "lstm"), "pass", 15),
)


def main() -> None:
    """Measure, print the table, and check the limits if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--check", action="store_true", help="fail above a limit")
    options = parser.parse_args()

    commands = {" ".join(pair.arguments): gradproof(*pair.arguments) for pair in PAIRS}
    commands |= {pair.baseline: [PYTHON, "-c", pair.baseline] for pair in PAIRS}
    timings = measure(commands, options.repeats)

    print(f"median of {options.repeats} runs, taken in turns  [fastest, slowest]\n")
    columns = f"{'gradproof …':28}{'wall time':>31}   {'python -c …':14}{'wall time':>31}"
    print(f"{columns}   ratio  limit")
    slow = []
    for pair in PAIRS:
        name = " ".join(pair.arguments)
        ours, theirs = timings[name], timings[pair.baseline]
        ratio = ours.median / theirs.median
        numbers = f"{ratio:5.2f}  {pair.limit:5g}"
        print(f"{name:28}{ours!s:>31}   {pair.baseline:14}{theirs!s:>31}   {numbers}")
        if ratio > pair.limit:
            slow.append(name)
    if options.check and slow:
        raise SystemExit(f"above the limit: {', '.join(slow)}")


if __name__ == "__main__":
    main()
