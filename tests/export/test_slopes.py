"""Slopes as code: what does not depend on an argument is a number in the text."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from derivations.functions import FUNCTIONS
from derivations.functions.row import Backend
from derivations.render.code.slopes import CodeSpace, Text, text

CALL_OF_NUMBER = re.compile(r"\w\((\d[\d.]*( [*/+-] )?)+\)")


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("library", get_args(Backend))
def test_no_function_is_called_with_numbers_only(name: str, library: Backend) -> None:
    row = FUNCTIONS[name]
    space = CodeSpace(library, lambda *parts: f"where({', '.join(parts)})", lambda used: None)
    given = [Text(f"x{k}") for k in range(row.arity)]
    parameters = [Text(parameter) for parameter in row.parameter_names]
    for wrt in range(row.arity):
        inside = given[0] if row.arity == 1 else tuple(given)
        found = text(row.slope_in(space, inside, Text("y"), *parameters, wrt=wrt))
        assert not CALL_OF_NUMBER.search(found.source), found.source
