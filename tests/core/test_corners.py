"""Mails that few people write, each with what it must come to: the far corners of reading."""

from __future__ import annotations

from dataclasses import replace

import pytest

from processor.core.decide import decide
from processor.core.decision import RequestState
from processor.core.policy import Policy
from tests.builders import invoice, mail, payment, snapshot
from tests.core.conversations import talk
from tests.core.scenes import DONE, booked, comes_to, in_words, ledger, waiting

FIRST, SECOND = "1400000001>G000000001", "1400000001>G000000002"
LEDGER = snapshot(payment(amount=250_000), payment("1400000002"), invoice(), invoice("G000000002"))
HALF_OPEN = snapshot(payment(), invoice(still_open=40_000))
SMALL = snapshot(payment(amount=250_000), invoice(still_open=30_000), invoice("G000000002", still_open=40_000))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Please apply 1400000001: G000000001 EUR 400.00, invoice G000000001 EUR 1,000.00.", f"applied {FIRST}=400.00"),
        (
            "Please apply 1400000001: G000000001 EUR 300.00, invoice G000000001 EUR 200.00.",
            "needs_details ambiguous_amount amount",
        ),
        (
            "Please apply 1400000001: G000000001 EUR 1,000, invoice G000000001 EUR 1,000.00.",
            "needs_details amount exceeds_open",
        ),
        (
            "Please apply 1400000001: G000000001 EUR 400.00, no wait: invoice G000000001 EUR 1,000.00.",
            "needs_details amount exceeds_open",
        ),
    ],
)
def test_two_amounts_of_one_invoice(words: str, told: str, policy: Policy) -> None:
    assert comes_to(words, HALF_OPEN, policy) == told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("EUR 100.00 each to G000000001 and G000000002.", f"applied {FIRST}=100.00 {SECOND}=100.00"),
        ("G000000001 and G000000002: EUR 300.00 and EUR 250.00.", f"applied {FIRST}=300.00 {SECOND}=250.00"),
        ("G000000001 and G000000002: 2,5k and EUR 300.00.", "needs_details ambiguous_amount amount"),
        (
            "G000000001 and G000000002: EUR 400.00 and EUR 300.00, respectively.",
            "needs_details amount exceeds_open",
        ),
        ("EUR 700.00 goes to G000000001 and G000000002.", f"applied {FIRST}=300.00 {SECOND}=400.00"),
        ("EUR 800.00 goes to G000000001 and G000000002.", "needs_details amount exceeds_open"),
    ],
)
def test_amounts_beside_a_list_of_invoices(words: str, told: str, policy: Policy) -> None:
    assert comes_to(f"From 1400000001: {words}", SMALL, policy) == told


def test_an_amount_is_never_given_to_the_invoice_whose_balance_it_is_not(policy: Policy) -> None:
    """Two lists whose order the balances contradict: nobody gets more than is open on it."""
    words = "From 1400000001 to G000000001 and G000000002: EUR 400.00 and EUR 300.00."

    assert comes_to(words, SMALL, policy) == f"applied {FIRST}=300.00 {SECOND}=400.00"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Please apply 1400000001 to G000000001. Payment 1400000001 = EUR 700.00.", "amounts_do_not_add_up"),
        ("We paid EUR 2,500.00. Apply EUR 460.00 to G000000001, the bank fee was deducted.", f"applied {FIRST}=460.00"),
        ("Please apply 50% of payment 1400000001 to G000000001.", "needs_details ambiguous_amount amount"),
        ("入金1400000001の50%を請求書G000000001に充当してください。", "needs_details ambiguous_amount amount"),
        ("入金 1400000001 の50%を請求書 G000000001 に充当してください。", "needs_details ambiguous_amount amount"),
        ("入金1400000001を請求書G000000001に50%充当してください。", "needs_details ambiguous_amount amount"),
        ("Please apply payment 1400000001 to G000000001 (50%).", "needs_details ambiguous_amount amount"),
        ("Von 1400000001 bitte 33,3 % auf G000000001 buchen.", "needs_details ambiguous_amount amount"),
        ("Please apply payment 1400000001 to G000000001 at 100%.", f"applied {FIRST}=1000.00"),
        ("Please apply payment 1400000001 to G000000001 (incl. 21% VAT).", f"applied {FIRST}=1000.00"),
        ("Please apply EUR 980.00 of 1400000001 to G000000001 (2% discount).", f"applied {FIRST}=980.00"),
        ("We save 50% by it.\n\nPlease apply 1400000001 to G000000001.", f"applied {FIRST}=1000.00"),
    ],
)
def test_what_is_said_of_an_amount_is_heeded(words: str, told: str, policy: Policy) -> None:
    assert told in comes_to(words, LEDGER, policy)


