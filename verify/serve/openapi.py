"""The OpenAPI description of the JSON API, made from the table of its operations."""

from __future__ import annotations

from typing import Any

from verify.serve.fields import object_schema
from verify.serve.limits import Limits
from verify.serve.operations import OPERATIONS, Operation

ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {"type": "string", "description": "everything, as the command line prints it"},
        "message": {"type": "string"},
        "remedy": {"type": "string"},
        "place": {
            "description": "where it stands, columns counted from 1, the last one exclusive",
            "type": ["object", "null"],
            "properties": {
                "source": {"type": "string"},
                "line": {"type": "integer"},
                "column": {"type": "integer"},
                "end_column": {"type": "integer"},
                "text": {"type": "string"},
            },
        },
    },
}


def description(limits: Limits) -> dict[str, Any]:
    """The description, as OpenAPI 3.1."""
    paths: dict[str, Any] = {
        f"/api/{operation.name}": {"post": _operation(operation, limits)}
        for operation in OPERATIONS
    }
    paths["/api/cells"] = {"get": _plain("cells", "The catalogue of cells", "array")}
    paths["/api/openapi.json"] = {"get": _plain("openapi", "This description", "object")}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "gradproof",
            "version": "1",
            "description": "Gradients of recurrences, derived and verified. Every answer is the "
            "JSON that the command line prints; keys are only ever added.",
        },
        "paths": paths,
        "components": {"schemas": {"Error": ERROR}},
    }


def _operation(operation: Operation, limits: Limits) -> dict[str, Any]:
    return {
        "operationId": operation.name,
        "summary": operation.says,
        "description": f"What `{operation.command}` prints.",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": object_schema(operation.fields)}},
        },
        "responses": {
            "200": _answer("the answer", {"type": "object", "required": list(operation.answers)}),
            "400": _error("not a request as described here"),
            "403": _error("a request from another site"),
            "413": _error(f"more than {limits.body} bytes"),
            "415": _error("the content type is not application/json"),
            "422": _error(
                f"bad input, or more than {limits.seconds:g} seconds or "
                f"{limits.memory >> 20} MiB of work"
            ),
            "500": _error("a defect of the tool"),
            "503": _error("too many requests wait already"),
        },
    }


def _plain(name: str, says: str, kind: str) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": says,
        "responses": {"200": _answer(says.lower(), {"type": kind})},
    }


def _answer(says: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": says, "content": {"application/json": {"schema": schema}}}


def _error(says: str) -> dict[str, Any]:
    return _answer(says, {"$ref": "#/components/schemas/Error"})
