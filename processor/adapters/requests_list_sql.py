"""Every request there is, filtered and searched, the newest first, a stretch at a time. Reading only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, Text, exists, literal, or_, select, tuple_, type_coerce

from processor.adapters.engine import reading
from processor.adapters.journal_tables import mail, request
from processor.adapters.tables import partner


@dataclass(frozen=True, slots=True)
class SoughtRequests:
    """What to look for; an empty value asks for all. `before` is UTC.

    `after` is the moment (as stored) and the reference of the request behind which to go on.
    """

    state: str = ""
    partner_id: str = ""
    language: str = ""
    before: datetime | None = None
    words: str = ""
    after: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request in short; moments are UTC."""

    reference: str
    state: str
    partner_id: str
    partner_name: str
    language: str
    opened_at: datetime
    changed_at: datetime


def read_requests(engine: Engine, sought: SoughtRequests, limit: int) -> tuple[RequestRow, ...]:
    """Return at most so many requests, those opened last first."""
    columns = (request.c.reference, request.c.state, request.c.partner_id, partner.c.name, request.c.language)
    rows = (
        select(*columns, request.c.opened_at, request.c.changed_at)
        .join_from(request, partner, request.c.partner_id == partner.c.partner_id, isouter=True)
        .where(*_conditions(sought))
        .order_by(request.c.opened_at.desc(), request.c.reference.desc())
        .limit(limit)
    )
    with reading(engine) as connection:
        return tuple(
            RequestRow(row[0], row[1], row[2] or "", row[3] or "", *row[4:]) for row in connection.execute(rows)
        )


def _conditions(sought: SoughtRequests) -> Iterator[ColumnElement[bool]]:
    if sought.state:
        yield request.c.state == sought.state
    if sought.partner_id:
        yield request.c.partner_id == sought.partner_id
    if sought.language:
        yield request.c.language == sought.language
    if sought.before:
        yield request.c.opened_at < sought.before
    if sought.after:
        here = tuple_(type_coerce(request.c.opened_at, Text), request.c.reference)
        yield here < tuple_(*map(literal, sought.after))
    for word in sought.words.split():
        yield _holds(word)


def _holds(word: str) -> ColumnElement[bool]:
    """A word is looked for in partner, reference, and the sender and subject of the request's mails."""
    told = or_(*(place.icontains(word, autoescape=True) for place in (mail.c.sender, mail.c.subject)))
    places = (request.c.reference, request.c.partner_id, partner.c.name)
    return or_(
        *(place.icontains(word, autoescape=True) for place in places),
        exists().where(mail.c.request == request.c.reference, told),
    )
