"""What a plot shows, as numbers: curves by spectral radius, from evaluated derived expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

import numpy as np
from sympy import Integer, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from derivations.calculus.states import Group
from derivations.cell import Range
from derivations.derivation import Formula
from derivations.deriver import Deriver, deriver_of
from derivations.errors import InputError
from derivations.expressions.nodes import Jacobian
from derivations.expressions.traverse import fresh_index
from derivations.render.latex import latex
from verify.arithmetic.numpy import NumpyArithmetic
from verify.evaluate import System
from verify.evaluate.indices import compile_integer
from verify.plots.contributions import contributions
from verify.plots.panels import Curve, Panel, Setting
from verify.plots.weights import recurrent_parameters

What = Literal["jacobian-norms", "spectrum", "gradient-by-age"]
LAG = 10
"""Steps whose spectrum is shown; of a longer product only rounding is left."""


def measure(setting: Setting, what: What) -> tuple[Panel, ...]:
    """The panels of a plot.

    Raises:
        InputError: the cell has no recurrence, or its values overflow where a spectrum is asked.
        NoClosedForm: the product of step Jacobians has no closed form here.
    """
    deriver = deriver_of(setting.cell)
    groups = recurrences(deriver)
    measured: dict[What, Callable[..., Iterator[Panel]]] = {
        "jacobian-norms": _jacobian_norms,
        "spectrum": _spectrum,
        "gradient-by-age": _gradient_by_age,
    }
    return tuple(measured[what](setting, deriver, groups))


def recurrences(deriver: Deriver) -> list[Group]:
    """The recurrent groups of a cell.

    Raises:
        InputError: there is none.
    """
    groups = deriver.flow.groups
    if not groups:
        raise InputError(
            "the cell has no recurrence, so nothing vanishes or explodes over time",
            remedy="choose a cell with a state such as h[t-1]",
        )
    return groups


def _systems(
    setting: Setting, deriver: Deriver, groups: list[Group]
) -> Iterator[tuple[float | None, System]]:
    """The forward equations at each choice of weights."""
    names = recurrent_parameters(setting.cell, groups)
    for radius in setting.radii or (None,):
        yield (
            radius,
            System(
                deriver.cell.definitions,
                NumpyArithmetic(seed=setting.seed),
                setting.ends,
                setting.sizes,
                setting.weights(radius, names),
            ),
        )


def _jacobian_norms(setting: Setting, deriver: Deriver, groups: list[Group]) -> Iterator[Panel]:
    """‖∂h_T/∂h_k‖ over T - k, for each state."""
    systems = list(_systems(setting, deriver, groups))
    taken = {axis.index for axis in setting.cell.axes}
    some = fresh_index("k", taken)
    for group in groups:
        length = setting.ends[group.end]
        for name in group.states:
            state = setting.cell.templates[name]
            last = group.end if group.forward else 1
            left = Jacobian(state.at([last]), state.at([some]))
            formulas = list(deriver.jacobian(left))
            curves = []
            for radius, system in systems:
                norms = []
                for lag in range(length + 1):
                    at = {some: length - lag if group.forward else 1 + lag}
                    value = _value(formulas, system, at, setting)
                    norms.append(_norm(value))
                curves.append(Curve(radius, _floats(range(length + 1)), tuple(norms)))
            distance = f"{last} - {some}" if group.forward else f"{some} - 1"
            yield Panel(
                "decay",
                rf"$\partial {latex(left.numerator)} / \partial {latex(left.denominator)}$",
                f"steps between the two, ${distance}$",
                r"spectral norm of the Jacobian",
                tuple(curves),
            )


def _value(
    formulas: list[Formula], system: System, at: Mapping[Symbol, int], setting: Setting
) -> np.ndarray | None:
    """A Jacobian at one time: the formula about it, if there is one."""
    for formula in formulas:
        env = {**setting.ends, **at}
        asked = formula.left.denominator.steps[0]
        here = compile_integer(asked)(env) == next(iter(at.values()))
        if here and all(_holds(r, env) for r in formula.domain):
            return np.asarray(system.evaluate(formula.right, at))
    return None


def _holds(r: Range, env: dict[Symbol, int]) -> bool:
    low = -np.inf if r.lower.is_infinite else compile_integer(r.lower)(env)
    high = np.inf if r.upper.is_infinite else compile_integer(r.upper)(env)
    return bool(low <= env[r.index] <= high)


def _spectrum(setting: Setting, deriver: Deriver, groups: list[Group]) -> Iterator[Panel]:
    """Eigenvalues of one step Jacobian, singular values of the product of some."""
    systems = list(_systems(setting, deriver, groups))
    for group in groups:
        length = setting.ends[group.end]
        lag = min(LAG, length)
        start, stop = (length - lag, length) if group.forward else (1 + lag, 1)
        last = range(start + 1, stop + 1) if group.forward else range(stop, start)
        stack = ", ".join(latex(setting.cell.templates[name]) for name in group.states)
        stack = f"${stack}$" if len(group.states) == 1 else f"$({stack})$"
        eigenvalues, singular = [], []
        for radius, system in systems:
            steps = [_finite(system.evaluate(group.step, {group.index: t})) for t in last]
            roots = np.concatenate([np.linalg.eigvals(step) for step in steps])
            eigenvalues.append(Curve(radius, _floats(roots.real), _floats(roots.imag)))
            product = _finite(system.evaluate(_propagator(group, start, stop)))
            values = np.linalg.svd(product, compute_uv=False)
            singular.append(Curve(radius, _floats(range(1, len(values) + 1)), _floats(values)))
        yield Panel(
            "plane", f"eigenvalues of the last {lag} step Jacobians of {stack}", "real part",
            "imaginary part", tuple(eigenvalues),
        )  # fmt: skip
        yield Panel(
            "rank", "singular values of their product", "place by size", "singular value",
            tuple(singular),
        )  # fmt: skip


def _propagator(group: Group, start: int, stop: int) -> MatrixExpr:
    return group.propagator(Integer(start), Integer(stop))


def _floats(values: Iterable[Any]) -> tuple[float, ...]:
    return tuple(map(float, values))


def _norm(value: np.ndarray | None) -> float:
    """The spectral norm; no number where there is no value, or one that overflowed."""
    if value is None or not np.isfinite(value).all():
        return np.nan
    return float(np.linalg.norm(value, 2))


def _finite(value: object) -> np.ndarray:
    found = np.asarray(value, dtype=float)
    if not np.isfinite(found).all():
        raise InputError(
            "the values overflow, so there is no spectrum",
            remedy="give fewer --steps or a smaller --radius",
        )
    return found


def _gradient_by_age(setting: Setting, deriver: Deriver, groups: list[Group]) -> Iterator[Panel]:
    """The part of the gradient that each step contributes, by how long ago the step was."""
    names = recurrent_parameters(setting.cell, groups)
    if not names:
        raise InputError(
            "no parameter multiplies a state of the cell, so there is no gradient to look at",
            remedy="use --what jacobian-norms",
        )
    curves: dict[str, list[Curve]] = {}
    about: dict[str, str] = {}
    for radius in setting.radii or (None,):
        parts = contributions(
            setting.compiled, sorted(names), setting.weights(radius, names), setting.sizes,
            setting.ends, setting.seed,
        )  # fmt: skip
        for axis, part in parts.items():
            about[axis] = ", ".join(latex(setting.cell.templates[name]) for name in part.names)
            ages = sorted(part.ages)
            newest = next((part.ages[age] for age in ages if part.ages[age] > 0), 1.0)
            shares = _floats(part.ages[age] / newest for age in ages)
            curves.setdefault(axis, []).append(Curve(radius, _floats(ages), shares))
    for axis, found in curves.items():
        yield Panel(
            "decay",
            f"what step ${axis}$ contributes to the gradient of ${about[axis]}$",
            "age: steps between it and the loss",
            "Frobenius norm, relative to the newest step",
            tuple(found),
        )
