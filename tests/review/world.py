"""Mails that the worker really read and decided, and a desk to look at what it held."""

from dataclasses import dataclass, replace
from textwrap import dedent

from sqlalchemy import Engine, select

from processor.adapters.books_sql import SqlBooks
from processor.adapters.engine import reading
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.journal_tables import letter, request, review_item
from processor.adapters.journal_tables import mail as mails
from processor.adapters.tables import invoice, payment
from processor.core.policy import Policy
from processor.ports import Books, FetchedMail, Reader, Renderer
from processor.review import Desk, Proposal, Refused, Shown
from processor.worker import Considered, Worker
from tests.adapters.samples import ANNA, MAILBOX, ManualClock

PROOF = "Authentication-Results: mx.billing.example; dmarc=pass header.from=polder.example"


@dataclass
class House:
    """A database, a worker on it, and the clock of both."""

    engine: Engine
    clock: ManualClock
    reader: Reader
    renderer: Renderer
    policy: Policy
    count: int = 0
    books: Books | None = None

    def arrives(self, body: str, *, sender: str = ANNA, subject: str = "Payment", proof: str = PROOF) -> Considered:
        """Let a mail come in and be decided."""
        self.count += 1
        head = f"{proof}\nFrom: {sender}\nTo: {MAILBOX}\nSubject: {subject}\nMessage-ID: <m{self.count}@polder.example>"
        raw = (f"{head}\n\n{dedent(body)}").strip("\n").replace("\n", "\r\n").encode() + b"\r\n"
        intake = self.intake()
        intake.store(MAILBOX, "INBOX", 1, [FetchedMail(self.count, self.clock.now(), raw)])
        mail = intake.to_decide(1, after=self.last_id())[0]
        return self.worker().handle(mail)

    def intake(self) -> SqlIntake:
        return SqlIntake(self.engine, self.clock)

    def last_id(self) -> int:
        """The number of the newest mail but one."""
        with reading(self.engine) as connection:
            ids = connection.scalars(select(mails.c.id).order_by(mails.c.id.desc()).limit(2)).all()
        return ids[1] if len(ids) > 1 else 0

    def worker(self) -> Worker:
        books = self.books or SqlBooks(self.engine, self.clock)
        return Worker(self.reader, books, self.renderer, self.policy)

    def desk(self, actor: str = "mia", **changed: object) -> Desk:
        desk = Desk(self.engine, self.reader, self.renderer, self.policy, {}, self.clock, actor)
        return replace(desk, **changed)  # type: ignore[arg-type]


def seen(desk: Desk, item: int = 0, **options: str) -> Shown:
    """Look at an item; the newest that is open, where none is named."""
    shown = desk.look(item or open_items(desk.engine)[-1][0], **options)
    assert isinstance(shown, Shown), shown
    return shown


def proposed(proposal: Proposal | Refused) -> Proposal:
    assert isinstance(proposal, Proposal), proposal
    return proposal


def refused(answer: object) -> tuple[str, ...]:
    assert isinstance(answer, Refused), answer
    return answer.problems


def open_items(engine: Engine) -> list[tuple[int, str]]:
    rows = select(review_item.c.id, review_item.c.kind).where(review_item.c.state == "open").order_by(review_item.c.id)
    with reading(engine) as connection:
        return [(row.id, row.kind) for row in connection.execute(rows)]


def balances(engine: Engine) -> tuple[int, int]:
    """What payment 1400000001 has left, and invoice G000000001 open, in cents."""
    left = select(payment.c.unallocated).where(payment.c.payment_number == "1400000001")
    still_open = select(invoice.c.open_amount).where(invoice.c.invoice_number == "G000000001")
    with reading(engine) as connection:
        return connection.scalars(left).one(), connection.scalars(still_open).one()


def letters(engine: Engine) -> list[tuple[str, str, str]]:
    """Kind, recipient and text of every letter."""
    rows = select(letter.c.kind, letter.c.recipient, letter.c.text).order_by(letter.c.id)
    with reading(engine) as connection:
        return [(row.kind, row.recipient, row.text) for row in connection.execute(rows)]


def states(engine: Engine) -> list[str]:
    """The state of every request, in order of opening."""
    with reading(engine) as connection:
        return list(connection.scalars(select(request.c.state).order_by(request.c.opened_at, request.c.reference)))
