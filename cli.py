"""The command line: arguments in, text out. No mathematics here; the rooms are imported lazily."""

from __future__ import annotations

import gc
import sys
from typing import Any

import click

from derivations.options import (
    export_options,
    form_option,
    named,
    output_options,
    plot_options,
    report_options,
    serve_options,
    steps_option,
)

BAD_INPUT = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gradproof")
def gradproof() -> None:
    """Derive the gradients of recurrences as closed forms, and prove them right.

    CELL is a catalogue name, the path of a file, or - for standard input; --eq gives equations in
    its place. Exit status: 0 right, 1 wrong, 2 bad input, 3 undecided.
    """


@gradproof.command("list", epilog="Example: gradproof list functions")
@click.argument(
    "what",
    default="cells",
    type=click.Choice(["cells", "functions", "losses", "topics", "designs"]),
)
def list_(what: str) -> None:
    """List the cells, functions, losses, topics or designs there are."""
    from derivations.listing import listing
    from verify.designs.stock import titles

    rows = titles() if what == "designs" else listing(what)
    width = max(len(name) for name, _ in rows)
    for name, title in rows:
        click.echo(f"{name:<{width}}  {title}".rstrip())


@gradproof.command(epilog="Example: gradproof show lstm --size n=128 --size m=1")
@click.argument("cell", required=False)
@named
@click.option("--counts", is_flag=True, help="Parameters; work and storage of a step.")
@click.option("--size", "sizes", multiple=True, metavar="NAME=N", help="Counts at this size.")
@click.option("--json", "as_json", is_flag=True, help="Cell and counts as a JSON object.")
def show(cell: str | None, equations: Any, counts: bool, sizes: Any, as_json: bool) -> None:
    """Show the equations of a cell as they were typed, and count what it takes.

    The name of a design shows the design.
    """
    from derivations.showing import shown
    from verify.designs.stock import design_text, names

    if not (equations or counts or sizes or as_json) and cell in names():
        click.echo(design_text(str(cell))[0].rstrip())
        return
    click.echo(shown(cell, equations, counts, sizes, as_json))


@gradproof.command(epilog="Example: gradproof plot lstm --what gradient-by-age -o lstm.png")
@click.argument("cell", required=False)
@named
@plot_options
def plot(cell: str | None, equations: tuple[str, ...], **options: Any) -> None:
    """Draw vanishing and exploding gradients, or what reads what (--what graph)."""
    from verify.plots.command import plot as plot_cell

    plot_cell(cell, equations, **options)


@gradproof.command(epilog="Example: gradproof derive lstm --wrt W_f --format text")
@click.argument("cell", required=False)
@named
@click.option("--wrt", metavar="NAME", help="Only the gradient of this variable.")
@click.option("--verify", "verified", is_flag=True, help="Verify every formula first.")
@form_option
@steps_option
@output_options
def derive(
    cell: str | None,
    equations: tuple[str, ...],
    wrt: str | None,
    verified: bool,
    form: Any,
    steps: int | None,
    format_: str,
    document: bool,
    adjoint: Any,
    output: str | None,
) -> None:
    """Derive the gradients of a cell, or a topic, step by step."""
    from derivations.arguments import named_cell
    from derivations.pipeline import derive as derive_cell
    from derivations.publishing import publish
    from derivations.render.document import derivation_document
    from derivations.topics import check_whole, is_topic, topic

    if not equations and is_topic(cell):
        check_whole(str(cell), wrt, form, steps)
        derivation = topic(str(cell)).build()
    else:
        chosen = named_cell(cell, equations)
        cell = chosen if isinstance(chosen, str) else None
        equations = tuple(chosen) if isinstance(chosen, list) else ()
        derivation = derive_cell(chosen, wrt, form or "steps", steps)
    shown = derivation_document(derivation, adjoint, document)
    if verified:
        from verify.commands import publish_verified

        named_or_given = cell if cell is not None else list(equations)
        sys.exit(publish_verified(shown, named_or_given, wrt, format_, output))
    publish(shown, format_, output)


@gradproof.command(epilog='Example: gradproof query rnn "dh[T]/dh[k]" --format text')
@click.argument("arguments", nargs=-1, metavar="CELL QUERY")
@named
@form_option
@steps_option
@output_options
def query(
    arguments: tuple[str, ...],
    equations: tuple[str, ...],
    form: Any,
    steps: int | None,
    format_: str,
    document: bool,
    adjoint: Any,
    output: str | None,
) -> None:
    """Answer one query: a gradient dL/dW, a Jacobian dh[T]/dh[k], an entry dL/dW[i,j]."""
    from derivations.answers import query as answer_query
    from derivations.arguments import cell_and
    from derivations.publishing import publish
    from derivations.render.document import formulas_document

    cell, asked = cell_and(arguments, equations, "QUERY")
    answer = answer_query(cell, asked, form or "adjoint", steps)
    formulas = (*answer.formulas, *answer.where)
    publish(formulas_document(formulas, adjoint, document, answer.cell.displays), format_, output)


