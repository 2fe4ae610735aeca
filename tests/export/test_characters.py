"""The character model: an exported module trains as the equations under jax.grad do."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def characters() -> Any:
    sys.path.insert(0, str(BENCHMARKS))
    try:
        yield import_module("characters")
    finally:
        sys.path.remove(str(BENCHMARKS))


def test_both_train_alike(characters: Any) -> None:
    text = "abc bca cab " * 5
    with jax.enable_x64(True):
        module, gradients = characters.ways()
        params = module.init_params(jax.random.key(0), np.float64, n=4, m=4, d=4)
        losses, _ = characters.trained(gradients, params, characters.batches(text, 6, 3), 12, 0.05)
    one, other = losses["export"], losses["jax.grad"]
    assert one[-1] < one[0]
    assert np.allclose(one, other, rtol=1e-10, atol=0.0)
