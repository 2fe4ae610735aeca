"""Imported once by the process that graders of a file are forked from: all they need, loaded."""

from __future__ import annotations

import gc
import json

from verify.claims.batch import Options, grade_line

# A wrong claim goes through everything: reading, checking, readings, mends, counterexample.
_CELL = ["h[t] = tanh(W @ h[t-1] + U @ x[t] + b)"]
_CLAIM = "dh[T]/dh[k] = prod(t, k+2, T, diag(1 - h[t] * h[t]) @ W)"
grade_line(Options(), json.dumps({"cell": _CELL, "claim": _CLAIM}))
# What is there by now stays: no worker looks for garbage in it, so its pages stay shared.
gc.freeze()
