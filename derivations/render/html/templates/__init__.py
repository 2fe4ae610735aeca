"""Templates of HTML: whatever is put into one is escaped, unless it is markup already."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

SHARED = Path(__file__).parent


def rendered(folder: Path, name: str, /, **values: Any) -> Markup:
    """The template ``name`` of a folder; it may import those that lie beside this module.

    Raises:
        jinja2.UndefinedError: it uses a value that is not given.
    """
    return Markup(_environment(folder).get_template(name).render(**values))


@cache
def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader([folder, SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
