"""Designed networks against a specification over input words."""
