"""Money moves here and nowhere else: balances are locked, looked at again and changed, the allocation written beside.

Rows are locked in one order everywhere: payments by their key, then invoices by theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import BindParameter, Connection, bindparam, case, exists, select, tuple_, update

from processor.adapters.guard_sql import keep_pauses
from processor.adapters.ledger_values import allocation_from
from processor.adapters.safety_tables import pause
from processor.adapters.tables import allocation, invoice, payment
from processor.core.decision import Application
from processor.core.model import Allocation, DocumentType, InvoiceStatus
from processor.ports import LedgerMovedError, PermanentError

Key = tuple[str, str]  # partner, number

_KEPT = (InvoiceStatus.LOCKED, InvoiceStatus.VOID)  # the books say so, whatever is open


class AlreadyAppliedError(PermanentError):
    """The same allocation has been made from the same request before."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why money moves: the request (empty for none), the mail's hash, who, and when (UTC).

    `anew` says that the request has just begun, so that nothing can have been applied from it before; `mailbox` is
    where the mail came in.
    """

    request: str
    mail: str
    actor: str
    at: datetime
    anew: bool = False
    mailbox: str = ""


@dataclass(slots=True)
class Balances:
    """Locked payments with what is left of each, locked invoices with what is open, in minor units.

    `closed` are invoices that take no money: locked, void, or no invoice at all. `paused`: for somebody, applying is.
    """

    payments: dict[Key, int]
    invoices: dict[Key, int]
    closed: set[Key] = field(default_factory=set)
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """An allocation as written; `identity` is what makes it the only one of its kind."""

    allocation: Allocation
    identity: str


def post(connection: Connection, applications: Sequence[Application], cause: Cause) -> tuple[Posted, ...]:
    """Apply payments to invoices, all of them or none.

    Raises `LedgerMovedError` where a balance isn't what the decision saw, or an invoice takes no money any more,
    `HeldBackError` while it is paused, and `AlreadyAppliedError`.
    """
    if not applications:
        return ()
    before = lock(connection, map(_payment_key, applications), map(_invoice_key, applications))
    if before.paused:
        keep_pauses(connection, applications, cause.mailbox)
    after = Balances({**before.payments}, {**before.invoices})
    for one in applications:
        if _invoice_key(one) in before.closed:
            raise LedgerMovedError("invoice", one.invoice)
        _take(before.payments, after.payments, _payment_key(one), one.payment_left_before, one.amount)
        _take(before.invoices, after.invoices, _invoice_key(one), one.invoice_open_before, one.amount)
    made = tuple(_posted(connection, applications, cause))
    write_balances(connection, after)
    write_allocations(connection, made)
    return made


_PAYMENT = (payment.c.partner_id, payment.c.payment_number)
_INVOICE = (invoice.c.partner_id, invoice.c.invoice_number)
_KEYS: BindParameter[list[Key]] = bindparam("keys", expanding=True)
_CLOSED = invoice.c.status.in_(_KEPT) | (invoice.c.document_type != DocumentType.INVOICE)
_PAUSED = exists().where(pause.c.ended_at.is_(None), pause.c.action == "applying")  # something, somewhere
_LOCK_PAYMENTS = (
    select(*_PAYMENT, payment.c.unallocated, _PAUSED)
    .where(tuple_(*_PAYMENT).in_(_KEYS))
    .order_by(*_PAYMENT)
    .with_for_update(of=payment)
)
_LOCK_INVOICES = (
    select(*_INVOICE, invoice.c.open_amount, _CLOSED)
    .where(tuple_(*_INVOICE).in_(_KEYS))
    .order_by(*_INVOICE)
    .with_for_update()
)
_SET_LEFT = (
    update(payment)
    .where(payment.c.partner_id == bindparam("of_partner"), payment.c.payment_number == bindparam("of_number"))
    .values(unallocated=bindparam("balance"))
)
_SET_OPEN = (
    update(invoice)
    .where(invoice.c.partner_id == bindparam("of_partner"), invoice.c.invoice_number == bindparam("of_number"))
    .values(
        open_amount=bindparam("balance"),
        status=case(
            (
                (invoice.c.status == _KEPT[0].value) | (invoice.c.status == _KEPT[1].value),
                invoice.c.status,
            ),  # an expanding IN can't go over several rows
            (bindparam("balance") == 0, InvoiceStatus.PAID.value),
            else_=InvoiceStatus.OPEN.value,
        ),
    )
)
_ADD = allocation.insert()
_OF_REQUEST = select(allocation).where(allocation.c.request == bindparam("of_request"))


def lock(connection: Connection, payments: Iterable[Key], invoices: Iterable[Key]) -> Balances:
    """Lock payments and invoices until the end of the transaction; those that aren't there are left out."""
    balances = Balances({}, {})
    for partner, number, minor, paused in connection.execute(_LOCK_PAYMENTS, {"keys": sorted(set(payments))}):
        balances.payments[partner, number] = minor
        balances.paused = bool(paused)
    for partner, number, minor, closed in connection.execute(_LOCK_INVOICES, {"keys": sorted(set(invoices))}):
        balances.invoices[partner, number] = minor
        if closed:
            balances.closed.add((partner, number))
    return balances


