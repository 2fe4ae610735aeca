"""Claims: read, typed, bounded in cost, decided, and explained with a counterexample."""
