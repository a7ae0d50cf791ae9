"""What happens around the clock: mails are answered with a question, letters leave, the mailbox is polled."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine, select

from processor.adapters.engine import reading
from processor.adapters.journal_sql import SqlIntake
from processor.adapters.journal_tables import letter, request, review_item
from processor.adapters.outbox_sql import SqlOutbox
from processor.core.decision import Decision, RequestState
from processor.core.letter import Letter, LetterKind, LetterLine, Question, QuestionKind
from processor.core.model import Money
from processor.core.outcomes import Missing, Outcome
from processor.outgoing import EndedLetter, LetterState
from processor.ports import RenderedLetter
from tests.adapters.samples import ANNA, MAILBOX, ManualClock, application, applied, arrive, decide, rendered

QUESTION = Question(QuestionKind.WHICH_AMOUNTS, payment="1400000001", available=Money(125_050, "EUR"))
KEPT = LetterLine("1400000001", "G000000001")


def question(**changed: object) -> Decision:
    """A decision that asks Anna for amounts."""
    asked = Letter(LetterKind.QUESTION, "nl", ANNA, "Anna", "Payment", questions=(QUESTION,), kept=(KEPT,))
    waits: dict[str, object] = {
        "outcome": Outcome.NEEDS_DETAILS,
        "state": RequestState.WAITING,
        "missing": (Missing.AMOUNT,),
        "letter": asked,
    }
    return applied(**(waits | changed))


def ask(engine: Engine, clock: ManualClock, number: int = 1) -> str:
    """Let a mail arrive and be answered with a question that leaves at once; returns the request's reference."""
    reference = f"AR-Q{number}"
    decide(engine, clock, arrive(engine, clock, number), question(), letter=_unique(number), reference=reference)
    deliver(engine, clock)
    return reference


def apply(engine: Engine, clock: ManualClock, number: int = 1, amount: int = 100_000, before: int = 0) -> str:
    """Let a mail arrive and be carried out, after `before` cents were applied; returns the allocation's name."""
    mail, asked = arrive(engine, clock, number), application(amount)
    left, still_open = asked.payment_left_before - before, asked.invoice_open_before - before
    decision = applied(replace(asked, payment_left_before=left, invoice_open_before=still_open))
    decide(engine, clock, mail, decision, letter=_unique(number), reference=f"AR-A{number}")
    return f"AL-A{number}-1"


def deliver(engine: Engine, clock: ManualClock, state: LetterState = LetterState.SENT) -> None:
    """Let every letter that is due leave, or whatever becomes of it."""
    outbox = SqlOutbox(engine)
    for due in outbox.due(clock.now(), 1000):
        outbox.sending([due.id], clock.now())
        outbox.data_begins(due.id)
        outbox.settle([EndedLetter(due.id, state, clock.now())])


def poll(engine: Engine, clock: ManualClock) -> None:
    """Find the mailbox empty."""
    SqlIntake(engine, clock).polled(MAILBOX, clock.now())


def letters(engine: Engine, reference: str = "AR-Q1") -> list[tuple[str, datetime]]:
    """Kind and time of the letters of a request, in order."""
    found = select(letter.c.kind, letter.c.queued_at).where(letter.c.request == reference).order_by(letter.c.id)
    with reading(engine) as connection:
        return [(row.kind, row.queued_at) for row in connection.execute(found)]


def kinds(engine: Engine, reference: str = "AR-Q1") -> list[str]:
    return [kind for kind, _ in letters(engine, reference)]


def state(engine: Engine, reference: str = "AR-Q1") -> str:
    with reading(engine) as connection:
        return str(connection.scalars(select(request.c.state).where(request.c.reference == reference)).one())


def reviews(engine: Engine) -> list[tuple[str, str]]:
    """Kind and note of every review item."""
    with reading(engine) as connection:
        rows = connection.execute(select(review_item.c.kind, review_item.c.note).order_by(review_item.c.id))
        return [(row.kind, row.note) for row in rows]


def _unique(number: int) -> RenderedLetter:
    return rendered(f"<ar.question.Q{number}.1@billing.example>")
