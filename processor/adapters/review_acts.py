"""What is done to a review item itself: given to somebody, ended without a decision, opened again. Each is audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, select, update

from processor.adapters import audit
from processor.adapters.columns import storable
from processor.adapters.engine import transact
from processor.adapters.journal_tables import mail, request, review_item
from processor.adapters.person_act import NotHeldError, close_items
from processor.core.decision import RequestState

_ENDED = (RequestState.REJECTED, RequestState.EXPIRED, RequestState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class ItemActs:
    """Acts of one person (`actor`) at a moment (UTC). Each raises `NotHeldError` where the item is not such."""

    engine: Engine
    actor: str
    at: datetime

    def assign(self, item_id: int, to: str) -> None:
        """Give an item to somebody; nobody is the empty name."""
        transact(self.engine, lambda connection: self._assign(connection, item_id, to))

    def note(self, item_id: int, words: str) -> None:
        """Add words to an item, open or done, for whoever looks at it next."""
        transact(self.engine, lambda connection: self._note(connection, item_id, words))

    def close(self, item_id: int, note: str) -> None:
        """End an item that asks for no decision, or whose decision was made elsewhere."""
        transact(self.engine, lambda connection: self._close(connection, item_id, note))

    def reopen(self, item_id: int, note: str) -> None:
        """Open an item that is done; a request that ended without an allocation is in review again."""
        transact(self.engine, lambda connection: self._reopen(connection, item_id, note))

    def open_about(self, mail_id: int, note: str) -> int:
        """Put a mail that nobody was to look at, such as one in quarantine, before a person; return the item."""
        return transact(self.engine, lambda connection: self._open_about(connection, mail_id, note))

    def _open_about(self, connection: Connection, mail_id: int, note: str) -> int:
        columns = (mail.c.id, mail.c.mailbox, mail.c.request, mail.c.outcome, request.c.partner_id)
        found = select(*columns).outerjoin(request, mail.c.request == request.c.reference).where(mail.c.id == mail_id)
        row = connection.execute(found).mappings().one_or_none()
        if row is None or row["outcome"] is None:
            raise NotHeldError(f"there is no decided mail {mail_id}")
        values = {
            "mail_id": mail_id,
            "request": row["request"],
            "partner_id": row["partner_id"],
            "kind": row["outcome"],
            "note": storable(note),
            "state": "open",
            "opened_at": self.at,
            "resolution": "",
        }
        added = connection.execute(review_item.insert().returning(review_item.c.id), values)
        number: int = added.scalar_one()
        chain = audit.chain_of(row["partner_id"], row["mailbox"])
        body: dict[str, audit.JsonValue] = {"item": number, "mail": mail_id, "note": note}
        audit.append(connection, chain, "opened", body, storable(self.actor), self.at)
        return number

    def _assign(self, connection: Connection, item_id: int, to: str) -> None:
        row = _item(connection, item_id, "open")
        connection.execute(update(review_item).where(review_item.c.id == item_id).values(assigned_to=to or None))
        self._record(connection, row, "assigned", {"to": to})

    def _note(self, connection: Connection, item_id: int, words: str) -> None:
        row = _item(connection, item_id)
        said = f"{self.actor}: {storable(words)}"
        both = f"{row['note']} · {said}" if row["note"] else said
        connection.execute(update(review_item).where(review_item.c.id == item_id).values(note=both))
        self._record(connection, row, "noted", {"note": words})

    def _close(self, connection: Connection, item_id: int, note: str) -> None:
        row = _item(connection, item_id, "open")
        close_items(connection, review_item.c.id == item_id, self.actor, "closed", note, self.at)
        self._record(connection, row, "closed", {"note": note})

    def _reopen(self, connection: Connection, item_id: int, note: str) -> None:
        row = _item(connection, item_id, "done")
        again = {"state": "open", "closed_at": None, "closed_by": None, "resolution": ""}
        connection.execute(update(review_item).where(review_item.c.id == item_id).values(again))
        held = update(request).where(request.c.reference == row["request"], request.c.state.in_(_ENDED))
        connection.execute(held.values(state=RequestState.IN_REVIEW, changed_at=self.at))
        self._record(connection, row, "reopened", {"note": note})

    def _record(self, connection: Connection, row: RowMapping, event: str, facts: dict[str, audit.JsonValue]) -> None:
        nobodys = not row["partner_id"] and not row["mailbox"]
        chain = audit.OPERATIONS_CHAIN if nobodys else audit.chain_of(row["partner_id"], row["mailbox"] or "")
        body: dict[str, audit.JsonValue] = {"item": row["id"], "request": row["request"]}
        audit.append(connection, chain, event, body | facts, storable(self.actor), self.at)


def _item(connection: Connection, item_id: int, state: str = "") -> RowMapping:
    found = (
        select(review_item, mail.c.mailbox)
        .outerjoin(mail, review_item.c.mail_id == mail.c.id)
        .where(review_item.c.id == item_id)
        .with_for_update(of=review_item)
    )
    row = connection.execute(found).mappings().one_or_none()
    if row is None:
        raise NotHeldError(f"there is no review item {item_id}")
    if state and row["state"] != state:
        raise NotHeldError(f"item {item_id} is {row['state']}")
    return row
