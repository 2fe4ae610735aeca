"""Requests as they come from the network: bounded, from this very page, and JSON."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request

from verify.serve.fields import BadRequest, read_fields
from verify.serve.limits import Limits
from verify.serve.operations import Operation


class Refused(Exception):
    """A request that is answered with a status and a sentence.

    Args:
        status: of HTTP.
    """

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


async def asked(request: Request, operation: Operation, limits: Limits) -> dict[str, Any]:
    """The fields of a request.

    Raises:
        Refused: it comes from another site, is too long, or is not as described.
    """
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Refused(403, "requests from other sites are not answered")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "the content type must be application/json")
    body = await _body(request, limits.body)
    try:
        return read_fields(operation.fields, json.loads(body))
    except BadRequest as error:
        raise Refused(400, str(error)) from None
    except (ValueError, RecursionError):
        raise Refused(400, "the request is not JSON in UTF-8") from None


async def _body(request: Request, most: int) -> bytes:
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > most:
            raise Refused(413, f"the request is longer than {most} bytes")
    return bytes(found)
