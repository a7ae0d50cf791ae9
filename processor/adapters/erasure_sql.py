"""A partner's words are erased: mails, letters, names, addresses, quotes, notes. What the books and the law keep stays.

Kept are the ledger, allocations, decisions by their codes, hashes, and the audit log, which goes on to verify: it is
told of the erasure, with the hash of each decision's record as it now stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, func, select, update

from processor.adapters import audit, words_sql
from processor.adapters.belongings import Belongings, belongings_of
from processor.adapters.engine import reading, transact
from processor.adapters.hold_sql import hold_of
from processor.adapters.journal_tables import letter, mail, request, review_item
from processor.adapters.ledger_seal import contacts_are_sealed, reseal_contacts
from processor.adapters.leftovers import overwrite, sweep
from processor.adapters.operations_tables import follow_up
from processor.adapters.privacy_tables import tally
from processor.adapters.tables import contact, partner
from processor.adapters.words_sql import batches
from processor.core.decision import RequestState
from processor.outgoing import LetterState
from processor.ports import PermanentError

_UNFINISHED = (RequestState.WAITING, RequestState.IN_REVIEW)
_ENDED = (LetterState.SENT, LetterState.FAILED)

K = TypeVar("K", int, str)


class NotErasableError(PermanentError):
    """Nothing was erased."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """How much is erased, or would be; `obstacles` say why it can't be now.

    `filed` counts the mails by outcome: their copies in the mailbox itself are not ours to erase. `shared` counts mails
    of the partner's contacts that concern other partners too, and stay.
    """

    partner_id: str
    mails: int
    letters: int
    requests: int
    items: int
    contacts: int
    shared: int
    filed: tuple[tuple[str, int], ...]
    obstacles: tuple[str, ...]


def erasure_of(engine: Engine, partner_id: str) -> Erasure:
    """Say what erasing a partner's words would come to; changes nothing."""
    with reading(engine) as connection:
        return _measured(connection, belongings_of(connection, partner_id))


def erase(engine: Engine, partner_id: str, reason: str, actor: str, at: datetime) -> Erasure:
    """Erase a partner's words in one transaction, and what is left of them in the database's files.

    Raises `NotErasableError` with what stands in the way.
    """
    done = transact(engine, lambda connection: _erase(connection, partner_id, reason, actor, at))
    sweep(engine)
    return done


def _measured(connection: Connection, own: Belongings) -> Erasure:
    filed: dict[str, int] = {}
    for some in batches(own.mails):
        rows = select(mail.c.outcome, func.count()).where(mail.c.id.in_(some)).group_by(mail.c.outcome)
        for outcome, count in connection.execute(rows):
            filed[str(outcome)] = filed.get(str(outcome), 0) + count
    mine = select(func.count()).select_from(contact).where(contact.c.partner_id == own.partner_id)
    return Erasure(
        partner_id=own.partner_id,
        mails=len(own.mails),
        letters=len(own.letters),
        requests=len(own.requests),
        items=len(own.items),
        contacts=connection.scalars(mine).one(),
        shared=own.shared,
        filed=tuple(sorted(filed.items())),
        obstacles=tuple(_obstacles(connection, own)),
    )


def _obstacles(connection: Connection, own: Belongings) -> Iterator[str]:
    if connection.scalar(select(partner.c.partner_id).where(partner.c.partner_id == own.partner_id)) is None:
        yield f"there is no partner {own.partner_id}"
    if reason := hold_of(connection, own.partner_id):
        yield f"the partner is held: {reason}"
    waiting = _count(connection, request, request.c.reference, own.requests, request.c.state.in_(_UNFINISHED))
    if waiting:
        yield f"{waiting} requests are not finished"
    opened = _count(connection, review_item, review_item.c.id, own.items, review_item.c.state == "open")
    if opened:
        yield f"{opened} review items are open"
    leaving = _count(connection, letter, letter.c.id, own.letters, letter.c.state.not_in(_ENDED))
    if leaving:
        yield f"{leaving} letters are on their way, or nobody knows whether they arrived"


def _count(
    connection: Connection, table: Table, key: ColumnElement[K], keys: Sequence[K], such: ColumnElement[bool]
) -> int:
    counted = select(func.count()).select_from(table)
    return sum(connection.scalars(counted.where(key.in_(some), such)).one() for some in batches(keys))


def _erase(connection: Connection, partner_id: str, reason: str, actor: str, at: datetime) -> Erasure:
    own = belongings_of(connection, partner_id)
    done = _measured(connection, own)
    if done.obstacles:
        raise NotErasableError(*done.obstacles)
    overwrite(connection)
    erased: dict[str, audit.JsonValue] = {
        "reason": reason,
        "mails": [*words_sql.erase_mails(connection, own.mails)],
        "records": [*words_sql.erase_decisions(connection, own.mails)],
        "letters": [*words_sql.erase_letters(connection, own.letters)],
        "requests": list(own.requests),
    }
    words_sql.erase_requests(connection, own.requests)
    words_sql.erase_items(connection, own.items)
    connection.execute(update(follow_up).where(follow_up.c.partner_id == partner_id).values(note=""))
    sealed = contacts_are_sealed(connection)
    _erase_contacts(connection, partner_id)
    audit.append(connection, audit.chain_of(partner_id, ""), "erased", erased, actor, at)
    if sealed:  # else somebody changed them behind our back, and that must go on to show
        reseal_contacts(connection, actor, at)
    return done


def _erase_contacts(connection: Connection, partner_id: str) -> None:
    """Take the partner's people off file; what was counted of addresses that are on file no more goes with them."""
    connection.execute(delete(contact).where(contact.c.partner_id == partner_id))
    connection.execute(delete(tally).where(tally.c.name.not_in(select(contact.c.address_key))))
