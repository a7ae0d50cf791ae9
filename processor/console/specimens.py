"""A specimen of each letter, with sample facts of nobody: what the Letters page shows."""

from __future__ import annotations

from datetime import date

from processor.core.letter import Letter, LetterKind, LetterLine, Question, QuestionKind, StatementFacts
from processor.core.message import Message, Source
from processor.core.model import Money

REFERENCE = "AR-SAMPLE2"
_SUBJECT = "Payment 1400000001"
_FROM, _BY, _UNTIL = date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 18)
_LEFT, _NOTHING = Money(25_000, "EUR"), Money(0, "EUR")
_LINE = LetterLine("1400000001", "G000000001", Money(125_000, "EUR"), _LEFT, _NOTHING)
_PART = LetterLine("1400000001", "G000000002", Money(25_000, "EUR"), _NOTHING, Money(78_045, "EUR"))
_EARLIER = LetterLine("1400000001", "G000000001", Money(125_000, "EUR"), on=date(2026, 11, 3))
_QUESTIONS = (
    Question(
        QuestionKind.WHICH_PAYMENT,
        choices=(
            LetterLine("1400000001", payment_left=Money(25_000, "EUR"), amount=Money(150_000, "EUR"), on=_FROM),
            LetterLine("1400000002", payment_left=Money(80_000, "EUR"), amount=Money(80_000, "EUR"), on=_BY),
        ),
    ),
    Question(QuestionKind.INVOICE_UNKNOWN, invoice="G00000000l", neighbour="G000000001"),
)
_STATEMENT = StatementFacts(
    "4000001",
    "Sample Cloud",
    (LetterLine("1400000001", amount=Money(150_000, "EUR"), payment_left=_LEFT, on=_FROM),),
    (LetterLine(invoice="G000000002", amount=Money(103_045, "EUR"), invoice_open=Money(78_045, "EUR"), on=_BY),),
)


def specimen(kind: LetterKind, language: str) -> Letter:
    """Return a letter of a kind in a language."""
    facts: dict[str, object] = {}
    match kind:
        case LetterKind.CONFIRMATION:
            facts = {"applied": (_LINE, _PART), "publication_from": _FROM, "publication_by": _BY}
        case LetterKind.QUESTION | LetterKind.REMINDER:
            facts = {"questions": _QUESTIONS, "kept": (LetterLine(invoice="G000000001"),), "answer_by": _UNTIL}
        case LetterKind.ROLE:
            facts = {"roles": ("billing_admin", "account_admin")}
        case LetterKind.STATEMENT:
            facts = {"statements": (_STATEMENT,)}
        case LetterKind.STATUS:
            facts = {"status": "applied", "applied": (_EARLIER,)}
        case LetterKind.DUPLICATE | LetterKind.EXPIRED:
            facts = {"applied": (_EARLIER,)}
        case LetterKind.REVERSED:
            facts = {"applied": (_LINE,)}
        case LetterKind.HOW_TO:
            facts = {"publication_from": _FROM, "publication_by": _BY}
        case _:
            facts = {}
    return Letter(kind, language, "anna@sample.example", "Anna", _SUBJECT, REFERENCE, **facts)  # type: ignore[arg-type]


def answered() -> Message:
    """Return the mail that the specimens answer."""
    source = Source("text", "Please apply payment 1400000001.")
    return Message("0" * 64, "0" * 64, 1000, (("Message-ID", "<1@sample.example>"),), _SUBJECT, (source,))
