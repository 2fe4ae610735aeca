"""Every printed formula of every catalogue cell, pasted back as a claim: is it graded correct?

    python benchmarks/pasted.py [--cell NAME]

Each formula is printed in text and in LaTeX with the times for which it was derived, read by the
parser of claims, and checked exactly. What is not correct is listed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.progress import Progress

from derivations import catalogue
from derivations.deriver import Deriver
from derivations.errors import GradproofError
from derivations.loading import load
from derivations.render.layout import latex_rows, text_lines
from derivations.render.style import Style
from derivations.typing.compile import Compiled
from verify.claims.holding import holds
from verify.claims.typing import read_relation
from verify.identities import identities


def printed(compiled: Compiled) -> Iterator[str]:
    """Every formula of a cell, in text and in LaTeX."""
    style = Style(displays=compiled.cell.displays)
    for identity in identities(Deriver(compiled.cell))[0]:
        yield "\n".join(text_lines(identity.formula, style))
        yield latex_rows([identity.formula], style)


def judged(compiled: Compiled, claim: str) -> str:
    """``holds``, or what is wrong."""
    try:
        found = holds(compiled, read_relation(compiled, claim))
    except GradproofError as error:
        return f"refused: {error}"
    return found.status if found.status == "holds" else f"{found.status}: {found.reason}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Paste everything back, and count."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cell", action="append", help="only this one; may be repeated")
    options = parser.parse_args(arguments)
    console, pasted, lost = Console(), 0, list[str]()
    with Progress(console=Console(stderr=True)) as progress:
        for name in progress.track(options.cell or list(catalogue.names())):
            compiled = load(name)
            for claim in printed(compiled):
                pasted += 1
                said = judged(compiled, claim)
                if said != "holds":
                    lost.append(f"{name}: {said}: {claim}")
    console.print(f"printed formulas pasted back: {pasted}, not correct: {len(lost)}")
    for line in lost:
        console.print(f"  {line}", markup=False, highlight=False)


if __name__ == "__main__":
    main()
