"""Which request a mail belongs to (`inbound-mail.md` 5.5), as far as its sender may know of that request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from processor.adapters.columns import storable
from processor.adapters.journal_tables import letter, mail, participant, request
from processor.adapters.ledger_cells import address_key
from processor.core.decision import Conversation, RequestState
from processor.core.message import Message
from processor.core.outcomes import Missing
from processor.core.threading import ThreadKeys, normalised_message_id


def conversation_of(
    connection: Connection, keys: ThreadKeys, address: str | None, partner_ids: Sequence[str]
) -> Conversation | None:
    """Return the request that the best key names, if the sender takes part in it or serves its partner.

    A reference in the subject, which anybody can type, counts for those alone who take part. A forward joins nothing.
    """
    if address is None or keys.forward:
        return None
    proved = [*keys.tokens, *_by_message_ids(connection, [storable(one) for one in keys.message_ids])]
    found = _requests(connection, [*proved, *keys.references])
    joined = _joined(connection, [*found], address_key(address))
    for reference in proved:
        if reference in found and (reference in joined or found[reference].partner_id in partner_ids):
            return _conversation(found[reference])
    return next((_conversation(found[reference]) for reference in keys.references if reference in joined), None)


def message_key(message: Message) -> str | None:
    """Return the Message-ID that a mail is known by, or None where it has none."""
    written = storable(next(iter(message.header("Message-ID")), ""))
    return normalised_message_id(written) or written or None


def _by_message_ids(connection: Connection, message_ids: Sequence[str]) -> list[str]:
    """Return the requests of our letters, and of mails, that bear these Message-IDs; in the order of the keys."""
    if not message_ids:
        return []
    ours = select(letter.c.message_id, letter.c.request).where(letter.c.message_id.in_(message_ids))
    theirs = select(mail.c.message_id, mail.c.request).where(mail.c.message_id.in_(message_ids))
    named = {found: reference for found, reference in connection.execute(ours.union(theirs)) if reference}
    return [named[one] for one in message_ids if one in named]


def _requests(connection: Connection, references: Sequence[str]) -> dict[str, Row[Any]]:
    if not references:
        return {}
    return {
        row.reference: row for row in connection.execute(select(request).where(request.c.reference.in_(references)))
    }


def _joined(connection: Connection, references: Sequence[str], key: str) -> set[str]:
    if not references:
        return set()
    found = select(participant.c.reference).where(
        participant.c.reference.in_(references), participant.c.address_key == key
    )
    return set(connection.scalars(found))


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(
        reference=row.reference,
        state=RequestState(row.state),
        language=row.language,
        memory=row.memory,
        partner_id=row.partner_id,
        missing=tuple(Missing(code) for code in json.loads(row.missing)),
        letters=row.letters,
    )
