"""An allocation is taken back: exactly, once, by a new row with the opposite amount (`decisions.md`, reversal)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine, select, update

from processor.adapters import audit
from processor.adapters.decisions_sql import posted_body
from processor.adapters.engine import transact
from processor.adapters.journal_tables import mail, request
from processor.adapters.ledger_values import allocation_from
from processor.adapters.outbox_sql import Origin, enqueue, letter_seal
from processor.adapters.posting import Balances, Posted, lock, write_allocations, write_balances
from processor.adapters.tables import allocation
from processor.core.letter import LetterKind
from processor.core.model import Allocation
from processor.failpoints import Failpoint, reached
from processor.ports import PermanentError, RenderedLetter


class NotReversibleError(PermanentError):
    """This can't be taken back."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """What a reversal does: the row taken back, the new row, balances afterwards (minor units), and whom to tell.

    `requester` asked for it, `request` is the reference and `sequence` the number that a letter about it gets there.
    """

    original: Allocation
    row: Allocation
    payment_left: int
    invoice_open: int
    requester: str
    sequence: int


def no_letter(_: Reversal) -> None:
    """Tell nobody."""


def reverse(
    engine: Engine,
    name: str,
    actor: str,
    reason: str,
    now: datetime,
    letter_for: Callable[[Reversal], RenderedLetter | None] = no_letter,
) -> Reversal:
    """Take the allocation of this name back and put the letter about it into the outbox, in one transaction.

    `actor` is the person's login, `now` UTC. Raises `NotReversibleError`, `DatabaseUnavailableError`.
    """
    return transact(engine, lambda connection: _reverse(connection, name, actor, reason, now, letter_for))


def _reverse(
    connection: Connection,
    name: str,
    actor: str,
    reason: str,
    now: datetime,
    letter_for: Callable[[Reversal], RenderedLetter | None],
) -> Reversal:
    original = _find(connection, name)
    letters = _lock_request(connection, original.request)
    before = lock(connection, [_payment_key(original)], [_invoice_key(original)])
    _refuse_second(connection, original)
    left = before.payments[_payment_key(original)] + original.amount
    still_open = before.invoices[_invoice_key(original)] + original.amount
    row = replace(
        original,
        allocation_id=f"{original.allocation_id}-R",
        amount=-original.amount,
        allocated_at=now,
        reverses=original.allocation_id,
        actor=actor,
    )
    write_balances(connection, Balances({_payment_key(original): left}, {_invoice_key(original): still_open}))
    posted = Posted(row, original.request or original.allocation_id)
    write_allocations(connection, [posted])
    reached(Failpoint.TAKEN_BACK)
    reversal = Reversal(original, row, left, still_open, _requester(connection, original.request), letters + 1)
    _record(connection, reversal, posted, reason, letter_for(reversal))
    return reversal


def _find(connection: Connection, name: str) -> Allocation:
    """An index finds it by its name alone; a name stands at one partner, since it is made from a request's."""
    found = select(allocation).where(allocation.c.allocation_id == name)
    row = connection.execute(found).mappings().one_or_none()
    if row is None:
        raise NotReversibleError(name, "there is no such allocation")
    if row["reverses"]:
        raise NotReversibleError(name, f"is itself the reversal of {row['reverses']}")
    return allocation_from(row)


def _lock_request(connection: Connection, reference: str) -> int:
    held = select(request.c.letters).where(request.c.reference == reference).with_for_update()
    return connection.scalar(held) or 0


def _refuse_second(connection: Connection, original: Allocation) -> None:
    """Asked once the balances are locked, so that of two who take back at once one wins."""
    taken_back = select(allocation.c.allocation_id).where(
        allocation.c.partner_id == original.partner_id, allocation.c.reverses == original.allocation_id
    )
    if row := connection.execute(taken_back).one_or_none():
        raise NotReversibleError(original.allocation_id, f"has been taken back already by {row[0]}")


def _requester(connection: Connection, reference: str) -> str:
    if not reference:
        return ""
    first = select(mail.c.sender).where(mail.c.request == reference).order_by(mail.c.id).limit(1)
    return connection.scalar(first) or ""


def _record(
    connection: Connection, reversal: Reversal, posted: Posted, reason: str, letter: RenderedLetter | None
) -> None:
    row = reversal.row
    chain = audit.chain_of(row.partner_id, "")
    if letter is not None:
        origin = Origin(chain, None, row.request or None, row.partner_id)
        enqueue(connection, letter, LetterKind.REVERSED.value, reversal.sequence, origin, row.allocated_at)
        counted = update(request).where(request.c.reference == row.request)
        connection.execute(counted.values(letters=reversal.sequence))
    body: dict[str, audit.JsonValue] = {
        "allocations": [posted_body(posted)],
        "reason": reason,
        "letter": letter_seal(letter),
    }
    audit.append(connection, chain, "reversed", body, row.actor, row.allocated_at)


def _payment_key(one: Allocation) -> tuple[str, str]:
    return one.partner_id, one.payment_number


def _invoice_key(one: Allocation) -> tuple[str, str]:
    return one.partner_id, one.invoice_number