def test_a_bank_reference_in_machine_notation_is_no_amount(policy: Policy) -> None:
    given = snapshot(payment(bank_reference="4711E22"), payment("1400000002"), invoice())

    assert comes_to("Please apply 4711E22 to G000000001.", given, policy) == DONE


@pytest.mark.parametrize(
    "layout",
    [
        "G000000001\nPayments 1400000001, 1400000002\nG000000001",
        "G000000001 is to be paid. We sent 1400000001 and 1400000002. Please apply both to invoice G000000001.",
    ],
)
def test_several_payments_for_an_invoice_named_twice(layout: str, policy: Policy) -> None:
    given = snapshot(payment(amount=60_000), payment("1400000002", 60_000), invoice(), invoice("G000000002"))

    assert comes_to(f"Invoice {layout}", given, policy) == f"applied {FIRST}=600.00 1400000002>G000000001=400.00"


def test_each_invoice_belongs_to_the_payment_below_it(policy: Policy) -> None:
    words = "Invoice G000000001\nPayment 1400000002\nInvoice G000000002\nPayment 1400000001"

    assert comes_to(words, LEDGER, policy) == f"applied 1400000002>G000000001=1000.00 {SECOND}=1000.00"


@pytest.mark.parametrize(
    ("told_of", "told"),
    [
        ("G000000002 was settled in spring by our colleagues", f"applied {FIRST}=1000.00"),
        ("the weather was terrible when invoice G000000002 came", "needs_details confirmation"),
        ("and then to our invoice G000000002", f"applied {FIRST}=1000.00 {SECOND}=1000.00"),
    ],
)
def test_a_clause_that_names_another_invoice(told_of: str, told: str, policy: Policy) -> None:
    assert comes_to(f"Please apply payment 1400000001 to G000000001, {told_of}.", LEDGER, policy) == told


def test_where_several_payments_are_named_the_last_one_may_be_one_of_these(policy: Policy) -> None:
    words = "Please apply 1400000001 and 1400000002 to G000000001 and G000000002, all but the last."

    assert comes_to(words, LEDGER, policy) == "needs_details ambiguous_pairing confirmation"


def test_a_row_with_an_amount_is_no_talk(policy: Policy) -> None:
    words = (
        "Please apply payment 1400000001:\n\nRouter of the main office G000000001 EUR 100.00\nThat of the branch in \
Delft G000000002 EUR 200.00"
    )

    assert comes_to(words, LEDGER, policy) == f"applied {FIRST}=100.00 {SECOND}=200.00"


@pytest.mark.parametrize("heading", ["FYI, nothing to do:", "FYI:\nFor your information:", "FYI only:\n\nFYI:"])
def test_below_a_heading_for_information_nothing_is_asked(heading: str, policy: Policy) -> None:
    words = f"Please apply 1400000001 to G000000001.\n\n{heading}\n1400000002 to G000000002\n"

    assert comes_to(words, LEDGER, policy) == f"applied {FIRST}=1000.00"


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        ("Please apply 1400000001 to G000000001.", "For information only"),
        ("Please apply 1400000001 to G000000001.", "Please disregard the following"),
        ("Please apply 1400000001 to G000000001.", "Do not apply"),
        ("Bitte 1400000001 auf G000000001 buchen.", "Bitte noch nicht buchen"),
        ("Graag betaling 1400000001 verwerken op G000000001.", "Niet verwerken"),
        ("Merci d'affecter le paiement 1400000001 à G000000001.", "Ne pas affecter"),
        ("Proszę rozliczyć płatność 1400000001 z G000000001.", "Nie rozliczać"),
    ],
)
def test_below_a_heading_that_forbids_nothing_is_done(words: str, heading: str, policy: Policy) -> None:
    assert comes_to(f"{words}\n\n{heading}:\n1400000002: G000000002", LEDGER, policy) == f"applied {FIRST}=1000.00"


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        ("Please apply 1400000001 to G000000001.", "Please ignore these"),
        ("Please apply 1400000001 to G000000001.", "On hold"),
        ("Vi prego di imputare il pagamento 1400000001 a G000000001.", "Da ignorare"),
        ("入金 1400000001 を請求書 G000000001 に充当してください。", "充当しないでください"),
    ],
)
def test_below_a_heading_that_may_forbid_it_is_asked(words: str, heading: str, policy: Policy) -> None:
    listed = f"{words}\n\n{heading}:\n1400000002: G000000002"
    drawn = f"{words}\n\n{heading}:\nPayment;Invoice\n1400000002;G000000002"

    assert comes_to(listed, LEDGER, policy) == comes_to(drawn, LEDGER, policy) == "needs_details confirmation"


