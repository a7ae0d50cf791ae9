"""Rows 30 to 45 side by side: each asks only where the rows beside it leave it something to ask."""

from __future__ import annotations

import pytest

from processor.core.decide import decide
from processor.core.letter import QuestionKind
from processor.core.model import Invoice, InvoiceStatus, Payment
from processor.core.policy import Policy
from tests import builders
from tests.builders import invoice, mail, payment, snapshot
from tests.core.scenes import booked, comes_to

P1, G1, G2 = "1400000001", "G000000001", "G000000002"
DOLLARS = invoice(total=900_000, currency="USD")


@pytest.mark.parametrize(
    ("words", "items", "decided"),
    [
        # 34 where something is left, in the currency of all
        (f"EUR 500.00 of {P1} to {G1}.", (payment(left=0), invoice()), "needs_details payment_exhausted"),
        (f"EUR 500.00 of {P1} to {G1}.", (payment(left=1), invoice()), "needs_details amount exceeds_unallocated"),
        (f"EUR 500.00 of {P1} to {G1}.", (payment(left=50_000), invoice()), f"applied {P1}>{G1}=500.00"),
        (f"USD 5,000.00 of {P1} to {G1}.", (payment(), invoice()), "needs_details currency currency_mismatch"),
        (f"USD 5,000.00 of {P1} to {G1}.", (payment(), DOLLARS), "rejected currency_mismatch"),
        (f"GBP 5.00 of {P1} to {G1}.", (payment(), DOLLARS), "rejected currency_mismatch"),
        (f"{P1} to {G1} in full.", (payment(left=50_000), invoice()), "needs_details amount exceeds_unallocated"),
        # 34 and 35 together
        (
            f"EUR 5,000.00 of {P1} to {G1}.",
            (payment(), invoice()),
            "needs_details amount exceeds_open exceeds_unallocated",
        ),
        (
            f"EUR 5,000.00 of {P1} to {G1}.",
            (payment(), invoice(still_open=0)),
            "needs_details amount exceeds_unallocated invoice_number invoice_settled",
        ),
        # 40 where something is left
        (f"{P1} to {G1} and {G2}.", (payment(left=0), invoice(), invoice(G2)), "needs_details payment_exhausted"),
        (f"{P1} to {G1} and {G2}.", (payment(left=1), invoice(), invoice(G2)), "needs_details amount"),
        (f"{P1} to {G1} and {G2}.", (payment(left=199_999), invoice(), invoice(G2)), "needs_details amount"),
        (f"{P1} to {G1} and {G2}.", (payment(), invoice(), invoice(G2, currency="USD")), "rejected currency_mismatch"),
        # 41 unless what is stated exceeds already
        (
            f"{P1}: EUR 900.00 to {G1}, and to {G2}.",
            (payment(left=90_000), invoice(), invoice(G2)),
            "needs_details amount",
        ),
        (
            f"{P1}: EUR 900.00 to {G1}, and to {G2}.",
            (payment(left=89_999), invoice(), invoice(G2)),
            "needs_details amount exceeds_unallocated",
        ),
        # 42 in the ledger's currency, when each line has an amount
        (
            f"{P1}: USD 5.00 to {G1}. Total: EUR 6.00",
            (payment(), invoice()),
            "needs_details currency currency_mismatch",
        ),
        (f"{P1} to {G1} and {G2}. Total: EUR 6.00", (payment(), invoice(), invoice(G2)), "needs_details amount"),
        (f"{P1}: EUR 5.00 to {G1}. Total: EUR 5.00", (payment(), invoice()), f"applied {P1}>{G1}=5.00"),
        (
            f"{P1}: EUR 5.00 to {G1}. Total: EUR 6.00",
            (payment(), invoice()),
            "needs_details amount amounts_do_not_add_up",
        ),
    ],
)
def test_rows_beside_each_other(words: str, items: tuple[Payment | Invoice, ...], decided: str, policy: Policy) -> None:
    assert comes_to(f"Please apply {words}", snapshot(*items), policy) == decided


STAYS = "What exceeds the open balance may stay unallocated."


