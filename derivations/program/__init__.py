"""Programs: what an export runs, built from equations and derived adjoints."""
