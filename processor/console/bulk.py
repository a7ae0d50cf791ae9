"""Several items at once: taken, or given back. Only that, since it is safe for each of them: it decides nothing."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from processor.adapters.person_act import NotHeldError
from processor.adapters.queue_sql import PAGE
from processor.adapters.review_acts import ItemActs
from processor.console.room import Visit


def assign(visit: Visit) -> Response:
    """Take the chosen items or give them back; what was done meanwhile by another is left, and counted."""
    acts, to = ItemActs(visit.room.engine, visit.login, visit.now), visit.login if visit.sent("to") == "me" else ""
    taken = left = 0
    for item in _chosen(visit):
        try:
            acts.assign(item, to)
            taken += 1
        except NotHeldError:
            left += 1
    said = urlencode({"assigned": taken, "left": left})
    return RedirectResponse(f"/queue?{said}", HTTPStatus.SEE_OTHER)


def _chosen(visit: Visit) -> list[int]:
    sent = visit.form.get("item", ())[:PAGE]
    return [int(one) for one in sent if one.isascii() and one.isdecimal() and len(one) < 16]  # noqa: PLR2004 eight bytes
