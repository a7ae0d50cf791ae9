"""An answer is merged into the request that waits for it, and the whole is decided afresh."""

from __future__ import annotations

from datetime import date

import pytest

from processor.core.policy import Policy
from tests.builders import invoice, payment, snapshot
from tests.core.conversations import talk
from tests.core.scenes import DONE

FIRST, SECOND = "1400000001>G000000001=1000.00", "1400000001>G000000002=1000.00"
WHICH = "needs_details ambiguous_payment payment_reference"
UNKNOWN = "needs_details invoice_not_found invoice_number"
PAIRING = "needs_details ambiguous_pairing confirmation"
TWO = snapshot(payment(amount=200_000), invoice(), invoice("G000000002"))
FOUR = snapshot(
    payment("1400000001", 100_000, received_on=date(2026, 9, 1)),
    payment("1400000002", 200_000, received_on=date(2026, 10, 5)),
    payment("1400000003", 300_000, received_on=date(2026, 10, 20)),
    payment("1400000004", 400_000, received_on=date(2026, 11, 10)),
    invoice(),
)


@pytest.mark.parametrize(
    ("answer", "chosen"),
    [
        ("1400000003", 3),
        ("It is 1400000003, thanks", 3),
        ("The third one, please.", 3),
        ("3", 3),
        ("3)", 3),
        ("No. 3", 3),
        ("#2", 2),
        ("number two", 2),
        ("the last one", 4),
        ("The latest, please", 4),
        ("the oldest one", 1),
        ("the largest please", 4),
        ("the smallest", 1),
        ("The one we sent in September", 1),
        ("The one of 20 October 2026", 3),
        ("the payment of EUR 2,000.00", 2),
        ("EUR 3,000.00", 3),
        ("die dritte bitte", 3),
        ("de tweede graag", 2),
        ("le dernier, merci", 4),
        ("la segunda, por favor", 2),
        ("il terzo, grazie", 3),
        ("o segundo, por favor", 2),
        ("trzecia, proszę", 3),
        ("2番でお願いします。", 2),
    ],
)
def test_a_payment_is_picked_from_the_list(answer: str, chosen: int, policy: Policy) -> None:
    told = talk(FOUR, policy, "Please apply our payment to invoice G000000001.", answer)

    assert told == [WHICH, f"applied 140000000{chosen}>G000000001=1000.00"]


def test_a_narrower_choice_is_asked_again(policy: Policy) -> None:
    told = talk(
        FOUR, policy, "Please apply our payment to invoice G000000001.", "One of those in October", "The later one"
    )

    assert told == [WHICH, WHICH, "applied 1400000003>G000000001=1000.00"]


@pytest.mark.parametrize(
    "answer",
    ["I'll ask our treasury.", "Ik vraag het na bij onze afdeling treasury.", "Ich frage in der Buchhaltung nach."],
)
def test_an_answer_that_adds_nothing_changes_nothing(answer: str, policy: Policy) -> None:
    told = talk(FOUR, policy, "Please apply our payment to invoice G000000001.", answer, "1400000002")

    assert told == [WHICH, WHICH, "applied 1400000002>G000000001=1000.00"]


def test_a_payment_that_was_offered(policy: Policy) -> None:
    told = talk(TWO, policy, "Please apply payment 140000001 to invoice G000000001.", "Yes, that one.")

    assert told == ["needs_details payment_not_found payment_reference", DONE]


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        ("Yes, exactly.", DONE),
        ("Sorry, I meant G000000002.", f"applied {SECOND}"),
        ("Sorry: G000000002, and only EUR 300.00 of it.", "applied 1400000001>G000000002=300.00"),
        ("No.", UNKNOWN),
    ],
)
def test_a_neighbour_that_was_offered(answer: str, ends: str, policy: Policy) -> None:
    assert talk(TWO, policy, "Please apply payment 1400000001 to invoice GO00000001.", answer) == [UNKNOWN, ends]


