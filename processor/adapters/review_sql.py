"""What waits for a person: review items with the mail they are about. Reading only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, RowMapping, select

from processor.adapters.engine import reading
from processor.adapters.journal_tables import decision, letter, mail, review_item


@dataclass(frozen=True, slots=True)
class Waiting:
    """One review item. `opened_at` is UTC; `kind` is a reason's code, or `deduction`, `undelivered`, `look_alike`."""

    id: int
    kind: str
    note: str
    opened_at: datetime
    state: str
    request: str
    partner_id: str
    sender: str
    subject: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """A review item with the decision about its mail, and the letters that went out."""

    item: Waiting
    outcome: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    letters: tuple[tuple[str, str, str], ...]  # kind, state, text


_ITEMS = (
    select(review_item, mail.c.sender, mail.c.subject)
    .join(mail, review_item.c.mail_id == mail.c.id, isouter=True)
    .order_by(review_item.c.opened_at, review_item.c.id)
)


def waiting_items(engine: Engine) -> tuple[Waiting, ...]:
    """Return open review items, the oldest first."""
    with reading(engine) as connection:
        rows = connection.execute(_ITEMS.where(review_item.c.state == "open")).mappings()
        return tuple(_waiting(row) for row in rows)


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
        return Dossier(_waiting(row), "", (), (), letters)
    codes = (tuple(json.loads(found["reasons"])), tuple(json.loads(found["missing"])))
    return Dossier(_waiting(row), found["outcome"], *codes, letters)


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
    )
