"""Inequalities between norms and numbers: proved by rules, refuted by searches, or left open."""
