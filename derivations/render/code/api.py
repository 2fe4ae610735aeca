"""The functions of an export that are the same in every library, as source text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from derivations.cell import LOSS
from derivations.expressions.nodes import Map
from derivations.expressions.traverse import nodes_in
from derivations.program.blocks import Choice, Doubling, Loop
from derivations.program.plan import Part, Plan
from derivations.render.code.code import has_axis
from derivations.render.code.dialect import Dialect
from derivations.render.code.documentation import docstring
from derivations.render.code.module import Module, form, returned
from derivations.render.code.runs import Runs

PRIVATE = "values: Arrays, sizes: Mapping[str, int], batch: tuple[int, ...]"
OVERHEADS = "OVERHEADS: dict[str, tuple[int, int, int]]"
LIMITS = "LIMITS: dict[str, int]"
SEQUENCE = "params: Arrays, inputs: Arrays, init: Arrays | None"


class Api:
    """The functions of a module.

    Args:
        plan: what they run.
        own: the loss with the gradients that are asked for.
        dialect: the library.
        helpers: the modules here whose functions the code calls.

    Attributes:
        functions: name of a private function → the arbitrary functions that it calls.
    """

    def __init__(self, plan: Plan, own: Part, dialect: Dialect, helpers: Sequence[str]) -> None:
        self.plan, self.own = plan, own
        self.module = Module(plan, own, dialect, helpers)
        self.runs = Runs(plan, lambda name, given: self.call(name, given))
        self._lines = {
            "_forward": self.module.forward_lines(),
            "_loss": self.module.loss_lines(),
            "_backward": self.module.backward_lines(own),
            "_pull_back": self.module.backward_lines(plan.pulled),
        }
        self.functions = {k: self.module.arguments(v) for k, v in self._lines.items()}

    def private(self) -> list[str]:
        """The programs themselves."""
        name = self.module.names.value
        kept = self.module.rooms.kept(self.module.kept)
        ends = {
            "_forward": ("dict[str, Array]", returned(kept),
                         "All values of the forward pass that anything else reads."),
            "_loss": ("Array", name(LOSS), "The loss."),
            "_backward": ("dict[str, Array]", self._gradients(self.own), "Gradients of the loss."),
            "_pull_back": ("dict[str, Array]", self._gradients(self.plan.pulled),
                           "What cotangents of the outputs become in all that is given."),
        }  # fmt: skip
        return [
            defined(
                key, [PRIVATE, *annotated(self.functions[key])], result, says,
                [*self.module.unpacked([*lines, text], key == "_forward"), *lines,
                 f"return {text}"],
            )
            for key, lines in self._lines.items()
            for result, text, says in [ends[key]]
        ]  # fmt: skip

    def call(self, name: str, with_: str = "values, sizes, batch") -> str:
        """A call of a private function."""
        return f"{name}({', '.join([with_, *self.functions[name]])})"

    def calling(self, *names: str) -> list[str]:
        """The arbitrary functions of several private functions."""
        return list(dict.fromkeys(f for name in names for f in self.functions[name]))

    def public(
        self, name: str, arguments: str, uses: Sequence[str], result: str, says: str,
        lines: Sequence[str],
    ) -> str:  # fmt: skip
        """A function that a caller may call; arbitrary functions are keyword arguments."""
        functions = self.calling(*uses)
        given = ["*", *annotated(functions)] if functions else []
        lines = [*_checked(functions), *lines]
        return defined(name, [arguments, *given], result, says, lines)

    @property
    def read_inputs(self) -> str:
        """The statement that checks what the forward pass is given."""
        merged = "{**inputs, **(init or {})}"
        return f"values, sizes, batch = checked(params, {merged}, INPUTS)"

    @property
    def read_data(self) -> str:
        """The statement that checks what the loss is given."""
        return "values, sizes, batch = checked(params, data, tuple(GIVEN))"

    def loss_and_grad(self) -> str:
        """The loss with the gradients of the parameters."""
        params, asked = self.module.parameters, self.plan.choices.wrt
        wanted = [n for n in self.own.gradients if n in (asked or params)]
        chosen = [
            "values |= kept",
            *self.runs.back("_backward"),
            f"return value, {{name: found[name] for name in {tuple(wanted)!r}}}",
        ]
        if wanted == [*self.own.gradients]:
            chosen[-1] = "return value, found"
        return self.public(
            "loss_and_grad", "params: Arrays, data: Arrays", ["_forward", "_loss", "_backward"],
            "tuple[Array, dict[str, Array]]",
            f"The loss and its gradients in {', '.join(asked) if asked else 'the parameters'}.",
            [self.read_data, *self.runs.value(), *chosen],
        )  # fmt: skip

    def forward_vjp(self) -> str:
        """The pullback of the whole sequence."""
        names = returned({o: repr(c) for o, c in self.plan.cotangents.items()})
        zeros = self.module.dialect.call("zeros_like", "like")
        return self.public(
            "forward_vjp", f"{SEQUENCE}, cotangents: Arrays", ["_forward", "_pull_back"],
            "dict[str, Array]",
            "What cotangents of some outputs become in parameters, inputs and starts.",
            [self.read_inputs, *self.runs.outputs(), "values |= kept",
             f"keys('cotangents', cotangents, (), {self.plan.outputs!r})",
             f"for name, key in {names}.items():",
             "    like, above = outputs[name], cotangents.get(name)",
             f"    values[key] = {zeros} if above is None else array(name, above, like.dtype)",
             *self.runs.back("_pull_back"), "return found"],
        )  # fmt: skip

    def steps(self) -> list[str]:
        """One step and its pullback, where a step is defined: one axis, all of it forward."""
        loops = [b for b in self.own.forward if isinstance(b, Loop | Doubling | Choice)]
        if len(self.plan.cell.axes) != 1 or not loops or not all(b.forward for b in loops):
            return []
        forward = self.calling("_forward")
        both = self.calling("_forward", "_pull_back")
        array = self.module.dialect.call("asarray", "x")
        timed = tuple(n for n in self.module.inputs if self.module.values[n].ranges)
        length = dict.fromkeys(self.module.lengths, 1)
        given = f"given = {{**{length!r}, **{{n: {array}[None] for n, x in inputs.items()}}}}"
        return [
            self.public(
                "step", f"{SEQUENCE} = None", ["_forward"], "dict[str, Array]",
                "The outputs of one step; inputs have no time axis.",
                [given, f"found = forward({', '.join(['params, given, init', *passed(forward)])})",
                 "return {name: x[0] for name, x in found.items()}"],
            ),
            self.public(
                "step_vjp", f"{SEQUENCE}, cotangents: Arrays", ["_forward", "_pull_back"],
                "dict[str, Array]", "What cotangents of the outputs of one step become.",
                [given, f"above = {{n: {array}[None] for n, x in cotangents.items()}}",
                 f"found = forward_vjp({', '.join(['params, given, init, above', *passed(both)])})",
                 f"return {{n: x[0] if n in {timed!r} else x for n, x in found.items()}}"],
            ),
        ]  # fmt: skip

    def init_params(self, generator: str, drawn: str, dtype: str) -> str:
        """Random parameters.

        Args:
            generator: the argument that draws, with its type.
            drawn: text of standard normal numbers of ``shape``.
            dtype: the type where none is given.
        """
        values, names = self.module.values, self.module.parameters
        free = sorted(
            {s.name for n in names for e in values[n].target.shape for s in e.free_symbols}
        )
        sizes = [f"{size}: int" for size in free]
        return defined(
            "init_params", [generator, f"dtype: Any = {dtype}", *(["*", *sizes] if sizes else [])],
            "dict[str, Array]",
            "Matrices whose entries have variance 1 / columns; vectors of small numbers.",
            [f"sizes = {returned({size: size for size in free})}", "params = {}",
             "for name, form in PARAMETERS.items():",
             "    shape = tuple(extent(e, sizes) for e in form)",
             "    scale = shape[1] ** -0.5 if len(shape) == 2 else 0.1",
             *(f"    {line}" for line in drawn.splitlines()),
             "return params"],
        )  # fmt: skip

    def samples(self, name: str) -> str:
        """A dict of sample functions for everything that a public function asks for."""
        maps = {
            self.module.names.value(m.name): tuple(map(str, _form(m)))
            for definition in self.plan.cell.definitions
            for piece in definition.pieces
            for m in nodes_in(piece.value, Map)
        }
        found = {}
        for function in self.calling(*name.split()):
            plain = function.removesuffix("_vjp").removesuffix("_slope")
            if plain in maps:
                place = f"[{int(function != plain)}]" if self.module.dialect.derivatives else ""
                found[function] = f"sample_map(form_shape({maps[plain]!r})){place}"
            else:
                found[function] = "sample_slope" if function != plain else "sample_function"
        return returned(found)

    def check(self, lines: Sequence[str], says: str, before: Sequence[str] = ()) -> list[str]:
        """The function by which an export checks itself, and its call."""
        called = ['if __name__ == "__main__":', *(f"    {line}" for line in before),
                  '    print(f"largest difference: {check():.1e}")']  # fmt: skip
        main = "\n".join(called)
        one = defined("check_one", ["seed: int"], "float", says, lines)
        ways, run = [], "check_one(seed)"
        if self.overwrites:
            ways.append("arrays written over or not")
            run = f"any_size(lambda: {run})"
        if self.joins:
            ways.append("recurrences joined or not")
            run = f"max(both_ways(lambda: {run}))"
        if not ways:
            return [defined("check", ["seed: int = 0"], "float", says, lines), main]
        both = f"The largest difference, {', '.join(ways)}."
        return [one, defined("check", ["seed: int = 0"], "float", both, [f"return {run}"]), main]

    @property
    def joins(self) -> bool:
        """Whether some loop may be joined when the code runs."""
        return self._calls("joins(")

    @property
    def overwrites(self) -> bool:
        """Whether some loop writes over what it has read."""
        return self._calls("scan_over(")

    def _calls(self, text: str) -> bool:
        return any(text in line for lines in self._lines.values() for line in lines)

    def source(self, usage: str, imports: Sequence[str], functions: Sequence[str]) -> str:
        """The whole module, not laid out yet."""
        text = "\n\n\n".join(functions)
        helpers = self.module.helpers(text)
        whole = text + "".join(helpers)
        maths = ["import math"] if "math." in whole else []
        scipy = ["import scipy.special"] if "scipy." in whole else []
        dialect = self.module.dialect
        tables = [f"{OVERHEADS} = {dict(dialect.overheads)!r}"] if self.joins else []
        tables += [f"{LIMITS} = {dict(dialect.overwrites)!r}"] if self.overwrites else []
        head = [docstring(self.module, usage), "", "from __future__ import annotations", "",
                *maths, "from collections.abc import Callable, Mapping", *imports, *scipy, "",
                "Array = Any", "Arrays = Mapping[str, Any]", *self.module.tables(),
                *tables]  # fmt: skip
        return "\n\n\n".join(["\n".join(head), *helpers, text]) + "\n"

    def _gradients(self, part: Part) -> str:
        name = self.module.names.value
        own = {key: name(gradient) for key, gradient in part.gradients.items()}
        return returned(own | {name(n): name(n) for n, _ in self.module.sent(part).values()})


def _form(node: Map) -> list[str]:
    return [form(extent) for extent in node.shape if has_axis(extent)]


def _checked(functions: Sequence[str]) -> list[str]:
    """The statement that refuses what is no function."""
    return [f"callables({', '.join(passed(functions))})"] if functions else []


def annotated(functions: Iterable[str]) -> list[str]:
    """Arguments that are functions."""
    return [f"{name}: Callable[..., Any]" for name in functions]


def passed(functions: Iterable[str]) -> list[str]:
    """The same, handed on by name."""
    return [f"{name}={name}" for name in functions]


def defined(
    name: str, arguments: Sequence[str], result: str, says: str, lines: Sequence[str]
) -> str:
    """A function definition."""
    body = "\n".join(f"    {line}" for line in [f'"""{says}"""', *lines])
    return f"def {name}({', '.join(arguments)}) -> {result}:\n{body}"