def test_a_replacement_that_was_offered(policy: Policy) -> None:
    ledger = snapshot(payment(), invoice(replaced_by="G000000002"), invoice("G000000002"))

    told = talk(ledger, policy, "Please apply payment 1400000001 to invoice G000000001.", "Yes please.")

    assert told == ["needs_details invoice_not_payable", f"applied {SECOND}"]


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        ("Yes, both of them.", f"applied {FIRST} {SECOND}"),
        ("Only G000000002.", f"applied {SECOND}"),
        ("G000000001 and G000000002.", f"applied {FIRST} {SECOND}"),
    ],
)
def test_a_range_is_confirmed_or_spelt_out(answer: str, ends: str, policy: Policy) -> None:
    told = talk(TWO, policy, "Please apply payment 1400000001 to invoices G000000001-02.", answer)

    assert told == ["needs_details confirmation", ends]


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        ("The first option.", "applied 1400000001>G000000001=500.00 1400000001>G000000002=500.00"),
        ("2", "applied 1400000002>G000000001=500.00 1400000002>G000000002=500.00"),
        (
            "1400000001 for G000000002, 1400000002 for G000000001",
            "applied 1400000001>G000000002=500.00 1400000002>G000000001=500.00",
        ),
        ("the seventh", PAIRING),
    ],
)
def test_a_pairing_is_picked_or_told(answer: str, ends: str, policy: Policy) -> None:
    ledger = snapshot(payment(), payment("1400000002"), invoice(total=50_000), invoice("G000000002", total=50_000))
    words = "Please use payments 1400000001 and 1400000002 for invoices G000000001 and G000000002."

    assert talk(ledger, policy, words, answer) == [PAIRING, ends]


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        ("EUR 900.00", "applied 1400000001>G000000001=900.00"),
        ("Just what is open then.", DONE),
        ("Yes, apply the open balance.", DONE),
        ("EUR 1,100.00", "needs_details amount exceeds_open"),
    ],
)
def test_more_than_is_open(answer: str, ends: str, policy: Policy) -> None:
    words = "Please apply EUR 1,200.00 from payment 1400000001 to invoice G000000001."

    assert talk(TWO, policy, words, answer) == ["needs_details amount exceeds_open", ends]


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        ("EUR 500.00", "applied 1400000001>G000000001=500.00"),
        ("Then simply what is left.", "applied 1400000001>G000000001=600.00"),
        ("Please use all that is left of it.", "applied 1400000001>G000000001=600.00"),
    ],
)
def test_more_than_is_left(answer: str, ends: str, policy: Policy) -> None:
    ledger = snapshot(payment(left=60_000), invoice())
    words = "Please apply EUR 900.00 from payment 1400000001 to invoice G000000001."

    assert talk(ledger, policy, words, answer) == ["needs_details amount exceeds_unallocated", ends]


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        ("Euros, sorry.", "applied 1400000001>G000000001=500.00"),
        ("Yes, that is right.", "applied 1400000001>G000000001=500.00"),
        ("EUR 450.00", "applied 1400000001>G000000001=450.00"),
    ],
)
def test_another_currency_was_written(answer: str, ends: str, policy: Policy) -> None:
    words = "Please apply USD 500.00 from payment 1400000001 to invoice G000000001."

    assert talk(TWO, policy, words, answer) == ["needs_details currency currency_mismatch", ends]


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        (
            "EUR 600.00 and EUR 400.00, respectively.",
            "applied 1400000001>G000000001=600.00 1400000001>G000000002=400.00",
        ),
        (
            "G000000001: 600.00, the rest to G000000002",
            "applied 1400000001>G000000001=600.00 1400000001>G000000002=900.00",
        ),
        ("G000000001 in full, G000000002 gets EUR 100.00", f"applied {FIRST} 1400000001>G000000002=100.00"),
        ("First EUR 600.00, second EUR 400.00", "applied 1400000001>G000000001=600.00 1400000001>G000000002=400.00"),
        ("EUR 600.00", "needs_details amount"),
    ],
)
def test_how_it_is_shared_out(answer: str, ends: str, policy: Policy) -> None:
    ledger = snapshot(payment(amount=150_000), invoice(), invoice("G000000002"))
    words = "Please apply payment 1400000001 to invoices G000000001 and G000000002."

    assert talk(ledger, policy, words, answer) == ["needs_details amount", ends]


def test_details_come_one_by_one(policy: Policy) -> None:
    told = talk(FOUR, policy, "Please allocate one of our payments.", "G000000001", "the second", "Thank you!")

    assert told == [
        "needs_details invoice_number payment_reference",
        WHICH,
        "applied 1400000002>G000000001=1000.00",
        "answered no_request",
    ]


def test_what_was_complete_is_applied_at_once_and_once(policy: Policy) -> None:
    words = "Please apply payment 1400000001 to invoice G000000001 and payment 1400000002 to invoice G000000077."
    ledger = snapshot(payment(), payment("1400000002"), invoice(), invoice("G000000002"))

    told = talk(ledger, policy, words, "That should have been G000000002.")

    assert told == [f"{UNKNOWN} {FIRST}", "applied 1400000002>G000000002=1000.00"]


def test_a_forwarded_text_waits_for_a_yes(policy: Policy) -> None:
    words = (
        "FYI\n\n---------- Forwarded message ---------\nFrom: Bob <bob@harbourlane.example>\nDate: 16 Nov 2026\n"
        "Subject: Payment\nTo: AP\n\nPlease apply payment 1400000001 to invoice G000000001.\n"
    )

    assert talk(TWO, policy, words, "No, wait.", "Yes, go ahead.") == [
        "needs_details confirmation",
        "needs_details confirmation",
        DONE,
    ]


def test_an_answer_after_the_end_is_a_new_request(policy: Policy) -> None:
    told = talk(
        TWO,
        policy,
        "Please apply EUR 400.00 from payment 1400000001 to invoice G000000001.",
        "And EUR 100.00 from payment 1400000001 to invoice G000000002, please apply that too.",
    )

    assert told == ["applied 1400000001>G000000001=400.00", "applied 1400000001>G000000002=100.00"]
