"""Pairs of ledgers that differ only in other partners' data: no sender may be able to tell them apart.

Nor may a sender without proof tell any two ledgers apart, whatever they hold. `python -m tests.core.noninterference
[--count PAIRS] [--unproved]` tries many and fails if one differs.
"""

from __future__ import annotations

import re
import string
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import typer
from sqlalchemy import Connection, delete, insert, update

from processor import events
from processor.adapters.memory_ledger import LedgerCopy, ReplayBooks
from processor.adapters.tables import contact, invoice, partner, payment
from processor.core.decision import Snapshot
from processor.core.model import Invoice, Payment
from processor.result import result_line
from processor.worker import Considered
from tests.core.metamorphic.original import Original, replaced
from tests.deciding import considered
from tests.labels import LabelledCase, read_cases, sets

SEED = 20261117
_PROOF = re.compile(rb"(?im)^authentication-results(?=:)")
STRANGERS = ("9000001", "9000002", "9000003")


@dataclass(frozen=True, slots=True)
class Pair:
    """One mail before two ledgers; `number` tells one pair of a mail from another."""

    case: LabelledCase
    number: int


def pairs(count: int) -> list[Pair]:
    """Return so many pairs, always the same: the labelled mails in turn."""
    return list(islice(_endless(), count))


def _endless() -> Iterator[Pair]:
    cases = [case for folder in sets() for case in read_cases(folder)]
    Random(SEED).shuffle(cases)  # noqa: S311  # chance by number
    number = 0
    while cases:
        yield from (Pair(case, number) for case in cases)
        number += 1


def difference(pair: Pair) -> str | None:
    """Tell what differs; nothing when answer, letter and decision are the same to the last byte."""
    chance = Random(f"{SEED} {pair.case.name} {pair.number}")  # noqa: S311
    ledger = _ledger(pair.case.folder.parent.parent)
    original = Original(pair.case.mails[0], considered(ledger.fresh(), pair.case.mails[0]))
    mail, strange = _mentioning(original, chance)
    before = _told(considered(ledger.fresh(), mail) if strange else original.done)
    books = ledger.fresh()
    _disturb(books, original.snapshot, strange, chance)
    after = _told(considered(books, mail))
    return None if before == after else f"{pair.case.name} {pair.number} ({strange}): {before} -> {after}"


def difference_unproved(pair: Pair) -> str | None:
    """Tell what a sender without proof could see to differ between two ledgers; nothing when that is nothing."""
    chance = Random(f"{SEED} unproved {pair.case.name} {pair.number}")  # noqa: S311
    ledger = _ledger(pair.case.folder.parent.parent)
    raw = _PROOF.sub(chance.choice((b"X-Results", b"Authentication-Results-Original")), pair.case.mails[0])
    if chance.random() < 1 / 4:  # the server says that it is forged
        raw = b"Authentication-Results: mx.billing.example; dmarc=fail\r\n" + raw
    before = _seen(considered(ledger.fresh(), raw))
    books = ledger.fresh()
    _change_all(books, chance)
    after = _seen(considered(books, raw))
    return None if before == after else f"{pair.case.name} {pair.number} (unproved): {before} -> {after}"


def _seen(done: Considered) -> tuple[object, ...]:
    """Return all that leaves the house, or could be told from without: codes, letter, folder."""
    decision = done.decision
    letter = done.letter.raw if done.letter else b""
    return decision.outcome, decision.reasons, decision.missing, decision.applications, letter


def _change_all(books: ReplayBooks, chance: Random) -> None:
    """Change what everybody has: gone, spent, settled, or under other names."""
    with books.engine.begin() as connection:
        for table in (contact, payment, invoice):
            if chance.random() < 1 / 2:
                connection.execute(delete(table))
        connection.execute(update(payment).values(unallocated=0))
        connection.execute(update(invoice).values(open_amount=0))
        connection.execute(update(partner).values(name="Somebody Else", language=chance.choice(("nl", "ja", "xx"))))
        if chance.random() < 1 / 2:
            connection.execute(update(contact).values(role=chance.choice(("viewer", "billing_admin"))))


