"""What a person decides about a matter that was held: chosen freely, within what the books allow."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from processor.core.by_person import (
    Chosen,
    Held,
    applications_of,
    applied_by_person,
    asked_by_person,
    rejected_by_person,
    reversal_letter,
    unaskable,
    understood,
)
from processor.core.decision import Conversation, RequestState, Snapshot
from processor.core.letter import LetterKind, LetterLine, QuestionKind
from processor.core.memory import Memory, load_memory
from processor.core.model import Contact, DocumentType, InvoiceStatus, Money
from processor.core.outcomes import Missing, Outcome, Reason
from processor.core.policy import Policy
from processor.core.reading.read import read
from processor.core.reading.stated import Stated
from processor.core.request import Line
from tests.builders import ADDRESS, PARTNER, invoice, mail, payment, snapshot
from tests.core.scenes import booked

ACCOUNT = snapshot(payment(), payment("1400000002", 50_000), invoice(), invoice("G000000002", total=70_000))
FIRST, SECOND = ("1400000001", "G000000001"), ("1400000001", "G000000002")
ANNA = Contact(ADDRESS, PARTNER.partner_id, "billing_admin", "Anna Vale")


def held(words: str, policy: Policy, account: Snapshot = ACCOUNT, **changes: Any) -> Held:  # noqa: ANN401
    """Return a matter whose mail says this."""
    stated = read(mail(words), account, policy).stated
    return replace(Held(account, ADDRESS, ANNA, "nl", "Payment", stated), **changes)


def waiting(*lines: Line) -> Conversation:
    """Return a request that asked before, and remembers these lines."""
    memory = Memory(Stated(lines=lines)).dump()
    return Conversation("AR-K7Q2M", RequestState.IN_REVIEW, "nl", memory, PARTNER.partner_id)


def test_what_was_understood_whole_is_offered(policy: Policy) -> None:
    words = "Please apply payment 1400000001 to invoice G000000001 and payment 1400000002 to invoice G000000077."

    assert understood(held(words, policy), policy) == (Chosen(*FIRST, 100_000),)
    assert understood(held("Please apply our payment to invoice G000000001.", policy), policy) == ()


def test_what_the_request_remembers_counts_before_its_last_mail(policy: Policy) -> None:
    matter = held("Thanks!", policy, conversation=waiting(Line("G000000002", "1400000001")))

    assert understood(matter, policy) == (Chosen(*SECOND, 70_000),)
    assert understood(replace(matter, conversation=replace(waiting(), memory="")), policy) == ()


def test_as_much_as_fits_is_taken_line_after_line() -> None:
    made, problems = applications_of([Chosen(*FIRST, 60_000), Chosen(*SECOND)], ACCOUNT)

    assert problems == ()
    assert [(one.invoice, one.amount) for one in made] == [("G000000001", 60_000), ("G000000002", 40_000)]
    assert (made[1].payment_left_before, made[1].invoice_open_before) == (40_000, 70_000)


LEDGER = snapshot(
    payment(),
    payment("1400000003", left=0),
    invoice(),
    invoice("G000000003", document_type=DocumentType.CREDIT_NOTE),
    invoice("G000000004", status=InvoiceStatus.LOCKED),
    invoice("G000000005", currency="USD"),
)


@pytest.mark.parametrize(
    ("line", "problems"),
    [
        (
            Chosen("1400000009", "G000000009"),
            (
                "payment 1400000009: the partner has none of this number",
                "invoice G000000009: the partner has none of this number",
            ),
        ),
        (Chosen("1400000001", "G000000003"), ("invoice G000000003: is no document that takes money",)),
        (Chosen("1400000001", "G000000004"), ("invoice G000000004: is locked",)),
        (Chosen("1400000001", "G000000005"), ("payment 1400000001 is in EUR, invoice G000000005 in USD",)),
        (Chosen(*FIRST, 100_001), ("1000.01 EUR of 1400000001 to G000000001: at most 999.99 fits",)),
        (Chosen(*FIRST, -1), ("-0.01 EUR of 1400000001 to G000000001: at most 999.99 fits",)),
        (Chosen("1400000003", "G000000001"), ("0.00 EUR of 1400000003 to G000000001: at most 0.00 fits",)),
    ],
)
def test_what_the_books_forbid_stays_forbidden(line: Chosen, problems: tuple[str, ...]) -> None:
    assert applications_of([Chosen(*FIRST, 1), line], LEDGER) == ((), problems)


def test_nothing_chosen_is_nothing_to_apply() -> None:
    assert applications_of([], ACCOUNT) == ((), ("nothing is chosen to be applied",))


def test_what_a_person_applies_is_confirmed_like_any_other(policy: Policy) -> None:
    made, _ = applications_of([Chosen(*FIRST, 60_000)], ACCOUNT)

    decision = applied_by_person(held("We will sue you.", policy), made, policy, "As agreed on the phone.")

    assert (decision.outcome, decision.state, decision.applications) == (Outcome.APPLIED, RequestState.APPLIED, made)
    assert (decision.opens, decision.joins) == (True, False)
    letter = decision.letter
    assert letter is not None
    assert (letter.kind, letter.language, letter.to, letter.name) == (LetterKind.CONFIRMATION, "nl", ADDRESS, ANNA.name)
    left, still_open = Money(40_000, "EUR"), Money(40_000, "EUR")
    assert letter.applied == (LetterLine(*FIRST, Money(60_000, "EUR"), left, still_open),)
    assert (letter.publication_from, letter.publication_by) == (date(2026, 11, 23), date(2026, 11, 24))
    assert " ".join(letter.note) == "As agreed on the phone."


def test_nobody_is_written_to_who_may_not_be(policy: Policy) -> None:
    made, _ = applications_of([Chosen(*FIRST)], ACCOUNT)

    decision = applied_by_person(held("Apply it.", policy, recipient=None), made, policy)

    assert (decision.outcome, decision.letter) == (Outcome.APPLIED, None)


def test_an_end_without_allocation_is_told_or_not(policy: Policy) -> None:
    matter = held("We will sue you.", policy, conversation=waiting(Line("G000000001")))

    told = rejected_by_person(matter, Reason.SENSITIVE_CONTENT, "Please call us.")
    silent = rejected_by_person(matter, Reason.SENSITIVE_CONTENT, tell=False)

    assert (told.outcome, told.state, told.reasons) == (
        Outcome.REJECTED,
        RequestState.REJECTED,
        (Reason.SENSITIVE_CONTENT,),
    )
    assert (told.joins, told.memory, told.partner_id) == (True, waiting(Line("G000000001")).memory, "1000001")
    assert told.letter is not None
    assert (told.letter.kind, told.letter.status, told.letter.reference) == (LetterKind.STATUS, "rejected", "AR-K7Q2M")
    assert silent == replace(told, letter=None)


WORDS = "Please apply payment 1400000001 to invoice G000000001."


@pytest.mark.parametrize(
    ("missing", "words", "kind", "about"),
    [
        (Missing.INVOICE_NUMBER, WORDS, QuestionKind.WHICH_INVOICE, "1400000001"),
        (Missing.INVOICE_NUMBER, "Please allocate one of our payments.", QuestionKind.WHICH_INVOICE, None),
        (Missing.PAYMENT_REFERENCE, WORDS, QuestionKind.WHICH_PAYMENT, None),
        (Missing.AMOUNT, WORDS, QuestionKind.WHICH_AMOUNTS, "1400000001"),
        (Missing.CURRENCY, WORDS, QuestionKind.WHICH_AMOUNTS, "1400000001"),
        (Missing.AMOUNT, "Please apply our payment to invoice G000000001.", QuestionKind.PAIRING, None),
        (Missing.PARTNER_ID, WORDS, QuestionKind.WHICH_PARTNER, None),
        (Missing.READABLE_ATTACHMENT, WORDS, QuestionKind.READABLE_ATTACHMENT, None),
        (Missing.CONFIRMATION, WORDS, QuestionKind.PAIRING, None),
    ],
)
def test_what_a_person_asks_is_remembered_with_the_question(
    missing: Missing, words: str, kind: QuestionKind, about: str | None, policy: Policy
) -> None:
    decision = asked_by_person(held(words, policy), [missing], policy)

    assert (decision.outcome, decision.state, decision.missing) == (
        Outcome.NEEDS_DETAILS,
        RequestState.WAITING,
        (missing,),
    )
    assert decision.letter is not None
    (question,) = decision.letter.questions
    assert (question.kind, question.payment) == (kind, about)
    assert decision.letter.answer_by == date(2026, 11, 23)
    assert [entry.kind for entry in load_memory(decision.memory).asked] == [kind]


def test_questions_say_what_may_be_chosen(policy: Policy) -> None:
    account = replace(
        ACCOUNT,
        payments=(
            payment(received_on=date(2026, 11, 3)),
            payment("1400000002", received_on=date(2026, 11, 2)),
            payment("1400000003", left=0),
        ),
    )
    matter = held(WORDS, policy, account, served=("1000001 (Harbour Lane IT)", "1000002 (Quayside)"))
    asked = [Missing.PAYMENT_REFERENCE, Missing.AMOUNT, Missing.PARTNER_ID]

    letter = asked_by_person(matter, asked, policy).letter

    assert letter is not None
    which, amounts, partner = letter.questions
    assert [choice.payment for choice in which.choices] == ["1400000002", "1400000001"]
    assert (amounts.available, [line.invoice_open for line in amounts.lines]) == (
        Money(100_000, "EUR"),
        [Money(100_000, "EUR")],
    )
    assert partner.names == matter.served


@pytest.mark.parametrize(
    ("missing", "changes", "problem"),
    [
        ((), {}, "nothing is chosen to be asked"),
        ((Missing.AMOUNT,), {"recipient": None}, "nobody on file can be asked"),
        ((Missing.PARTNER_ID,), {"served": ("1000001 (Harbour Lane IT)",)}, "partner_id: the sender serves no more"),
        ((Missing.READABLE_ATTACHMENT,), {}, "readable_attachment: no attachment"),
    ],
)
def test_what_cannot_be_asked_is_said(
    missing: tuple[Missing, ...], changes: dict[str, Any], problem: str, policy: Policy
) -> None:
    (said,) = unaskable(missing, held(WORDS, policy, **changes))

    assert said.startswith(problem)


def test_what_can_be_asked_needs_no_word(policy: Policy) -> None:
    matter = held(WORDS, policy, served=("1000001 (Harbour Lane IT)", "1000002 (Quayside)"), unreadable=("scan.pdf",))

    assert unaskable([Missing.PARTNER_ID, Missing.READABLE_ATTACHMENT], matter) == ()


def test_a_matter_of_nobodys_account_has_no_partner(policy: Policy) -> None:
    matter = held("Apply it.", policy, Snapshot(ACCOUNT.today), recipient=None)

    assert (matter.partner_id, understood(matter, policy)) == (None, ())


def test_what_was_taken_back_is_told_with_the_balances_after(policy: Policy) -> None:
    letter = reversal_letter(booked(60_000), 40_000, 0, policy.profile, date(2026, 11, 16))

    assert (letter.kind, letter.reference) == (LetterKind.REVERSED, "AR-K7Q2M")
    assert letter.applied == (LetterLine(*FIRST, Money(60_000, "EUR"), Money(100_000, "EUR"), Money(60_000, "EUR")),)
    assert (letter.publication_from, letter.publication_by) == (date(2026, 11, 23), date(2026, 11, 24))
