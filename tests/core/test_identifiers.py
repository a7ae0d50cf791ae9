"""Invoice and payment numbers: the sender's own however they are split or spelt, others by their shape, prose never."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.core.reading.mention import Kind
from processor.core.reading.neighbours import neighbours, one_step_apart
from tests.builders import invoice, payment
from tests.core.pages import page_of

OWN = (payment("1400000001", bank_reference="FT26300KLM12"), invoice("G012040490"), invoice("EA12345678"))


def found(text: str) -> list[tuple[str, str, bool]]:
    return [(mention.kind, mention.value, mention.own) for mention in page_of(text, *OWN).mentions]


@pytest.mark.parametrize(
    "written",
    [
        "G012040490",
        "g012040490",
        "G012 040 490",
        "G012-040-490",
        "G 012 040 490",
        "G-012040490",
        "G0120\n40490",
        "G0120-\n40490",
        "G012\u00a0040\u202f490",
        "G012\u2011040\u2013490",
        "G0120\u200b40490",
        "G0120\u00ad40490",
        "Ｇ０１２０４０４９０",
        "(G012040490)",
        "G012040490.",
        "G012040490,",
        "#G012040490",
        "invoice G012040490's",
        "Recurring-G012040490",
        "OneTime-G012040490",
        "factuurG012040490",
        "InvoiceG012040490",
        "nºG012040490",
        "https://portal.example/invoices/G012040490?view=pdf",
    ],
)
def test_an_own_invoice_is_found_however_it_is_written(written: str) -> None:
    assert found(f"Please pay {written} now") == [(Kind.INVOICE, "G012040490", True)]


@pytest.mark.parametrize(
    "written",
    [
        "1400000001",
        "14 0000 0001",
        "1400-000-001",
        "14000\n00001",
        "betaling1400000001",
        "nº1400000001",
        "１４００００0001",
        "FT26300KLM12",
        "ft26300 klm12",
    ],
)
def test_an_own_payment_is_found_however_it_is_written(written: str) -> None:
    assert found(f"Please use {written} now") == [(Kind.PAYMENT, "1400000001", True)]


@pytest.mark.parametrize(
    "written",
    [
        "G012040499",
        "invoice G01204049",
        "invoice G0120404900",
        "invoice GO12040490",
        "invoice G021040490",
        "H1-12345",
        "HT12345678A",
        "T008032522",
        "EB12345678",
        "factuurT008032522",
    ],
)
def test_another_invoice_is_known_by_its_shape(written: str) -> None:
    assert [(kind, own) for kind, _, own in found(f"Please pay {written} now")] == [(Kind.INVOICE, False)]


@pytest.mark.parametrize("written", ["1400000002", "payment 140000001", "payment 14000000011", "ACHREF123456"])
def test_another_payment_is_known_by_its_shape(written: str) -> None:
    assert [(kind, own) for kind, _, own in found(f"Please use {written} now")] == [(Kind.PAYMENT, False)]


@pytest.mark.parametrize(
    "prose",
    [
        "The government and our enterprise",
        "disponible, entreprise, département",
        "Gesellschaft Herausgabe Distribution",
        "HEADQUARTERS DEPARTMENT TELEPHONE",
        "tomorrow's delivery goes to the district",
        "GRATEFULLY YOURS",
        "Tel. +31 20 123 4567",
        "VAT NL123456789B01",
        "IBAN DE89 3704 0044 0532 0130 00",
        "PO 4500018832",
        "our ref T012345678",
        "our document 1400000009",
        "ticket #1400",
        "2026-11-03 10:30",
        "EUR 1,400,000,001.00",
        "NOTPROVIDED",
        "a\u202e094040210G\u202cb",
        "G٠١٢٠٤٠٤٩٠",
        "XG012040490",
        "G012040490X",
        "21400000001",
        "1400000001.50",
    ],
)
def test_what_is_no_identifier_is_not_found(prose: str) -> None:
    assert found(prose) == []


@given(st.text("abcdefghijklmnopqrstuvwxyzGHTDE \n", max_size=80))
def test_words_without_digits_are_no_identifiers(prose: str) -> None:
    assert found(prose) == []


@given(st.lists(st.sampled_from(["", " ", "-", "\u00a0", "\n", "\u200b"]), min_size=9, max_size=9))
def test_an_own_invoice_is_found_through_any_gaps(gaps: list[str]) -> None:
    written = "".join(f"{char}{gap}" for char, gap in zip("G012040490", [*gaps, ""], strict=True))

    assert found(f"Please pay {written} now") == [(Kind.INVOICE, "G012040490", True)]


@pytest.mark.parametrize(
    ("written", "partner"),
    [
        ("Partner ID 1000001", "1000001"),
        ("partner id: 1000001", "1000001"),
        ("MPN 1234567", "1234567"),
        ("Partnernummer: 1000001", "1000001"),
        ("パートナーID 1000001", "1000001"),
    ],
)
def test_a_partner_id_has_a_label(written: str, partner: str) -> None:
    assert found(f"We are {written}.") == [(Kind.PARTNER, partner, False)]


@pytest.mark.parametrize("written", ["1000001", "order 1000001", "partner since 2019 in Utrecht, phone 1000001"])
def test_a_number_without_a_label_is_no_partner(written: str) -> None:
    assert found(f"We are {written}.") == []


@pytest.mark.parametrize(
    ("written", "last"),
    [
        ("G012040490-93", "93"),
        ("G012040490 - G012040493", "G012040493"),
        ("G012040490 to G012040493", "G012040493"),
        ("G012040490 t/m G012040493", "G012040493"),
        ("G012040490 bis 493", "493"),
        ("G012040490/91", "91"),
        ("G012040490", ""),
        ("G012040490, 93", ""),
        ("G012040490 - 93.50", ""),
        ("G012040490-12", ""),
        ("G012040490 to G112040493", ""),
    ],
)
def test_a_range_is_marked_as_one(written: str, last: str) -> None:
    first = page_of(f"Please pay {written} now", *OWN).mentions[0]

    assert (first.value, first.range_end) == ("G012040490", last)


def test_one_bank_reference_of_two_payments_names_neither() -> None:
    both = payment("1400000001", bank_reference="FT26300KLM12"), payment("1400000002", bank_reference="FT26300KLM12")

    assert [mention.own for mention in page_of("the wire FT26300KLM12", *both).mentions] == [False]


def test_a_placeholder_is_no_bank_reference() -> None:
    assert page_of("reference NOTPROVIDED", payment(bank_reference="NOTPROVIDED")).mentions == ()


@pytest.mark.parametrize(
    ("left", "right", "near"),
    [
        ("G012040490", "GO12040490", True),
        ("G012040490", "G01204049", True),
        ("G012040490", "G0120404900", True),
        ("G012040490", "G021040490", True),
        ("G012040490", "G01240490", True),
        ("G012040490", "G0122040490", True),
        ("G012", "G02", True),
        ("G012040490", "G012040490", False),
        ("G012040490", "G012040409", True),
        ("G012040490", "G102400490", False),
        ("G012040490", "H112040490", False),
        ("G012040490", "G01204", False),
    ],
)
def test_one_step_apart(left: str, right: str, near: bool) -> None:
    assert one_step_apart(left, right) is near
    assert one_step_apart(right, left) is near


def test_neighbours_are_the_senders_own_in_order() -> None:
    assert neighbours("G01204049O", ["G012040491", "G012040490", "T012040490"]) == ("G012040490", "G012040491")
