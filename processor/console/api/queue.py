"""The queue, and the list of all requests, a stretch at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from processor.adapters.columns import moment_text
from processor.adapters.queue_sql import PAGE, Wanted, read_queue
from processor.adapters.requests_list_sql import SoughtRequests, read_requests
from processor.console.api.cursor import cursor_of, place_of
from processor.console.api.shape import Asked, Cursor, Moment, Shape, Text, Word
from processor.console.room import Visit
from processor.core.decision import RequestState


class QueueAsked(Asked):
    """Which items; what is left out asks for all. `assignee=nobody` asks for what nobody has taken."""

    state: Literal["open", "done"] = "open"
    kind: Word = ""
    partner: Word = ""
    assignee: Word = ""
    language: Word = ""
    before: Moment | None = None
    q: Word = ""
    cursor: Cursor = ""


class Item(Shape):
    """A review item; `key` names its request."""

    id: int
    key: str
    kind: str
    note: Text
    state: str
    opened_at: datetime
    mail_id: int | None
    partner_id: str
    partner_name: Text
    assignee: str
    sender: Text
    subject: Text
    language: str
    resolution: Text
    closed_by: str


class Items(Shape):
    """Fifty items, open ones the oldest first, done ones the newest; how many there are, and the cursor of the next."""

    items: tuple[Item, ...]
    count: int
    next: str | None


class RequestsAsked(Asked):
    """Which requests; what is left out asks for all."""

    state: RequestState | None = None
    partner: Word = ""
    language: Word = ""
    before: Moment | None = None
    q: Word = ""
    cursor: Cursor = ""


class RequestInShort(Shape):
    """A request as it stands."""

    reference: str
    state: str
    partner_id: str
    partner_name: Text
    language: str
    opened_at: datetime
    changed_at: datetime


class Requests(Shape):
    """Requests, those opened last first; `next` is the cursor of those behind, if there are any."""

    requests: tuple[RequestInShort, ...]
    next: str | None


def list_queue(visit: Visit, asked: QueueAsked) -> Items:
    """What waits for a person, or is done, with the filters and the search of the queue's page."""
    place = place_of(asked.cursor, int) or (0,)
    wanted = Wanted(
        state=asked.state,
        kind=asked.kind,
        partner_id=asked.partner,
        assignee=asked.assignee,
        language=asked.language,
        before=asked.before,
        words=asked.q,
        after=int(place[0]),
    )
    found = read_queue(visit.room.engine, wanted)
    items = tuple(map(Item.model_validate, found.items))
    return Items(items=items, count=found.count, next=cursor_of(items[-1].id) if found.more else None)


def list_requests(visit: Visit, asked: RequestsAsked) -> Requests:
    """Every request, filtered and searched, fifty at a time."""
    place = place_of(asked.cursor, str, str)
    sought = SoughtRequests(
        state=asked.state or "",
        partner_id=asked.partner,
        language=asked.language,
        before=asked.before,
        words=asked.q,
        after=(str(place[0]), str(place[1])) if place else None,
    )
    found = read_requests(visit.room.engine, sought, PAGE + 1)
    shown = tuple(map(RequestInShort.model_validate, found[:PAGE]))
    last = shown[-1] if len(found) > PAGE else None
    return Requests(requests=shown, next=cursor_of(moment_text(last.opened_at), last.reference) if last else None)
