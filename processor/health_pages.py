"""`/livez`, `/readyz` and `/metrics`: what a supervisor and Prometheus ask. They change nothing and name nobody."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from processor.health import NEVER, Check
from processor.metrics import metrics_text
from processor.ports import PermanentError
from processor.watch import Watch

STOPS = 10  # seconds in which the server must be gone
READY = ("database", "poll", "disk")  # what must be well for work to go on
OK, UNAVAILABLE = 200, 503


class NoHealthPortError(PermanentError):
    """The pages about health can't be served there."""


def pages_for(watch: Watch, loop_age: Callable[[], timedelta | None], stuck_after: timedelta) -> Starlette:
    """Return the application. `loop_age` says how long ago the worker's loop moved."""

    def livez(_: Request) -> Response:
        age = loop_age()
        stuck = age is not None and age > stuck_after
        return PlainTextResponse("stuck\n" if stuck else "ok\n", UNAVAILABLE if stuck else OK)

    def readyz(_: Request) -> Response:
        wrong = {check.name: check.wrong or check.figure for check in watch.look().checks if _stands_in_the_way(check)}
        return JSONResponse({"ready": not wrong, "wrong": wrong}, UNAVAILABLE if wrong else OK)

    def metrics(_: Request) -> Response:
        return Response(metrics_text(watch.look()), media_type="text/plain; version=0.0.4; charset=utf-8")

    routes = [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]
    return Starlette(routes=routes)


def _stands_in_the_way(check: Check) -> bool:
    """A worker that was just started is well, and not ready before its first poll."""
    return check.name in READY and bool(check.wrong or check.figure == NEVER)


@contextmanager
def serving(pages: Starlette, listen: str) -> Iterator[str]:
    """Serve in a thread of its own; give the address. Raises `NoHealthPortError`."""
    host, _, port = listen.rpartition(":")
    try:
        listener = socket.create_server((host.strip("[]"), int(port)), family=_family(host))
    except OSError as error:
        raise NoHealthPortError(f"{listen}: {error.strerror}") from error
    config = uvicorn.Config(
        pages, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=3
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="health", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STOPS)
        listener.close()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
