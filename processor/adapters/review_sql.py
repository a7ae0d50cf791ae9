"""What waits for a person: review items with the mail they are about. Reading only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, RowMapping, or_, select

from processor.adapters.engine import reading
from processor.adapters.journal_tables import decision, letter, mail, request, review_item
from processor.core.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Waiting:
    """One review item. `opened_at` is UTC; `kind` is a reason's code, or another word for what to look at."""

    id: int
    kind: str
    note: str
    opened_at: datetime
    state: str
    request: str
    partner_id: str
    sender: str
    subject: str
    language: str
    assigned_to: str
    resolution: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items to list; what is empty filters nothing. `before` is UTC."""

    kind: str = ""
    partner_id: str = ""
    assigned_to: str = ""
    language: str = ""
    words: str = ""
    before: datetime | None = None


ALL = Wanted()


@dataclass(frozen=True, slots=True)
class Dossier:
    """A review item with the decision about its mail, and the letters that went out."""

    item: Waiting
    mail_id: int | None
    outcome: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    letters: tuple[tuple[str, str, str], ...]  # kind, state, text


_ITEMS = (
    select(review_item, mail.c.sender, mail.c.subject, request.c.language)
    .join(mail, review_item.c.mail_id == mail.c.id, isouter=True)
    .join(request, review_item.c.request == request.c.reference, isouter=True)
    .order_by(review_item.c.opened_at, review_item.c.id)
)


def waiting_items(engine: Engine, wanted: Wanted = ALL) -> tuple[Waiting, ...]:
    """Return open review items, the oldest first."""
    with reading(engine) as connection:
        rows = connection.execute(_ITEMS.where(review_item.c.state == "open", *_filters(wanted))).mappings()
        return tuple(_waiting(row) for row in rows)


def quarantined(engine: Engine, since: datetime) -> tuple[tuple[int, datetime, str, str, str], ...]:
    """Return the mails that were put into quarantine since a moment (UTC): number, when, sender, subject, reasons."""
    rows = (
        select(mail.c.id, decision.c.decided_at, decision.c.sender, mail.c.subject, decision.c.reasons)
        .join(mail, decision.c.mail_id == mail.c.id)
        .where(decision.c.decided_at >= since, decision.c.outcome == Outcome.QUARANTINED)
        .order_by(mail.c.id)
    )
    with reading(engine) as connection:
        return tuple(
            (row[0], row[1], row[2], row[3] or "", ", ".join(json.loads(row[4]))) for row in connection.execute(rows)
        )


def dossier(engine: Engine, item_id: int) -> Dossier | None:
    """Return everything about one review item, or None when there is none of that number."""
    with reading(engine) as connection:
        row = connection.execute(_ITEMS.where(review_item.c.id == item_id)).mappings().one_or_none()
        if row is None:
            return None
        decided = (
            select(decision).where(decision.c.mail_id == row["mail_id"]).order_by(decision.c.round.desc()).limit(1)
        )
        found = connection.execute(decided).mappings().one_or_none()
        written = select(letter.c.kind, letter.c.state, letter.c.text).where(letter.c.mail_id == row["mail_id"])
        letters = tuple((kind, state, text) for kind, state, text in connection.execute(written.order_by(letter.c.id)))
    if found is None:
        return Dossier(_waiting(row), row["mail_id"], "", (), (), letters)
    codes = (tuple(json.loads(found["reasons"])), tuple(json.loads(found["missing"])))
    return Dossier(_waiting(row), row["mail_id"], found["outcome"], *codes, letters)


def _filters(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    equal = {
        review_item.c.kind: wanted.kind,
        review_item.c.partner_id: wanted.partner_id,
        review_item.c.assigned_to: wanted.assigned_to,
        request.c.language: wanted.language,
    }
    yield from (column == value for column, value in equal.items() if value)
    if wanted.before:
        yield review_item.c.opened_at < wanted.before
    if wanted.words:
        columns = (mail.c.subject, mail.c.sender, review_item.c.request, review_item.c.note)
        yield or_(*(column.icontains(wanted.words, autoescape=True) for column in columns))


def _waiting(row: RowMapping) -> Waiting:
    return Waiting(
        id=row["id"],
        kind=row["kind"],
        note=row["note"],
        opened_at=row["opened_at"],
        state=row["state"],
        request=row["request"] or "",
        partner_id=row["partner_id"] or "",
        sender=row["sender"] or "",
        subject=row["subject"] or "",
        language=row["language"] or "",
        assigned_to=row["assigned_to"] or "",
        resolution=row["resolution"],
    )
