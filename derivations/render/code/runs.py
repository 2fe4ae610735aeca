"""Statements that run the programs of a module: over the whole sequence at once, or by segments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derivations.program.plan import Plan
from derivations.program.window import steps_before
from derivations.render.code.module import returned

Call = Callable[[str, str], str]
"""Name of a private function and its first arguments to the text of a call."""


@dataclass(frozen=True)
class Runs:
    """Statements about ``values``, ``batch`` and the sizes.

    Attributes:
        plan: what is run.
        call: how a private function is called.
        sizes: text of the sizes, a dict.
    """

    plan: Plan
    call: Call
    sizes: str = "sizes"

    def value(self) -> list[str]:
        """The loss, ``value``, and what the backward pass reads, ``kept``."""
        loss = self.call("_loss", f"{{**values, **kept}}, {self.sizes}, batch")
        if self.plan.segments is None:
            return [f"kept = {self._forward()}", f"value = {loss}"]
        inner = [f"return own, {self.call('_loss', 'own, ends, batch')}, {{}}"]
        return [*self._segment(inner), f"value, _, kept = {self._swept()}"]

    def outputs(self) -> list[str]:
        """The outputs at all steps, ``outputs``, and what the backward pass reads, ``kept``."""
        names = self.plan.outputs
        if self.plan.segments is None:
            chosen = returned({name: f"kept[{name!r}]" for name in names})
            return [f"kept = {self._forward()}", f"outputs = {chosen}"]
        chosen = returned({name: f"own[{name!r}]" for name in names})
        inner = [f"return own, 0.0, {chosen}"]
        return [*self._segment(inner), f"_, outputs, kept = {self._swept()}"]

    def back(self, name: str) -> list[str]:
        """The gradients that the private function ``name`` gives, ``found``, from all values."""
        if self.plan.segments is None:
            return [f"found = {self.call(name, f'values, {self.sizes}, batch')}"]
        inner = [f"return {self.call(name, 'own, ends, batch')}"]
        return [*self._segment(inner), f"found = sweep_back(values, {self.sizes}, batch, run)"]

    @property
    def length(self) -> str:
        """A further argument of an example: it has several segments, or lies in one window."""
        if self.plan.segments is not None:
            return ", 4 + SEGMENT"
        if self.plan.choices.window is None:
            return ""
        before = steps_before(self.plan.own.program.values, "forward")
        return f", min(4, WINDOW - {before})" if before else ", min(4, WINDOW)"

    def as_one(self) -> list[str]:
        """The sizes, so that the private functions run over the whole sequence at once."""
        if self.plan.segments is None:
            return []
        return ["_, sizes = segment(values, sizes, 0, sizes[AXIS[0]])"]

    def _forward(self) -> str:
        return self.call("_forward", f"values, {self.sizes}, batch")

    def _segment(self, inner: list[str]) -> list[str]:
        again = self.call("_forward", "own, ends, batch")
        lines = [f"own = {{**own, **{again}}}", *inner]
        return ["def run(own: Arrays, ends: Mapping[str, Any]) -> Any:", *_indented(lines), ""]

    def _swept(self) -> str:
        return f"sweep_forward(values, {self.sizes}, run)"


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
