"""Letters on their way out. Each step of the dialogue is a commit of its own (`inbound-mail.md` 5.6)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, RowMapping, Update, bindparam, select, update

from processor.adapters import audit
from processor.adapters.columns import storable
from processor.adapters.engine import reading, transact
from processor.adapters.held_letters import IS_HELD
from processor.adapters.journal_tables import letter, mail, request
from processor.adapters.pause_sql import SHARE
from processor.adapters.requests_sql import needs_operations
from processor.adapters.review_items import open_review
from processor.core.decision import ReviewItem
from processor.outgoing import EndedLetter, LetterState, OutgoingLetter
from processor.ports import HeldBackError, RenderedLetter, TransientError

GIVE_UP_AFTER = timedelta(days=5)  # as mail servers do
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))  # after each refusal; then ever the last
_READY = (LetterState.QUEUED, LetterState.DEFERRED)
_QUEUE = letter.insert()
_CODES = re.compile(r"\b[245]\d\d(?:[ -][245]\.\d{1,3}\.\d{1,3})?\b")
_THIS = letter.c.id == bindparam("of_letter")
_THESE = letter.c.id.in_(bindparam("of_letters", expanding=True))
_BEGINS = (
    update(letter)
    .where(_THESE, letter.c.state.in_(_READY), ~IS_HELD)
    .values(state=LetterState.SENDING, stage="before_data", attempts=letter.c.attempts + 1)
)
_DATA_BEGINS = update(letter).where(_THIS, letter.c.state == LetterState.SENDING, ~IS_HELD).values(stage="data")
_HELD = select(letter.c.id).where(_THESE, IS_HELD).limit(1)
_SHARED = select(SHARE)
_SETTLE = update(letter).where(_THIS)
_ORIGIN = (
    select(letter.c.mail_id, letter.c.request, request.c.partner_id, mail.c.mailbox, request.c.mailbox)
    .outerjoin(request, letter.c.request == request.c.reference)
    .outerjoin(mail, letter.c.mail_id == mail.c.id)
    .where(_THIS)
)
_TO_SETTLE = _ORIGIN.add_columns(letter.c.message_id, letter.c.attempts, letter.c.queued_at).with_for_update(of=letter)
_CUT_OFF = "the program ended while the server had the letter"


class LetterNotDueError(TransientError):
    """The letter is in other hands, or settled."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a letter belongs to: mail, request and partner, where there are such, and the chain of its audit entries."""

    chain: str
    mail_id: int | None = None
    request: str | None = None
    partner_id: str | None = None


class SqlOutbox:
    """`Outbox` in the database. `fence` raises, in each transaction, where another process sends letters now."""

    def __init__(self, engine: Engine, fence: Callable[[Connection], object] | None = None) -> None:
        self._engine = engine
        self._fence = fence or (lambda _: None)

    def due(self, now: datetime, limit: int) -> tuple[OutgoingLetter, ...]:
        # A pause is an hour at most: what lies further ahead was written by a clock that has been put right since.
        turn = (letter.c.next_try_at <= now) | (letter.c.next_try_at > now + _PAUSES[-1])
        ready = select(letter).where(letter.c.state.in_(_READY), turn, ~IS_HELD)
        with reading(self._engine) as connection:
            rows = connection.execute(ready.order_by(letter.c.next_try_at, letter.c.id).limit(limit)).mappings()
            return tuple(_outgoing(row) for row in rows)

    def sending(self, letter_ids: Sequence[int], now: datetime) -> None:  # noqa: ARG002 (the port's form)
        """Raises `LetterNotDueError`, `HeldBackError`."""

        def begin(connection: Connection) -> None:
            self._fence(connection)
            if refused := _advance(connection, letter_ids, _BEGINS, {"of_letters": letter_ids}):
                raise refused

        transact(self._engine, begin)

    def data_begins(self, letter_id: int, ended: Sequence[EndedLetter] = ()) -> None:
        """Raises `LetterNotDueError`, `HeldBackError`; what ended is on record even then."""

        def begin(connection: Connection) -> LetterNotDueError | HeldBackError | None:
            self._fence(connection)
            for one in ended:
                _settle(connection, one)
            return _advance(connection, [letter_id], _DATA_BEGINS, {"of_letter": letter_id})

        if refused := transact(self._engine, begin):
            raise refused

    def settle(self, ended: Sequence[EndedLetter]) -> None:
        def settle(connection: Connection) -> None:
            for one in ended:
                _settle(connection, one)

        transact(self._engine, settle)

    def recover(self) -> int:
        cut_off = update(letter).where(letter.c.state == LetterState.SENDING)
        spared = {"state": LetterState.QUEUED, "attempts": letter.c.attempts - 1}  # nothing was tried
        safe = cut_off.where(letter.c.stage == "before_data").values(spared)
        unsure = cut_off.where(letter.c.stage == "data").values(state=LetterState.UNCERTAIN, note=_CUT_OFF)

        def settle(connection: Connection) -> int:
            self._fence(connection)
            return connection.execute(safe).rowcount + connection.execute(unsure).rowcount

        return transact(self._engine, settle)


