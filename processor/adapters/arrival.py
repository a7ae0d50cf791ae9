"""How fetched mails enter the database: what is new, what was here before, and where each of them stands now."""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, select, update

from processor.adapters.insertion import insert_missing
from processor.adapters.journal_tables import folder_state, location, mail
from processor.adapters.raw_sql import keep_raw
from processor.failpoints import Failpoint, reached
from processor.ports import FetchedMail, Phase


def watermark(connection: Connection, mailbox: str, folder: str, *, lock: bool = False) -> tuple[int, int]:
    """Return (UIDVALIDITY, last UID) of a folder, (0, 0) for one that was never polled."""
    columns = (folder_state.c.uidvalidity, folder_state.c.last_uid)
    found = select(*columns).where(folder_state.c.mailbox == mailbox, folder_state.c.folder == folder)
    row = connection.execute(found.with_for_update() if lock else found).one_or_none()
    return (0, 0) if row is None else (row[0], row[1])


@dataclass(frozen=True, slots=True)
class Place:
    """A folder as long as its UIDs mean the same mails (RFC 9051 section 2.3.1.1)."""

    mailbox: str
    folder: str
    uidvalidity: int

    def store(self, connection: Connection, mails: Sequence[FetchedMail], now: datetime) -> int:
        """Store mails, locations and watermark; return how many mails were new. Storing again changes nothing."""
        last_uid = self._enter(connection)
        known = self._known_uids(connection, [one.uid for one in mails])
        coming = [(one, hashlib.sha256(one.raw).hexdigest()) for one in mails if one.uid not in known]
        before = self._mails_from_elsewhere(connection, [sha256 for _, sha256 in coming])
        ids = [before[sha256].popleft() if before[sha256] else None for _, sha256 in coming]
        new = [one for one, found in zip(coming, ids, strict=True) if found is None]
        inserted = iter(self._insert(connection, new, now))
        reached(Failpoint.BYTES_STORED)
        self._locate(
            connection,
            [(one.uid, found or next(inserted)) for (one, _), found in zip(coming, ids, strict=True)],
        )
        reached(Failpoint.PLACED)
        self._set_watermark(connection, max([last_uid, *(one.uid for one in mails)]))
        return len(new)

    def _enter(self, connection: Connection) -> int:
        """Lock the folder's state; return the last UID that counts here. Places under another UIDVALIDITY are void."""
        first = {"mailbox": self.mailbox, "folder": self.folder, "uidvalidity": self.uidvalidity, "last_uid": 0}
        insert_missing(connection, folder_state, [first])
        uidvalidity, last_uid = watermark(connection, self.mailbox, self.folder, lock=True)
        if uidvalidity == self.uidvalidity:
            return last_uid
        old = update(location).where(
            location.c.mailbox == self.mailbox,
            location.c.folder == self.folder,
            location.c.state == "present",
            location.c.uidvalidity != self.uidvalidity,
        )
        connection.execute(old.values(state="superseded"))
        return 0

    def _known_uids(self, connection: Connection, uids: Sequence[int]) -> set[int]:
        return set(connection.scalars(select(location.c.uid).where(*self._here(), location.c.uid.in_(uids))))

    def _mails_from_elsewhere(self, connection: Connection, hashes: Sequence[str]) -> dict[str, deque[int]]:
        """Return mails of the same bytes that have no place here yet, oldest first."""
        here = exists().where(location.c.mail_id == mail.c.id, *self._here())
        same = select(mail.c.sha256, mail.c.id).where(mail.c.mailbox == self.mailbox, mail.c.sha256.in_(hashes), ~here)
        found: dict[str, deque[int]] = defaultdict(deque)
        for sha256, mail_id in connection.execute(same.order_by(mail.c.id)):
            found[sha256].append(mail_id)
        return found

    def _insert(self, connection: Connection, mails: Sequence[tuple[FetchedMail, str]], now: datetime) -> Sequence[int]:
        if not mails:
            return []
        keep_raw(connection, [(sha256, one.raw) for one, sha256 in mails])
        rows = [
            {
                "mailbox": self.mailbox,
                "sha256": sha256,
                "size": one.size or len(one.raw),
                "headers_only": int(one.headers_only),
                "received_at": one.received_at,
                "stored_at": now,
                "phase": Phase.STORED,
                "attempts": 0,
            }
            for one, sha256 in mails
        ]
        return connection.scalars(mail.insert().returning(mail.c.id, sort_by_parameter_order=True), rows).all()

    def _locate(self, connection: Connection, places: Sequence[tuple[int, int]]) -> None:
        rows = [
            {
                "mail_id": mail_id,
                "mailbox": self.mailbox,
                "folder": self.folder,
                "uidvalidity": self.uidvalidity,
                "uid": uid,
                "state": "present",
            }
            for uid, mail_id in places
        ]
        if rows:
            connection.execute(location.insert(), rows)

    def _set_watermark(self, connection: Connection, last_uid: int) -> None:
        this = update(folder_state).where(folder_state.c.mailbox == self.mailbox, folder_state.c.folder == self.folder)
        connection.execute(this.values(uidvalidity=self.uidvalidity, last_uid=last_uid))

    def _here(self) -> tuple[ColumnElement[bool], ...]:
        return (
            location.c.mailbox == self.mailbox,
            location.c.folder == self.folder,
            location.c.uidvalidity == self.uidvalidity,
        )
