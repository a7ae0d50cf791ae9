"""Mails that few people write, each with what it must come to: the far corners of reading."""

from __future__ import annotations

import pytest

from processor.core.decide import decide
from processor.core.policy import Policy
from tests.builders import invoice, mail, payment, snapshot
from tests.core.scenes import in_words

FIRST, SECOND = "1400000001>G000000001", "1400000001>G000000002"
LEDGER = snapshot(payment(amount=250_000), payment("1400000002"), invoice(), invoice("G000000002"))
HALF_OPEN = snapshot(payment(), invoice(still_open=40_000))


@pytest.mark.parametrize(
    ("words", "comes_to"),
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
def test_two_amounts_of_one_invoice(words: str, comes_to: str, policy: Policy) -> None:
    assert in_words(decide(mail(words), HALF_OPEN, policy)) == comes_to
