"""Which request a mail belongs to (`inbound-mail.md` 5.5), as far as its sender may know of that request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, union

from processor.adapters.columns import storable
from processor.adapters.journal_tables import letter, mail, participant, request
from processor.adapters.ledger_cells import address_key
from processor.core.decision import Conversation, RequestState
from processor.core.message import Message
from processor.core.outcomes import Missing
from processor.core.threading import ThreadKeys, normalised_message_id

_OURS = select(letter.c.message_id, letter.c.request).where(letter.c.message_id.in_(bindparam("ids", expanding=True)))
_THEIRS = select(mail.c.message_id, mail.c.request).where(mail.c.message_id.in_(bindparam("ids", expanding=True)))
_BEARERS = union(_OURS, _THEIRS)

_TAKES_PART = (participant.c.reference == request.c.reference) & (participant.c.address_key == bindparam("address"))
_REQUESTS = (
    select(request, participant.c.address_key)
    .outerjoin(participant, _TAKES_PART)
    .where(request.c.reference.in_(bindparam("references", expanding=True)))
)


def conversation_of(
    connection: Connection, keys: ThreadKeys, address: str | None, partner_ids: Sequence[str]
) -> Conversation | None:
    """Return the request that the best key names, if the sender takes part in it or serves its partner.

    A reference in the subject, which anybody can type, counts for those alone who take part. A forward joins nothing.
    """
    if address is None or keys.forward:
        return None
    proved = [*keys.tokens, *_by_message_ids(connection, [storable(one) for one in keys.message_ids])]
    named = [*proved, *keys.references]
    if not named:
        return None
    rows = connection.execute(_REQUESTS, {"references": named, "address": address_key(address)})
    found = {row.reference: row for row in rows}
    joined = {reference for reference, row in found.items() if row.address_key is not None}
    for reference in proved:
        if reference in found and (reference in joined or found[reference].partner_id in partner_ids):
            return conversation_from(found[reference])
    return next((conversation_from(found[reference]) for reference in keys.references if reference in joined), None)


def message_key(message: Message) -> str | None:
    """Return the Message-ID that a mail is known by, or None where it has none."""
    written = storable(next(iter(message.header("Message-ID")), ""))
    return normalised_message_id(written) or written or None


def _by_message_ids(connection: Connection, message_ids: Sequence[str]) -> list[str]:
    """Return the requests of our letters, and of mails, that bear these Message-IDs; in the order of the keys."""
    if not message_ids:
        return []
    rows = connection.execute(_BEARERS, {"ids": message_ids})
    named = {found: reference for found, reference in rows if reference}
    return [named[one] for one in message_ids if one in named]


def conversation_from(row: Row[Any]) -> Conversation:
    """Return a row of `request` as the core sees it."""
    return Conversation(
        reference=row.reference,
        state=RequestState(row.state),
        language=row.language,
        memory=row.memory,
        partner_id=row.partner_id,
        missing=tuple(Missing(code) for code in json.loads(row.missing)),
        letters=row.letters,
    )
