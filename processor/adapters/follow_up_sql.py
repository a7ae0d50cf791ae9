"""Requests that wait for their partner, and what the clock does to them: each step once, on the request as seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, func, select, update

from processor.adapters import audit
from processor.adapters.engine import reading, transact
from processor.adapters.insertion import insert_missing
from processor.adapters.journal_tables import letter, mail, request
from processor.adapters.ledger_cells import address_key
from processor.adapters.ledger_values import allocation_from
from processor.adapters.operations_tables import follow_up, pulse, question
from processor.adapters.outbox_sql import Origin, enqueue, letter_seal
from processor.adapters.pulse_sql import POLLED
from processor.adapters.review_items import open_review
from processor.adapters.tables import allocation, contact
from processor.core.decision import RequestState, ReviewItem
from processor.core.model import Allocation
from processor.outgoing import LetterState
from processor.ports import Phase, RenderedLetter

ACTOR = "processor"
AT_ONCE = 200  # requests in hand
_OUT = (LetterState.SENT, LetterState.UNCERTAIN)  # the partner has the question, or may have


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits, with the question it waits on: its number among the letters, its facts, when it left (UTC).

    `mail_sha256`, `message_id` and `subject` are of the mail that was answered with it.
    """

    reference: str
    mailbox: str
    partner_id: str | None
    letters: int
    sequence: int
    facts: str
    asked_at: datetime
    mail_sha256: str
    message_id: str
    subject: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What a step writes: the names under which it, and what it replaces, are done; the letter; whether all ends.

    `number` is the letter's. It is none of those that count our answers: reminders are no sign of a loop (gate 1).
    """

    name: str
    replaced: tuple[str, ...]
    kind: str
    letter: RenderedLetter
    number: int
    ends: bool


def known_until(engine: Engine, mailbox: str) -> datetime | None:
    """Return the moment (UTC) up to which every mail of a mailbox has been taken in and decided; None before the first
    poll. Nobody is reminded or given up on while an answer may lie unread.
    """
    undecided = select(func.min(mail.c.received_at)).where(mail.c.phase == Phase.STORED, mail.c.mailbox == mailbox)
    with reading(engine) as connection:
        polled: datetime | None = connection.scalar(select(pulse.c.at).where(pulse.c.name == POLLED + mailbox))
        oldest: datetime | None = connection.scalar(undecided)
    return min(polled, oldest) if polled and oldest else polled


def waiting_requests(engine: Engine) -> Iterator[tuple[Waiting, ...]]:
    """Yield the requests whose question is out, batch by batch in order of their references."""
    last = ""
    while True:
        with reading(engine) as connection:
            rows = connection.execute(_waiting().where(request.c.reference > last)).all()
        if not rows:
            return
        yield tuple(map(_from, rows))
        last = rows[-1].reference


def done_among(engine: Engine, names: Collection[str]) -> dict[str, datetime]:
    """Return which of these names are done, and when (UTC)."""
    with reading(engine) as connection:
        found = select(follow_up.c.name, follow_up.c.done_at).where(follow_up.c.name.in_(names))
        return {row.name: row.done_at for row in connection.execute(found)}


def mark_done(
    connection: Connection, names: Iterable[str], at: datetime, note: str = "", partner_id: str | None = None
) -> None:
    """Note what is done, in the caller's transaction. What another did meanwhile is left as it stands."""
    rows: list[dict[str, object]] = [
        {"name": name, "partner_id": partner_id, "done_at": at, "note": note} for name in names
    ]
    insert_missing(connection, follow_up, rows)


def is_done(connection: Connection, name: str) -> bool:
    """Tell whether something was done under this name."""
    return connection.scalar(select(follow_up.c.name).where(follow_up.c.name == name)) is not None


def serves(engine: Engine, address: str, partner_id: str | None, roles: Collection[str]) -> bool:
    """Tell whether an address is still on file for a partner (None: any) with a role that may ask."""
    mine = (contact.c.address_key == address_key(address)) & contact.c.role.in_(roles)
    if partner_id is not None:
        mine &= contact.c.partner_id == partner_id
    with reading(engine) as connection:
        return connection.execute(select(contact.c.partner_id).where(mine).limit(1)).first() is not None


