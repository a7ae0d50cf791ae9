"""The record of what arrived where: bytes, places and watermark are stored in one transaction, before anything else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, RowMapping, bindparam, exists, select, update

from processor.adapters.arrival import Place, watermark
from processor.adapters.engine import reading, transact
from processor.adapters.journal_tables import location, mail, raw_message
from processor.adapters.pulse_sql import POLLED, beat
from processor.adapters.raw_sql import SHORT_RAW, read_raw
from processor.adapters.safety_tables import rehearsal
from processor.core.outcomes import Outcome
from processor.ports import Clock, FetchedMail, Phase, StoredMail, ToFile

HELD_BYTES = 8_000_000  # of mails read from the database at once

_MAILS = select(mail, SHORT_RAW).join(raw_message, mail.c.sha256 == raw_message.c.sha256)


class SqlIntake:
    """`Intake` in the database. `rehearsing` leaves out what was decided in rehearsal."""

    def __init__(self, engine: Engine, clock: Clock, *, rehearsing: bool = False) -> None:
        self._engine = engine
        self._clock = clock
        self._waiting = select(mail.c.id, mail.c.size).where(mail.c.phase == Phase.STORED).order_by(mail.c.id)
        if rehearsing:
            self._waiting = self._waiting.where(~exists().where(rehearsal.c.mail_id == mail.c.id))

    def watermark(self, mailbox: str, folder: str) -> tuple[int, int]:
        with reading(self._engine) as connection:
            return watermark(connection, mailbox, folder)

    def store(self, mailbox: str, folder: str, uidvalidity: int, mails: Sequence[FetchedMail]) -> int:
        place = Place(mailbox, folder, uidvalidity)
        return transact(self._engine, lambda connection: place.store(connection, mails, self._clock.now()))

    def to_decide(self, limit: int, after: int = 0) -> tuple[StoredMail, ...]:
        with reading(self._engine) as connection:
            ids = tuple(_light(connection.execute(self._waiting.where(mail.c.id > after).limit(limit))))
            found = _MAILS.where(mail.c.id.in_(ids)).order_by(mail.c.id)
            rows = connection.execute(found).mappings().all() if ids else ()
            return tuple(_stored(connection, row) for row in rows)

    def mail(self, mail_id: int) -> StoredMail | None:
        """Return one mail, or None."""
        with reading(self._engine) as connection:
            row = connection.execute(_MAILS.where(mail.c.id == mail_id)).mappings().one_or_none()
            return None if row is None else _stored(connection, row)

    def begin_attempts(self, mail_ids: Sequence[int]) -> tuple[int, ...]:
        counted = update(mail).where(mail.c.id.in_(mail_ids)).values(attempts=mail.c.attempts + 1)
        counted = counted.returning(mail.c.id, mail.c.attempts)
        counts: dict[int, int] = transact(
            self._engine, lambda connection: {row[0]: row[1] for row in connection.execute(counted)}
        )
        return tuple(counts[one] for one in mail_ids)

    def take_back_attempts(self, mail_ids: Sequence[int]) -> None:
        uncounted = update(mail).where(mail.c.id.in_(mail_ids)).values(attempts=mail.c.attempts - 1)
        transact(self._engine, lambda connection: connection.execute(uncounted))

    def to_file(self, mailbox: str, limit: int) -> tuple[ToFile, ...]:
        columns = (location.c.folder, location.c.uidvalidity, location.c.uid, mail.c.outcome)
        decided = (
            select(mail.c.id, *columns)
            .join(mail, location.c.mail_id == mail.c.id)
            .where(location.c.mailbox == mailbox, location.c.state == "present", mail.c.outcome.is_not(None))
            .order_by(location.c.id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return tuple(
                ToFile(mail_id, folder, uidvalidity, uid, Outcome(outcome).value)
                for mail_id, folder, uidvalidity, uid, outcome in connection.execute(decided)
            )

    def filed(self, items: Sequence[ToFile], *, gone: bool = False) -> None:
        phase = Phase.GONE if gone else Phase.FILED
        places = [
            {"of": item.mail_id, "in_folder": item.folder, "under": item.uidvalidity, "at": item.uid} for item in items
        ]
        moved = (
            update(location)
            .where(
                location.c.mail_id == bindparam("of"),
                location.c.folder == bindparam("in_folder"),
                location.c.uidvalidity == bindparam("under"),
                location.c.uid == bindparam("at"),
            )
            .values(state=phase.value)
        )
        mails = update(mail).where(mail.c.id.in_([item.mail_id for item in items])).values(phase=phase)
        if items:
            transact(self._engine, lambda connection: (connection.execute(moved, places), connection.execute(mails)))

    def polled(self, mailbox: str, at: datetime) -> None:
        beat(self._engine, POLLED + mailbox, at)


def _light(waiting: Iterable[Row[int, int]]) -> Iterator[int]:
    """Yield as many mails as may be held in memory at once, and at least one."""
    room = HELD_BYTES
    for mail_id, size in waiting:
        room -= size
        if room < 0 and room + size != HELD_BYTES:
            return
        yield mail_id


def _stored(connection: Connection, row: RowMapping) -> StoredMail:
    raw: bytes | None = row["raw"]
    return StoredMail(
        id=row["id"],
        mailbox=row["mailbox"],
        raw=read_raw(connection, row["sha256"]) if raw is None else raw,
        sha256=row["sha256"],
        received_at=row["received_at"],
        attempts=row["attempts"],
        headers_only=bool(row["headers_only"]),
        size=row["size"],
    )
