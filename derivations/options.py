"""Options that several commands have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from derivations.functions import Side


def _take_slopes(context: click.Context, parameter: click.Parameter, side: Side | None) -> None:
    if side is not None:
        from derivations.functions import taking_slopes

        context.with_resource(taking_slopes(side))


def named(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--eq``, which stands in the place of a cell's name, and ``--kinks``."""
    command = click.option(
        "--kinks", type=click.Choice(["left", "right", "mean"]), expose_value=False,
        callback=_take_slopes,
        help="The slope at every kink: from the left, from the right, or their mean.",
    )(command)  # fmt: skip
    return click.option(
        "--eq", "equations", multiple=True, metavar="EQUATION",
        help="An equation in place of CELL; repeatable, text or LaTeX.",
    )(command)  # fmt: skip


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How a derivation is printed, and where to."""
    command = click.option(
        "-o", "--output", type=click.Path(dir_okay=False), help="Write to a file."
    )(command)
    command = click.option(
        "--adjoint", type=click.Choice(["partial", "bar"]), default="partial",
        help="Write adjoints as ∂L/∂h or as h with a bar.",
    )(command)  # fmt: skip
    command = click.option(
        "--document", is_flag=True, help="A LaTeX document that compiles as it is."
    )(command)
    return click.option(
        "--format", "format_", default="latex", metavar="FORMAT",
        help="latex (default), text, markdown, html, pdf or json.",
    )(command)  # fmt: skip


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How what was found is printed, and where to."""
    for option in (
        click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to a file."),
        click.option("--json", "as_json", is_flag=True, help="The same as --format json."),
        click.option(
            "--format", "format_", default="text", show_default=True,
            type=click.Choice(["text", "json", "html", "latex", "pdf"]),
            help="json is one object per line, html one page, latex one article.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def plot_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What is drawn, at which weights, and where to."""
    for option in (
        click.option(
            "--json", "as_json", is_flag=True, help="What is drawn as a JSON object."
        ),
        click.option(
            "-o", "--output", type=click.Path(dir_okay=False),
            help="A .png or .svg file; SVG to standard output if left out.",
        ),
        click.option("--seed", type=int, default=0, help="Fixes every drawn number (0)."),
        click.option(
            "--weights", metavar="FILE.npz",
            help="Arrays by name (numpy.savez): parameters, inputs stacked over time.",
        ),
        click.option("--size", "sizes", multiple=True, metavar="NAME=N", help="Such as n=64."),
        click.option("--steps", type=int, help="Length of the sequence (60; graph: 3)."),
        click.option(
            "--radius", "radii", type=float, multiple=True,
            help="Spectral radius of the recurrent weights; repeatable.",
        ),
        click.option(
            "--window", type=int, metavar="W",
            help="graph: the query truncated to paths across fewer than W delays.",
        ),
        click.option(
            "--query", metavar="QUERY", help="graph: highlight the paths of a gradient or Jacobian."
        ),
        click.option(
            "--what",
            type=click.Choice(["jacobian-norms", "spectrum", "gradient-by-age", "graph"]),
            default="jacobian-norms", show_default=True, help="What is drawn.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def export_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What a module is written for, and how its programs are rewritten."""
    for option in (
        click.option(
            "-o", "--output", type=click.Path(dir_okay=False), help="Write to a file."
        ),
        click.option("--explain", is_flag=True, help="Print what the programs take instead."),
        click.option(
            "--without", multiple=True, metavar="REWRITE", help="Leave a rewrite out; repeatable."
        ),
        click.option(
            "--wrt", multiple=True, metavar="NAME",
            help="A gradient that is asked for; repeatable. Default: all parameters.",
        ),
        click.option(
            "--window", type=int, metavar="K",
            help="Follow each loss for K steps only: truncated gradients.",
        ),
        click.option(
            "--checkpoint", metavar="sqrt|N",
            help="Store the start of every N steps (of sqrt T) only; compute the rest again.",
        ),
        click.option(
            "--to", "library", required=True, metavar="LIBRARY", help="jax, numpy or torch."
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def serve_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where a page is served, and what one request may take."""
    for option in (
        click.option(
            "--memory", type=click.IntRange(64), default=768, show_default=True, metavar="MIB",
            help="Memory that a request may take.",
        ),
        click.option(
            "--seconds", type=click.FloatRange(1), default=30.0, show_default=True,
            help="Time that a request may take.",
        ),
        click.option(
            "--port", type=click.IntRange(0, 65535), default=8000, show_default=True,
            help="0 takes a free one.",
        ),
        click.option(
            "--host", default="127.0.0.1", show_default=True,
            help="Another address may be reachable from other machines.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


form_option = click.option(
    "--form", type=click.Choice(["steps", "adjoint", "closed", "unrolled"]), default=None,
    help="Every step, the adjoint recurrences, the closed form, or that form written out.",
)  # fmt: skip
steps_option = click.option("--steps", type=int, help="How many time steps to write out.")
