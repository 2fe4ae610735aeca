"""Every module can be imported, says what it is, and its examples are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import derivations
import verify

MODULES = sorted(
    module.name
    for package in (derivations, verify)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
)


@pytest.mark.parametrize("name", ["cli", "derivations", "verify", *MODULES])
def test_examples_in_docstrings(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__
    failed, _ = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert not failed
