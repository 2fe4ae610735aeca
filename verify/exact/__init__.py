"""Exact verification in a finite field: no tolerance, and a bound on the chance of error."""

from __future__ import annotations

from verify.exact.checker import Checker, check
from verify.exact.result import ExactResult, Failure, Status

__all__ = ["Checker", "ExactResult", "Failure", "Status", "check"]
