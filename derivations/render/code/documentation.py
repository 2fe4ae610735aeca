"""The docstring of an export: the equations, the derived gradients, what the arguments are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivations.cell import LOSS
from derivations.deriver import deriver_of, equations_of
from derivations.program.sources import rewriter_of
from derivations.render.code.module import Module
from derivations.render.layout import text_lines
from derivations.render.style import Style


def docstring(module: Module, usage: str) -> str:
    """The docstring with its quotes."""
    cell = module.plan.cell
    style = Style(displays=cell.displays)
    lines = [
        f"{cell.title or 'A cell'}: forward pass and derived gradients in {module.dialect.title}.",
        "",
    ]
    if cell.source:
        lines += [f"Source: {cell.source}", ""]
    lines.append("Equations:")
    for definition in cell.written:
        for formula in equations_of(definition):
            lines += [f"    {line}" for line in text_lines(formula, style)]
    lines += ["", "Derived gradients, which the code calls dh for dL/dh:"]
    lines += [f"    {line}" for line in _gradients(module, style)]
    lines += ["", *usage.splitlines()]
    text = "\n".join(line.rstrip() for line in lines).replace("\\", "\\\\")
    return f'"""{text}\n"""'


def _gradients(module: Module, style: Style) -> Iterator[str]:
    deriver, rewriter = deriver_of(module.plan.cell), rewriter_of(module.plan.cell)
    wanted = [*module.plan.own.gradients]
    needed = deriver.needed(wanted) | set(wanted)
    for name in deriver.adjoints:
        if name in needed and name != LOSS:
            for formula in deriver.gradient(name):
                shown = replace(formula, right=rewriter.value(formula.right))
                yield from text_lines(shown, style)
