"""The API's door: a bearer token with the scope and of somebody with the role, and a body as declared, or a problem.

Cookies are not looked at, so that no other site can make a browser call it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from math import ceil

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from processor import events
from processor.adapters.accounts_sql import Session
from processor.adapters.tokens_sql import bearer_of
from processor.console.api.endpoint import Endpoint
from processor.console.api.problems import Code, Place, ProblemError
from processor.console.api.shape import Asked, File, Sent, Shape
from processor.console.api.tries import Tries
from processor.console.mail_parts import file
from processor.console.room import Room, Visit
from processor.ports import OutsideError

JSON = "application/json"


def listening(room: Room, tries: Tries, endpoints: dict[str, Endpoint]) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers at one address; `endpoints` are its routes by method."""

    async def answer(request: Request) -> Response:
        endpoint = endpoints["GET" if request.method == "HEAD" else request.method]
        try:
            body = await _body(request, endpoint.longest) if endpoint.sent else b""
            return await run_in_threadpool(_answer, room, tries, endpoint, request, body)
        except ProblemError as problem:
            return problem.answer()

    return answer


def _answer(room: Room, tries: Tries, endpoint: Endpoint, request: Request, body: bytes) -> Response:
    try:
        visit, token = _enter(room, tries, request)
        if endpoint.needs and not visit.may(endpoint.needs):
            raise ProblemError(Code.FORBIDDEN, f"This needs the scope {endpoint.needs}, and a role that may do it.")
        given = [_asked(endpoint.asked, request)] if endpoint.asked else []
        sent = [_sent(endpoint.sent, request, body)] if endpoint.sent else []
        if endpoint.method == "POST":
            events.program_acted(token, visit.login, endpoint.name)
        answer: Shape = endpoint.act(visit, *given, *sent)
    except OutsideError as error:
        events.outside_failed("answer a program", error)
        raise ProblemError(Code.UNAVAILABLE, "The database can't be used at the moment.") from error
    if isinstance(answer, File):
        return file(answer.content, answer.name)
    return Response(answer.model_dump_json(), media_type=JSON)


def _enter(room: Room, tries: Tries, request: Request) -> tuple[Visit, int]:
    """Return the visit, and the number of the token that it comes with."""
    now, address = room.clock.now(), request.client.host if request.client else ""
    if left := tries.locked(address, now):
        headers = {"Retry-After": str(ceil(left.total_seconds()))}
        raise ProblemError(Code.TOO_MANY, "Too many unknown tokens came from this address.", headers=headers)
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text.strip():
        raise _stranger("This needs a token: `Authorization: Bearer …`.", "")
    bearer = bearer_of(room.engine, text.strip(), now)
    if bearer is None:
        if tries.failed(address, now):
            events.tokens_refused()
        raise _stranger("Nobody has this token.", "invalid_token")
    if bearer.token.ended(now) or not bearer.account.open:
        raise _stranger("This token has run out, was revoked, or its person is shut out.", "invalid_token")
    session = Session(bearer.account, "", scopes=frozenset(bearer.token.scopes))
    return Visit(room, request, session, now, {}), bearer.token.id


def _stranger(words: str, error: str) -> ProblemError:
    """RFC 6750 section 3."""
    challenge = f'Bearer realm="processor", error="{error}"' if error else 'Bearer realm="processor"'
    return ProblemError(Code.UNAUTHENTICATED, words, headers={"WWW-Authenticate": challenge})


async def _body(request: Request, longest: int) -> bytes:
    """Read the body up to the limit, whatever the request says of its length."""
    read = bytearray()
    try:
        async for piece in request.stream():
            read += piece
            if len(read) > longest:
                raise ProblemError(Code.TOO_LARGE, f"A body has at most {longest} bytes.")
    except ClientDisconnect:
        raise ProblemError(Code.MALFORMED, "The body broke off.") from None
    return bytes(read)


def _asked(kind: type[Asked], request: Request) -> Asked:
    twice = [name for name in request.query_params if len(request.query_params.getlist(name)) > 1]
    if twice:
        places = [Place(where=name, what="is given twice") for name in twice]
        raise ProblemError(Code.INVALID, "The parameters are not as the document says.", {"errors": places})
    try:
        return kind.model_validate(dict(request.query_params) | request.path_params)
    except ValidationError as error:
        detail = "The parameters are not as the document says."
        raise ProblemError(Code.INVALID, detail, {"errors": _places(error, "")}) from None


def _sent(kind: type[Sent], request: Request, body: bytes) -> Sent:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise ProblemError(Code.MEDIA_TYPE, f"A body is {JSON}.")
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        if error.errors(include_url=False)[0]["type"] == "json_invalid":
            raise ProblemError(Code.MALFORMED, "The body is no JSON.") from None
        detail, places = "The body is not as the document says.", _places(error, "/")
        raise ProblemError(Code.INVALID, detail, {"errors": places}) from None


def _places(error: ValidationError, mark: str) -> list[Place]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [Place(where=mark + mark.join(map(str, one["loc"])), what=one["msg"]) for one in found[:50]]
