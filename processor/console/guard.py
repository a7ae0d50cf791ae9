"""The door: no page without a session and its permission, no act without the form's own token from this very site.

Every route goes through `guarded`; what a page may load is said by the headers of every answer.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from processor import events
from processor.adapters.accounts_sql import Session, visit
from processor.console.permissions import Permission
from processor.console.room import Room, Visit
from processor.console.words import page
from processor.ports import OutsideError

COOKIE = "processor_session"
TOKEN = "form_token"  # noqa: S105 the field's name
FIELDS = 500  # of one form
LONGEST = 100_000  # bytes of one form
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "X-Frame-Options": "DENY",
}

Show = Callable[[Visit], Response]


@dataclass(frozen=True, slots=True)
class Page:
    """One route: its address, what shows it, what a visitor needs (None: nothing), and whether it changes anything.

    `longest` is the size in bytes of its form.
    """

    path: str
    show: Show
    needs: Permission | None = Permission.READ
    acts: bool = False
    longest: int = LONGEST

    @property
    def method(self) -> str:
        """The method of HTTP that it answers."""
        return "POST" if self.acts else "GET"


class Headers:
    """Puts the headers on every answer, unless the answer brings a stricter one of the same name."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back with the headers (ASGI)."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, sending)


def guarded(room: Room, this: Page) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a route."""

    async def endpoint(request: Request) -> Response:
        form: Mapping[str, tuple[str, ...]] = {}
        if this.acts:
            size = request.headers.get("content-length", "")
            if not size.isdecimal() or int(size) > this.longest:
                return Response("The form is too large.\n", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            sent = await request.form(max_files=0, max_fields=FIELDS)
            form = {name: tuple(str(one) for one in sent.getlist(name)) for name in sent}
        return await run_in_threadpool(_answer, room, this, request, form)

    return endpoint


def _answer(room: Room, this: Page, request: Request, form: Mapping[str, tuple[str, ...]]) -> Response:
    now = room.clock.now()
    try:
        session = visit(room.engine, request.cookies.get(COOKIE, ""), room.limits, now)
        visiting = Visit(room, request, session, now, form)
        response = _refusal(this, visiting) or this.show(visiting)
    except OutsideError as error:
        events.outside_failed("show a page", error)
        return Response("The database can't be used at the moment.\n", HTTPStatus.SERVICE_UNAVAILABLE)
    if session and session.fresh:
        set_cookie(room, response, session.fresh)
    return response


def _refusal(this: Page, visiting: Visit) -> Response | None:
    if this.acts and not is_from_here(visiting.request):
        return _refused(visiting, "This form came from another site.")
    if this.needs is None:
        return None
    if visiting.session is None:
        return _to_sign_in(visiting.request, acts=this.acts)
    if this.acts and not _bears_token(visiting.session, visiting.sent(TOKEN)):
        return _refused(visiting, "This form is too old, or not of this session. Go back, load the page again.")
    if not visiting.may(this.needs):
        return _refused(visiting, f"Your role, {visiting.session.account.role}, may not do this.")
    return None


def is_from_here(request: Request) -> bool:
    """Tell by fetch metadata, else by the origin, whether a form was sent from a page of this site."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")


def set_cookie(room: Room, response: Response, token: str) -> None:
    """Give the browser its token; no script can read it, no other site sends it along with a form."""
    secure = room.settings.console.https
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=secure, path="/")


def _bears_token(session: Session, sent: str) -> bool:
    return hmac.compare_digest(session.form_token.encode(), sent.encode("utf-8", "replace"))


def _to_sign_in(request: Request, *, acts: bool) -> Response:
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    after = "" if acts or path == "/" else f"?next={quote(path, safe='')}"
    return RedirectResponse(f"/signin{after}", HTTPStatus.SEE_OTHER)


def _refused(visiting: Visit, words: str) -> Response:
    return page(visiting, "refused.html", HTTPStatus.FORBIDDEN, words=words)
