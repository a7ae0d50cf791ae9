"""One biller's grammar and promises; a second biller is a file, and nothing else."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest

from processor import resources
from processor.core.decide import decide
from processor.core.letter import LetterKind
from processor.core.message import Message
from processor.core.profile import Profile, load_profile
from tests.builders import contact, invoice, payment, policy, snapshot
from tests.core.scenes import in_words

GENERIC = policy("generic")
LEDGER = snapshot(payment("PAY00017"), invoice("INV000123"), invoice("INV000124"), contact(role="treasurer"))


def shipped(name: str = "partner_center") -> dict[str, Any]:
    return tomllib.loads((resources.folder("config") / "profiles" / f"{name}.toml").read_text())


PROFILE = load_profile(shipped())


def decided(message: Message) -> str:
    return in_words(decide(message, LEDGER, GENERIC))


def test_another_billers_numbers_are_read(message: Message) -> None:
    """
    Subject: Our transfer

    Please apply EUR 400.00 from PAY-00017 to invoice INV-000123.
    """
    assert decided(message) == "applied PAY00017>INV000123=400.00"


def test_another_billers_table_is_read(message: Message) -> None:
    """
    Subject: Our transfer PAY-00017

    Invoice      Amount
    INV-000123   250.00
    INV-000124   750.00
    """
    assert decided(message) == "applied PAY00017>INV000123=250.00 PAY00017>INV000124=750.00"


def test_another_billers_near_miss_is_asked_about(message: Message) -> None:
    """
    Subject: Our transfer

    Please apply payment PAY-00017 to invoice INV-00012E.
    """
    assert decided(message) == "needs_details invoice_not_found invoice_number"


def test_the_first_billers_numbers_mean_nothing_to_another(message: Message) -> None:
    """
    Subject: Our transfer

    Please apply payment PAY-00017 to INV-000123. The 1400000001 and G000000001 are of the other portal.
    """
    assert decided(message) == "applied PAY00017>INV000123=1000.00"


def test_another_billers_roles_may_ask(message: Message) -> None:
    """
    Subject: Our transfer

    Please apply payment PAY-00017 to invoice INV-000123.
    """
    ours = snapshot(payment("PAY00017"), invoice("INV000123"), contact(role="billing_admin"))

    assert decided(message) == "applied PAY00017>INV000123=1000.00"
    assert in_words(decide(message, ours, GENERIC)) == "rejected role_not_permitted"


def test_another_billers_promise_is_told(message: Message) -> None:
    """
    Subject: Our transfer

    Please apply payment PAY-00017 to invoice INV-000123.
    """
    letter = decide(message, LEDGER, GENERIC).letter

    assert letter is not None
    assert letter.kind is LetterKind.CONFIRMATION
    assert (letter.publication_from, letter.publication_by) == (date(2026, 11, 18), date(2026, 11, 19))


@pytest.mark.parametrize(
    ("start", "days", "day"),
    [
        (date(2026, 11, 16), 0, date(2026, 11, 16)),
        (date(2026, 11, 16), 1, date(2026, 11, 17)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 11, 16), 5, date(2026, 11, 23)),
        (date(2026, 12, 24), 1, date(2026, 12, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
    ],
)
def test_business_days_leave_out_weekends_and_holidays(start: date, days: int, day: date) -> None:
    assert PROFILE.business_day(start, days) == day


@pytest.mark.parametrize("name", ["partner_center", "generic"])
def test_a_shipped_profile_loads(name: str) -> None:
    profile = load_profile(shipped(name))

    assert isinstance(profile, Profile)
    assert profile.name == name


def test_a_missing_key_is_named() -> None:
    without = shipped()
    del without["identifiers"]["payment"]

    with pytest.raises(KeyError, match="payment"):
        load_profile(without)


def test_no_pattern_matches_nothing() -> None:
    data = shipped()
    data["identifiers"]["bank_reference"] = []

    assert load_profile(data).bank_reference.search("anything at all") is None
