"""JAX exports: loops are lax.scan, and the derived gradients are the custom VJPs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from derivations.program.plan import Plan
from derivations.render.code.api import SEQUENCE, Api, annotated, defined
from derivations.render.code.code import tuple_text
from derivations.render.code.dialect import Dialect
from derivations.render.code.module import returned
from derivations.render.code.runs import Runs

if TYPE_CHECKING:
    from derivations.render.code.written import Written


class _Jax(Dialect):
    def loop(self, written: Written) -> list[str]:
        name = written.name
        before = [n for carried in written.carried for n in carried.names]
        after = [n for carried in written.carried for n in (carried.now, *carried.names[:-1])]
        starts = [s for carried in written.carried for s in carried.starts]
        given = [entry for _, entry in written.given]
        stored = [entry for _, entry, _, _ in written.stored]
        room = written.room
        takes, gives = (", part: Any", "Any") if room else ("", "tuple[Any, Any]")
        results = [after, stored, *([room.entries] if room else [])]
        lines = [
            f"def {name}(carry: Any, given: Any{takes}) -> {gives}:",
            f"    {tuple_text(before)} = carry",
            *([f"    {tuple_text(given)} = given"] if given else []),
            *([f"    {tuple_text([entry for entry, _ in room.read])} = part"] if room else []),
            *(f"    {line}" for line in written.statements),
            f"    return {', '.join(map(tuple_text, results))}",
            "",
        ]
        arrays = [array for array, _, _, _ in written.stored]
        into = tuple_text(arrays) if arrays else "_"
        left = tuple_text([n if n in written.left else "_" for n in before])
        target = f"{left if written.left else '_'}, {into}"
        call = [name, tuple_text(starts), tuple_text([array for array, _ in written.given])]
        if room:
            rows = tuple_text([tuple_text(ends) for _, ends in room.read])
            target, call = f"{target}, {room.result}", [*call, room.array, rows]
        call.append(f"length={written.length}")
        if not written.forward:
            call.append("reverse=True")
        if room and room.apart:
            call.append("apart=True")
        lines.append(f"{target} = {'scan_over' if room else 'lax.scan'}({', '.join(call)})")
        for array, _, _, axis in written.stored:
            if axis:
                lines.append(f"{array} = {self.moved(array, 0, axis)}")
        return lines

    def sweeps(self, written: Written, results: Sequence[str]) -> list[str]:
        before = [n for carried in written.carried for n in carried.names]
        after = [n for carried in written.carried for n in (carried.now, *carried.names[:-1])]
        starts = [s for carried in written.carried for s in carried.starts]
        name, last = written.name, f"{written.name}_last"
        return [
            f"def {last}(carry: Any) -> tuple[Any, Any]:",
            f"    {tuple_text(before)} = carry",
            *(f"    {line}" for line in written.statements),
            f"    return {tuple_text(after)}, {tuple_text(results)}",
            "",
            f"def {name}(carry: Any, _: None) -> tuple[Any, None]:",
            f"    return {last}(carry)[0], None",
            "",
            f"carry, _ = lax.scan({name}, {tuple_text(starts)}, None, {written.length} - 1)",
            f"_, {tuple_text(results)} = {last}(carry)",
        ]

    def added(self, name: str, where: str, text: str) -> list[str]:
        return [f"{name} = {name}.at[{where}].add({text})"]

    def slope(self, name: str, argument: int, arguments: Sequence[str]) -> str:
        return f"slope({name}, {argument}, {', '.join(arguments)})"

    def pullback(self, name: str, argument: int) -> str:
        return f"pullback({name}, {argument})"

    def translated(self, source: str) -> str:
        return source.replace("np.", "jnp.").replace("jjnp.", "jnp.")


JAX = _Jax(
    name="jax",
    title="JAX",
    module="jnp",
    concatenate="jnp.concatenate",
    softmax="jax.nn.softmax({})",
    log_softmax="jax.nn.log_softmax({})",
    logsumexp="jax.nn.logsumexp({}, -1)",
    like="dtype=dtype",
    device="jax.default_backend()",
    # Below these, writing over an array took longer on a processor; elsewhere nothing was measured.
    overwrites={"bytes": 1 << 17, "columns": 512},
    # Of the processor as measured in float32; elsewhere some ten microseconds a step, an estimate.
    overheads={"cpu": (250, 170_000, 2_500), "other": (1_700_000, 15_000_000, 0)},
)

USAGE = """\
params, inputs, init and data are dicts by the names above. Inputs have time first, then any batch
axes, then rows: (T, n) or (T, B, n). h0 is h[0]; a start value that is left out is zero. data holds
inputs, targets and start values together. The losses of a batch are added up. forward, loss and
step have the derived gradients as their VJPs: they may stand under jit, vmap, grad and scan. An
arbitrary function f of the equations is an argument, called with one example at one step."""


def jax_source(plan: Plan) -> str:
    """The source of a JAX export, not laid out yet.

    Raises:
        MissingRule: something in the cell that has no code in JAX yet.
    """
    api = Api(plan, plan.own, JAX, ("jax_helpers", "jax_segments", "segments", "joining_helpers"))
    drawn = (
        "key, own = jax.random.split(key)\n"
        "params[name] = scale * jax.random.normal(own, shape, dtype)"
    )
    functions = [
        api.init_params("key: Array", drawn, "jnp.float32"),
        *api.private(),
        *_outputs(api),
        *_value(api),
        api.loss_and_grad(),
        api.forward_vjp(),
        *api.steps(),
        *api.check(
            [
                "generator = np.random.default_rng(seed)",
                "params, data = example("
                f"lambda shape: jnp.asarray(generator.random(shape)){api.runs.length})",
                f"functions = {api.samples('_forward _loss _backward')}",
                api.read_data,
                *api.runs.as_one(),
                "def plain(asked: Arrays) -> Array:",
                "    merged = {**values, **asked}",
                f"    merged |= {_with_samples(api, '_forward')}",
                f"    return {_with_samples(api, '_loss')}",
                "found = jax.jit(lambda p: loss_and_grad(p, data, **functions)[1])(params)",
                "expected = jax.jit(jax.grad(plain))({name: values[name] for name in found})",
                "bound = 1000 * float(jnp.finfo(next(iter(params.values())).dtype).eps)",
                "return compared(found, expected, bound)",
            ],
            "Compare the gradients with jax.grad of the plain forward pass.",
            ['jax.config.update("jax_enable_x64", True)'],
        ),
    ]
    imports = [
        "from functools import partial", "from typing import Any", "", "import jax",
        "import jax.numpy as jnp", "import numpy as np", "from jax import lax",
    ]  # fmt: skip
    return api.source(USAGE, imports, functions)


def _with_samples(api: Api, name: str) -> str:
    """A call of a private function with the sample functions, on the merged values."""
    given = [f"functions[{function!r}]" for function in api.functions[name]]
    return f"{name}({', '.join(['merged', 'sizes', 'batch', *given])})"


STATIC = "sizes: tuple[tuple[str, int], ...], batch: tuple[int, ...]"


def _outputs(api: Api) -> list[str]:
    """The forward pass with its pullback as a custom VJP."""
    uses = api.calling("_forward", "_pull_back")
    own = [STATIC, *annotated(uses)]
    static = ", ".join(["tuple(sizes.items())", "batch", *uses])
    names = returned({c: f"above[{o!r}]" for o, c in api.plan.cotangents.items()})
    runs = Runs(api.plan, api.call, "dict(sizes)")
    return [
        _custom("_outputs", own, "values: Arrays", "dict[str, Array]", len(uses),
                "The outputs; their VJP is the derived one.",
                [*runs.outputs(), "return outputs"]),
        defined("_outputs_forward", [*own, "values: Arrays"], "tuple[Any, Any]",
                "The outputs, and what the backward pass reads.",
                [*_asked(api), *runs.outputs(), "return outputs, {**values, **kept}"]),
        defined("_outputs_backward", [*own, "values: Arrays, above: Arrays"], "tuple[Arrays]",
                "The cotangents of everything that was given.",
                [*_dense(api, "{name: dense(x) for name, x in above.items()}"),
                 f"values = {{**values, **{names}}}", *runs.back("_pull_back"),
                 f"return ({_complete()},)"]),
        f"_outputs.defvjp(_outputs_forward, _outputs_backward{_symbolic(api)})",
        api.public("forward", f"{SEQUENCE} = None", ["_forward", "_pull_back"],
                   "dict[str, Array]", f"{', '.join(api.plan.outputs)} at all steps.",
                   [api.read_inputs,
                    f"return _outputs({static}, values)"]),
    ]  # fmt: skip


def _value(api: Api) -> list[str]:
    """The loss with its gradients as a custom VJP."""
    uses = api.calling("_forward", "_loss", "_backward")
    own = [STATIC, *annotated(uses)]
    static = ", ".join(["tuple(sizes.items())", "batch", *uses])
    runs = Runs(api.plan, api.call, "dict(sizes)")
    return [
        _custom("_value", own, "values: Arrays", "Array", len(uses),
                "The loss; its VJP is the derived one.",
                [*runs.value(), "return value"]),
        defined("_value_forward", [*own, "values: Arrays"], "tuple[Any, Any]",
                "The loss, and what the backward pass reads.",
                [*_asked(api), *runs.value(), "return value, {**values, **kept}"]),
        defined("_value_backward", [*own, "values: Arrays, above: Array"], "tuple[Arrays]",
                "The gradients of everything that was given.",
                [*_dense(api, "dense(above)"), *runs.back("_backward"),
                 "found = {name: above * x for name, x in found.items()}",
                 f"return ({_complete()},)"]),
        f"_value.defvjp(_value_forward, _value_backward{_symbolic(api)})",
        api.public("loss", "params: Arrays, data: Arrays", ["_forward", "_loss", "_backward"],
                   "Array", "The loss.",
                   [api.read_data,
                    f"return _value({static}, values)"]),
    ]  # fmt: skip


def _asked(api: Api) -> list[str]:
    """Nothing is differentiated but what was asked for, where that is not everything."""
    return ["values = only_asked(values, WRT)"] if api.plan.choices.wrt else []


def _dense(api: Api, text: str) -> list[str]:
    return [f"above = {text}"] if api.plan.choices.wrt else []


def _symbolic(api: Api) -> str:
    return ", symbolic_zeros=True" if api.plan.choices.wrt else ""


def _custom(
    name: str, static: Sequence[str], values: str, result: str, functions: int, says: str,
    lines: Sequence[str],
) -> str:  # fmt: skip
    numbers = tuple(range(2 + functions))
    made = defined(name, [*static, values], result, says, lines)
    return f"@partial(jax.custom_vjp, nondiff_argnums={numbers!r})\n{made}"


def _complete() -> str:
    """A cotangent for everything that may be given: zero where nothing depends on it."""
    zero = "found[n] if n in found else jnp.zeros_like(values[n])"
    return f"{{n: {zero} for n in (*PARAMETERS, *GIVEN, *STARTS) if n in values}}"