def _told(done: Considered) -> tuple[object, ...]:
    return result_line("", "", done, 0), done.decision, done.letter.raw if done.letter else b""


def _mentioning(original: Original, chance: Random) -> tuple[bytes, str]:
    """Return the mail, mostly with an own number changed into one that only strangers can have; and that number."""
    own = sorted({one.value for one in original.decision.evidence if one.field in {"invoice", "payment"}})
    if not own or chance.random() < 1 / 3:
        return original.raw, ""
    number = chance.choice(own)
    place = chance.randrange(2, len(number))
    strange = f"{number[:place]}{chance.choice(string.digits)}{number[place + 1 :]}"
    return replaced(original, {number: strange}) or original.raw, strange


def _disturb(books: ReplayBooks, mine: Snapshot, strange: str, chance: Random) -> None:
    """Change all that others have: gone or spent, other names, strangers with twins of the sender's own items."""
    own = [one.partner_id for one in mine.partners]
    with books.engine.begin() as connection:
        for table in (contact, payment, invoice):
            if chance.random() < 1 / 2:
                connection.execute(delete(table).where(table.c.partner_id.not_in(own)))
        connection.execute(update(payment).where(payment.c.partner_id.not_in(own)).values(unallocated=0))
        connection.execute(update(invoice).where(invoice.c.partner_id.not_in(own)).values(open_amount=0))
        connection.execute(update(partner).where(partner.c.partner_id.not_in(own)).values(name="Somebody Else"))
        for stranger in STRANGERS:
            _arrive(connection, stranger, mine, strange, chance)


def _arrive(connection: Connection, stranger: str, mine: Snapshot, strange: str, chance: Random) -> None:
    """Add a stranger whose numbers, amounts and bank references are very like the sender's."""
    connection.execute(insert(partner).values(partner_id=stranger, name=stranger, language="nl", group=""))
    address = f"ap@{stranger}.example"
    named = {"address_key": address, "email": address, "role": "billing_admin", "name": "", "partner_id": stranger}
    connection.execute(insert(contact).values(**named))
    items: list[Payment | Invoice] = [*mine.payments, *mine.invoices]
    for item in chance.sample(items, min(len(items), 6)):
        connection.execute(_table(item).insert().values(**_twin(item, stranger, chance)))
    for item in items[:1] + items[-1:] if strange else []:
        row = _twin(item, stranger, chance)
        row["payment_number" if isinstance(item, Payment) else "invoice_number"] = strange
        connection.execute(_table(item).insert().prefix_with("OR REPLACE").values(**row))


def _table(item: Payment | Invoice) -> Any:  # noqa: ANN401  # one of two tables
    return payment if isinstance(item, Payment) else invoice


def _twin(item: Payment | Invoice, stranger: str, chance: Random) -> dict[str, Any]:
    """Return a stranger's item of the same number, with all of its money or none."""
    row = asdict(item) | {"partner_id": stranger}
    if isinstance(item, Payment):
        left = chance.choice((0, item.amount))
        return row | {"unallocated": left, "opening_unallocated": left}
    still = chance.choice((0, item.total))
    return row | {"open_amount": still, "opening_open": still}


@cache
def _ledger(folder: Path) -> LedgerCopy:
    return LedgerCopy(folder / "ledger")


def main(count: int = 10_000, *, unproved: bool = False) -> None:
    """Try pairs, tell the differences, and fail if there is one."""
    events.configure(level="error")
    differs = difference_unproved if unproved else difference
    found = [told for pair in pairs(count) if (told := differs(pair))]
    typer.echo("\n".join([*found, f"{count} pairs{' without proof' if unproved else ''}, {len(found)} differ"]))
    sys.exit(bool(found))


if __name__ == "__main__":
    typer.run(main)
