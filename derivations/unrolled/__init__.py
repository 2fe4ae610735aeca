"""The unrolled computation graph of a cell: what reads what at every step, drawn as a picture."""
