"""Whom to trust: gradient checkers on formulas right and wrong, at easy and at hard points.

    python benchmarks/trust.py [--limit N] [--seed N] [--json]

Every checker gets the same recurrences (those of ``recurrences.py``) for the gradients of all
parameters and inputs. JAX and PyTorch see them as the hand-written backward pass of a function
that evaluates the cell, which is what their checkers are for, and run with their defaults. A
wrong formula that is accepted, and a right one that is rejected, are counted.
"""

from __future__ import annotations

import argparse
import json
import random
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from statistics import median
from typing import Any

import numpy as np
from recurrences import LOSSES, POINTS, Claim, claims
from rich.console import Console
from rich.table import Table
from sympy import Integer

from derivations.cell import LOSS, Range
from derivations.derivation import Formula
from derivations.expressions.nodes import Adjoint
from verify.evaluate import Key, System, variable
from verify.exact import Checker
from verify.floating import check_identities
from verify.identities import Identity

LIMIT = 45
"""Claims checked by default: what takes less than three minutes on two slow cores."""

Verdict = bool | None
"""Whether a claim is accepted; ``None`` where a checker leaves it open and says so."""


def gradients(claim: Claim) -> list[Identity]:
    """Truth and claim for all parameters and inputs: ``dL/dv`` forward, and as derived."""
    found = []
    for leaf in (*claim.cell.parameters, *claim.cell.inputs):
        domain = tuple(
            Range(axis.index, Integer(1), axis.upper)
            for axis in claim.cell.axes
            if axis.index in leaf.steps
        )
        found.append(Identity("adjoint", Formula(Adjoint(leaf), Adjoint(leaf), domain)))
    return found


def exact(claim: Claim, seed: int) -> Verdict:
    """The finite field: one verdict for all values, so that the point plays no part."""
    checker = Checker(claim.cell, claim.derived, seed)
    answers = []
    for identity in gradients(claim):
        formula = identity.formula
        found = checker.check(formula.left, formula.right, formula.domain)
        if found.status == "fail":
            return False
        answers.append(found.status)
    return True if set(answers) == {"pass"} else None


def float_method(claim: Claim, seed: int, method: str) -> Verdict:
    """One of the oracles at the point of the claim.

    Left open where a gradient and its claim are both zero: what underflows agrees with anything.
    """
    del seed  # the case has its own
    results = check_identities(claim.cell, claim.derived, gradients(claim), method, [claim.case])
    if any(result.status == "fail" for result in results):
        return False
    return None if any(result.vacuous for result in results) else True


class Function:
    """The loss of a cell and its claimed gradients as functions of arrays."""

    def __init__(self, claim: Claim, dtype: type[np.floating]) -> None:
        self._claim, self._dtype = claim, dtype

    @property
    def arguments(self) -> list[np.ndarray]:
        """The values of the point."""
        return [np.asarray(self._claim.sampler(key), self._dtype) for key in self._claim.keys]

    def value(self, *arguments: Any) -> np.ndarray:
        """The loss, without axes."""
        return np.asarray(self._at(arguments).value(variable(LOSS)), self._dtype).reshape(())

    def gradients(self, *arguments: Any) -> list[np.ndarray]:
        """What the claim says, in the order of the arguments."""
        return self._claim.gradients(self._at(arguments))

    def _at(self, arguments: Sequence[Any]) -> System:
        given = {
            key: np.asarray(a, self._dtype)
            for key, a in zip(self._claim.keys, arguments, strict=True)
        }

        def free(key: Key) -> np.ndarray:
            return given[key] if key in given else self._claim.sampler(key)

        return self._claim.system(self._dtype, free)


def check_grads(claim: Claim, seed: int, dtype: type[np.floating]) -> Verdict:
    """``jax.test_util.check_grads`` on a function with a custom VJP; it draws its own direction."""
    import jax
    from jax.test_util import check_grads as check

    del seed
    with jax.enable_x64(dtype is np.float64):
        function = Function(claim, dtype)
        arguments = function.arguments
        make: Any = jax.ShapeDtypeStruct
        shapes = [make(a.shape, dtype) for a in arguments]

        @jax.custom_vjp
        def loss(*given: Any) -> Any:
            return jax.pure_callback(function.value, make((), dtype), *given)

        def backward(given: Any, cotangent: Any) -> Any:
            found = jax.pure_callback(function.gradients, shapes, *given)
            return tuple(cotangent * gradient for gradient in found)

        loss.defvjp(lambda *given: (loss(*given), given), backward)
        try:
            # Only reverse mode is there to check; the order has no default.
            check(loss, arguments, order=1, modes=("rev",))  # type: ignore[no-untyped-call]  # JAX
        except AssertionError:
            return False
    return True