def _advance(
    connection: Connection, letter_ids: Sequence[int], step: Update, which: Mapping[str, object]
) -> LetterNotDueError | HeldBackError | None:
    """Take letters a step further, unless replying is paused; no pause can begin before that is committed.

    Return why that isn't true of all of them.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_SHARED)
    if connection.execute(step, which).rowcount == len(letter_ids):
        return None
    if connection.scalar(_HELD, {"of_letters": letter_ids}) is not None:
        return HeldBackError("replying is paused")
    return LetterNotDueError(*letter_ids)


def enqueue(
    connection: Connection, rendered: RenderedLetter, kind: str, sequence: int, origin: Origin, at: datetime
) -> None:
    """Put a letter into the outbox, in the caller's transaction; `sequence` counts the letters of its request."""
    values = {
        "message_id": rendered.message_id,
        "mail_id": origin.mail_id,
        "request": origin.request,
        "kind": kind,
        "sequence": sequence,
        "sender": rendered.sender,
        "recipient": rendered.recipient,
        "subject": storable(rendered.subject),
        "text": storable(rendered.text),
        "raw": rendered.raw,
        "state": LetterState.QUEUED,
        "stage": "before_data",
        "attempts": 0,
        "next_try_at": at,
        "queued_at": at,
        "note": "",
    }
    connection.execute(_QUEUE, values)


def undelivered(connection: Connection, message_id: str, note: str, at: datetime) -> Origin | None:
    """Mark a letter of ours that came back; its request waits for operations now. None for a letter we don't know."""
    found = connection.scalar(select(letter.c.id).where(letter.c.message_id == message_id))
    if found is None:
        return None
    failed = update(letter).where(letter.c.id == found)
    connection.execute(failed.values(state=LetterState.FAILED, settled_at=at, note=note))
    origin = _origin(connection, found)
    if origin.request:
        needs_operations(connection, origin.request, at)
    return origin


def letter_seal(rendered: RenderedLetter | None) -> dict[str, audit.JsonValue] | None:
    """Return what the audit log keeps of a letter."""
    if rendered is None:
        return None
    return {"message_id": rendered.message_id, "sha256": hashlib.sha256(rendered.raw).hexdigest()}


def _settle(connection: Connection, ended: EndedLetter) -> None:
    state, note, now = ended.state, storable(ended.note), ended.at
    *belongs, message_id, attempts, queued_at = connection.execute(_TO_SETTLE, {"of_letter": ended.letter_id}).one()
    if state is LetterState.DEFERRED and now - queued_at >= GIVE_UP_AFTER:
        state, note = LetterState.FAILED, f"given up after {GIVE_UP_AFTER.days} days: {note}"
    values: dict[str, object] = {"state": state, "note": note, "settled_at": now}
    if state is LetterState.DEFERRED:
        pause = _PAUSES[min(attempts, len(_PAUSES)) - 1]
        values = {"state": state, "note": note, "next_try_at": now + pause}
    connection.execute(_SETTLE, values | {"of_letter": ended.letter_id})
    if state is LetterState.DEFERRED:
        return
    origin = _origin_from(*belongs)
    if state is LetterState.FAILED:
        _give_to_operations(connection, origin, note, now)
    codes = _CODES.search(note)  # no words: what the audit log holds can't be erased
    said = codes[0] if codes else ""
    body: dict[str, audit.JsonValue] = {"message_id": message_id, "state": state.value, "codes": said}
    audit.append(connection, origin.chain, "letter_settled", body, "processor", now)


def _give_to_operations(connection: Connection, origin: Origin, note: str, at: datetime) -> None:
    item = ReviewItem("undelivered", note)
    open_review(connection, item, at, mail_id=origin.mail_id, request=origin.request, partner_id=origin.partner_id)
    if origin.request:
        needs_operations(connection, origin.request, at)


def _origin(connection: Connection, letter_id: int) -> Origin:
    return _origin_from(*connection.execute(_ORIGIN, {"of_letter": letter_id}).one())


def _origin_from(
    mail_id: int | None, reference: str | None, partner_id: str | None, mailbox: str | None, other: str | None
) -> Origin:
    return Origin(audit.chain_of(partner_id, mailbox or other or ""), mail_id, reference, partner_id)


def _outgoing(row: RowMapping) -> OutgoingLetter:
    return OutgoingLetter(
        id=row["id"],
        message_id=row["message_id"],
        sender=row["sender"],
        recipient=row["recipient"],
        raw=row["raw"],
        attempts=row["attempts"],
    )