@pytest.mark.parametrize("heading", ["Still open and not yet paid:", "Not allocated until now, please apply:"])
def test_below_a_heading_that_says_what_is_still_to_pay_it_is_done(heading: str, policy: Policy) -> None:
    words = f"Payment 1400000001 is ours.\n\n{heading}\n1400000001: G000000001"

    assert comes_to(words, LEDGER, policy) == f"applied {FIRST}=1000.00"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            "Invoice;Amount;Remark\nG000000001;300.00\nG000000002;400.00;the router",
            f"applied {FIRST}=300.00 {SECOND}=400.00",
        ),
        (
            "Invoice     Amount\n==========  ======\n----------  ------\n----------  ------\nG000000001  300.00",
            f"applied {FIRST}=300.00",
        ),
        (
            "Invoice     Amount  Amount\nG000000001  300.00  400.00\nG000000077  100.00  200.00",
            "needs_details ambiguous_amount amount invoice_not_found invoice_number",
        ),
        (
            "Invoice     Invoice total  Amount\nG000000001  1,000.00  300.00\nG000000002  1,000.00  900.00",
            "needs_details ambiguous_amount amount",
        ),
        (
            "Invoice     Amount    Open\nG000000001  2,000.00  1,000.00\nG000000002  3,000.00  1,000.00",
            "needs_details ambiguous_amount amount",
        ),
        (
            "Invoice     Invoice total  Amount\nG000000001  1,000.00  1,000.00\nG000000002  1,000.00  1,000.00",
            f"applied {FIRST}=1000.00 {SECOND}=1000.00",
        ),
    ],
)
def test_a_table_that_is_not_drawn_well(table: str, told: str, policy: Policy) -> None:
    assert comes_to(f"Please apply 1400000001:\n\n{table}\n", LEDGER, policy) == told


def test_an_older_mail_counts_for_nothing_whoever_is_named_first(policy: Policy) -> None:
    words = (
        "1400000001 is for G000000001.\n\nAnna Vale <anna@quayside.example> wrote\non Mon, 16 Nov 2026 10:12:\n\n"
        "1400000002 is for G000000002."
    )

    assert comes_to(words, LEDGER, policy) == f"applied {FIRST}=1000.00"


def test_what_somebody_wrote_inside_a_mail_passed_on_is_read_with_it(policy: Policy) -> None:
    words = (
        "Please process the below.\n\n---------- Forwarded message ---------\nFrom: Bob <bob@harbourlane.example>\n"
        "Date: Mon, 16 Nov 2026\nSubject: Payment\nTo: AP\n\n"
        "Anna of our treasury wrote:\nPlease apply 1400000001 to G000000001.\n"
    )

    assert comes_to(words, LEDGER, policy) == f"applied {FIRST}=1000.00"


def test_of_a_very_long_mail_old_lines_are_no_request(policy: Policy) -> None:
    old = "> Please apply payment 1400000002 to invoice G000000002.\n" * 2_000
    words = f"{old}Please apply payment 1400000001 to invoice G000000001.\n"

    decision = decide(mail(words), LEDGER, policy)

    assert in_words(decision) == f"applied {FIRST}=1000.00"
    (named,) = (one for one in decision.evidence if one.field == "invoice")
    assert words[named.start : named.end] == "G000000001"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Did you apply it? Please do apply. Thanks.", "answered no_request"),
        ("Please do apply.", "rejected no_request"),
    ],
)
def test_a_question_about_a_request_that_is_done_asks_how_it_stands(words: str, told: str, policy: Policy) -> None:
    assert comes_to(words, ledger(conversation=waiting(state=RequestState.APPLIED)), policy) == told


def test_of_two_ranges_only_the_known_one_is_spelt_out(policy: Policy) -> None:
    words = "Please apply payment 1400000001 to invoices G000000001-02 and G000000071-73."

    told = talk(LEDGER, policy, words, "Yes, all of them.")

    assert told == ["needs_details confirmation", "needs_details invoice_not_found invoice_number"]


def test_a_repeated_request_is_told_its_own_result_alone(policy: Policy) -> None:
    other = replace(booked(), allocation_id="2", invoice_number="G000000002")
    given = snapshot(
        payment(amount=200_000, left=0),
        invoice(still_open=0),
        invoice("G000000002", still_open=0),
        allocations=(booked(), other),
    )

    decision = decide(mail("Please apply payment 1400000001 to invoice G000000001."), given, policy)

    assert in_words(decision) == "answered duplicate_request"
    assert decision.letter is not None
    assert [line.invoice for line in decision.letter.applied] == ["G000000001"]
