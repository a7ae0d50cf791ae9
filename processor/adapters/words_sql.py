"""Words and names are taken out of rows that stay: what is left are codes, hashes, numbers and money."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TypeVar

from sqlalchemy import Connection, delete, select, update

from processor.adapters.approval_sql import Choices
from processor.adapters.decisions_sql import SEALED, record_seal
from processor.adapters.journal_tables import decision, letter, mail, participant, raw_message, request, review_item
from processor.adapters.operations_tables import basis, question
from processor.adapters.safety_tables import approval, rehearsal

AT_ONCE = 500  # keys in one statement

K = TypeVar("K", int, str)


def batches(keys: Sequence[K]) -> Iterator[Sequence[K]]:
    """Yield keys in portions that fit into one statement."""
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def erase_mails(connection: Connection, ids: Sequence[int]) -> Iterator[str]:
    """Erase bytes and words; yield the hashes, which stay, so that the same mail is known when it comes again."""
    for some in batches(ids):
        hashes = list(connection.scalars(select(mail.c.sha256).where(mail.c.id.in_(some)).order_by(mail.c.id)))
        connection.execute(update(raw_message).where(raw_message.c.sha256.in_(hashes)).values(raw=b""))
        connection.execute(update(mail).where(mail.c.id.in_(some)).values(sender="", subject="", message_id=None))
        connection.execute(delete(basis).where(basis.c.mail_id.in_(some)))
        connection.execute(update(rehearsal).where(rehearsal.c.mail_id.in_(some)).values(letter=""))
        yield from hashes


def erase_decisions(connection: Connection, ids: Sequence[int]) -> Iterator[str]:
    """Erase who asked and the words that were quoted; yield the hash of each record as it is now."""
    for some in batches(ids):
        connection.execute(update(decision).where(decision.c.mail_id.in_(some)).values(sender="", evidence="[]"))
        columns = [decision.c[name] for name in SEALED]
        rows = select(*columns).where(decision.c.mail_id.in_(some)).order_by(decision.c.id)
        for row in connection.execute(rows).mappings():
            yield record_seal(dict(row))


def erase_letters(connection: Connection, ids: Sequence[int]) -> Iterator[str]:
    """Erase letters of ours; yield their Message-IDs, which stay."""
    empty = {"raw": b"", "text": "", "subject": "", "recipient": "", "note": ""}
    for some in batches(ids):
        connection.execute(update(letter).where(letter.c.id.in_(some)).values(empty))
        yield from connection.scalars(select(letter.c.message_id).where(letter.c.id.in_(some)).order_by(letter.c.id))


def erase_requests(connection: Connection, references: Sequence[str]) -> None:
    """Erase what requests remember, and who takes part in them."""
    for some in batches(references):
        connection.execute(update(request).where(request.c.reference.in_(some)).values(memory=""))
        connection.execute(delete(participant).where(participant.c.reference.in_(some)))
        connection.execute(delete(question).where(question.c.reference.in_(some)))


def erase_items(connection: Connection, ids: Sequence[int]) -> None:
    """Erase what people wrote about review items, which may name anybody."""
    nothing = json.dumps(asdict(Choices()))
    for some in batches(ids):
        connection.execute(update(review_item).where(review_item.c.id.in_(some)).values(note="", resolution=""))
        settled = update(approval).where(approval.c.item_id.in_(some))
        connection.execute(settled.values(note="", choices=nothing))
