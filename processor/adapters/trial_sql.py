"""Past mails with what their decisions saw, over a span of time: for trying other words on them. Reading only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, func, select, tuple_

from processor.adapters.basis import unpack
from processor.adapters.engine import reading
from processor.adapters.journal_tables import decision
from processor.adapters.operations_tables import basis
from processor.adapters.thread_sql import read_mail
from processor.core.decision import Snapshot
from processor.ports import StoredMail

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail and what its decision saw; `snapshot` is None where that was erased, or nothing was ever decided."""

    name: str
    mail: StoredMail
    snapshot: Snapshot | None


def count_kept(engine: Engine, since: datetime, until: datetime) -> int:
    """Return how many mails the processor decided in a span (UTC)."""
    with reading(engine) as connection:
        return connection.scalar(_decided(since, until).with_only_columns(func.count())) or 0


def kept_mails(engine: Engine, since: datetime, until: datetime) -> Iterator[Kept]:
    """Yield them in the order in which they were decided."""
    ordered = _decided(since, until).order_by(decision.c.decided_at, decision.c.mail_id).limit(AT_ONCE)
    last: tuple[datetime, int] | None = None
    while True:
        behind = tuple_(decision.c.decided_at, decision.c.mail_id)
        with reading(engine) as connection:
            rows = connection.execute(ordered if last is None else ordered.where(behind > last)).all()
        for row in rows:
            mail = read_mail(engine, row.mail_id)
            if mail is not None:
                yield Kept(f"mail-{row.mail_id}", mail, unpack(row.snapshot) if row.snapshot else None)
        if len(rows) < AT_ONCE:
            return
        last = (rows[-1].decided_at, rows[-1].mail_id)


def _decided(since: datetime, until: datetime) -> Select[Any]:
    return (
        select(decision.c.mail_id, decision.c.decided_at, basis.c.snapshot)
        .outerjoin(basis, basis.c.mail_id == decision.c.mail_id)
        .where(decision.c.decided_at >= since, decision.c.decided_at < until, decision.c.round == 0)
    )
