"""The console put together: its room from the settings, its routes, its headers, and the server that shows it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path

import uvicorn
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from processor.adapters.oidc import check_extra
from processor.console.api.app import Beside, api_for
from processor.console.guard import Headers, guarded
from processor.console.room import Mails, Room
from processor.console.routes import PAGES
from processor.follow_up import office_from
from processor.policy_files import policy_from, versions_of
from processor.ports import PermanentError
from processor.settings import Settings
from processor.wiring import SystemClock, reader_for, renderer_for

STARTS = 10  # seconds until the server must listen
_STATIC = Path(__file__).parent / "static"


class NoPortError(PermanentError):
    """The console can't listen where the settings say."""


def app_for(room: Room) -> Starlette:
    """Return the application."""
    routes = [Route(one.path, guarded(room, one), methods=[one.method]) for one in PAGES]
    htmx = Path(str(files("js_lib_htmx"))) / "static" / "htmx"
    static = [Mount("/static/htmx", StaticFiles(directory=htmx)), Mount("/static", StaticFiles(directory=_STATIC))]
    return Starlette(routes=[*static, *routes], middleware=[Middleware(Headers), Middleware(Beside, api=api_for(room))])


@contextmanager
def open_room(settings: Settings, engine: Engine, config: Path | None = None) -> Iterator[Room]:
    """Put together what the pages work with. Raises `BadSettingsError`, `OutsideError`."""
    if settings.oidc.issuer:
        check_extra()
    policy, clock = policy_from(settings), SystemClock()
    renderer = renderer_for(settings, clock)
    renderer.check()
    with closing(reader_for(settings)) as reader:
        yield Room(
            engine=engine,
            mails=Mails(reader),
            renderer=renderer,
            policy=policy,
            office=office_from(settings, policy.profile),
            settings=settings,
            versions=versions_of(settings),
            clock=clock,
            config=config,
        )


@contextmanager
def serving(room: Room) -> Iterator[str]:
    """Serve in a thread of its own; give the address. Raises `NoPortError` where nothing listens in time."""
    server = _server(room)
    thread = threading.Thread(target=server.run, name="console", daemon=True)
    thread.start()
    try:
        yield _address(server, thread)
    finally:
        room.trials.stop()
        server.should_exit = True
        thread.join(STARTS)


def _address(server: uvicorn.Server, thread: threading.Thread) -> str:
    for _ in range(STARTS * 100):
        if server.started:
            host, port = server.servers[0].sockets[0].getsockname()[:2]
            return f"http://{f'[{host}]' if ':' in host else host}:{port}"
        if not thread.is_alive():
            break
        threading.Event().wait(0.01)
    raise NoPortError(server.config.host, server.config.port)


def _server(room: Room) -> uvicorn.Server:
    console = room.settings.console
    return uvicorn.Server(
        uvicorn.Config(
            app_for(room),
            host=console.host,
            port=console.port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
        )
    )
