"""Where a list goes on: the place of its last row, opaque to whoever carries it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from processor.console.api.problems import Code, ProblemError
from processor.console.api.shape import MOST

Part = int | str


def cursor_of(*place: Part) -> str:
    """Return the cursor of the row behind which the list goes on."""
    return urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place_of(cursor: str, *kinds: type[Part]) -> tuple[Part, ...] | None:
    """Return a row's place, None for the beginning. Raises `ProblemError` for what is no cursor of such a list."""
    if not cursor:
        return None
    try:
        place = json.loads(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        raise _wrong() from None
    if not isinstance(place, list) or tuple(map(type, place)) != kinds or not all(map(_fits, place)):
        raise _wrong()
    return tuple(place)


def _fits(part: Part) -> bool:
    """No database takes NUL, half a character, or more than eight bytes."""
    if isinstance(part, int):
        return 0 <= part <= MOST
    return part.isprintable()


def _wrong() -> ProblemError:
    errors = [{"where": "cursor", "what": "is no cursor of this list"}]
    return ProblemError(Code.INVALID, "The parameters are not as the document says.", {"errors": errors})
