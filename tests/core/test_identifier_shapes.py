"""Identifiers at their borders: whole or split, strong or weak, with a label in front or another one beside them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from processor.core.model import Invoice, Payment
from processor.core.reading.mention import Kind
from processor.core.reading.neighbours import one_step_apart
from processor.core.reading.numbers import readings
from tests.builders import invoice, payment
from tests.core.pages import page_of

OWN = (payment("1400000001", bank_reference="FT26300KLM12"), invoice("G012040490"), invoice("EA12345678"))


def found(text: str, *items: Payment | Invoice) -> list[tuple[str, str]]:
    return [(mention.kind, mention.value) for mention in page_of(text, *items).mentions]


def spans(text: str, *items: Payment | Invoice) -> list[str]:
    return [text[mention.start : mention.end] for mention in page_of(text, *items).mentions]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("G012040490", ["G012040490"]),
        ("G012040490 and G012040490", ["G012040490", "G012040490"]),
        ("G012 040 490 and g012-040-490", ["G012 040 490", "g012-040-490"]),
        ("1400000001: G012040490", ["1400000001", "G012040490"]),
        ("XG012040490 G012040490", ["G012040490"]),
        ("G012040490X G012040490", ["G012040490"]),
        ("1400000001.50 is 1400000001", ["1400000001"]),
        ("1400000001. 5 is it", ["1400000001"]),
        ("1400000001.", ["1400000001"]),
        ("1400000001.x", ["1400000001"]),
        ("G012040490.5", ["G012040490"]),
        ("G012  040490", ["G012  040490"]),
        ("G012, 040490", []),
        ("G012/040490", []),
        ("G012\n\n040490", []),
    ],
)
def test_where_own_items_stand(text: str, seen: list[str]) -> None:
    assert spans(text, *OWN) == seen


def test_an_own_item_wins_over_what_has_the_shape_of_another() -> None:
    assert found("invoice G012040490 12", *OWN) == [(Kind.INVOICE, "G012040490")]
    assert found("EA12345678", *OWN) == [(Kind.INVOICE, "EA12345678")]


@pytest.mark.parametrize(("reference", "own"), [("AB123", True), ("AB12", False), ("NOTPROVIDED", False)])
def test_a_bank_reference_is_long_enough_and_no_placeholder(reference: str, own: bool) -> None:
    told = found(f"our wire {reference} of today", payment("1400000001", bank_reference=reference))

    assert told == ([(Kind.PAYMENT, "1400000001")] if own else [])


def test_an_own_reference_of_no_known_shape_is_found_wherever_it_stands() -> None:
    mentions = page_of("AB123 is ours, AB 123 too, and AB-123", payment("1400000001", bank_reference="AB123")).mentions

    assert [(mention.value, mention.own) for mention in mentions] == [("1400000001", True)] * 3


def test_a_bank_reference_of_three_payments_names_none() -> None:
    items = [payment(f"140000000{digit}", bank_reference="AB12345") for digit in range(3)]

    assert found("our wire AB12345 of today", *items) == []


def test_a_payment_number_is_no_other_payments_reference() -> None:
    items = payment("1400000001", bank_reference="1400000002"), payment("1400000002")

    assert found("1400000002", *items) == [(Kind.PAYMENT, "1400000002")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # whole
        ("G987654321", [(Kind.INVOICE, "G987654321")]),
        ("g987654321", [(Kind.INVOICE, "G987654321")]),
        ("Recurring-G987654321", [(Kind.INVOICE, "G987654321")]),
        ("OneTimeG987654321", [(Kind.INVOICE, "G987654321")]),
        ("1499999999", [(Kind.PAYMENT, "1499999999")]),
        ("FT12345ABCD", [(Kind.PAYMENT, "FT12345ABCD")]),
        ("G987654321.50", []),
        ("G987654321.5", [(Kind.INVOICE, "G987654321")]),
        ("G987654321.505", [(Kind.INVOICE, "G987654321")]),
        # digits enough to stand without a label
        ("GABCDE1234", [(Kind.INVOICE, "GABCDE1234")]),
        ("GABCDEF123", []),
        ("invoice GABCDEF123", [(Kind.INVOICE, "GABCDEF123")]),
        ("invoice GABCDEFGHI", []),
        # split
        ("G987 654 321", [(Kind.INVOICE, "G987654321")]),
        ("G-987654321", [(Kind.INVOICE, "G987654321")]),
        ("G 987654321", []),
        ("invoice G 987654321", []),
        ("G987 65 43 21", [(Kind.INVOICE, "G987654321")]),
        ("G98 76 54 32 1", []),
        ("1499 999 999", [(Kind.PAYMENT, "1499999999")]),
        ("14 99 99 99 99", []),
        ("1499-999-999", [(Kind.PAYMENT, "1499999999")]),
        ("1499, 999, 999", []),
        # weak shapes need a label
        ("invoice G9876543", [(Kind.INVOICE, "G9876543")]),
        ("G9876543", []),
        ("invoice GABCD987", []),
        ("payment 149999999", [(Kind.PAYMENT, "149999999")]),
        ("149999999", []),
        ("payment 1ABCDEFGH", []),
        ("payment 1ABCD9876", [(Kind.PAYMENT, "1ABCD9876")]),
        ("invoice G9-876543", [(Kind.INVOICE, "G9876543")]),
        ("invoice G9 876543", []),
        ("invoice G9-876-543", []),
        # the writer's own
        ("our ref G987654321", []),
        ("our ref FT12345ABCD", []),
        # grown together with its noun
        ("invoiceG987654321", [(Kind.INVOICE, "G987654321")]),
        ("payment1499999999", [(Kind.PAYMENT, "1499999999")]),
        ("factuurG987654321", [(Kind.INVOICE, "G987654321")]),
        ("gardenG987654321", []),
        ("invoiceGABCDEF123", []),
        ("invoice12", []),
    ],
)
def test_what_has_the_shape_of_an_identifier(text: str, told: list[tuple[str, str]]) -> None:
    assert found(f"Please see {text} today") == told
    assert found(text) == told


def test_the_longer_of_two_overlapping_shapes_is_read() -> None:
    assert spans("see G987 654 321 today") == ["G987 654 321"]
    assert spans("see H1-12345 678 today") == ["H1-12345 678"]


@pytest.mark.parametrize("word", ["and", "today", "AND", "und"])
def test_a_word_behind_an_identifier_is_none_of_its_characters(word: str) -> None:
    assert found(f"H1-12345 {word} G987654321") == [(Kind.INVOICE, "H112345"), (Kind.INVOICE, "G987654321")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Partner ID 123456", ["123456"]),
        ("Partner ID 12345678", ["12345678"]),
        ("Partner ID 12345", []),
        ("Partner ID 123456789", []),
        ("123456 is our Partner ID", []),
        ("Partner ID, as you asked, is 123456", ["123456"]),
        ("Partner ID. And so on: 123456", []),
        ("Partner ID 123456, order 654321", ["123456"]),
        ("order 654321, Partner ID 123456", ["123456"]),
        ("Partner ID: 123456 Partner ID: 654321", ["123456", "654321"]),
    ],
)
def test_a_partner_id_stands_behind_its_label(text: str, told: list[str]) -> None:
    assert [value for kind, value in found(text) if kind == Kind.PARTNER] == told


@pytest.mark.parametrize(
    ("left", "right", "near"),
    [
        ("AB", "BA", True),
        ("AB", "A", True),
        ("A", "B", True),
        ("", "A", True),
        ("", "AB", False),
        ("ABC", "A", False),
        ("ABCD", "BADC", False),
        ("ABCD", "BACDX", False),
        ("ABCD", "CBAD", False),
        ("AAB", "AB", True),
        ("", "", False),
    ],
)
def test_short_spellings_one_step_apart(left: str, right: str, near: bool) -> None:
    assert one_step_apart(left, right) is near
    assert one_step_apart(right, left) is near


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("1250.500", ["1250.500"]),
        ("1.250.500", ["1250500"]),
        ("1 250", ["1250"]),
        ("125.5", ["125.5"]),
        ("125.50", ["125.50"]),
        ("0.500", ["0.500"]),
        ("125.500", ["125500", "125.500"]),
        ("1,25,500", ["125500"]),
        ("1 250.500", ["1250.500"]),
    ],
)
def test_three_digits_behind_the_only_mark_have_two_readings(written: str, values: list[str]) -> None:
    assert readings(written) == tuple(Decimal(value) for value in values)
    assert [str(value) for value in readings(written)] == values
