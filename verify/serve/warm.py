"""Imported once by the process that workers are forked from: what they all need, ready to use."""

from __future__ import annotations

import gc

from verify.serve.jobs import JOBS, warm_up

warm_up()
# What is there by now stays: no worker looks for garbage in it, so its pages stay shared.
gc.freeze()

__all__ = ["JOBS"]
