"""Every operation of the JSON API: its path, its fields, and the command whose JSON it gives."""

from __future__ import annotations

from dataclasses import dataclass

from derivations.pipeline import FORMS, MOST_STEPS
from verify.serve.fields import Field

CELL = Field(
    "cell",
    "the name of a catalogue cell, or equations, one a line, in text or LaTeX",
    required=True,
    longest=100_000,
)
QUERY = Field("query", "a gradient dL/dW, a Jacobian dh[T]/dh[k], an entry dL/dW[i,j]")
FORM = Field("form", "which form of a gradient", default="adjoint", choices=FORMS)
STEPS = Field("steps", "how many time steps to write out", type="integer", bounds=(1, MOST_STEPS))
WRT = Field("wrt", "only the gradient of this variable", longest=200)
SEED = Field("seed", "fixes every number", type="integer", default=0, bounds=(0, 2**31 - 1))
METHOD = Field(
    "method",
    "how it is checked",
    default="exact",
    choices=("exact", "differences", "exact,differences"),
)
CLAIM = Field("claim", "LEFT = RIGHT, <= or >=, in text or LaTeX", required=True)
WINDOW = Field("window", "steps of a truncated gradient", type="integer", bounds=(1, 20))


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        name: the last part of its path, and the name of its job.
        command: the command line that prints the same JSON.
        answers: keys that every answer has.
    """

    name: str
    says: str
    command: str
    fields: tuple[Field, ...]
    answers: tuple[str, ...] = ()


OPERATIONS = (
    Operation(
        "show",
        "A cell as typed, and what it costs",
        "gradproof show CELL --json",
        (CELL,),
        ("cell",),
    ),
    Operation(
        "derive",
        "The gradients of a cell, step by step",
        "gradproof derive CELL --format json",
        (CELL, WRT, Field("form", FORM.says, default="steps", choices=FORMS), STEPS),
        ("title", "source", "axes", "symbols", "sections", "notes"),
    ),
    Operation(
        "query",
        "One gradient or Jacobian",
        "gradproof query CELL QUERY --format json",
        (CELL, Field("query", QUERY.says, required=True), FORM, STEPS),
        ("sections", "notes"),
    ),
    Operation(
        "verify",
        "Every derived formula of a cell, verified",
        "gradproof verify CELL --method METHOD --json",
        (CELL, WRT, METHOD, SEED),
        ("cell", "ok", "results", "unavailable"),
    ),
    Operation(
        "check",
        "A claim about a cell, graded",
        "gradproof check CELL CLAIM --method METHOD --json",
        (CELL, CLAIM, METHOD, SEED, Field("mend", "search a mend", "boolean", default=True)),
        ("verdict", "conditions", "evidence", "counterexample", "repair", "correct_form", "error"),
    ),
    Operation(
        "graph",
        "The unrolled computation graph of a cell",
        "gradproof plot CELL --what graph --json",
        (CELL, QUERY, WINDOW, Field("steps", "time steps", type="integer", bounds=(1, 20))),
        ("ends", "nodes", "edges", "query"),
    ),
)
"""All operations; each is a route, a part of the OpenAPI description, and a job of that name."""
PAGE_OPERATIONS = (
    Operation("live", "What the page shows about a cell", "", (CELL, QUERY)),
    Operation("claim", "What the page shows about a claim", "", (CELL, CLAIM)),
)
"""What the page asks for: events with HTML in them, as they are ready."""