@pytest.mark.parametrize(
    ("words", "decided"),
    [
        (f"EUR 700.00 of {P1} to {G1}.", f"applied {P1}>{G1}=600.00"),
        (f"{P1}: EUR 700.00 to {G1} and EUR 250.00 to {G2}.", f"applied {P1}>{G1}=600.00 {P1}>{G2}=250.00"),
        (f"{P1}: EUR 1,100.00 to {G1} and EUR 250.00 to {G2}.", f"applied {P1}>{G1}=600.00 {P1}>{G2}=250.00"),
        (
            f"{P1}:\n{G1} EUR 700.00\n{G2} EUR 250.00\nTotal EUR 950.00\n",
            f"applied {P1}>{G1}=600.00 {P1}>{G2}=250.00",
        ),
        (f"{P1}:\n{G1} EUR 700.00\n{G2} EUR 250.00\nTotal EUR 850.00\n", "needs_details amount amounts_do_not_add_up"),
    ],
)
def test_what_exceeds_the_open_balance_may_stay(words: str, decided: str, policy: Policy) -> None:
    given = snapshot(payment(), invoice(still_open=60_000), invoice(G2, 30_000))

    assert comes_to(f"Please apply {words} {STAYS}", given, policy) == decided


def test_the_currency_of_an_invoice_of_an_unknown_payment(policy: Policy) -> None:
    given = snapshot(payment(), invoice(), invoice(G2, currency="GBP"))
    decision = decide(mail(f"Please apply 1499999999: USD 5.00 to {G1} and GBP 6.00 to {G2}."), given, policy)

    assert decision.letter is not None
    assert [one.currency for one in decision.letter.questions if one.kind is QuestionKind.CURRENCY] == ["EUR"]


@pytest.mark.parametrize(
    ("words", "items", "amount", "decided"),
    [
        (f"{P1} to {G1}.", (payment(left=0), invoice()), 100_000, "answered duplicate_request"),
        (f"{P1} to {G1}.", (payment(left=1), invoice(still_open=0)), 100_000, "answered duplicate_request"),
        (f"{P1} to {G1}.", (payment(left=50_000), invoice(still_open=50_000)), 50_000, f"applied {P1}>{G1}=500.00"),
        (
            f"EUR 500.00 of {P1} to {G1}.",
            (payment(left=50_000), invoice(still_open=50_000)),
            50_000,
            "answered duplicate_request",
        ),
        (
            f"EUR 400.00 of {P1} to {G1}.",
            (payment(left=50_000), invoice(still_open=50_000)),
            50_000,
            f"applied {P1}>{G1}=400.00",
        ),
        (f"{P1} to {G2}.", (payment(left=0), invoice(G2)), 100_000, "needs_details payment_exhausted"),
        (
            f"{P1} to {G1} and {G2}.",
            (payment(left=0), invoice(still_open=0), invoice(G2)),
            100_000,
            "needs_details invoice_number invoice_settled payment_exhausted",
        ),
    ],
)
def test_row_31_a_request_that_was_done(
    words: str, items: tuple[Payment | Invoice, ...], amount: int, decided: str, policy: Policy
) -> None:
    assert comes_to(f"Please apply {words}", snapshot(*items, allocations=(booked(amount),)), policy) == decided


@pytest.mark.parametrize(
    ("limit", "decided"), [(100_000, f"applied {P1}>{G1}=1000.00"), (99_999, "rejected over_limit")]
)
def test_row_45_a_limit(limit: int, decided: str) -> None:
    given = snapshot(payment(), invoice())

    assert comes_to(f"Please apply {P1} to {G1}.", given, builders.policy(apply_limits={"EUR": limit})) == decided
    assert (
        comes_to(f"Please apply {P1} to {G1}.", given, builders.policy(apply_limits={"USD": 1}))
        == f"applied {P1}>{G1}=1000.00"
    )


@pytest.mark.parametrize(
    ("given", "decided"),
    [
        (invoice(status=InvoiceStatus.LOCKED), "rejected invoice_locked"),
        (invoice(still_open=0, status=InvoiceStatus.LOCKED), "rejected invoice_locked"),
        (invoice(status=InvoiceStatus.VOID), "needs_details invoice_not_payable"),
        (invoice(still_open=0, status=InvoiceStatus.VOID), "needs_details invoice_not_payable"),
        (invoice(still_open=0), "needs_details invoice_number invoice_settled"),
        (invoice(status=InvoiceStatus.LOCKED, replaced_by=G2), "needs_details invoice_not_payable"),
        (invoice(currency="USD", status=InvoiceStatus.VOID), "needs_details invoice_not_payable"),
    ],
)
def test_an_invoice_is_one_of_these(given: Invoice, decided: str, policy: Policy) -> None:
    assert comes_to(f"Please apply {P1} to {G1}.", snapshot(payment(), given), policy) == decided