@gradproof.command(epilog="Example: gradproof verify lstm gru --method differences")
@click.argument("cells", nargs=-1, metavar="CELL...")
@named
@click.option("--wrt", metavar="NAME", help="Only the gradient of this variable.")
@click.option("--method", metavar="NAMES", help="Of exact, autodiff, differences; all if left out.")
@click.option("--cases", type=int, default=4, help="Sizes, lengths and regimes to try (4).")
@click.option("--seed", type=int, default=0, help="Fixes every number (0).")
@report_options
def verify(
    cells: tuple[str, ...],
    equations: tuple[str, ...],
    wrt: str | None,
    method: str | None,
    cases: int,
    seed: int,
    **printing: Any,
) -> None:
    """Verify every derived formula of cells (or topics) by independent methods."""
    from derivations.arguments import named_cell
    from verify.commands import verify_cells

    given = [(None, equations)] if equations else [(cell, ()) for cell in cells or (None,)]
    chosen = [named_cell(*one) for one in given]
    sys.exit(verify_cells(chosen, wrt, method, cases, seed, **printing))


@gradproof.command(
    epilog='Example: gradproof check rnn "dL/dW_ph = sum(t, 1, T, dL/dp[t] @ h[t].T)"'
)
@click.argument("arguments", nargs=-1, metavar="CELL CLAIM")
@named
@click.option("--file", "file", metavar="FILE", help="Grade every line of a JSONL file instead.")
@click.option("--jobs", type=click.IntRange(1), default=1, help="Processes for a file (1).")
@click.option("--method", metavar="NAMES", help="Of exact, autodiff, differences.")
@click.option("--seed", type=int, default=0, help="Fixes every number (0).")
@click.option("--mend/--no-mend", default=True, help="Search a wrong claim for its mend.")
@report_options
def check(
    arguments: tuple[str, ...],
    equations: tuple[str, ...],
    file: str | None,
    jobs: int,
    method: str | None,
    seed: int,
    mend: bool,
    **printing: Any,
) -> None:
    """Grade a claim about a cell or topic: correct, conditional, wrong or undecided.

    Exit status: 0 correct or conditional, 1 wrong, 2 bad input, 3 undecided. For a file: 2 if a
    line is bad input, else 1 if a claim is wrong, else 3 if one is undecided, else 0.
    """
    from derivations.arguments import cell_and
    from derivations.errors import InputError
    from verify.commands import check_claim, check_file

    methods = tuple(method.split(",")) if method else None
    if file is not None:
        if arguments or equations:
            raise InputError("a file of claims stands in the place of CELL and CLAIM")
        sys.exit(check_file(file, jobs, methods or ("exact",), seed, mend, **printing))
    cell, claim = cell_and(arguments, equations, "CLAIM")
    methods = methods or ("exact", "differences")
    sys.exit(check_claim(cell, claim, methods, seed, mend, **printing))


@gradproof.command(epilog="Example: gradproof design ones-weak --length 16")
@click.argument("file")
@click.option("--length", type=int, default=12, help="Try every word up to this length (12).")
@click.option("--vary", metavar="NAME", help="For which values of this given number it works.")
@click.option("--mend/--no-mend", default=True, help="Search a design that fails for its repair.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def design(file: str, length: int, vary: str | None, mend: bool, as_json: bool) -> None:
    """Decide whether a cell with numbers meets its specification at every length.

    FILE is a design, - for standard input, or the name of one that comes with the tool. Exit
    status: 0 it works, 1 it fails, 2 bad input, 3 undecided.
    """
    from verify.commands import decided

    sys.exit(decided(file, length, vary, mend, as_json))


@gradproof.command(epilog="Example: gradproof serve --port 8000")
@serve_options
def serve(**options: Any) -> None:
    """Open a page on this machine that derives and checks while one types."""
    from verify.serve.command import serve as serve_page

    serve_page(**options)


@gradproof.command("export", epilog="Example: gradproof export lstm --to jax -o lstm.py")
@click.argument("cell", required=False)
@named
@export_options
def export_(
    cell: str | None, equations: tuple[str, ...], output: str | None, **options: Any
) -> None:
    """Write a module that runs a cell and its derived gradients, without this tool."""
    from derivations.arguments import named_cell, write
    from derivations.render.code import asked

    write(asked(named_cell(cell, equations), **options), output)


def main() -> None:
    """Run the command line; bad input ends with a message and status 2, never a traceback."""
    # SymPy's objects live as long as the process: looking for garbage among them takes a tenth of
    # the time of a short run and finds none.
    gc.set_threshold(300_000)
    from derivations.errors import GradproofError

    try:
        gradproof(standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except GradproofError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(BAD_INPUT)
    except RecursionError:
        click.echo("error: an expression is nested too deeply\n  split it into equations", err=True)
        sys.exit(BAD_INPUT)


if __name__ == "__main__":
    main()
