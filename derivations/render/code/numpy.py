"""NumPy exports: no autodiff anywhere; loops are Python loops over preallocated arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivations.program.plan import Plan
from derivations.render.code.api import SEQUENCE, Api
from derivations.render.code.dialect import Dialect

if TYPE_CHECKING:
    from derivations.render.code.written import Written


class _Numpy(Dialect):
    def loop(self, written: Written) -> list[str]:
        lines = [
            f"{name} = {start}"
            for carried in written.carried
            for name, start in zip(carried.names, carried.starts, strict=True)
        ]
        lines += [f"{array} = np.empty({shape}, dtype)" for array, _, shape, _ in written.stored]
        steps = f"range({written.length})"
        order = steps if written.forward else f"reversed({steps})"
        lines.append(f"for {written.counter} in {order}:")
        inner = [f"{name} = {array}[{written.counter}]" for array, name in written.given]
        inner += written.statements
        for array, name, _, axis in written.stored:
            inner.append(f"{array}[{':, ' * axis}{written.counter}] = {name}")
        for carried in written.carried:
            newer = [carried.now, *carried.names[:-1]]
            pairs = zip(carried.names, newer, strict=True)
            inner += [f"{name} = {source}" for name, source in reversed([*pairs])]
        return [*lines, *(f"    {line}" for line in inner)]


NUMPY = _Numpy(
    name="numpy",
    title="NumPy",
    module="np",
    concatenate="np.concatenate",
    softmax="softmax({})",
    log_softmax="log_softmax({})",
    logsumexp="logsumexp({})",
    like="dtype=dtype",
    device='"cpu"',
    overheads={"cpu": (6_000, 150_000, 1_000)},  # as measured in float32
    derivatives=True,
)

USAGE = """\
params, inputs, init and data are dicts by the names above. Inputs have time first, then any batch
axes, then rows: (T, n) or (T, B, n). h0 is h[0]; a start value that is left out is zero. data holds
inputs, targets and start values together. The losses of a batch are added up. An arbitrary function
f of the equations is an argument, called with one example at one step; so is its pullback f_vjp(g,
*arguments), the cotangents of all arguments, or for an elementwise one its slope f_slope."""


def numpy_source(plan: Plan) -> str:
    """The source of a NumPy export, not laid out yet.

    Raises:
        MissingRule: something in the cell that has no code in NumPy yet.
    """
    api = Api(plan, plan.own, NUMPY, ("numpy_helpers", "segments", "joining_helpers"))
    functions = [
        api.init_params(
            "rng: np.random.Generator",
            "params[name] = (scale * rng.standard_normal(shape)).astype(dtype)",
            "np.float64",
        ),
        *api.private(),
        api.public(
            "forward", f"{SEQUENCE} = None", ["_forward"], "dict[str, Array]",
            f"{', '.join(plan.outputs)} at all steps.",
            [api.read_inputs, *api.runs.outputs(), "return outputs"],
        ),
        api.public(
            "loss", "params: Arrays, data: Arrays", ["_forward", "_loss"], "Array", "The loss.",
            [api.read_data, *api.runs.value(), "return value"],
        ),
        api.loss_and_grad(),
        api.forward_vjp(),
        *api.steps(),
        *api.check(
            [f"params, data = example(np.random.default_rng(seed).random{api.runs.length})",
                "params = {name: np.array(x) for name, x in params.items()}",
             f"functions = {api.samples('_forward _loss _backward')}",
             "found = loss_and_grad(params, data, **functions)[1]",
             f"needed = {tuple(dict.fromkeys(api.calling('_forward', '_loss')))!r}",
             "given = {name: functions[name] for name in needed}",
             "both = {**params, **data}",
             "asked = {name: both[name] for name in found}",
             "expected = differences(lambda: loss(params, data, **given), asked)",
             "return compared(found, expected, 1e-6)"],
            "Compare the gradients with central differences; the largest difference.",
        ),
    ]  # fmt: skip
    imports = ["from typing import Any", "", "import numpy as np"]
    return api.source(USAGE, imports, functions)
