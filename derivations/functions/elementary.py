"""Rows of the elementary functions, thresholds, and max and min of two arguments.

The letters of a formula are those of ``activations.py``.
"""

from __future__ import annotations

import math

from derivations.functions.row import Function, Interval, Kink

_DLMF = "NIST Digital Library of Mathematical Functions"
_POSITIVE = Interval(0.0, math.inf, open_low=True)
_UNIT = Interval(0.0, 1.0)
_SYMMETRIC = Interval(-1.0, 1.0)
_UPPER = Interval(0.0, math.inf)

ELEMENTARY = (
    Function(
        "linear", r"\operatorname{id}",
        lambda f, x: x,
        (lambda f, x, y: f.number("1"),),
        "({x})", "({x})", "({x})",
        gamma=1.0, source="the identity map", aliases=("identity",), slope_in_value=True,
    ),
    Function(
        "sign", r"\operatorname{sign}",
        lambda f, x: f.compare(x, 0, -1, 1, equal=0),
        (lambda f, x, y: f.number("0"),),
        "np.sign({x})", "jnp.sign({x})", "torch.sign({x})",
        gamma=0.0, source="Rosenblatt 1958 (threshold units)", aliases=("sgn",),
        slope_in_value=True, complex_numpy="np.sign(np.real({x}))", range=_SYMMETRIC,
        kink_rule=lambda: (Kink(0, 0, 0, "left", jump=True),),
    ),
    Function(
        "step", r"\Theta",
        lambda f, x: f.compare(x, 0, 0, 1, equal=1),
        (lambda f, x, y: f.number("0"),),
        "np.heaviside({x}, 1.0)", "jnp.heaviside({x}, 1.0)",
        "torch.ge({x}, 0.0).to(torch.get_default_dtype())",
        gamma=0.0, source="McCulloch and Pitts 1943 (1 at 0)", aliases=("heaviside",),
        slope_in_value=True, complex_numpy="np.heaviside(np.real({x}), 1.0)", range=_UNIT,
        kink_rule=lambda: (Kink(0, 0, 0, "left", jump=True),),
    ),
    Function(
        "abs", r"\operatorname{abs}",
        lambda f, x: f.compare(x, 0, -x, x),
        (lambda f, x, y: f.compare(x, 0, -1, 1),),
        "np.abs({x})", "jnp.abs({x})", "torch.abs({x})",
        gamma=1.0, source=f"{_DLMF}, 1.9", complex_numpy="magnitude({x})", range=_UPPER,
        latex_form=r"\left|%s\right|", kink_rule=lambda: (Kink(0, -1, 1, "right"),),
    ),
    Function(
        "square", r"\operatorname{square}",
        lambda f, x: x**2,
        (lambda f, x, y: 2 * x,),
        "np.square({x})", "jnp.square({x})", "torch.square({x})",
        gamma=math.inf, source="elementary", range=_UPPER, latex_form=r"\left(%s\right)^{2}",
    ),
    Function(
        "sqrt", r"\operatorname{sqrt}",
        lambda f, x: f.sqrt(x),
        (lambda f, x, y: 1 / (2 * y),),
        "np.sqrt({x})", "jnp.sqrt({x})", "torch.sqrt({x})",
        gamma=math.inf, source=f"{_DLMF}, 4.2", slope_in_value=True, domain=(_POSITIVE,),
        range=_UPPER, latex_form=r"\sqrt{%s}",
    ),
    Function(
        "reciprocal", r"\operatorname{reciprocal}",
        lambda f, x: 1 / x,
        (lambda f, x, y: -(y**2),),
        "np.reciprocal({x})", "jnp.reciprocal({x})", "torch.reciprocal({x})",
        gamma=math.inf, source="elementary", slope_in_value=True,
        domain=(Interval(-math.inf, 0.0, open_high=True), _POSITIVE), latex_form=r"\frac{1}{%s}",
    ),
    Function(
        "exp", r"\exp",
        lambda f, x: f.exp(x),
        (lambda f, x, y: y,),
        "np.exp({x})", "jnp.exp({x})", "torch.exp({x})",
        gamma=math.inf, source=f"{_DLMF}, 4.2", slope_in_value=True, range=_POSITIVE,
    ),
    Function(
        "log", r"\log",
        lambda f, x: f.log(x),
        (lambda f, x, y: 1 / x,),
        "np.log({x})", "jnp.log({x})", "torch.log({x})",
        gamma=math.inf, source=f"{_DLMF}, 4.2", aliases=("ln",), domain=(_POSITIVE,),
    ),
    Function(
        "erf", r"\operatorname{erf}",
        lambda f, x: f.erf(x),
        (lambda f, x, y: 2 * f.exp(-(x**2)) / f.sqrt(f.pi),),
        "scipy.special.erf({x})", "jax.scipy.special.erf({x})", "torch.erf({x})",
        gamma=1.1283791670955127, source=f"{_DLMF}, 7.2", range=Interval(-1.0, 1.0, True, True),
    ),
    Function(
        "sin", r"\sin",
        lambda f, x: f.sin(x),
        (lambda f, x, y: f.cos(x),),
        "np.sin({x})", "jnp.sin({x})", "torch.sin({x})",
        gamma=1.0, source=f"{_DLMF}, 4.14", range=_SYMMETRIC,
    ),
    Function(
        "cos", r"\cos",
        lambda f, x: f.cos(x),
        (lambda f, x, y: -f.sin(x),),
        "np.cos({x})", "jnp.cos({x})", "torch.cos({x})",
        gamma=1.0, source=f"{_DLMF}, 4.14", range=_SYMMETRIC,
    ),
    Function(
        "tan", r"\tan",
        lambda f, x: f.tan(x),
        (lambda f, x, y: 1 + y**2,),
        "np.tan({x})", "jnp.tan({x})", "torch.tan({x})",
        gamma=math.inf, source=f"{_DLMF}, 4.14", slope_in_value=True,
        domain=(Interval(-math.pi / 2, math.pi / 2, True, True),),
    ),
    Function(
        "arctan", r"\arctan",
        lambda f, x: f.atan(x),
        (lambda f, x, y: 1 / (1 + x**2),),
        "np.arctan({x})", "jnp.arctan({x})", "torch.arctan({x})",
        gamma=1.0, source=f"{_DLMF}, 4.23", aliases=("atan",),
        range=Interval(-math.pi / 2, math.pi / 2),
    ),
    Function(
        "sinh", r"\sinh",
        lambda f, x: f.sinh(x),
        (lambda f, x, y: f.cosh(x),),
        "np.sinh({x})", "jnp.sinh({x})", "torch.sinh({x})",
        gamma=math.inf, source=f"{_DLMF}, 4.28",
    ),
    Function(
        "cosh", r"\cosh",
        lambda f, x: f.cosh(x),
        (lambda f, x, y: f.sinh(x),),
        "np.cosh({x})", "jnp.cosh({x})", "torch.cosh({x})",
        gamma=math.inf, source=f"{_DLMF}, 4.28", range=Interval(1.0, math.inf),
    ),
    Function(
        "sech", r"\operatorname{sech}",
        lambda f, x: 1 / f.cosh(x),
        (lambda f, x, y: -y * f.tanh(x),),
        "sech({x})",
        "(2.0 * jnp.exp(-jnp.abs({x})) / (1.0 + jnp.exp(-2.0 * jnp.abs({x}))))",
        "(1.0 / torch.cosh({x}))",
        gamma=0.5, source=f"{_DLMF}, 4.28", kernels=("sech",),
        range=Interval(0.0, 1.0, open_low=True),
    ),
    Function(
        "max", r"\max",
        lambda f, x, x2: f.compare(x - x2, 0, x2, x),
        (
            lambda f, x, x2, y: f.compare(x - x2, 0, 0, 1),
            lambda f, x, x2, y: f.compare(x - x2, 0, 1, 0),
        ),
        "np.maximum({x}, {x2})", "jnp.maximum({x}, {x2})", "torch.maximum({x}, {x2})",
        gamma=1.0, source="elementary", aliases=("maximum",),
        kink_rule=lambda: (Kink(0, 0, 1, "mean"),),
    ),
    Function(
        "min", r"\min",
        lambda f, x, x2: f.compare(x - x2, 0, x, x2),
        (
            lambda f, x, x2, y: f.compare(x - x2, 0, 1, 0),
            lambda f, x, x2, y: f.compare(x - x2, 0, 0, 1),
        ),
        "np.minimum({x}, {x2})", "jnp.minimum({x}, {x2})", "torch.minimum({x}, {x2})",
        gamma=1.0, source="elementary", aliases=("minimum",),
        kink_rule=lambda: (Kink(0, 1, 0, "mean"),),
    ),
)  # fmt: skip
