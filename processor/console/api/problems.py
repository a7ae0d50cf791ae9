"""Problem details (RFC 9457): the one form of every error of the API."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:problem-type:processor:"


class Code(StrEnum):
    """What is wrong; the problem's type is `urn:problem-type:processor:` and this."""

    MALFORMED = "malformed"  # the body is no JSON
    UNAUTHENTICATED = "unauthenticated"  # no token, or none that is known, in force, and of somebody who is let in
    FORBIDDEN = "forbidden"  # the role or the token's scopes don't reach so far
    NOT_FOUND = "not_found"
    METHOD = "method_not_allowed"
    CHANGED = "changed"  # since it was shown: nothing was done, and `effect` is how it stands now
    HELD_BACK = "held_back"  # paused, rehearsing, or above a limit: nothing was done
    CONFLICT = "conflict"  # the item is not in such a state
    TOO_LARGE = "too_large"
    MEDIA_TYPE = "unsupported_media_type"
    INVALID = "invalid"  # a parameter or the body isn't as the document says; `errors` name each place
    REFUSED = "refused"  # it can't be done; `problems` say why
    TOO_MANY = "too_many_failures"  # of tokens, from one address
    BROKEN = "broken"  # on our side
    UNAVAILABLE = "unavailable"  # the database


STATUS = {
    Code.MALFORMED: HTTPStatus.BAD_REQUEST,
    Code.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Code.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.METHOD: HTTPStatus.METHOD_NOT_ALLOWED,
    Code.CHANGED: HTTPStatus.CONFLICT,
    Code.HELD_BACK: HTTPStatus.CONFLICT,
    Code.CONFLICT: HTTPStatus.CONFLICT,
    Code.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Code.MEDIA_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Code.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.REFUSED: HTTPStatus.CONFLICT,
    Code.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    Code.BROKEN: HTTPStatus.INTERNAL_SERVER_ERROR,
    Code.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}


class Place(BaseModel):
    """Something that isn't as the document says: where, as parameter's name or JSON Pointer (RFC 6901), and what."""

    where: str
    what: str


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str = ""
    errors: tuple[Place, ...] = ()
    problems: tuple[str, ...] = ()


class ProblemError(Exception):
    """An answer that is a problem; `more` are its further members."""

    def __init__(
        self,
        code: Code,
        detail: str,
        more: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what to answer."""
        super().__init__(detail)
        self.code, self.detail, self.more, self.headers = code, detail, more or {}, headers or {}

    def answer(self) -> Response:
        """Return it as a response."""
        status = STATUS[self.code]
        problem = Problem.model_validate(
            {"type": TYPE + self.code, "title": status.phrase, "status": status, "detail": self.detail, **self.more}
        )
        content = problem.model_dump_json(exclude_defaults=True)
        return Response(content, status, dict(self.headers), media_type=MEDIA_TYPE)
