"""Expressions: node kinds, constructors, traversal."""
