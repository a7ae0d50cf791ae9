"""A partner's account: what is left, what is open, what was allocated by which request; and pauses."""

from __future__ import annotations

from datetime import date, datetime

from processor.adapters.billing_sql import Row, find, read_billing
from processor.adapters.pause_sql import standing_pauses
from processor.adapters.statement import StatementRow, read_statement
from processor.console import acting
from processor.console.api.ledger_shapes import (
    Allocation,
    Contact,
    Invoice,
    Payment,
    allocation,
    invoice,
    payment,
)
from processor.console.api.problems import Code, ProblemError
from processor.console.api.shape import Asked, Money, Name, Note, Sent, Shape, Text, Word, money, said
from processor.console.partners import published_by
from processor.console.room import Visit


class PartnerAsked(Asked):
    """Which partner."""

    partner: Name


class Published(Allocation):
    """An allocation of a partner: when it was published to the billing page, or by which day it will be."""

    published_at: datetime | None
    published_by: date | None
    taken_back: bool


class RequestOfPartner(Shape):
    """A request of the partner, in short."""

    reference: str
    state: str
    opened_at: datetime


class Pause(Shape):
    """Something that is paused for the partner."""

    action: str
    reason: Text
    actor: str
    began_at: datetime


class Partner(Shape):
    """The billing page: the first hundred of each kind; the statement has every payment and invoice."""

    partner_id: str
    name: Text
    language: str
    group: str
    contacts: tuple[Contact, ...]
    payments: tuple[Payment, ...]
    invoices: tuple[Invoice, ...]
    allocations: tuple[Published, ...]
    requests: tuple[RequestOfPartner, ...]
    pauses: tuple[Pause, ...]


class StatementLine(Shape):
    """A payment or an invoice: how much it is, and how much of that is left or open."""

    kind: str
    number: str
    amount: Money
    remaining: Money
    on: date | None


class Statement(Shape):
    """All that a partner has to allocate, and to what."""

    partner_id: str
    partner_name: Text
    rows: tuple[StatementLine, ...]


class FindAsked(Asked):
    """A number or a name, or a part of one."""

    q: Word = ""


class Found(Shape):
    """One thing that was sought: what it is, its number, and the console's page about it."""

    kind: str
    number: str
    words: Text
    address: str


class FoundAll(Shape):
    """What was found, at most twenty of each kind."""

    found: tuple[Found, ...]


class PauseSent(Sent):
    """Why the partner is paused, for the record."""

    note: Note


class Pauses(Shape):
    """What is paused for the partner now."""

    pauses: tuple[Pause, ...]


def show_partner(visit: Visit, asked: PartnerAsked) -> Partner:
    """The billing page: unallocated payments, open invoices, allocations with their requests, contacts, pauses."""
    found = read_billing(visit.room.engine, asked.partner)
    if found is None:
        raise _nobody(asked.partner)
    by = published_by(visit, found)
    return Partner(
        partner_id=found.partner.partner_id,
        name=found.partner.name,
        language=found.partner.language,
        group=found.partner.group,
        contacts=tuple(map(Contact.model_validate, found.contacts)),
        payments=tuple(map(payment, found.payments)),
        invoices=tuple(map(invoice, found.invoices)),
        allocations=tuple(_published(row, by.get(row.allocation.allocation_id)) for row in found.rows),
        requests=tuple(map(RequestOfPartner.model_validate, found.requests)),
        pauses=_pauses(visit, asked.partner),
    )


def show_statement(visit: Visit, asked: PartnerAsked) -> Statement:
    """Every payment with something left and every invoice with something open."""
    found = read_statement(visit.room.engine, asked.partner)
    if found is None:
        raise _nobody(asked.partner)
    return Statement(partner_id=found.partner_id, partner_name=found.partner_name, rows=tuple(map(_line, found.rows)))


def find_anything(visit: Visit, asked: FindAsked) -> FoundAll:
    """Partners by number or name, payments, invoices and requests by number, mails by sender or subject."""
    return FoundAll(found=tuple(map(Found.model_validate, find(visit.room.engine, asked.q))))


def pause_partner(visit: Visit, asked: PartnerAsked, sent: PauseSent) -> Pauses:
    """Stop applying and writing for a partner; what is paused already stays as it is."""
    if read_statement(visit.room.engine, asked.partner) is None:
        raise _nobody(asked.partner)
    acting.pause(visit.room.engine, asked.partner, said(sent.note), visit.login, visit.now)
    return Pauses(pauses=_pauses(visit, asked.partner))


def resume_partner(visit: Visit, asked: PartnerAsked) -> Pauses:
    """Apply and write for a partner again."""
    if read_statement(visit.room.engine, asked.partner) is None:
        raise _nobody(asked.partner)
    acting.resume(visit.room.engine, asked.partner, visit.login, visit.now)
    return Pauses(pauses=_pauses(visit, asked.partner))


def _pauses(visit: Visit, partner: str) -> tuple[Pause, ...]:
    standing = standing_pauses(visit.room.engine)
    return tuple(Pause.model_validate(one) for one in standing if (one.scope, one.name) == ("partner", partner))


def _published(row: Row, by: date | None) -> Published:
    shown = allocation(row.allocation)
    more = {"published_at": row.published_at, "published_by": by, "taken_back": row.taken_back}
    return Published.model_validate(dict(shown) | more)


def _line(row: StatementRow) -> StatementLine:
    amount, remaining = money(row.amount, row.currency), money(row.remaining, row.currency)
    return StatementLine(kind=row.kind, number=row.number, amount=amount, remaining=remaining, on=row.on)


def _nobody(partner: str) -> ProblemError:
    return ProblemError(Code.NOT_FOUND, f"There is no partner {partner} in the ledger.")
