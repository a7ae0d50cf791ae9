"""Everything that is kept about one partner goes out as files: what it may ask for, and nothing of another's.

`partner.json` has the rows; `mails/` and `letters/` have the bytes, named by hash and number, never by their words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, Select, select

from processor.adapters import audit
from processor.adapters.belongings import Belongings, belongings_of
from processor.adapters.engine import reading
from processor.adapters.journal_tables import decision, letter, mail, participant, raw_message, request, review_item
from processor.adapters.operations_tables import follow_up, publication, question
from processor.adapters.privacy_tables import legal_hold
from processor.adapters.safety_tables import approval, pause, rehearsal
from processor.adapters.tables import allocation, contact, invoice, partner, payment
from processor.adapters.words_sql import K, batches
from processor.core.currencies import to_text
from processor.ports import PermanentError

_MONEY = frozenset({"amount", "unallocated", "opening_unallocated", "total", "open_amount", "opening_open"})
_JSON = frozenset({"missing", "reasons", "applications", "evidence", "trail", "versions", "memory", "facts", "choices"})
_BY_PARTNER = (partner, contact, payment, invoice, allocation, publication, follow_up, legal_hold, approval)


class NotExportedError(PermanentError):
    """What is kept about a partner can't be written."""


def export_partner(engine: Engine, partner_id: str, folder: Path) -> dict[str, int]:
    """Write what is kept about a partner into a folder, all as of one moment; return how many rows of each kind.

    The folder must be new or empty. Raises `NotExportedError`, `DatabaseUnavailableError`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise NotExportedError(f"{folder}: is not empty")
        with reading(engine) as connection:
            return _export(connection, partner_id, folder)
    except OSError as error:
        raise NotExportedError(f"{folder}: {error.strerror}") from error


def _export(connection: Connection, partner_id: str, folder: Path) -> dict[str, int]:
    own = belongings_of(connection, partner_id)
    if (
        not own.mails
        and connection.scalar(select(partner.c.partner_id).where(partner.c.partner_id == partner_id)) is None
    ):
        raise NotExportedError(f"there is no partner {partner_id}")
    tables = dict(_rows(connection, own))
    with (folder / "partner.json").open("w", encoding="utf-8") as file:
        json.dump(tables, file, ensure_ascii=False, indent=1)
    _write_bytes(connection, own, folder)
    return {name: len(rows) for name, rows in tables.items()}


def _rows(connection: Connection, own: Belongings) -> Iterator[tuple[str, list[dict[str, object]]]]:
    for table in _BY_PARTNER:
        mine = select(table).where(table.c.partner_id == own.partner_id).order_by(*table.primary_key.columns)
        yield table.name, [*_plain(connection, mine)]
    paused = select(pause).where(pause.c.scope == "partner", pause.c.name == own.partner_id).order_by(pause.c.id)
    yield pause.name, [*_plain(connection, paused)]
    for column in (mail.c.id, decision.c.mail_id, rehearsal.c.mail_id):
        yield column.table.name, [*_with(connection, column, own.mails)]
    for name in (request.c.reference, participant.c.reference, question.c.reference):
        yield name.table.name, [*_with(connection, name, own.requests)]
    yield letter.name, [*_with(connection, letter.c.id, own.letters)]
    yield review_item.name, [*_with(connection, review_item.c.id, own.items)]
    chain = audit.chain_of(own.partner_id, "")
    yield "audit_entry", [_entry(entry) for entry in audit.entries(connection, chain)]


def _with(connection: Connection, key: Column[K], keys: Sequence[K]) -> Iterator[dict[str, object]]:
    """Yield the rows with these keys; their bytes go into files."""
    columns = [one for one in key.table.c if one.name != "raw"]
    for some in batches(keys):
        rows = select(*columns).where(key.in_(some)).order_by(*key.table.primary_key.columns)
        yield from _plain(connection, rows)


def _plain(connection: Connection, rows: Select[*tuple[Any, ...]]) -> Iterator[dict[str, object]]:
    for row in connection.execute(rows).mappings():
        plain = dict(row)
        yield {name: _value(name, value, plain) for name, value in plain.items()}


def _value(name: str, value: object, row: Mapping[str, Any]) -> object:
    """Return a cell as people read it: money in units of its currency, moments and days in ISO 8601."""
    if name in _MONEY and isinstance(value, int) and "currency" in row:
        return to_text(value, row["currency"])
    if name in _JSON and isinstance(value, str) and value:
        return json.loads(value)
    return value.isoformat() if isinstance(value, date) else value


def _entry(entry: audit.Entry) -> dict[str, object]:
    fields = {name: getattr(entry, name) for name in audit.Entry.__slots__ if name not in {"chain", "body"}}
    return fields | {"body": json.loads(entry.body)}


def _write_bytes(connection: Connection, own: Belongings, folder: Path) -> None:
    stored = select(mail.c.id, raw_message.c.sha256, raw_message.c.raw).join(
        raw_message, mail.c.sha256 == raw_message.c.sha256
    )
    sent = select(letter.c.id, letter.c.raw)
    for name in ("mails", "letters"):
        (folder / name).mkdir()
    for key in own.mails:
        for _, sha256, raw in connection.execute(stored.where(mail.c.id == key)):
            (folder / "mails" / f"{sha256}.eml").write_bytes(raw)
    for key in own.letters:
        for number, raw in connection.execute(sent.where(letter.c.id == key)):
            (folder / "letters" / f"{number}.eml").write_bytes(raw)
