"""What a person must look at, put before operations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from processor.adapters.columns import storable
from processor.adapters.journal_tables import review_item
from processor.core.decision import ReviewItem

_OPEN = review_item.insert()


def open_review(
    connection: Connection,
    item: ReviewItem,
    at: datetime,
    *,
    mail_id: int | None = None,
    request: str | None = None,
    partner_id: str | None = None,
) -> None:
    """Write a review item, in the caller's transaction."""
    values = {
        "mail_id": mail_id,
        "request": request,
        "partner_id": partner_id,
        "kind": item.kind,
        "note": storable(item.note),
        "state": "open",
        "opened_at": at,
        "resolution": "",
    }
    connection.execute(_OPEN, values)
