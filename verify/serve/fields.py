"""What a request may say: fields with types and bounds, read strictly, described as schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

TYPES: dict[str, type] = {"string": str, "integer": int, "boolean": bool}


class BadRequest(Exception):
    """A request that is none of the documented ones; the message is for who wrote it."""


@dataclass(frozen=True)
class Field:
    """One field of a request.

    Attributes:
        default: what stands in its place where it is left out; ``None`` where nothing does.
        longest: characters of a text.
        bounds: of a number, inclusive.
    """

    name: str
    says: str
    type: Literal["string", "integer", "boolean"] = "string"
    required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    longest: int = 20_000
    bounds: tuple[int, int] = (0, 1_000)

    def schema(self) -> dict[str, Any]:
        """The field in JSON Schema."""
        found: dict[str, Any] = {"type": self.type, "description": self.says}
        if self.default is not None:
            found["default"] = self.default
        if self.choices:
            found["enum"] = list(self.choices)
        elif self.type == "string":
            found["maxLength"] = self.longest
        elif self.type == "integer":
            found["minimum"], found["maximum"] = self.bounds
        return found

    def read(self, given: Mapping[str, Any]) -> Any:
        """The value in a request.

        Raises:
            BadRequest: it is missing, of another type, or out of bounds.
        """
        value = given.get(self.name)
        if value is None:
            if self.required:
                raise BadRequest(f'"{self.name}" is missing: {self.says}')
            return self.default
        if type(value) is not TYPES[self.type]:
            raise BadRequest(f'"{self.name}" must be of type {self.type}')
        if self.choices and value not in self.choices:
            raise BadRequest(f'"{self.name}" must be one of {", ".join(self.choices)}')
        if isinstance(value, str) and len(value) > self.longest:
            raise BadRequest(f'"{self.name}" is longer than {self.longest} characters')
        low, high = self.bounds
        if type(value) is int and not low <= value <= high:
            raise BadRequest(f'"{self.name}" must lie between {low} and {high}')
        return value


def read_fields(fields: Sequence[Field], given: Any) -> dict[str, Any]:
    """All fields of a request.

    Raises:
        BadRequest: it is no object, or has a field that is not known or does not fit.
    """
    if not isinstance(given, dict):
        raise BadRequest("the request must be a JSON object")
    known = [field.name for field in fields]
    unknown = [name for name in given if name not in known]
    if unknown:
        raise BadRequest(f"there is no field {unknown[0]!r:.60}; fields: {', '.join(known)}")
    return {field.name: field.read(given) for field in fields}


def object_schema(fields: Sequence[Field]) -> dict[str, Any]:
    """The schema of a request."""
    return {
        "type": "object",
        "properties": {field.name: field.schema() for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }
