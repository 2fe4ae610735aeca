"""PyTorch exports: the derived gradients are the backward passes of autograd functions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

from derivations.program.plan import Plan
from derivations.render.code.api import SEQUENCE, Api
from derivations.render.code.dialect import Dialect
from derivations.render.code.module import returned
from derivations.render.code.runs import Runs

if TYPE_CHECKING:
    from derivations.render.code.written import Written


class _Torch(Dialect):
    def where(self, condition: str, chosen: str, otherwise: str) -> str:
        return f"choose({condition}, {chosen}, {otherwise}, dtype)"

    def call(self, function: str, *arguments: str) -> str:
        place = ["device=device"] if function == "arange" else []
        return super().call("as_tensor" if function == "asarray" else function, *arguments, *place)

    def scalar(self, text: str) -> str:
        return f"torch.as_tensor({text}, dtype=dtype, device=device)"

    def slope(self, name: str, argument: int, arguments: Sequence[str]) -> str:
        return f"slope({name}, {argument}, {', '.join(arguments)})"

    def pullback(self, name: str, argument: int) -> str:
        return f"pullback({name}, {argument})"

    def translated(self, source: str) -> str:
        return source.replace("np.", "torch.")

    def loop(self, written: Written) -> list[str]:
        lines = [
            f"{name} = {start}"
            for carried in written.carried
            for name, start in zip(carried.names, carried.starts, strict=True)
        ]
        steps = f"range({written.length})"
        order = steps if written.forward else f"reversed({steps})"
        lines += [f"{array}_steps = []" for array, _, _, _ in written.stored]
        lines.append(f"for {written.counter} in {order}:")
        inner = [f"{name} = {array}[{written.counter}]" for array, name in written.given]
        inner += written.statements
        inner += [f"{array}_steps.append({name})" for array, name, _, _ in written.stored]
        for carried in written.carried:
            newer = [carried.now, *carried.names[:-1]]
            pairs = zip(carried.names, newer, strict=True)
            inner += [f"{name} = {source}" for name, source in reversed([*pairs])]
        ending = "" if written.forward else "[::-1]"
        return [
            *lines,
            *(f"    {line}" for line in inner),
            *(f"{a} = torch.stack({a}_steps{ending}, {axis})" for a, _, _, axis in written.stored),
        ]


TORCH = _Torch(
    name="torch",
    title="PyTorch",
    module="torch",
    concatenate="torch.cat",
    softmax="torch.softmax({}, -1)",
    log_softmax="torch.log_softmax({}, -1)",
    logsumexp="torch.logsumexp({}, -1)",
    like="dtype=dtype, device=device",
    device="device.type",
    # Of the processor as measured in float32; elsewhere some ten microseconds a step, an estimate.
    overheads={"cpu": (35_000, 500_000, 1_500), "other": (1_700_000, 15_000_000, 0)},
)

USAGE = """\
params, inputs, init and data are dicts by the names above. Inputs have time first, then any batch
axes, then rows: (T, n) or (T, B, n). h0 is h[0]; a start value that is left out is zero. data holds
inputs, targets and start values together. The losses of a batch are added up. forward, loss and
step have the derived gradients as their backward passes. An arbitrary function f of the equations
is an argument, called with one example at one step."""


def torch_source(plan: Plan) -> str:
    """The source of a PyTorch export, not laid out yet.

    Raises:
        MissingRule: something in the cell that has no code in PyTorch yet.
    """
    api = Api(plan, plan.own, TORCH, ("torch_helpers", "segments", "joining_helpers"))
    functions = [
        api.init_params(
            "generator: torch.Generator",
            "params[name] = scale * torch.randn(shape, generator=generator, dtype=dtype)",
            "torch.float32",
        ),
        *api.private(),
        _outputs(api),
        _value(api),
        api.public(
            "forward", f"{SEQUENCE} = None", ["_forward", "_pull_back"], "dict[str, Array]",
            f"{', '.join(plan.outputs)} at all steps.",
            [api.read_inputs,
             f"static = (tuple(values), sizes, batch, {_functions(api, '_forward', '_pull_back')})",
             "found = _Outputs.apply(static, *values.values())",
             f"return dict(zip({plan.outputs!r}, found, strict=True))"],
        ),
        api.public(
            "loss", "params: Arrays, data: Arrays", ["_forward", "_loss", "_backward"], "Array",
            "The loss.",
            [api.read_data,
             "static = (tuple(values), sizes, batch, "
             f"{_functions(api, '_forward', '_loss', '_backward')})",
             "return _Value.apply(static, *values.values())"],
        ),
        api.loss_and_grad(),
        api.forward_vjp(),
        *api.steps(),
        *api.check(
            ["generator = torch.Generator().manual_seed(seed)",
             "params, data = example("
             f"lambda s: torch.rand(s, generator=generator, dtype=torch.float64){api.runs.length})",
             f"functions = {api.samples('_forward _loss _backward')}",
             f"names = {tuple(n for n in api.own.gradients if n in _differentiated(api))!r}",
             "params = {n: x.requires_grad_(n in names) for n, x in params.items()}",
             "data = {n: x.requires_grad_() if n in names else x for n, x in data.items()}",
             "leaves = [{**params, **data}[name] for name in names]",
             api.read_data, *api.runs.as_one(),
             f"values |= {_call(api, '_forward')}",
             f"plain = torch.autograd.grad({_call(api, '_loss')}, leaves, allow_unused=True)",
             "derived = loss(params, data, **functions)",
             "own = torch.autograd.grad(derived, leaves, allow_unused=True)",
             "pairs = list(zip(names, own, plain, strict=True))",
             "found = {n: x for n, x, _ in pairs if x is not None}",
             "return compared(found, {n: x for n, _, x in pairs}, 1e-12)"],
            "Compare the gradients with autograd's of the plain forward pass.",
        ),
    ]  # fmt: skip
    imports = [
        "from typing import Any", "", "import torch",
        "from torch.autograd.function import once_differentiable",
    ]  # fmt: skip
    return api.source(USAGE, imports, functions)


def _functions(api: Api, *names: str) -> str:
    """The arbitrary functions as a dict."""
    return returned({name: name for name in api.calling(*names)})


def _differentiated(api: Api) -> Collection[str]:
    """What the gradients are asked for."""
    return api.plan.choices.wrt or api.module.parameters


def _outputs(api: Api) -> str:
    """The forward pass with its pullback."""
    above = [f"values[{c!r}] = above[{k}]" for k, c in enumerate(api.plan.cotangents.values())]
    runs = Runs(api.plan, partial(_call, api))
    return _class(
        api, "_Outputs", "The outputs; their backward pass is the derived one.",
        [*runs.outputs(), f"found = tuple(outputs[name] for name in {api.plan.outputs!r})"],
        [*above, *runs.back("_pull_back")],
        "*above: Array",
    )  # fmt: skip


def _value(api: Api) -> str:
    """The loss with its gradients."""
    runs = Runs(api.plan, partial(_call, api))
    return _class(
        api, "_Value", "The loss; its backward pass is the derived one.",
        [*runs.value(), "found = value"],
        [*runs.back("_backward"), "found = {name: above * x for name, x in found.items()}"],
        "above: Array",
    )  # fmt: skip


def _call(api: Api, name: str, with_: str = "values, sizes, batch") -> str:
    given = [f"functions[{function!r}]" for function in api.functions[name]]
    return f"{name}({', '.join([with_, *given])})"


def _class(
    api: Api, name: str, says: str, forward: Sequence[str], backward: Sequence[str], above: str
) -> str:
    wrt = api.plan.choices.wrt
    checks = ["only_asked(names, ctx.needs_input_grad[1:], WRT)"] if wrt else []
    return "\n".join(
        [
            f"class {name}(torch.autograd.Function):",
            f'    """{says}"""',
            "",
            "    @staticmethod",
            "    def forward(ctx: Any, static: Any, *tensors: Array) -> Any:",
            "        names, sizes, batch, functions = static",
            "        values = dict(zip(names, tensors, strict=True))",
            *(f"        {line}" for line in forward),
            "        ctx.static, ctx.kept = static, tuple(kept)",
            "        ctx.save_for_backward(*tensors, *kept.values())",
            "        return found",
            "",
            "    @staticmethod",
            "    @once_differentiable",
            f"    def backward(ctx: Any, {above}) -> Any:",
            "        names, sizes, batch, functions = ctx.static",
            "        values = dict(zip((*names, *ctx.kept), ctx.saved_tensors, strict=True))",
            *(f"        {line}" for line in [*checks, *backward]),
            "        return None, *(found.get(name) for name in names)",
        ]
    )
