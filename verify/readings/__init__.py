"""Readings a claim may be true under: changes of the cell or the relation, and their search."""