def write_balances(connection: Connection, balances: Balances) -> None:
    """Write balances back. An invoice without anything open is paid, any other is open."""
    connection.execute(_SET_LEFT, _parameters(balances.payments))
    connection.execute(_SET_OPEN, _parameters(balances.invoices))


def write_allocations(connection: Connection, rows: Sequence[Posted]) -> None:
    """Write allocations."""
    columns = Allocation.__slots__
    values = [
        {column: getattr(one.allocation, column) for column in columns}
        | {"reverses": one.allocation.reverses or None, "identity": one.identity}
        for one in rows
    ]
    connection.execute(_ADD, values)


def _payment_key(one: Application) -> Key:
    return one.partner_id, one.payment


def _invoice_key(one: Application) -> Key:
    return one.partner_id, one.invoice


def _take(before: dict[Key, int], after: dict[Key, int], key: Key, seen: int, amount: int) -> None:
    """A further allocation in one decision may have seen the balance before the first, or before itself."""
    if key not in before or seen not in (before[key], after[key]):
        raise LedgerMovedError(*key)
    after[key] -= amount


def _parameters(balances: dict[Key, int]) -> list[dict[str, object]]:
    return [
        {"of_partner": partner, "of_number": number, "balance": minor}
        for (partner, number), minor in sorted(balances.items())
    ]


def _earlier(connection: Connection, request: str) -> list[Allocation]:
    if not request:
        return []
    return [allocation_from(row) for row in connection.execute(_OF_REQUEST, {"of_request": request}).mappings()]


def _posted(connection: Connection, applications: Sequence[Application], cause: Cause) -> Iterator[Posted]:
    earlier = [] if cause.anew else _earlier(connection, cause.request)
    for number, one in enumerate(applications, len(earlier) + 1):
        stem = cause.request.removeprefix("AR-") or cause.mail[:12].upper()
        made = Allocation(
            allocation_id=f"AL-{stem}-{number}",
            payment_number=one.payment,
            invoice_number=one.invoice,
            partner_id=one.partner_id,
            amount=one.amount,
            currency=one.currency,
            allocated_at=cause.at,
            request=cause.request,
            actor=cause.actor,
        )
        yield Posted(made, _identity(made, earlier, cause))


def _identity(made: Allocation, earlier: Sequence[Allocation], cause: Cause) -> str:
    """Tell apart what was taken back and is asked for anew; anything else that is the same is a fault."""
    taken_back = {one.reverses for one in earlier}
    same = [one for one in earlier if _sameness(one) == _sameness(made)]
    if standing := [one.allocation_id for one in same if one.allocation_id not in taken_back]:
        raise AlreadyAppliedError(*standing)
    again = f"~{len(same)}" if same else ""
    return (cause.request or cause.mail) + again


def _sameness(one: Allocation) -> tuple[str, str, str, int, str]:
    return one.partner_id, one.payment_number, one.invoice_number, one.amount, one.currency
