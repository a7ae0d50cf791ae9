"""Words of mails and letters are erased when their time is over; hashes, decisions and money stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection, Engine, Select, delete, func, select, update

from processor.adapters import audit, words_sql
from processor.adapters.engine import transact
from processor.adapters.hold_sql import LETTER_IS_HELD, MAIL_IS_HELD
from processor.adapters.journal_tables import letter, mail, raw_message, request, review_item
from processor.adapters.leftovers import overwrite, sweep
from processor.adapters.operations_tables import basis, question
from processor.adapters.privacy_tables import tally
from processor.core.decision import RequestState
from processor.outgoing import LetterState
from processor.ports import Phase

AT_ONCE = 500
_UNFINISHED = (RequestState.WAITING, RequestState.IN_REVIEW)
_ENDED = (LetterState.SENT, LetterState.FAILED)


def erase_mails(engine: Engine, before: datetime, now: datetime, chain: str) -> int:
    """Erase the bytes of mails that arrived before a moment (UTC) and that nobody works on; return how many."""
    return _all(engine, lambda connection: _erase_mails(connection, before, now, chain))


def erase_letters(engine: Engine, before: datetime, now: datetime, chain: str) -> int:
    """Erase bytes and words of letters that ended before a moment (UTC); return how many."""
    return _all(engine, lambda connection: _erase_letters(connection, before, now, chain))


def erase_words(engine: Engine, before: datetime, now: datetime, chain: str) -> int:
    """Erase all words of mails that arrived before a moment (UTC) and that nobody works on, and their letters; return
    how many mails.
    """
    return _all(engine, lambda connection: _erase_words(connection, before, now, chain))


def forget_tallies(engine: Engine, before: datetime) -> None:
    """Forget what was counted on days that are over."""
    gone = delete(tally).where(tally.c.day < before.date())
    transact(engine, lambda connection: connection.execute(gone).rowcount)


def _all(engine: Engine, some: Callable[[Connection], int]) -> int:
    count = 0
    while done := transact(engine, some):
        count += done
    if count:
        sweep(engine)
    return count


def _erase_mails(connection: Connection, before: datetime, now: datetime, chain: str) -> int:
    overwrite(connection)
    hashes = list(connection.scalars(_erasable(before)))
    if hashes:
        connection.execute(update(raw_message).where(raw_message.c.sha256.in_(hashes)).values(raw=b""))
        erased = select(mail.c.id).where(mail.c.sha256.in_(hashes))
        connection.execute(delete(basis).where(basis.c.mail_id.in_(erased)))
        audit.append(connection, chain, "mails_erased", {"mails": list(hashes)}, "processor", now)
    return len(hashes)


def _erasable(before: datetime) -> Select[str]:
    """Bytes that several mails share are kept as long as one of them needs them."""
    needed = _needed(before).where(mail.c.sha256 == raw_message.c.sha256)
    return (
        select(raw_message.c.sha256)
        .where(func.length(raw_message.c.raw) > 0, ~needed.exists())
        .order_by(raw_message.c.sha256)
        .limit(AT_ONCE)
    )


def _needed(before: datetime) -> Select[int]:
    """Select mails that are too new, that somebody works on, or that a hold is about."""
    return (
        select(mail.c.id)
        .outerjoin(request, mail.c.request == request.c.reference)
        .outerjoin(review_item, (review_item.c.mail_id == mail.c.id) & (review_item.c.state == "open"))
        .where(
            (mail.c.received_at >= before)
            | (mail.c.phase == Phase.STORED)
            | request.c.state.in_(_UNFINISHED)
            | review_item.c.id.is_not(None)
            | (request.c.changed_at >= before)
            | MAIL_IS_HELD
        )
    )


def _erase_words(connection: Connection, before: datetime, now: datetime, chain: str) -> int:
    overwrite(connection)
    wordy = mail.alias()
    says = (wordy.c.sender != "") | (wordy.c.subject != "") | wordy.c.message_id.is_not(None)
    over = ~_needed(before).where(mail.c.id == wordy.c.id).exists()
    rows = connection.execute(select(wordy.c.id, wordy.c.request).where(says, over).order_by(wordy.c.id).limit(AT_ONCE))
    ids, references = _apart((row.id, row.request) for row in rows)
    if ids:
        about = letter.c.mail_id.in_(ids) | letter.c.request.in_(references)
        letters = connection.scalars(select(letter.c.id).where(about, letter.c.state.in_(_ENDED))).all()
        seen = review_item.c.mail_id.in_(ids) | review_item.c.request.in_(references)
        items = connection.scalars(select(review_item.c.id).where(seen, review_item.c.state == "done")).all()
        body: dict[str, audit.JsonValue] = {
            "mails": [*words_sql.erase_mails(connection, ids)],
            "records": [*words_sql.erase_decisions(connection, ids)],
            "letters": [*words_sql.erase_letters(connection, letters)],
        }
        words_sql.erase_requests(connection, references)
        words_sql.erase_items(connection, items)
        audit.append(connection, chain, "erased", body, "processor", now)
    return len(ids)


def _apart(rows: Iterable[tuple[int, str | None]]) -> tuple[list[int], list[str]]:
    """Return the mails, and each of their requests once."""
    found = list(rows)
    return [mail_id for mail_id, _ in found], sorted({reference for _, reference in found if reference})


def _erase_letters(connection: Connection, before: datetime, now: datetime, chain: str) -> int:
    overwrite(connection)
    ended = select(letter.c.id, letter.c.message_id, letter.c.request).where(
        letter.c.state.in_(_ENDED), letter.c.settled_at < before, func.length(letter.c.raw) > 0, ~LETTER_IS_HELD
    )
    finished = ended.outerjoin(request, letter.c.request == request.c.reference).where(
        request.c.state.is_(None) | request.c.state.not_in(_UNFINISHED)
    )
    rows = connection.execute(finished.order_by(letter.c.id).limit(AT_ONCE)).all()
    if rows:
        ids, references = [row.id for row in rows], {row.request for row in rows if row.request}
        connection.execute(update(letter).where(letter.c.id.in_(ids)).values(raw=b"", text=""))
        connection.execute(delete(question).where(question.c.reference.in_(references)))
        body: dict[str, audit.JsonValue] = {"letters": [row.message_id for row in rows]}
        audit.append(connection, chain, "letters_erased", body, "processor", now)
    return len(rows)
