"""Signing in through an identity provider: there with a riddle of this browser's own, and back with its answer."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.responses import RedirectResponse, Response

from processor import events
from processor.adapters.identities_sql import Identity, NotLetInError, enter
from processor.adapters.oidc import Attempt, NoProviderError, NotProvedError, Provider
from processor.console.entrance import inside
from processor.console.guard import set_cookie
from processor.console.room import Room, Visit
from processor.console.words import page
from processor.ports import OutsideError

RIDDLE = "processor_oidc"  # the cookie
_LASTS = 600  # seconds that a try may take


def depart(visit: Visit) -> Response:
    attempt = Attempt(*(secrets.token_urlsafe(32) for _ in range(3)))
    try:
        address = Provider(visit.room.settings.oidc).address(attempt) if visit.room.settings.oidc.issuer else ""
    except (NoProviderError, NotProvedError) as error:
        return _failed(visit, error)
    if not address:
        return RedirectResponse("/signin", HTTPStatus.SEE_OTHER)
    response = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    riddle = [attempt.state, attempt.nonce, attempt.verifier, inside(visit.asked("next"))]
    secure = visit.room.settings.console.https
    # Lax, not strict: the way back begins at the provider.
    response.set_cookie(
        RIDDLE,
        _serializer(visit.room).dumps(riddle),
        _LASTS,
        httponly=True,
        samesite="lax",
        secure=secure,
        path="/signin",
    )
    return response


def back(visit: Visit) -> Response:
    riddle = _riddle(visit)
    if riddle is None or not hmac.compare_digest(riddle[0].encode(), visit.asked("state").encode("utf-8", "replace")):
        return RedirectResponse("/signin", HTTPStatus.SEE_OTHER)
    state, nonce, verifier, after = riddle
    try:
        claims = Provider(visit.room.settings.oidc).claims(
            visit.asked("code"), Attempt(state, nonce, verifier), visit.now
        )
        token = enter(visit.room.engine, _identity(visit.room, claims), visit.now)
    except (NoProviderError, NotProvedError, NotLetInError) as error:
        return _failed(visit, error)
    response = RedirectResponse(after or "/", HTTPStatus.SEE_OTHER)
    set_cookie(visit.room, response, token)
    response.delete_cookie(RIDDLE, path="/signin")
    return response


def _identity(room: Room, claims: Mapping[str, Any]) -> Identity:
    settings = room.settings.oidc
    groups = claims.get(settings.roles_claim, ())
    mine = {groups} if isinstance(groups, str) else set(map(str, groups))
    role = next((role for group, role in settings.roles.items() if group in mine), None)
    if role is None:
        raise NotLetInError("none of their groups has a role here")
    login = str(claims.get(settings.login_claim, "")).strip().lower()
    return Identity(settings.issuer, str(claims["sub"]), login, str(claims.get("name", "")), role)


def _riddle(visit: Visit) -> list[str] | None:
    if not visit.room.settings.oidc.issuer:
        return None
    try:
        found: list[str] = _serializer(visit.room).loads(visit.request.cookies.get(RIDDLE, ""), max_age=_LASTS)
    except BadData:
        return None
    return found


def _serializer(room: Room) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(room.settings.oidc.client_secret.get_secret_value(), salt=RIDDLE)


def _failed(visit: Visit, error: OutsideError) -> Response:
    events.outside_failed("sign somebody in", error)
    away = isinstance(error, NoProviderError)
    status = HTTPStatus.SERVICE_UNAVAILABLE if away else HTTPStatus.FORBIDDEN
    words = "The identity provider can't be reached." if away else str(error)
    response = page(visit, "signin.html", status, after="", failed=False, login="", refused=words)
    response.delete_cookie(RIDDLE, path="/signin")
    return response
