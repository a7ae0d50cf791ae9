"""One request: its mails with what was read where, every decision with its rules, the letters, the money."""

from __future__ import annotations

from datetime import datetime

from processor.adapters.approval_sql import pending
from processor.adapters.thread_sql import Decided, read_thread
from processor.console.api.ledger_shapes import Allocation, Application, allocation, application
from processor.console.api.problems import Code, ProblemError
from processor.console.api.queue import Item
from processor.console.api.shape import Asked, Name, Shape, Text
from processor.console.conversation import ShownMail, items_about, offered, shown_mail
from processor.console.room import Visit


class RequestAsked(Asked):
    """Which request: its reference, or `mail-NUMBER` for a mail that belongs to none."""

    key: Name


class Source(Shape):
    """A readable text of a mail: `evidence` counts its characters. A long one is cut."""

    name: Text
    text: Text
    cut: bool


class Evidence(Shape):
    """What was read where: characters `start` to `end` of the source of that name."""

    field: str
    value: Text
    source: Text
    start: int
    end: int
    seen: Text
    reading: Text


class Rule(Shape):
    """A rule of the table of decisions, and whether it held."""

    rule: str
    hit: bool
    note: Text


class Decision(Shape):
    """A decision about a mail: round 0 is the processor's, later ones are people's."""

    round: int
    outcome: str
    language: str
    missing: tuple[str, ...]
    reasons: tuple[str, ...]
    applications: tuple[Application, ...]
    evidence: tuple[Evidence, ...]
    rules: tuple[Rule, ...]
    actor: str
    decided_at: datetime


class Attachment(Shape):
    """A part that travels with the mail; `size` in bytes."""

    name: Text
    content_type: Text
    size: int
    state: str
    why: str
    part: str


class Mail(Shape):
    """A mail of the conversation. `read` is false where its bytes were erased: then only the record is left."""

    id: int
    received_at: datetime
    sender: Text
    to: Text
    subject: Text
    outcome: str
    read: bool
    over_limit: str
    sources: tuple[Source, ...]
    attachments: tuple[Attachment, ...]
    decisions: tuple[Decision, ...]


class Letter(Shape):
    """A letter of ours, as it stands in the outbox."""

    id: int
    mail_id: int | None
    kind: str
    recipient: Text
    subject: Text
    text: Text
    state: str
    note: Text
    queued_at: datetime


class Pending(Shape):
    """A proposal that waits for a second person."""

    id: int
    item_id: int
    act: str
    note: Text
    proposed_by: str
    proposed_at: datetime


class OfferedLine(Shape):
    """A line that was understood: what an act would apply if it said nothing else."""

    payment: str
    invoice: str
    amount: str


class Request(Shape):
    """A conversation. `reference` is empty for a mail of no request; `offered` are the lines understood of it.

    `acting` is the item that acts are about, for those who may act; `problems` say why none is possible.
    """

    reference: str
    state: str
    partner_id: str
    partner_name: Text
    mails: tuple[Mail, ...]
    letters: tuple[Letter, ...]
    allocations: tuple[Allocation, ...]
    items: tuple[Item, ...]
    pending: tuple[Pending, ...]
    acting: int | None
    offered: tuple[OfferedLine, ...]
    problems: tuple[str, ...]


def show_request(visit: Visit, asked: RequestAsked) -> Request:
    """One request: mails, decisions with rules and evidence, letters, allocations, and what may be done."""
    thread = read_thread(visit.room.engine, asked.key)
    if thread is None:
        raise ProblemError(Code.NOT_FOUND, f"There is no request {asked.key}.")
    items = items_about(visit, thread)
    numbers = {item.id for item in items}
    offer = offered(visit, items)
    return Request(
        reference=thread.reference,
        state=thread.state,
        partner_id=thread.partner_id,
        partner_name=thread.partner_name,
        mails=tuple(_mail(shown_mail(visit, posted)) for posted in thread.mails),
        letters=tuple(map(Letter.model_validate, thread.letters)),
        allocations=tuple(map(allocation, thread.allocations)),
        items=tuple(map(Item.model_validate, items)),
        pending=tuple(Pending.model_validate(one) for one in pending(visit.room.engine) if one.item_id in numbers),
        acting=offer.acting.id if offer.acting else None,
        offered=tuple(map(OfferedLine.model_validate, offer.lines)),
        problems=offer.problems,
    )


def _mail(shown: ShownMail) -> Mail:
    posted = shown.posted
    sources = ((one.name, "".join(piece.text for piece in one.pieces), one.cut) for one in shown.sources)
    return Mail(
        id=posted.stored.id,
        received_at=posted.stored.received_at,
        sender=shown.sender,
        to=shown.to,
        subject=posted.subject,
        outcome=posted.outcome,
        read=shown.read,
        over_limit=shown.over_limit,
        sources=tuple(Source(name=name, text=text, cut=cut) for name, text, cut in sources),
        attachments=tuple(map(Attachment.model_validate, shown.attachments)),
        decisions=tuple(map(_decision, posted.decisions)),
    )


def _decision(one: Decided) -> Decision:
    return Decision(
        round=one.round,
        outcome=one.outcome,
        language=one.language,
        missing=one.missing,
        reasons=one.reasons,
        applications=tuple(map(application, one.applications)),
        evidence=tuple(map(Evidence.model_validate, one.evidence)),
        rules=tuple(Rule(rule=rule.rule, hit=rule.hit, note=rule.note) for rule in one.trail),
        actor=one.actor,
        decided_at=one.decided_at,
    )
