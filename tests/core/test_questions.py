"""What a question says of each row: which facts of the mail and the ledger stand in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from processor.core.decide import decide
from processor.core.decision import Snapshot
from processor.core.letter import LetterLine, Question, QuestionKind
from processor.core.model import DocumentType, InvoiceStatus, Money
from processor.core.policy import Policy
from tests.builders import invoice, mail, payment, snapshot
from tests.core.scenes import booked

P1, P2, P3, G1, G2, G3 = "1400000001", "1400000002", "1400000003", "G000000001", "G000000002", "G000000003"


def asked(words: str, given: Snapshot, policy: Policy) -> tuple[Question, ...]:
    letter = decide(mail(words), given, policy).letter
    assert letter is not None
    return letter.questions


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def offered(number: str, amount: int, left: int, on: date = date(2026, 11, 2)) -> LetterLine:
    return LetterLine(number, amount=eur(amount), payment_left=eur(left), on=on)


def test_row_20_which_invoice(policy: Policy) -> None:
    given = snapshot(payment(P1, 90_000, 80_000), payment(P2, left=70_000, received_on=date(2026, 10, 1)), invoice())

    assert asked(f"Please apply payment {P1}.", given, policy) == (Question(QuestionKind.WHICH_INVOICE, payment=P1),)
    assert asked("Please apply our payment.", given, policy) == (
        Question(QuestionKind.WHICH_INVOICE),
        Question(
            QuestionKind.WHICH_PAYMENT,
            choices=(offered(P2, 100_000, 70_000, date(2026, 10, 1)), offered(P1, 90_000, 80_000)),
        ),
    )


def test_row_20_a_payment_that_is_unknown_is_asked_for_once(policy: Policy) -> None:
    (first, second) = asked("Please apply payment 1499999999.", snapshot(payment(), invoice()), policy)

    assert (first, second.kind) == (Question(QuestionKind.WHICH_INVOICE), QuestionKind.PAYMENT_UNKNOWN)


@pytest.mark.parametrize(
    ("written", "own", "neighbour"),
    [
        ("G000000011", [G1], G1),
        ("G000000011", [G1, G2], G1),
        ("G000000011", [G1, "G000000012"], None),
        ("G000007654", [G1], None),
    ],
)
def test_row_21_an_unknown_invoice_and_its_only_neighbour(
    written: str, own: list[str], neighbour: str | None, policy: Policy
) -> None:
    given = snapshot(payment(), *(invoice(number) for number in own))

    assert asked(f"Please apply {P1} to {written}.", given, policy) == (
        Question(QuestionKind.INVOICE_UNKNOWN, invoice=written, neighbour=neighbour),
    )


@pytest.mark.parametrize(
    ("changes", "document", "neighbour"),
    [
        ({"status": InvoiceStatus.VOID}, "void", None),
        ({"status": InvoiceStatus.VOID, "replaced_by": G2}, "void", G2),
        ({"replaced_by": G2}, "replaced", G2),
        ({"replaced_by": "G000000077"}, "replaced", None),
        ({"document_type": DocumentType.CREDIT_NOTE}, "credit_note", None),
        ({"document_type": DocumentType.ADJUSTMENT_NOTE}, "adjustment_note", None),
    ],
)
def test_row_22_why_an_invoice_takes_no_money(
    changes: dict[str, object], document: str, neighbour: str | None, policy: Policy
) -> None:
    given = snapshot(payment(), replace(invoice(), **changes), invoice(G2))  # type: ignore[arg-type]  # any fields

    assert asked(f"Please apply {P1} to {G1}.", given, policy) == (
        Question(QuestionKind.INVOICE_NOT_PAYABLE, invoice=G1, document=document, neighbour=neighbour),
    )


def test_row_24_when_an_invoice_was_settled(policy: Policy) -> None:
    earlier, later = booked(), replace(booked(), allocation_id="2", allocated_at=booked().allocated_at.replace(day=12))
    other = replace(later, allocation_id="3", invoice_number=G2, allocated_at=booked().allocated_at.replace(day=14))
    taken_back = replace(later, allocation_id="4", reverses="2")
    given = snapshot(payment(P2), invoice(still_open=0), invoice(G2), allocations=(earlier, later, other))

    def on(snapshot: Snapshot) -> date | None:
        (question,) = asked(f"Please apply {P2} to {G1}.", snapshot, policy)
        assert replace(question, on=None) == Question(QuestionKind.INVOICE_SETTLED, invoice=G1)
        return question.on

    assert on(given) == date(2026, 11, 12)
    assert on(replace(given, allocations=(earlier, later, other, taken_back))) == date(2026, 11, 10)
    assert on(replace(given, allocations=())) is None


def test_row_27_which_payment_in_order_of_receipt(policy: Policy) -> None:
    given = snapshot(
        payment(P3),
        payment(P2, 90_000, 50_000),
        payment(P1, received_on=date(2026, 11, 3)),
        payment("1400000004", currency="USD"),
        invoice(),
    )

    assert asked(f"Please apply our payment to {G1}.", given, policy) == (
        Question(
            QuestionKind.WHICH_PAYMENT,
            currency="EUR",
            choices=(
                offered(P2, 90_000, 50_000),
                offered(P3, 100_000, 100_000),
                offered(P1, 100_000, 100_000, date(2026, 11, 3)),
            ),
        ),
    )


def test_row_28_in_which_currency_there_is_no_payment(policy: Policy) -> None:
    given = snapshot(payment(), invoice(currency="USD"))

    assert asked(f"Please apply our payment to {G1}.", given, policy) == (
        Question(QuestionKind.NO_PAYMENT, currency="USD"),
    )


@pytest.mark.parametrize(
    ("written", "own", "neighbour"),
    [
        ("1400000011", [P1], P1),
        ("1400000011", [P1, "1400000012"], None),
        ("1499999999", [P1], None),
    ],
)
def test_row_29_an_unknown_payment_and_its_only_neighbour(
    written: str, own: list[str], neighbour: str | None, policy: Policy
) -> None:
    given = snapshot(*(payment(number) for number in own), invoice())

    assert asked(f"Please apply {written} to {G1}.", given, policy) == (
        Question(QuestionKind.PAYMENT_UNKNOWN, payment=written, neighbour=neighbour),
    )


def test_row_30_where_a_payment_went(policy: Policy) -> None:
    first = replace(booked(60_000), invoice_number=G2)
    second = replace(booked(40_000), allocation_id="2", invoice_number=G3)
    other = replace(booked(), allocation_id="3", payment_number=P2)
    taken_back = replace(booked(), allocation_id="4"), replace(booked(), allocation_id="5", reverses="4")
    given = snapshot(payment(left=0), payment(P2), invoice(), allocations=(first, second, other, *taken_back))

    assert asked(f"Please apply {P1} to {G1}.", given, policy) == (
        Question(
            QuestionKind.PAYMENT_EXHAUSTED,
            payment=P1,
            lines=(
                LetterLine(P1, G2, eur(60_000), on=date(2026, 11, 10)),
                LetterLine(P1, G3, eur(40_000), on=date(2026, 11, 10)),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("currency", "words", "question"),
    [
        (
            "EUR",
            f"USD 500.00 of {P1} to {G1}.",
            Question(QuestionKind.CURRENCY, invoice=G1, seen="USD", currency="EUR"),
        ),
        (
            "GBP",
            f"{P1} to {G1}: USD 500.00, and to {G2}: CAD 300.00.",
            Question(QuestionKind.CURRENCY, invoice=G1, seen="USD", currency="GBP"),
        ),
    ],
)
def test_row_33_which_currency(currency: str, words: str, question: Question, policy: Policy) -> None:
    given = snapshot(payment(currency=currency), invoice(currency=currency), invoice(G2, currency=currency))

    assert asked(f"Please apply {words}", given, policy) == (question,)


def test_row_33_an_unknown_invoice_is_in_the_payments_currency(policy: Policy) -> None:
    first, second = asked(
        f"Please apply USD 500.00 of {P1} to {G2}.", snapshot(payment(), invoice("T000009876")), policy
    )

    assert first.kind is QuestionKind.INVOICE_UNKNOWN
    assert second == Question(QuestionKind.CURRENCY, invoice=G2, seen="USD", currency="EUR")


def test_row_34_what_is_left(policy: Policy) -> None:
    given = snapshot(payment(left=60_000), invoice(), invoice(G2))
    exceeds = Question(QuestionKind.EXCEEDS_UNALLOCATED, payment=P1, available=eur(60_000))

    def told(words: str) -> tuple[Question, ...]:
        return asked(f"Please apply {words}", given, policy)

    assert told(f"EUR 700.00 of {P1} to {G1}.") == (replace(exceeds, stated=eur(70_000)),)
    assert told(f"{P1}: EUR 300.00 to {G1}, EUR 300.01 to {G2}.") == (replace(exceeds, stated=eur(60_001)),)
    assert told(f"{P1}: EUR 700.00 to {G1}, the rest to {G2}.") == (replace(exceeds, stated=eur(70_000)),)


def test_row_35_what_is_open(policy: Policy) -> None:
    given = snapshot(payment(amount=500_000), invoice(still_open=60_000), invoice(G2, still_open=50_000))

    assert asked(f"Please apply {P1}: EUR 700.00 to {G1}, EUR 500.00 to {G2}.", given, policy) == (
        Question(QuestionKind.EXCEEDS_OPEN, invoice=G1, stated=eur(70_000), available=eur(60_000)),
    )


def test_rows_40_and_41_which_amounts(policy: Policy) -> None:
    given = snapshot(
        payment(left=90_000), invoice(still_open=60_000), invoice(G2, still_open=50_000), invoice(G3, 10_000)
    )
    question = Question(
        QuestionKind.WHICH_AMOUNTS,
        payment=P1,
        available=eur(90_000),
        stated=eur(110_000),
        lines=(LetterLine(P1, G1, invoice_open=eur(60_000)), LetterLine(P1, G2, invoice_open=eur(50_000))),
    )
    some = (LetterLine(P1, G1, eur(50_000), invoice_open=eur(60_000)), question.lines[1])

    assert asked(f"Please apply {P1} to {G1} and {G2}.", given, policy) == (question,)
    assert asked(f"Please apply {P1}: EUR 500.00 to {G1}, and to {G2}.", given, policy) == (
        replace(question, lines=some),
    )


def test_row_41_an_amount_that_belongs_to_no_line(policy: Policy) -> None:
    given = snapshot(payment(), invoice(still_open=60_000), invoice(G2, still_open=30_000))
    words = f"Please apply {P1} to {G1} and {G2}.\n\nEUR 123.00\n"

    assert asked(words, given, policy) == (
        Question(
            QuestionKind.WHICH_AMOUNTS,
            payment=P1,
            available=eur(100_000),
            lines=(LetterLine(invoice=G1, invoice_open=eur(60_000)), LetterLine(invoice=G2, invoice_open=eur(30_000))),
        ),
    )


@pytest.mark.parametrize(("total", "difference"), [("900.00", 10_000), ("1,100.00", 10_000)])
def test_row_42_by_how_much_the_total_differs(total: str, difference: int, policy: Policy) -> None:
    given = snapshot(payment(amount=500_000), invoice(), invoice(G2))
    words = f"Please apply {P1}:\n{G1} EUR 600.00\n{G2} EUR 400.00\nTotal EUR {total}\n"

    assert asked(words, given, policy) == (
        Question(
            QuestionKind.TOTAL_DIFFERS,
            payment=P1,
            stated=eur(int(total.replace(",", "").replace(".", ""))),
            available=eur(100_000),
            difference=eur(difference),
        ),
    )


def test_row_43_the_pairings_in_which_one_payment_takes_all(policy: Policy) -> None:
    able = [payment(f"140000001{digit}", 200_000) for digit in range(5)]
    unable = payment(P1, 50_000), payment(P2, 900_000, left=0), payment(P3, 900_000, currency="USD")
    named = ", ".join(one.payment_number for one in (*unable, *able))

    (question,) = asked(
        f"Please apply {named} to {G1} and {G2}.", snapshot(*unable, *able, invoice(), invoice(G2)), policy
    )

    assert question == Question(
        QuestionKind.PAIRING,
        alternatives=tuple(
            (LetterLine(one.payment_number, G1), LetterLine(one.payment_number, G2)) for one in able[:4]
        ),
    )


def test_a_range_and_the_invoices_it_may_mean(policy: Policy) -> None:
    owned = [invoice(f"G00000000{digit}", 10_000 * digit) for digit in (4, 3, 1, 2)]
    closed = invoice("G000000005", still_open=0), invoice("G000000006", status=InvoiceStatus.VOID)
    given = snapshot(payment(), *owned, *closed, invoice("G000000008"))

    (question,) = asked(f"Please apply {P1} to {G2}-07.", given, policy)

    assert question == Question(
        QuestionKind.RANGE,
        seen=f"{G2}-07",
        lines=tuple(LetterLine(invoice=f"G00000000{digit}", invoice_open=eur(10_000 * digit)) for digit in (2, 3, 4)),
    )
    assert asked(f"Please apply {P1} to {G2} - {G3}.", given, policy)[0].lines == question.lines[:2]


def test_an_exclusion_that_is_not_clear(policy: Policy) -> None:
    given = snapshot(payment(amount=200_000), invoice(), invoice(G2))

    assert asked(f"Please apply {P1} to {G1} and {G2}, but not the disputed one.", given, policy) == (
        Question(QuestionKind.WHICH_MEANT, lines=(LetterLine(invoice=G1), LetterLine(invoice=G2))),
    )


def test_an_amount_that_is_no_number(policy: Policy) -> None:
    assert asked(f"Please apply 2,5k of {P1} to {G1}.", snapshot(payment(), invoice()), policy) == (
        Question(QuestionKind.AMOUNT_UNCLEAR, invoice=G1, seen="2,5k"),
    )


def test_row_37_a_deduction_is_looked_at(policy: Policy) -> None:
    given = snapshot(payment(amount=500_000), invoice())

    def reviewed(words: str) -> list[tuple[str, str]]:
        return [(item.kind, item.note) for item in decide(mail(words), given, policy).reviews]

    assert reviewed(f"Please apply EUR 980.00 of {P1} to {G1}, a bank fee of EUR 20.00 was deducted.") == [
        ("deduction", G1)
    ]
    assert reviewed(f"Please apply EUR 980.00 of {P1} to {G1}.") == []
