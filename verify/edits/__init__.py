"""The mistakes people make, as tree edits: planted in formulas one way, mending claims the other.

Every row of :data:`EDITS` changes one place of a claim. :func:`plant` applies them to a formula
that is right; :func:`mend` searches for the smallest that makes a wrong claim right.
"""

from __future__ import annotations

from verify.edits.edit import Edit
from verify.edits.mending import Repair, mend
from verify.edits.planting import plant
from verify.edits.table import EDITS

__all__ = ["EDITS", "Edit", "Repair", "mend", "plant"]
