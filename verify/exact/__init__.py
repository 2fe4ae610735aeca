"""Exact verification in a finite field: an answer without a tolerance, with a bound on its error."""

from __future__ import annotations

from verify.exact.checker import Checker, check
from verify.exact.result import ExactResult, Failure, Status

__all__ = ["Checker", "ExactResult", "Failure", "Status", "check"]
