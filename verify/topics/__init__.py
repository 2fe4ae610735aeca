"""Topics verified: both sides of every formula, in the field or with growing precision."""
