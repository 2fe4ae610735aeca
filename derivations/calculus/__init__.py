"""Calculus: VJP, JVP and Jacobian rules, recurrences of adjoints and tangents, closed forms."""
