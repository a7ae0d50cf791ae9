"""The API put together: its routes, its document, and problems for all that no route answers."""

from __future__ import annotations

import json
from collections import defaultdict

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from processor import events
from processor.console.api.document import document
from processor.console.api.door import JSON, listening
from processor.console.api.endpoint import PREFIX, Endpoint
from processor.console.api.problems import Code, ProblemError
from processor.console.api.routes import ENDPOINTS
from processor.console.api.tries import Tries
from processor.console.room import Room

_CODES = {404: Code.NOT_FOUND, 405: Code.METHOD}


class Beside:
    """Lets the API answer under its prefix, and the pages everywhere else.

    Starlette's own mount would leave an address with a line break in it to the pages.
    """

    def __init__(self, app: ASGIApp, api: ASGIApp) -> None:
        self.app, self.api = app, api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to one of the two (ASGI)."""
        if scope["type"] == "http" and scope["path"].startswith(f"{PREFIX}/"):
            await self.api({**scope, "root_path": scope.get("root_path", "") + PREFIX}, receive, send)
        else:
            await self.app(scope, receive, send)


def api_for(room: Room, tries: Tries | None = None) -> Starlette:
    """Return the API; it answers under its prefix."""
    by_path: dict[str, dict[str, Endpoint]] = defaultdict(dict)
    for one in ENDPOINTS:
        by_path[one.path][one.method] = one
    tries = tries or Tries()
    routes = [Route(path, listening(room, tries, those), methods=list(those)) for path, those in by_path.items()]
    return Starlette(
        routes=[Route("/openapi.json", _document), *routes],
        exception_handlers={HTTPException: _refused, Exception: _broken},
    )


async def _document(_: Request) -> Response:
    return Response(json.dumps(document(ENDPOINTS), ensure_ascii=False), media_type=JSON)


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    words = "There is nothing at this address." if error.status_code == 404 else error.detail  # noqa: PLR2004
    return ProblemError(_CODES.get(error.status_code, Code.MALFORMED), words, headers=error.headers).answer()


async def _broken(_: Request, error: Exception) -> Response:
    events.broke("answer a program", error)
    return ProblemError(Code.BROKEN, "This failed on our side.").answer()
