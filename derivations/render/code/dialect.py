"""What one array library is called: everything in which exports to different libraries differ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from derivations.render.code.written import Written


@dataclass(frozen=True)
class Dialect(ABC):
    """The words of one library.

    Attributes:
        name: what the command line calls it, and which code the table of functions gives.
        title: what a reader calls it.
        module: the name under which its functions stand.
        concatenate: how arrays are joined along an axis.
        softmax, log_softmax, logsumexp: called with an array, over its last axis.
        axis: name of the argument that chooses an axis.
        derivatives: whether the caller gives the derivatives of arbitrary functions, too.
        overwrites: of how many bytes and columns an entry is at least that a loop writes over what
            it has read; empty where loops are no functions of one step.
        like: the argument that gives a new array the type of the others.
        device: the kind of device, a text; ``cpu`` for a processor.
        overheads: kind of device → what it takes to begin a value of a step, a round of joining and
            a small product of matrices, in multiply-adds that take as long.
    """

    name: Literal["numpy", "jax", "torch"]
    title: str
    module: str
    concatenate: str
    softmax: str
    log_softmax: str
    logsumexp: str
    like: str
    device: str
    overheads: Mapping[str, tuple[int, int, int]]
    derivatives: bool = False
    overwrites: Mapping[str, int] = field(default_factory=dict)

    def where(self, condition: str, chosen: str, otherwise: str) -> str:
        """A choice entry by entry."""
        return f"{self.module}.where({condition}, {chosen}, {otherwise})"

    def call(self, function: str, *arguments: str) -> str:
        """A function of the library's main module."""
        return f"{self.module}.{function}({', '.join(arguments)})"

    def joined(self, parts: Sequence[str], axis: int) -> str:
        """Arrays joined along an axis."""
        return f"{self.concatenate}([{', '.join(parts)}], {axis})"

    def filled(self, shape: str, value: str) -> str:
        """An array of one number; its type is that of the other arrays."""
        return f"{self.module}.full({shape}, {value}, {self.like})"

    def eye(self, size: str) -> str:
        """The identity matrix."""
        return f"{self.module}.eye({size}, {self.like})"

    def spread(self, text: str, lengths: str, batched: bool, rank: int) -> str:
        """An array repeated along axes that it lacks."""
        shape = ", ".join(part for part in (lengths, "*batch" if batched else "") if part)
        inner = f"*{text}.shape[-{rank}:]" if rank else ""
        whole = ", ".join(part for part in (shape, inner) if part)
        return f"{self.module}.broadcast_to({text}, ({whole},))"

    def scalar(self, text: str) -> str:
        """A number as an argument of a function that takes arrays."""
        return text

    def slope(self, name: str, argument: int, arguments: Sequence[str]) -> str:
        """The slope of an arbitrary elementwise function in one of its arguments."""
        slope = f"{name}_slope"
        own = slope if len(arguments) == 1 else f"lambda *given: {slope}(*given)[{argument}]"
        return f"entrywise({', '.join([repr(slope), own, *arguments])})"

    def pullback(self, name: str, argument: int) -> str:
        """A function of a cotangent and the arguments of a map to the cotangent of one of them."""
        return f"lambda *given: {name}_vjp(*given)[{argument}]"

    def moved(self, text: str, source: int, target: int) -> str:
        """One axis moved to another place."""
        return f"{self.module}.moveaxis({text}, {source}, {target})"

    def added(self, name: str, where: str, text: str) -> list[str]:
        """Something added to a part of an array."""
        return [f"{name}[{where}] += {text}"]

    @abstractmethod
    def loop(self, written: Written) -> list[str]:
        """A loop over the steps of an axis."""

    def sweeps(self, written: Written, results: Sequence[str]) -> list[str]:
        """A loop over sweeps; ``results`` are read after the last one."""
        lines = [
            f"{name} = {start}"
            for carried in written.carried
            for name, start in zip(carried.names, carried.starts, strict=True)
        ]
        inner = [*written.statements]
        for carried in written.carried:
            newer = [carried.now, *carried.names[:-1]]
            pairs = zip(carried.names, newer, strict=True)
            inner += [f"{name} = {source}" for name, source in reversed([*pairs])]
        return [
            *lines,
            f"for {written.counter} in range({written.length}):",
            *(f"    {line}" for line in inner),
        ]

    def translated(self, source: str) -> str:
        """The source of a helper, which is written for NumPy, in this library."""
        return source
