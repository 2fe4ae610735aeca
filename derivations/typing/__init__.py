"""From the untyped tree to the typed cell: time structure, shapes, elaboration."""
