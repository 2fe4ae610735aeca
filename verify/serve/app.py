"""The ASGI app: the page with its files, the JSON API, and streams of events for the page."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from derivations.catalogue import names, read
from derivations.listing import listing
from derivations.render.html.page import script, style
from verify.serve.faults import fault
from verify.serve.headers import Headers
from verify.serve.limits import Limits
from verify.serve.openapi import description
from verify.serve.operations import OPERATIONS, PAGE_OPERATIONS, Operation
from verify.serve.pool import Busy, Pool
from verify.serve.reading import Refused, asked
from verify.serve.worker import Event

STATIC = Path(__file__).parent / "static"
LOOPBACK = ("127.0.0.1", "localhost")
Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


def application(limits: Limits, hosts: Sequence[str] = LOOPBACK) -> Starlette:
    """The app; its workers are ``state.pool``.

    Args:
        hosts: names under which it may be asked; another one is another site's trick.
    """
    pool = Pool(limits)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await pool.start()
        yield
        await pool.stop()

    app = Starlette(
        routes=_routes(pool, limits),
        middleware=[
            Middleware(Headers),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
        ],
        lifespan=lifespan,
    )
    app.state.pool = pool
    return app


def _routes(pool: Pool, limits: Limits) -> list[Route]:
    told = description(limits)

    async def page(request: Request) -> Response:
        return FileResponse(STATIC / "page.html", media_type="text/html")

    async def look(request: Request) -> Response:
        own = (STATIC / "live.css").read_text(encoding="utf-8")
        return Response(f"{style()}\n{own}", media_type="text/css")

    async def live_script(request: Request) -> Response:
        return FileResponse(STATIC / "live.js", media_type="text/javascript")

    async def page_script(request: Request) -> Response:
        return Response(script(), media_type="text/javascript")

    async def icon(request: Request) -> Response:
        return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")

    async def openapi(request: Request) -> Response:
        return JSONResponse(told)

    async def cells(request: Request) -> Response:
        return JSONResponse(_catalogue())

    api = [(f"/api/{o.name}", partial(_answered, pool, limits, o)) for o in OPERATIONS]
    live = [(f"/page/{o.name}", partial(_streamed, pool, limits, o)) for o in PAGE_OPERATIONS]
    return [
        Route("/", page),
        Route("/live.css", look),
        Route("/live.js", live_script),
        Route("/page.js", page_script),
        Route("/icon.svg", icon),
        Route("/api/openapi.json", openapi),
        Route("/api/cells", cells),
        *(Route(path, _guarded(endpoint), methods=["POST"]) for path, endpoint in (*api, *live)),
    ]


def _catalogue() -> list[dict[str, str]]:
    titles = dict(listing("cells"))
    return [{"name": name, "title": titles[name], "text": read(name)} for name in names()]


def _guarded(endpoint: Endpoint) -> Endpoint:
    """The endpoint, its refusals as responses."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refused as refused:
            return _wrong(refused.status, fault(str(refused)))
        except Busy:
            busy = fault("too many requests wait already", "try again in a moment")
            return _wrong(503, busy)
        except ClientDisconnect:
            return Response(status_code=400)

    return answer


def _wrong(status: int, event: Event) -> Response:
    kept = {key: event[key] for key in ("error", "message", "remedy", "place")}
    return JSONResponse(kept, status)


async def _answered(pool: Pool, limits: Limits, operation: Operation, request: Request) -> Response:
    """One answer as JSON."""
    fields = await asked(request, operation, limits)
    found = _wrong(500, fault("there was no answer"))
    # Heard to the end: a worker that still talks when nobody listens is ended.
    async with aclosing(pool.run(operation.name, fields)) as events:
        async for event in events:
            if event["kind"] == "answer":
                found = Response(event["json"], media_type="application/json")
            elif event["kind"] != "progress":
                found = _wrong(500 if event["kind"] == "failure" else 422, _as_fault(event))
            elif await request.is_disconnected():
                raise ClientDisconnect
    return found


async def _streamed(pool: Pool, limits: Limits, operation: Operation, request: Request) -> Response:
    """Events, one line of JSON each, as they are ready."""
    fields = await asked(request, operation, limits)

    async def lines() -> AsyncIterator[bytes]:
        try:
            async with aclosing(pool.run(operation.name, fields)) as events:
                async for event in events:
                    yield _line(_as_fault(event))
        except Busy:
            yield _line(fault("too many requests wait already", "try again in a moment"))
        yield _line({"kind": "done"})

    return StreamingResponse(lines(), media_type="application/x-ndjson")


def _line(event: Event) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _as_fault(event: Event) -> Event:
    """Limits and defects in words."""
    if event["kind"] == "failure":
        return fault("something went wrong inside: this is a defect of the tool")
    if event["kind"] != "limit":
        return event
    if event["of"] == "time":
        stopped = f"stopped after {event['seconds']:g} seconds"
        return fault(stopped, "ask for less at once, or use the command line, which has no limit")
    return fault("this needs more time or memory than a request may take", "ask for less at once")
