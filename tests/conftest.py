"""Settings that every test shares."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Deriving takes as long as a cell is large and the machine is loaded: a deadline for one example,
# or for drawing it, would measure the machine.
_COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("default", _COMMON)
# The same examples in every run: a red run is about the change, and can be repeated.
settings.register_profile("ci", _COMMON, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
