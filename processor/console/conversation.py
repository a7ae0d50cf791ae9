"""One request: its mails with what was read in them, the partner's account beside it, the decision, the letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.responses import Response

from processor.adapters.approval_sql import pending
from processor.adapters.billing_sql import read_billing
from processor.adapters.queue_sql import Item, read_items
from processor.adapters.thread_sql import Decided, Posted, Thread, read_thread
from processor.console.acting import Line
from processor.console.highlight import Piece, pieces_of
from processor.console.room import Visit
from processor.console.words import page
from processor.core.by_person import understood
from processor.core.currencies import to_text
from processor.core.message import Attachment, Table
from processor.core.outcomes import Missing, Reason
from processor.core.request import Evidence
from processor.review import Refused

SHOWN = 20_000  # characters of one source
BLANK = 2  # lines to fill in, beside those understood


@dataclass(frozen=True, slots=True)
class ShownSource:
    """One readable text of a mail, cut at its findings; a sheet has its tables too."""

    name: str
    label: str
    pieces: tuple[Piece, ...]
    tables: tuple[Table, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """What the visitor may decide about, why not, and the lines to begin with."""

    acting: Item | None
    problems: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A mail on the page. `read` is false where its bytes were erased."""

    posted: Posted
    read: bool
    over_limit: str
    sender: str
    to: str
    sources: tuple[ShownSource, ...]
    attachments: tuple[Attachment, ...]
    has_html: bool
    evidence: tuple[Evidence, ...]
    decided: Decided | None


def conversation(visit: Visit) -> Response:
    key = visit.path("key")
    engine = visit.room.engine
    thread = read_thread(engine, key)
    if thread is None:
        return page(visit, "missing.html", HTTPStatus.NOT_FOUND, words=f"There is no request {key}.")
    items = items_about(visit, thread)
    return page(
        visit,
        "request.html",
        thread=thread,
        mails=tuple(shown_mail(visit, posted) for posted in thread.mails),
        items=items,
        open_items=tuple(one for one in items if one.state == "open"),
        billing=read_billing(engine, thread.partner_id) if thread.partner_id else None,
        blank=(Line("", ""),) * BLANK,
        offered=offered(visit, items),
        pending=tuple(one for one in pending(engine) if one.item_id in {item.id for item in items}),
        reasons=tuple(Reason),
        missing=tuple(Missing),
    )


def items_about(visit: Visit, thread: Thread) -> tuple[Item, ...]:
    """Return the review items about a conversation, open ones first."""
    first = thread.mails[0].stored.id if thread.mails else None
    mail_id = None if thread.reference else first
    return read_items(visit.room.engine, request_reference=thread.reference, mail_id=mail_id)


def offered(visit: Visit, items: Sequence[Item]) -> Offered:
    """What a person may decide about here: the first open item, and the lines that were understood."""
    acting = next((one for one in items if one.state == "open"), None)
    if acting is None or not visit.may("act"):
        return Offered(None)
    desk = visit.room.desk(visit.login)
    shown = desk.look(acting.id)
    if isinstance(shown, Refused):
        return Offered(acting, shown.problems)
    currencies = {one.payment_number: one.currency for one in shown.held.account.payments}
    lines = tuple(
        Line(one.payment, one.invoice, to_text(one.amount, currencies[one.payment]) if one.amount else "")
        for one in understood(shown.held, desk.policy)
    )
    return Offered(acting, (), lines)


def shown_mail(visit: Visit, posted: Posted) -> ShownMail:
    """Return a mail of the conversation as a person reads it."""
    message = visit.room.mails.read(posted.stored)
    decided = posted.decisions[-1] if posted.decisions else None
    evidence = next((one.evidence for one in reversed(posted.decisions) if one.evidence), ())
    if message is None:
        return ShownMail(posted, False, "", posted.sender, "", (), (), False, evidence, decided)  # noqa: FBT003
    return ShownMail(
        posted=posted,
        read=True,
        over_limit=message.over_limit,
        sender=next(iter(message.header("From")), posted.sender),
        to=next(iter(message.header("To")), ""),
        sources=tuple(
            _source(name, text, tables, evidence)
            for name, text, tables in (
                ("subject", message.subject, ()),
                *((one.name, one.text, one.tables) for one in message.sources if one.name != "subject"),
            )
        ),
        attachments=message.attachments,
        has_html="text/html" in message.content_types,
        evidence=evidence,
        decided=decided,
    )


def _source(name: str, text: str, tables: Sequence[Table], evidence: Sequence[Evidence]) -> ShownSource:
    kind, _, file = name.partition(":")
    label = {"subject": "Subject", "text": "Text", "html": "Text of the page"}.get(kind, f"Attachment {file}")
    sheets = tuple(one for one in tables if file and not one.hidden)
    return ShownSource(name, label, pieces_of(text[:SHOWN], name, evidence), sheets, len(text) > SHOWN)
