"""Specimens of every letter that the processor can write: each kind, each question, each state, and variants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from processor.adapters.render import LetterRenderer
from processor.core.letter import Letter, LetterKind, LetterLine, Question, QuestionKind, StatementFacts
from processor.core.message import Message, Source
from processor.core.model import Money

TEMPLATES = Path(__file__).parents[2] / "templates"
MAILBOX = "allocations@billing.example"
SECRET = b"a secret of the installation"
REFERENCE = "AR-K7Q2M"

DAY_FROM, DAY_BY, ANSWER_BY = date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 18)


@dataclass(frozen=True)
class NoonClock:
    """It is always Wednesday noon."""

    def now(self) -> datetime:
        return datetime(2026, 11, 11, 12, 0, tzinfo=UTC)


def euros(amount: str) -> Money:
    return Money(int(amount.replace(".", "")), "EUR")


ONE = LetterLine("1400000001", "G012040490", euros("1250.00"), euros("250.00"), euros("0.00"))
TWO = LetterLine("1400000001", "G012040491", euros("250.00"), euros("0.00"), euros("17890.45"))
THREE = LetterLine("1400000002", "D020001IVK", euros("12800.00"), euros("5.00"), euros("0.00"))
SINGLED_OUT = LetterLine(
    "1400000001", "G012040490", euros("1250.00"), euros("0.00"), euros("0.00"), payment_named=False
)
EARLIER = LetterLine("1400000001", "G012040490", euros("1250.00"), on=date(2026, 11, 3))
ITEM = LetterLine(invoice="G012040491", invoice_open=euros("17890.45"))
OPEN_INVOICES = (LetterLine(invoice="G012040490", invoice_open=euros("1250.00")), ITEM)
CHOICES = (
    LetterLine("1400000001", amount=euros("1500.00"), payment_left=euros("250.00"), on=date(2026, 11, 3)),
    LetterLine("1400000002", amount=euros("12800.00"), payment_left=euros("12800.00"), on=date(2026, 10, 1)),
)
PAIR = LetterLine("1400000001", "G012040490", euros("1250.00"))
PAIRINGS = (
    (PAIR, LetterLine("1400000002", "G012040491", euros("1250.00"))),
    (
        LetterLine("1400000001", "G012040491", euros("1250.00")),
        LetterLine("1400000002", "G012040490", euros("1250.00")),
    ),
)

QUESTIONS: dict[str, Question] = {
    "which_invoice": Question(QuestionKind.WHICH_INVOICE),
    "which_invoice, payment known": Question(QuestionKind.WHICH_INVOICE, payment="1400000001"),
    "invoice_unknown": Question(QuestionKind.INVOICE_UNKNOWN, invoice="G099999999"),
    "invoice_unknown, near miss": Question(QuestionKind.INVOICE_UNKNOWN, invoice="G0l2O4O49O", neighbour="G012040490"),
    "invoice_not_payable, void": Question(QuestionKind.INVOICE_NOT_PAYABLE, invoice="G012040490", document="void"),
    "invoice_not_payable, replaced": Question(
        QuestionKind.INVOICE_NOT_PAYABLE, invoice="G012040490", document="replaced", neighbour="G012040491"
    ),
    "invoice_not_payable, credit note": Question(
        QuestionKind.INVOICE_NOT_PAYABLE, invoice="G012040490", document="credit_note"
    ),
    "invoice_not_payable, adjustment note": Question(
        QuestionKind.INVOICE_NOT_PAYABLE, invoice="G012040490", document="adjustment_note"
    ),
    "invoice_not_payable, void note": Question(
        QuestionKind.INVOICE_NOT_PAYABLE, invoice="G012040490", document="void_note"
    ),
    "invoice_settled": Question(QuestionKind.INVOICE_SETTLED, invoice="G012040490", on=date(2026, 11, 3)),
    "invoice_settled, day unknown": Question(QuestionKind.INVOICE_SETTLED, invoice="G012040490"),
    "which_payment": Question(QuestionKind.WHICH_PAYMENT, choices=CHOICES),
    "which_payment, one": Question(QuestionKind.WHICH_PAYMENT, choices=CHOICES[:1], currency="EUR"),
    "which_payment, none": Question(QuestionKind.WHICH_PAYMENT),
    "no_payment": Question(QuestionKind.NO_PAYMENT, currency="USD"),
    "payment_unknown": Question(QuestionKind.PAYMENT_UNKNOWN, payment="1499999999"),
    "payment_unknown, near miss": Question(QuestionKind.PAYMENT_UNKNOWN, payment="1400000010", neighbour="1400000001"),
    "payment_exhausted": Question(
        QuestionKind.PAYMENT_EXHAUSTED,
        payment="1400000001",
        lines=(EARLIER, LetterLine("1400000001", "D020001IVK", euros("80.00"), on=date(2026, 10, 1))),
    ),
    "currency": Question(QuestionKind.CURRENCY, invoice="G012040490", seen="USD", currency="EUR"),
    "currency, invoice unknown": Question(QuestionKind.CURRENCY, seen="USD", currency="EUR"),
    "exceeds_unallocated": Question(
        QuestionKind.EXCEEDS_UNALLOCATED, payment="1400000001", stated=euros("1500.00"), available=euros("1250.00")
    ),
    "exceeds_open": Question(
        QuestionKind.EXCEEDS_OPEN, invoice="G012040490", stated=euros("1500.00"), available=euros("1250.00")
    ),
    "which_amounts": Question(
        QuestionKind.WHICH_AMOUNTS,
        payment="1400000001",
        available=euros("1500.00"),
        stated=euros("19140.45"),
        lines=OPEN_INVOICES,
    ),
    "total_differs": Question(
        QuestionKind.TOTAL_DIFFERS, stated=euros("1500.00"), available=euros("1250.00"), difference=euros("250.00")
    ),
    "which_amounts, no sum": Question(
        QuestionKind.WHICH_AMOUNTS, payment="1400000001", available=euros("1500.00"), lines=OPEN_INVOICES
    ),
    "pairing, no list": Question(QuestionKind.PAIRING),
    "pairing": Question(QuestionKind.PAIRING, alternatives=PAIRINGS),
    "which_partner": Question(QuestionKind.WHICH_PARTNER, names=("4390934 (Poldercloud)", "6034453 (Waddenzee IT)")),
    "range": Question(QuestionKind.RANGE, seen="G012040490-93", lines=OPEN_INVOICES),
    "range, nothing in it": Question(QuestionKind.RANGE, seen="G012040490-93"),
    "confirm_forward": Question(QuestionKind.CONFIRM_FORWARD, lines=(PAIR,)),
    "confirm_forward, nothing read": Question(QuestionKind.CONFIRM_FORWARD),
    "confirm_now": Question(QuestionKind.CONFIRM_NOW, lines=(PAIR,)),
    "confirm_now, nothing read": Question(QuestionKind.CONFIRM_NOW),
    "which_meant": Question(QuestionKind.WHICH_MEANT, lines=OPEN_INVOICES),
    "amount_unclear": Question(QuestionKind.AMOUNT_UNCLEAR, seen="2,5k", invoice="G012040490"),
    "amount_unclear, invoice unknown": Question(QuestionKind.AMOUNT_UNCLEAR, seen="2,5k"),
    "readable_attachment": Question(QuestionKind.READABLE_ATTACHMENT, names=("advice.pdf",)),
    "readable_attachment, two": Question(QuestionKind.READABLE_ATTACHMENT, names=("advice.pdf", "november.xlsx")),
    "sources_disagree": Question(
        QuestionKind.SOURCES_DISAGREE, invoice="G012040490", seen="1,250.00", other="1,520.00"
    ),
    "sources_disagree, invoice unknown": Question(QuestionKind.SOURCES_DISAGREE, seen="G012040490", other="G012040491"),
    "sources_disagree, not in one place": Question(QuestionKind.SOURCES_DISAGREE),
}

STATEMENT = StatementFacts(
    "4390934",
    "Poldercloud",
    payments=CHOICES,
    invoices=(
        LetterLine(invoice="G012040490", amount=euros("1250.00"), invoice_open=euros("1250.00"), on=date(2026, 12, 10)),
        LetterLine(invoice="D020001IVK", amount=euros("20000.00"), invoice_open=euros("17890.45")),
    ),
)
NOTHING_OPEN = StatementFacts("6034453", "Waddenzee IT", (), ())


def letter(kind: LetterKind, language: str, **facts: object) -> Letter:
    """Build a letter with the facts that most of them have."""
    plain: dict[str, object] = {
        "to": "anna@poldercloud.example",
        "name": "Anna de Vries",
        "subject": "",
    }
    return Letter(kind, language, **(plain | facts))  # type: ignore[arg-type]  # facts are checked by the letters themselves


def applied(kind: LetterKind, language: str, *lines: LetterLine, **facts: object) -> Letter:
    """Build a letter about allocations that the billing page is to show."""
    return letter(kind, language, applied=lines, publication_from=DAY_FROM, publication_by=DAY_BY, **facts)


def question(language: str, *names: str, **facts: object) -> Letter:
    """Build a letter that asks."""
    asked = tuple(QUESTIONS[name] for name in names)
    return letter(LetterKind.QUESTION, language, questions=asked, **({"answer_by": ANSWER_BY} | facts))


def specimens(language: str) -> dict[str, Letter]:
    """Return every specimen in one language, by name; the name begins with the letter's kind."""
    two = tuple(QUESTIONS[name] for name in ("invoice_unknown, near miss", "which_payment"))
    kind = LetterKind
    return {
        "confirmation": applied(kind.CONFIRMATION, language, ONE),
        "confirmation, payment not named": applied(kind.CONFIRMATION, language, SINGLED_OUT),
        "confirmation, several": applied(kind.CONFIRMATION, language, ONE, TWO, THREE),
        "confirmation, one payment": applied(kind.CONFIRMATION, language, ONE, TWO),
        "confirmation, two payments not named": applied(
            kind.CONFIRMATION,
            language,
            SINGLED_OUT,
            LetterLine("1400000002", "D020001IVK", euros("80.00"), euros("0.00"), euros("0.00"), payment_named=False),
        ),
        "confirmation, remarks": applied(
            kind.CONFIRMATION, language, TWO, deductions=(TWO,), unread=("advice.pdf",), under_review=True
        ),
        "confirmation, two attachments unread": applied(
            kind.CONFIRMATION, language, ONE, unread=("advice.pdf", "november.xlsx")
        ),
        "confirmation, one day": letter(
            kind.CONFIRMATION, language, applied=(ONE,), publication_from=DAY_BY, publication_by=DAY_BY
        ),
        "question, part applied": applied(
            kind.QUESTION,
            language,
            THREE,
            questions=two,
            answer_by=ANSWER_BY,
            kept=(LetterLine(payment=None, invoice="G012040491", amount=euros("250.00")),),
        ),
        "question, part under review": question(language, "which_invoice", under_review=True),
        "question, without a date": question(language, "exceeds_open", answer_by=None),
        **{f"question {name}": question(language, name) for name in QUESTIONS},
        "question, forwarded": question(language, "confirm_forward", kept=(PAIR,)),
        "question, amounts not known": question(language, "which_amounts", kept=OPEN_INVOICES),
        "role": letter(kind.ROLE, language, roles=("billing_admin", "account_admin")),
        "role, of another profile": letter(kind.ROLE, language, roles=("accounts_payable",)),
        "acknowledgement": letter(kind.ACKNOWLEDGEMENT, language),
        "acknowledgement, sender unknown": letter(kind.ACKNOWLEDGEMENT, language, name=""),
        "statement": letter(kind.STATEMENT, language, statements=(STATEMENT,)),
        "statement, two partners": letter(kind.STATEMENT, language, statements=(STATEMENT, NOTHING_OPEN)),
        "status waiting": letter(
            kind.STATUS, language, status="waiting", questions=two, answer_by=ANSWER_BY, kept=(PAIR,)
        ),
        "status waiting, one question": letter(
            kind.STATUS, language, status="waiting", questions=two[:1], answer_by=ANSWER_BY
        ),
        "status waiting, nothing known": letter(kind.STATUS, language, status="waiting"),
        "status applied": applied(kind.STATUS, language, ONE, status="applied"),
        "status in_review": letter(kind.STATUS, language, status="in_review"),
        "status rejected": letter(kind.STATUS, language, status="rejected"),
        "status withdrawn": letter(kind.STATUS, language, status="withdrawn"),
        "status expired": letter(kind.STATUS, language, status="expired"),
        "status unknown": letter(kind.STATUS, language, status="unknown"),
        "status answered": letter(kind.STATUS, language, status="answered"),
        "status item, not found": letter(kind.STATUS, language, status="item"),
        "status item, applied": letter(kind.STATUS, language, status="item", applied=(EARLIER,)),
        "status item": letter(kind.STATUS, language, status="item", kept=OPEN_INVOICES),
        "how_to": letter(kind.HOW_TO, language, publication_from=DAY_FROM, publication_by=DAY_BY),
        "how_to, without dates": letter(kind.HOW_TO, language),
        "duplicate": letter(kind.DUPLICATE, language, applied=(EARLIER,)),
        "duplicate, several": letter(kind.DUPLICATE, language, applied=(EARLIER, THREE)),
        "withdrawn": letter(kind.WITHDRAWN, language),
        "withdrawn, part applied": letter(kind.WITHDRAWN, language, applied=(THREE,)),
        "reminder": letter(kind.REMINDER, language, questions=two, answer_by=ANSWER_BY),
        "reminder, one question": letter(kind.REMINDER, language, questions=two[:1], answer_by=ANSWER_BY),
        "expired": letter(kind.EXPIRED, language),
        "expired, part applied": letter(kind.EXPIRED, language, applied=(THREE,), kept=(PAIR,)),
        "reversed": applied(
            kind.REVERSED,
            language,
            LetterLine("1400000001", "G012040490", euros("1250.00"), euros("1500.00"), euros("1250.00")),
        ),
        "reversed, several": applied(kind.REVERSED, language, ONE, THREE),
        "oversize": letter(kind.OVERSIZE, language),
    }


def answered(subject: str = "", *headers: tuple[str, str]) -> Message:
    """Build the mail that is answered."""
    return Message(
        raw_sha256="f" * 64,
        content_sha256="e" * 64,
        size=1000,
        headers=headers or (("Message-ID", "<1@poldercloud.example>"),),
        subject=subject,
        sources=(Source("text", "Hello"),),
    )


def renderer() -> LetterRenderer:
    """Build the renderer of this installation."""
    return LetterRenderer(TEMPLATES, MAILBOX, "Accounts Receivable", SECRET, NoonClock())