def made_by(engine: Engine, reference: str) -> tuple[Allocation, ...]:
    """Return what a request has brought about and nobody took back."""
    rows = select(allocation).where(allocation.c.request == reference).order_by(allocation.c.allocation_id)
    with reading(engine) as connection:
        found = [allocation_from(row) for row in connection.execute(rows).mappings()]
    back = {one.reverses for one in found}
    return tuple(one for one in found if not one.reverses and one.allocation_id not in back)


def take(engine: Engine, waiting: Waiting, step: Taken, at: datetime) -> bool:
    """Write a step in one transaction; False, and nothing written, where it was taken, or the request moved on."""
    return transact(engine, lambda connection: _take(connection, waiting, step, at))


def hand_over(engine: Engine, waiting: Waiting, name: str, item: ReviewItem, at: datetime) -> bool:
    """Give a request that can't be followed up to operations; False where it moved on meanwhile."""
    return transact(engine, lambda connection: _hand_over(connection, waiting, name, item, at))


def _waiting() -> Select[*tuple[Any, ...]]:
    later = question.alias()
    newest = select(func.max(later.c.sequence)).where(later.c.reference == request.c.reference)
    columns = (request.c.reference, request.c.mailbox, request.c.partner_id, request.c.letters)
    of_mail = (mail.c.sha256, mail.c.message_id, mail.c.subject)
    asked_at = func.coalesce(letter.c.settled_at, letter.c.queued_at, type_=letter.c.queued_at.type).label("asked_at")
    return (
        select(*columns, question.c.sequence, question.c.facts, asked_at, *of_mail)
        .join(question, question.c.reference == request.c.reference)
        .join(letter, (letter.c.request == request.c.reference) & (letter.c.sequence == question.c.sequence))
        .join(mail, letter.c.mail_id == mail.c.id)
        .where(_unfinished(), question.c.sequence == newest.scalar_subquery(), letter.c.state.in_(_OUT))
        .order_by(request.c.reference)
        .limit(AT_ONCE)
    )


def _unfinished() -> ColumnElement[bool]:
    return request.c.state == RequestState.WAITING


def _from(row: Row[Any]) -> Waiting:
    return Waiting(
        reference=row.reference,
        mailbox=row.mailbox,
        partner_id=row.partner_id,
        letters=row.letters,
        sequence=row.sequence,
        facts=row.facts,
        asked_at=row.asked_at,
        mail_sha256=row.sha256,
        message_id=row.message_id or "",
        subject=row.subject or "",
    )


def _held(connection: Connection, waiting: Waiting, name: str) -> bool:
    """Lock a request; tell whether it still waits as it was seen, and the step is still to be taken."""
    columns = select(request.c.state, request.c.letters).where(request.c.reference == waiting.reference)
    row = connection.execute(columns.with_for_update()).one()
    return tuple(row) == (RequestState.WAITING, waiting.letters) and not is_done(connection, name)


def _take(connection: Connection, waiting: Waiting, step: Taken, at: datetime) -> bool:
    if not _held(connection, waiting, step.name):
        return False
    mark_done(connection, [step.name], at, partner_id=waiting.partner_id)
    mark_done(connection, step.replaced, at, f"replaced by {step.name}", waiting.partner_id)
    chain = audit.chain_of(waiting.partner_id, waiting.mailbox)
    origin = Origin(chain, None, waiting.reference, waiting.partner_id)
    enqueue(connection, step.letter, step.kind, step.number, origin, at)
    state = RequestState.EXPIRED if step.ends else RequestState.WAITING
    changed = update(request).where(request.c.reference == waiting.reference)
    connection.execute(changed.values(state=state, changed_at=at))
    body: dict[str, audit.JsonValue] = {
        "request": waiting.reference,
        "step": step.name,
        "replaced": list(step.replaced),
        "letter": letter_seal(step.letter),
    }
    audit.append(connection, chain, "expired" if step.ends else "reminded", body, ACTOR, at)
    return True


def _hand_over(connection: Connection, waiting: Waiting, name: str, item: ReviewItem, at: datetime) -> bool:
    if not _held(connection, waiting, name):
        return False
    mark_done(connection, [name], at, item.note, waiting.partner_id)
    changed = update(request).where(request.c.reference == waiting.reference)
    connection.execute(changed.values(state=RequestState.IN_REVIEW, changed_at=at))
    open_review(connection, item, at, request=waiting.reference, partner_id=waiting.partner_id)
    return True
