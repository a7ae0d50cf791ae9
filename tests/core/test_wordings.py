"""How much, of what, from where: sentences and layouts, and what each comes to."""

from __future__ import annotations

import pytest

from processor.core.decide import decide
from processor.core.policy import Policy
from tests.builders import invoice, mail, payment, snapshot
from tests.core.scenes import in_words

FIRST, SECOND = "1400000001>G000000001", "1400000001>G000000002"
LEDGER = snapshot(payment(amount=250_000), payment("1400000002"), invoice(), invoice("G000000002"))


@pytest.mark.parametrize(
    ("words", "comes_to"),
    [
        (
            "Have you received our payment 1400000001? Please apply EUR 400.00 of it to invoice G000000001.",
            f"applied {FIRST}=400.00",
        ),
        (
            "Please apply payment 1400000001: G000000001 EUR 300.00, no wait, make it EUR 400.00",
            f"applied {FIRST}=400.00",
        ),
        ("Please apply payment 1400000001: G000000001 EUR 300.00 EUR 400.00", "needs_details ambiguous_amount amount"),
        ("Forget the line above.\nPlease apply payment 1400000001 to G000000001.", f"applied {FIRST}=1000.00"),
        ("Please apply from 1400000001 to G000000001 EUR 300.00 G000000002", "needs_details ambiguous_amount amount"),
        ("Please apply payment 1400000001 to G000000001, 10 licences.", f"applied {FIRST}=1000.00"),
        (
            "Please apply 1400000001: EUR 2,600.00 to G000000001 and G000000002.",
            "needs_details amount exceeds_open exceeds_unallocated",
        ),
        ("From 1400000001: the whole of G000000001, and half of G000000002.", "needs_details ambiguous_amount amount"),
        (
            "Put 1400000001 against G000000001 first; what is then left goes to G000000002.",
            f"applied {FIRST}=1000.00 {SECOND}=1000.00",
        ),
        ("Please apply 1400000001 to G000000001 and G000000077.", "needs_details invoice_not_found invoice_number"),
        ("Please use 1400000001 for G000000001.\n\nWe also sent 1400000002.", f"applied {FIRST}=1000.00"),
        ("Please use 1400000001 for G000000001. 1400000002 can stay unallocated for now.", f"applied {FIRST}=1000.00"),
        (
            "Please use 1400000001 for G000000001. Please allocate 1400000002 as well.",
            f"needs_details invoice_number {FIRST}=1000.00",
        ),
        ("G000000001 and G000000002 from 1400000001, and 1400000002.", "needs_details ambiguous_pairing confirmation"),
        ("400.00 to G000000001 from payment 1400000001, thanks.", f"applied {FIRST}=400.00"),
        ("Please apply EUR 400.00 of our payment 1400000001 (EUR 2,500.00) to G000000001.", f"applied {FIRST}=400.00"),
        (
            "Of the EUR 2,500.00 (1400000001), EUR 400.00 is for G000000001, EUR 500.00 for G000000002.",
            f"applied {FIRST}=400.00 {SECOND}=500.00",
        ),
    ],
)
def test_a_sentence_comes_to(words: str, comes_to: str, policy: Policy) -> None:
    assert in_words(decide(mail(words), LEDGER, policy)) == comes_to


BLOCKS = """
Please apply payment 1400000001

Invoice: G000000001
Total: EUR 300.00

Invoice: G000000002
Total: EUR 400.00
"""
ALIGNED = """
Please apply 1400000001:

Invoice     Amount
----------  ------
G000000001  300.00
G000000002  400.00
Total       700.00
"""
BARS = """
Please apply 1400000001:

| Invoice    | Amount |
|------------|--------|
| G000000001 | 300.00 |
| G000000002 | 400.00 |
"""
SEMICOLONS = "Please apply 1400000001:\n\nInvoice;Amount\nG000000001;300.00\nG000000002;400.00\n"
TABS = "Please apply 1400000001:\n\nInvoice\tAmount\nG000000001\t300.00\nG000000002\t400.00\n"
LISTED = "Please apply 1400000001:\n- G000000001: 300.00\n- G000000002: 400.00\n\nThanks!"
SPACED = """
Please apply 1400000001:

Invoice     Amount



G000000001  300.00

G000000002  400.00
"""


@pytest.mark.parametrize("layout", [BLOCKS, ALIGNED, BARS, SEMICOLONS, TABS, LISTED, SPACED])
def test_a_layout_comes_to_its_lines(layout: str, policy: Policy) -> None:
    applied = sorted(in_words(decide(mail(layout), LEDGER, policy)).split())

    assert applied == [f"{FIRST}=300.00", f"{SECOND}=400.00", "applied"]
