"""Past decisions with all that they were made from: the mail's bytes, the basis, the record, the audit's seal of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, select

from processor.adapters import audit
from processor.adapters.basis import unpack
from processor.adapters.decisions_sql import SEALED, record_seal
from processor.adapters.engine import reading
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.journal_tables import decision, mail
from processor.adapters.operations_tables import basis
from processor.core.decision import Snapshot
from processor.ports import Clock, StoredMail

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Past:
    """The processor's decision about a mail, as it is on record. Where the mail was erased, `snapshot` is None.

    `is_sealed` tells whether the audit log holds this very record.
    """

    mail: StoredMail
    snapshot: Snapshot | None
    record: dict[str, Any]
    versions: dict[str, str]
    is_sealed: bool


def past_decisions(engine: Engine, clock: Clock, sha256: str | None = None) -> Iterator[Past]:
    """Yield the processor's decisions in order of arrival; those about one mail's bytes, where its hash is given."""
    last = 0
    intake = SqlIntake(engine, clock)
    with reading(engine) as connection:
        seals = _seals(connection)
    while True:
        with reading(engine) as connection:
            rows = connection.execute(_decided(last, sha256)).mappings().all()
        if not rows:
            return
        yield from (_past(intake, row, seals) for row in rows)
        last = rows[-1]["mail_id"]


def _decided(last: int, sha256: str | None) -> Select[*tuple[Any, ...]]:
    columns = [decision.c[name] for name in SEALED]
    found = (
        select(decision.c.mail_id, basis.c.snapshot, *columns)
        .join(mail, decision.c.mail_id == mail.c.id)
        .outerjoin(basis, basis.c.mail_id == mail.c.id)
        .where(decision.c.round == 0, decision.c.mail_id > last)
        .order_by(decision.c.mail_id)
        .limit(AT_ONCE)
    )
    return found if sha256 is None else found.where(mail.c.sha256 == sha256)


def _seals(connection: Connection) -> frozenset[str]:
    """Return the hashes of records that the audit log holds: as they were made, and as an erasure left them."""
    seals: set[str] = set()
    for entry in audit.entries(connection):
        if entry.event in {"decided", "erased"}:
            body = json.loads(entry.body)
            seals |= {str(body.get("record")), *map(str, body.get("records", ()))}
    return frozenset(seals)


def _past(intake: SqlIntake, row: RowMapping, seals: frozenset[str]) -> Past:
    stored = intake.mail(row["mail_id"])
    if stored is None:
        raise LookupError(row["mail_id"])
    values = {name: row[name] for name in SEALED}
    return Past(
        mail=stored,
        snapshot=unpack(row["snapshot"]) if row["snapshot"] else None,
        record={name: value for name, value in values.items() if name != "versions"},
        versions=json.loads(row["versions"]),
        is_sealed=record_seal(values) in seals,
    )