def gradcheck(claim: Claim, seed: int, fast: bool) -> Verdict:
    """``torch.autograd.gradcheck`` in float64 on a function with a backward pass of its own."""
    import torch

    function = Function(claim, np.float64)

    class Loss(torch.autograd.Function):
        """The cell, evaluated without autograd."""

        @staticmethod
        def forward(context: Any, *given: Any) -> Any:
            context.save_for_backward(*given)
            return torch.from_numpy(function.value(*(g.detach().numpy() for g in given)).copy())

        @staticmethod
        def backward(context: Any, cotangent: Any) -> Any:
            given = [g.detach().numpy() for g in context.saved_tensors]
            found = function.gradients(*given)
            return tuple(cotangent * torch.from_numpy(np.array(g)) for g in found)

    given = [torch.from_numpy(a.copy()).requires_grad_() for a in function.arguments]
    torch.manual_seed(seed)  # the fast mode draws its directions
    return bool(torch.autograd.gradcheck(Loss.apply, given, fast_mode=fast, raise_exception=False))


METHODS: dict[str, Callable[[Claim, int], Verdict]] = {
    "exact": exact,
    "autodiff": partial(float_method, method="autodiff"),
    "differences": partial(float_method, method="differences"),
    "jax check_grads, float32": partial(check_grads, dtype=np.float32),
    "jax check_grads, float64": partial(check_grads, dtype=np.float64),
    "torch gradcheck, slow": partial(gradcheck, fast=False),
    "torch gradcheck, fast": partial(gradcheck, fast=True),
}


@dataclass(frozen=True)
class Outcome:
    """One verdict on one claim."""

    method: str
    cell: str
    point: str
    hard: bool
    mistake: str
    accepted: Verdict
    seconds: float

    @property
    def wrong(self) -> bool:
        """Whether the claim was wrong and accepted, or right and rejected."""
        return self.accepted is not None and self.accepted == bool(self.mistake)


def choose(limit: int, seed: int) -> list[Claim]:
    """A random sample of claims, two wrong ones for each right one, over all cells and points."""
    draw = random.Random(seed)
    everything = [c for name in LOSSES for p in POINTS for c in claims(name, p, draw, seed)]
    draw.shuffle(everything)
    right = [claim for claim in everything if not claim.mistake][: -(-limit // 3)]
    wrong = [claim for claim in everything if claim.mistake]
    return [*right, *wrong[: max(0, limit - len(right))]]


def judge(claim: Claim, method: str, seed: int) -> Outcome:
    """One check, timed."""
    begun = time.perf_counter()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # Overflow at an exploding point is for the checkers to notice, not for the terminal.
        warnings.simplefilter("ignore", RuntimeWarning)
        accepted = METHODS[method](claim, seed)
    seconds = time.perf_counter() - begun
    point = claim.point
    return Outcome(method, claim.name, point.name, point.hard, claim.mistake, accepted, seconds)


def _share(outcomes: Sequence[Outcome]) -> str:
    return f"{sum(outcome.wrong for outcome in outcomes)} of {len(outcomes)}"


def table(outcomes: Sequence[Outcome]) -> Table:
    """Errors per method, at easy and at hard points."""
    shown = Table(title="Checkers on right and wrong gradients, each at its defaults")
    shown.add_column("method", no_wrap=True)
    for column in ("wrong accepted", "… hard points", "right rejected", "… hard points"):
        shown.add_column(column, justify="right")
    shown.add_column("undecided", justify="right")
    shown.add_column("median time", justify="right")
    for method in dict.fromkeys(outcome.method for outcome in outcomes):
        own = [outcome for outcome in outcomes if outcome.method == method]
        counts = [
            _share([o for o in own if bool(o.mistake) is mistaken and o.hard is hard])
            for mistaken in (True, False)
            for hard in (False, True)
        ]
        left_open = sum(outcome.accepted is None for outcome in own)
        middle = 1000 * median(outcome.seconds for outcome in own)
        shown.add_row(method, *counts, str(left_open), f"{middle:.1f} ms")
    return shown


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge every claim by every method and print the table, or everything as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--limit", type=int, default=LIMIT, help="claims to check, at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="every verdict, for a program")
    options = parser.parse_args(arguments)

    console = Console(stderr=options.json)
    torch_missing = find_spec("torch") is None
    methods = [m for m in METHODS if not (torch_missing and m.startswith("torch"))]
    if torch_missing:
        console.print("torch is not installed: gradcheck is skipped")
    chosen = choose(options.limit, options.seed)
    outcomes = [judge(claim, method, options.seed) for claim in chosen for method in methods]
    if options.json:
        print(json.dumps([{**asdict(o), "error": o.wrong} for o in outcomes], indent=2))
        return
    console.print(table(outcomes))
    right = sum(not claim.mistake for claim in chosen)
    console.print(f"{len(chosen) - right} wrong and {right} right formulas, seed {options.seed}")


if __name__ == "__main__":
    main()
