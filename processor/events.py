"""What happened, in the business's words: one function per event. No text of a mail and no secret ever passes here.

An event may name our own numbers, UIDs, codes, counts and servers. A mail's subject, words, Message-ID and addresses
stay in the database.
"""

from __future__ import annotations

import logging
import re
import sys
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import structlog

from processor.core.decision import Decision
from processor.core.model import Allocation
from processor.outgoing import LetterState, OutgoingLetter
from processor.ports import OutsideError, StoredMail

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

_CODE = re.compile(r"(?<![\d.])[245]\d\d(?![\d.])")  # an SMTP reply code

_COUNTS: Counter[str] = Counter()

_log = structlog.stdlib.get_logger("processor")


def configure(form: Literal["auto", "json", "console"] = "auto", level: str = "info") -> None:
    """Send events and warnings of libraries to standard error, as JSON lines or for people."""
    for_people = form == "console" or (form == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _count,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = structlog.dev.ConsoleRenderer() if for_people else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("processor").setLevel(level.upper())
    logging.getLogger("mailparser").setLevel(logging.ERROR)  # its warnings tell of parts that are read elsewhere


def counted() -> Mapping[str, int]:
    """Return how often each event has happened since this process began."""
    return dict(_COUNTS)


def _count(_: object, __: str, event: EventDict) -> EventDict:
    _COUNTS[str(event.get("event"))] += 1
    return event


def started(mailbox: str) -> None:
    """The scheduled worker began."""
    _log.info("started", mailbox=mailbox)


def stopped(mailbox: str, *, finished: bool) -> None:
    """The scheduled worker ended; unless `finished`, in the middle of something that the next start goes on with."""
    _log.info("stopped", mailbox=mailbox, finished=finished)


def mails_stored(mailbox: str, folder: str, seen: int, new: int) -> None:
    """Mails are in the database; the rest of those seen were there already."""
    _log.info("mails_stored", mailbox=mailbox, folder=folder, seen=seen, new=new)


def folder_rebuilt(mailbox: str, folder: str, before: int, after: int) -> None:
    """The server gave a folder a new UIDVALIDITY: everything in it is looked at again."""
    _log.warning("folder_rebuilt", mailbox=mailbox, folder=folder, before=before, after=after)


def mail_decided(mail: StoredMail, decision: Decision, reference: str) -> None:
    """A decision, its money and its letter are committed."""
    _log.info(
        "mail_decided",
        mail=mail.id,
        outcome=decision.outcome.value,
        request=reference,
        partner=decision.partner_id,
        reasons=[reason.value for reason in decision.reasons],
        missing=[missing.value for missing in decision.missing],
        applications=len(decision.applications),
        letter=decision.letter.kind.value if decision.letter else None,
    )


def money_applied(mail: StoredMail, decision: Decision, reference: str) -> None:
    """One line per allocation."""
    for one in decision.applications:
        _log.info("money_applied", mail=mail.id, request=reference, partner=one.partner_id, payment=one.payment,
                  invoice=one.invoice, minor=one.amount, currency=one.currency)  # fmt: skip


def person_decided(item: int, decision: Decision, reference: str, actor: str) -> None:
    """A person decided what was held; the decision, its money and its letter are committed."""
    _log.info(
        "person_decided",
        item=item,
        outcome=decision.outcome.value,
        request=reference,
        partner=decision.partner_id,
        applications=len(decision.applications),
        actor=actor,
    )


def money_taken_back(row: Allocation, actor: str) -> None:
    """An allocation was reversed by a person."""
    _log.info("money_taken_back", allocation=row.reverses, partner=row.partner_id, minor=row.amount,
              currency=row.currency, actor=actor)  # fmt: skip


def ledger_moved(mail: StoredMail) -> None:
    """Balances changed under a decision; it is made again."""
    _log.info("ledger_moved", mail=mail.id)


def attempt_failed(mail: StoredMail, attempt: int, error: Exception) -> str:
    """A mail could not be handled; it is tried again later. Returns what may be told of it."""
    words = told(error)
    _log.warning("attempt_failed", mail=mail.id, attempt=attempt, error=words)
    return words


def mail_quarantined(mail: StoredMail, attempts: int) -> None:
    """A mail failed too often and a person must look at it."""
    _log.error("mail_quarantined", mail=mail.id, attempts=attempts)


def mails_filed(mailbox: str, folder: str, count: int) -> None:
    """Decided mails stand in their outcome's folder."""
    _log.info("mails_filed", mailbox=mailbox, folder=folder, count=count)


def letter_settled(letter: OutgoingLetter, state: LetterState, note: str) -> None:
    """The dialogue about a letter ended; a warning unless it was sent. Of the server's answer only a code is told."""
    level = logging.INFO if state is LetterState.SENT else logging.WARNING
    codes = _CODE.findall(note)
    _log.log(level, f"letter_{state.value}", letter=letter.id, attempt=letter.attempts + 1, codes=codes)


def request_followed_up(reference: str, step: str, replaced: int) -> None:
    """The clock reminded a partner, or let a request lapse; after a standstill one letter may replace others."""
    _log.info("request_followed_up", request=reference, step=step, replaced=replaced)


def published(feed: int, count: int) -> None:
    """Allocations are on their way to the billing page."""
    _log.info("published", feed=feed, count=count)


def escalated(count: int) -> None:
    """Promises are in danger; operations finds them among the review items."""
    _log.warning("escalated", count=count)


def rehearsing(mode: str) -> None:
    """The worker runs, and nothing that it decides is done."""
    _log.warning("rehearsing", mode=mode)


def letters_held(pause: str) -> None:
    """Replying is paused; the letters wait."""
    _log.warning("letters_held", pause=pause)


def reconciled(mailbox: str, folder: str, standing: int, lost: int) -> None:
    """The mailbox was held against the database; `lost` must be 0."""
    level = logging.ERROR if lost else logging.INFO
    _log.log(level, "reconciled", mailbox=mailbox, folder=folder, standing=standing, lost=lost)


def letters_recovered(count: int) -> None:
    """A start found letters whose dialogue was cut off."""
    if count:
        _log.warning("letters_recovered", count=count)


def outside_failed(doing: str, error: OutsideError) -> None:
    """A server, the database or the disk failed; the same is tried again at the next turn."""
    _log.error("outside_failed", doing=doing, error=told(error))


def alert(name: str, state: str, words: str) -> None:
    """Something begins to be wrong, lasts, or is well again."""
    _log.log(logging.INFO if state == "ends" else logging.ERROR, "alert", alert=name, state=state, words=words)


def program_acted(token: int, login: str, act: str) -> None:
    """A program called for an act in somebody's name; what came of it the audit log tells."""
    _log.info("program_acted", token=token, login=login, act=act)


def tokens_refused() -> None:
    """So many unknown tokens came to the API from one address that it is not listened to for a while."""
    _log.warning("tokens_refused")


def broke(doing: str, error: Exception) -> None:
    """The program itself failed; the same is tried again at the next turn."""
    _log.error("broke", doing=doing, error=told(error))


def woken() -> None:
    """The mail server says that something arrived."""
    _log.debug("woken")


def told(error: Exception) -> str:
    """Say what failed. An error of the outside world has its sentence in its class and its facts in its arguments.

    Of any other only its kind and place are told: its words could quote a mail.
    """
    if isinstance(error, OutsideError):
        what, facts = (type(error).__doc__ or type(error).__name__).strip().splitlines()[0], str(error)
        return facts if facts.startswith(what) else f"{what.rstrip('.')}: {facts}"
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f" at {frame.tb_frame.f_globals.get('__name__', '?')}:{frame.tb_lineno}" if frame else ""
    return f"{type(error).__name__}{where}"
