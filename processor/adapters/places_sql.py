"""Which mails of a folder the database knows."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from sqlalchemy import Engine, select

from processor.adapters.engine import reading
from processor.adapters.journal_tables import location


def known_uids(engine: Engine, mailbox: str, folder: str, uidvalidity: int, uids: AbstractSet[int]) -> frozenset[int]:
    """Return those of the UIDs (under one UIDVALIDITY) for which a mail is stored."""
    if not uids:
        return frozenset()
    here = (location.c.mailbox == mailbox, location.c.folder == folder, location.c.uidvalidity == uidvalidity)
    between = location.c.uid.between(min(uids), max(uids))
    with reading(engine) as connection:
        return frozenset(connection.scalars(select(location.c.uid).where(*here, between))) & uids
