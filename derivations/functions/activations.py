"""Rows of the activation functions of neural networks.

In a formula ``x`` is the argument, ``y`` the value, ``f`` the space of functions. Slopes at kinks
are those that JAX's function of the same name takes.
"""

from __future__ import annotations

import math
from fractions import Fraction

from derivations.functions.row import Function, Interval, Kink

_UNIT = Interval(0.0, 1.0)
_SYMMETRIC = Interval(-1.0, 1.0)
_UPPER = Interval(0.0, math.inf)
# Klambauer et al. 2017, to the digits that libraries start from.
_SELU_SCALE = "1.0507009873554804934193349852946"
_SELU_ALPHA = "1.6732632423543772848170429916717"

ACTIVATIONS = (
    Function(
        "sigmoid", r"\sigma",
        lambda f, x: 1 / (1 + f.exp(-x)),
        (lambda f, x, y: y * (1 - y),),
        "sigmoid({x})", "jax.nn.sigmoid({x})", "torch.sigmoid({x})",
        gamma=0.25, source="Verhulst 1845", aliases=("sigma", "logistic", "expit"),
        slope_in_value=True, kernels=("sigmoid",), range=Interval(0.0, 1.0, True, True),
    ),
    Function(
        "tanh", r"\tanh",
        lambda f, x: f.tanh(x),
        (lambda f, x, y: 1 - y**2,),
        "np.tanh({x})", "jnp.tanh({x})", "torch.tanh({x})",
        gamma=1.0, source="NIST Digital Library of Mathematical Functions, 4.28",
        slope_in_value=True, range=Interval(-1.0, 1.0, True, True),
    ),
    Function(
        "relu", r"\operatorname{ReLU}",
        lambda f, x: f.compare(x, 0, 0, x),
        (lambda f, x, y: f.compare(x, 0, 0, 1),),
        "np.maximum({x}, 0.0)", "jax.nn.relu({x})", "torch.relu({x})",
        gamma=1.0, source="Nair and Hinton 2010", aliases=("ReLU",), range=_UPPER,
        kink_rule=lambda: (Kink(0, 0, 1, "left"),),
    ),
    Function(
        "leaky_relu", r"\operatorname{LeakyReLU}",
        lambda f, x, p: f.compare(x, 0, p * x, x),
        (lambda f, x, y, p: f.compare(x, 0, p, 1),),
        "np.where(np.real({x}) < 0, {p} * ({x}), {x})", "jax.nn.leaky_relu({x}, {p})",
        "torch.where(({x}) < 0, {p} * ({x}), {x})",
        gamma=lambda p: max(1.0, abs(p)), source="Maas, Hannun and Ng 2013",
        aliases=("LeakyReLU", "lrelu"), parameters=(("p", Fraction(1, 100)),),
        kink_rule=lambda p: (Kink(0, p, 1, "right"),),
    ),
    Function(
        "elu", r"\operatorname{ELU}",
        lambda f, x, a: f.compare(x, 0, a * (f.exp(x) - 1), x),
        (lambda f, x, y, a: f.compare(x, 0, y + a, 1),),
        "elu({x}, {a})", "jax.nn.elu({x}, {a})",
        "torch.where(({x}) > 0, {x}, {a} * torch.expm1(torch.clamp({x}, max=0.0)))",
        gamma=lambda a: max(1.0, abs(a)), source="Clevert, Unterthiner and Hochreiter 2016",
        aliases=("ELU",), parameters=(("a", Fraction(1)),), kernels=("elu",),
        kink_rule=lambda a: (Kink(0, a, 1, "left"),),
    ),
    Function(
        "selu", r"\operatorname{SELU}",
        lambda f, x: f.number(_SELU_SCALE)
        * f.compare(x, 0, f.number(_SELU_ALPHA) * (f.exp(x) - 1), x),
        (
            lambda f, x, y: f.compare(
                x, 0, y + f.number(_SELU_SCALE) * f.number(_SELU_ALPHA), f.number(_SELU_SCALE)
            ),
        ),
        "(1.0507009873554805 * elu({x}, 1.6732632423543772))", "jax.nn.selu({x})",
        "torch.selu({x})",
        gamma=1.7580993408473773, source="Klambauer et al. 2017", aliases=("SELU",),
        kernels=("elu",), range=Interval(-1.7580993408473773, math.inf),
        kink_rule=lambda: (
            Kink(
                0,
                Fraction(_SELU_SCALE) * Fraction(_SELU_ALPHA),
                Fraction(_SELU_SCALE),
                "left",
            ),
        ),
    ),
    Function(
        "gelu", r"\operatorname{GELU}",
        lambda f, x: x * (1 + f.erf(x / f.sqrt(2))) / 2,
        (
            lambda f, x, y: (1 + f.erf(x / f.sqrt(2))) / 2
            + x * f.exp(-(x**2) / 2) / f.sqrt(2 * f.pi),
        ),
        "(({x}) * scipy.special.ndtr({x}))", "jax.nn.gelu({x}, approximate=False)",
        "torch.nn.functional.gelu({x})",
        gamma=1.128904145185155, source="Hendrycks and Gimpel 2016 (the exact form)",
        aliases=("GELU",), range=Interval(-0.16997121, math.inf),
    ),
    Function(
        "silu", r"\operatorname{SiLU}",
        lambda f, x: x / (1 + f.exp(-x)),
        (lambda f, x, y: y + f.sigmoid(x) * (1 - y),),
        "silu({x})", "jax.nn.silu({x})", "torch.nn.functional.silu({x})",
        gamma=1.099839320128867, source="Elfwing, Uchibe and Doya 2018", aliases=("SiLU", "swish"),
        kernels=("silu",), range=Interval(-0.27846455, math.inf),
    ),
    Function(
        "mish", r"\operatorname{Mish}",
        lambda f, x: x * f.tanh(f.softplus(x)),
        (
            lambda f, x, y: f.tanh(f.softplus(x))
            + x * (1 - f.tanh(f.softplus(x)) ** 2) * f.sigmoid(x),
        ),
        "mish({x})", "jax.nn.mish({x})", "torch.nn.functional.mish({x})",
        gamma=1.088498161251728, source="Misra 2019", aliases=("Mish",), kernels=("mish",),
        range=Interval(-0.30884095, math.inf),
    ),
    Function(
        "softplus", r"\operatorname{softplus}",
        lambda f, x: f.log(1 + f.exp(x)),
        (lambda f, x, y: f.sigmoid(x),),
        "softplus({x})", "jax.nn.softplus({x})", "(-torch.nn.functional.logsigmoid(-({x})))",
        gamma=1.0, source="Dugas et al. 2001", kernels=("softplus",),
        range=Interval(0.0, math.inf, open_low=True),
    ),
    Function(
        "log_sigmoid", r"\log\sigma",
        lambda f, x: -f.log(1 + f.exp(-x)),
        (lambda f, x, y: f.sigmoid(-x),),
        "log_sigmoid({x})", "jax.nn.log_sigmoid({x})", "torch.nn.functional.logsigmoid({x})",
        gamma=1.0, source="Dugas et al. 2001 (minus the softplus of -x)",
        aliases=("logsigmoid",), kernels=("log_sigmoid",),
        range=Interval(-math.inf, 0.0, open_high=True),
    ),
    Function(
        "softsign", r"\operatorname{softsign}",
        lambda f, x: x / (1 + f.abs(x)),
        (lambda f, x, y: (1 - f.abs(y)) ** 2,),
        "(({x}) / (1.0 + np.abs({x})))", "jax.nn.soft_sign({x})",
        "torch.nn.functional.softsign({x})",
        gamma=1.0, source="Glorot and Bengio 2010", aliases=("soft_sign",), slope_in_value=True,
        complex_numpy="(({x}) / (1.0 + magnitude({x})))", range=Interval(-1.0, 1.0, True, True),
    ),
    Function(
        "hard_sigmoid", r"\operatorname{hardsigmoid}",
        lambda f, x: f.compare(x, -3, 0, f.compare(x, 3, (x + 3) / 6, 1)),
        (lambda f, x, y: f.compare(x, -3, 0, f.compare(x, 3, f.number("1/6"), 0)),),
        "np.clip(({x}) / 6.0 + 0.5, 0.0, 1.0)", "jax.nn.hard_sigmoid({x})",
        "torch.nn.functional.hardsigmoid({x})",
        gamma=1.0 / 6.0, source="Howard et al. 2019 (ReLU6(x + 3)/6)",
        aliases=("hardsigmoid",), range=_UNIT,
        kink_rule=lambda: (
            Kink(-3, 0, Fraction(1, 6), "left"),
            Kink(3, Fraction(1, 6), 0, "right"),
        ),
    ),
    Function(
        "hard_tanh", r"\operatorname{hardtanh}",
        lambda f, x: f.compare(x, -1, -1, f.compare(x, 1, x, 1)),
        (lambda f, x, y: f.compare(x, -1, 0, f.compare(x, 1, 1, 0)),),
        "np.clip({x}, -1.0, 1.0)", "jax.nn.hard_tanh({x})", "torch.nn.functional.hardtanh({x})",
        gamma=1.0, source="Collobert 2004", aliases=("hardtanh",), range=_SYMMETRIC,
        kink_rule=lambda: (Kink(-1, 0, 1, "right"), Kink(1, 1, 0, "left")),
    ),
)  # fmt: skip
