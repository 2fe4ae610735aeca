"""What ``show`` prints: a cell as it was typed, and what is counted about it if that is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence

from derivations.arguments import named_cell
from derivations.loading import cell_text, read_cell


def shown(
    cell: str | None,
    equations: tuple[str, ...],
    counted: bool = False,
    sizes: Sequence[str] = (),
    as_json: bool = False,
) -> str:
    """The text of a cell; with counts, a text that still reads as the same cell.

    Args:
        counted: print the counts, too; sizes and JSON ask for them as well.
        sizes: ``n=128``, sizes at which the formulas are evaluated.

    Raises:
        InputError: no such cell, or no such size.
    """
    chosen = named_cell(cell, equations)
    read_cell(chosen)
    text = cell_text(chosen)[0] if isinstance(chosen, str) else "\n".join(chosen)
    text = text.rstrip()
    if not (counted or sizes or as_json):
        return text
    # Typing a cell needs SymPy; reading one does not.
    from derivations.counts import count
    from derivations.counts.data import counts_data
    from derivations.counts.report import counts_text
    from derivations.counts.sizes import read_sizes

    counts = count(chosen)
    given = read_sizes(counts.cell, sizes)
    if as_json:
        return json.dumps({"cell": text, **counts_data(counts, given)}, ensure_ascii=False)
    return f"{text}\n\n{counts_text(counts, given)}"
