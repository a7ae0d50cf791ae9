"""What a decision gets to see: all that is the sender's, and nothing that is not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from processor.adapters.books_sql import SqlBooks
from processor.core.decision import Conversation, Decision, RequestState, Snapshot
from processor.core.outcomes import Missing, Outcome
from processor.core.threading import ThreadKeys
from processor.ports import StoredMail
from tests.adapters.samples import (
    ANNA,
    BOOKS,
    NO_KEYS,
    NOON,
    ManualClock,
    application,
    applied,
    arrive,
    decide,
    fill,
    message_of,
    rendered,
    write_ledger,
)

COLLEAGUE = "bea@polder.example"
STRANGER = "eve@sakura.example"
CONTACTS = (
    "email,partner_id,role,name\r\n"
    f"{ANNA},4000001,billing_admin,Anna\r\n"
    f"{COLLEAGUE},4000001,billing_admin,Bea\r\n"
    f"{STRANGER},4000002,billing_admin,Eve\r\n"
    f"{BOOKS},4000001,account_admin,Hands\r\n"
    f"{BOOKS},4000002,account_admin,Hands\r\n"
)


@pytest.fixture
def filled(engine: Engine, tmp_path: Path) -> Engine:
    fill(engine, write_ledger(tmp_path / "files", contacts=CONTACTS))
    return engine


def look(
    engine: Engine, clock: ManualClock, mail: StoredMail, address: str | None = ANNA, keys: ThreadKeys = NO_KEYS
) -> Snapshot:
    return SqlBooks(engine, clock).snapshot_for(mail, message_of(mail), address, keys)


def numbers(snapshot: Snapshot) -> set[str]:
    return {one.payment_number for one in snapshot.payments} | {one.invoice_number for one in snapshot.invoices}


def test_a_sender_sees_the_own_partner_whole(filled: Engine, clock: ManualClock) -> None:
    seen = look(filled, clock, arrive(filled, clock))

    assert seen.today == NOON.date()
    assert [one.name for one in seen.partners] == ["Polder Cloud"]
    assert numbers(seen) == {"1400000001", "1400000002", "G000000001", "G000000002", "G000000003"}
    assert {one.unallocated for one in seen.payments} == {125_050, 30_000}


def test_one_who_serves_two_partners_sees_both(filled: Engine, clock: ManualClock) -> None:
    seen = look(filled, clock, arrive(filled, clock), BOOKS)

    assert [one.partner_id for one in seen.contacts] == ["4000001", "4000002"]
    assert {"1400000009", "J000000001", "G000000001"} < numbers(seen)


@pytest.mark.parametrize("address", [None, "anna+x@polder.example", "bob@polder.example", "anna@polder.example.evil"])
def test_anybody_else_sees_nothing(filled: Engine, clock: ManualClock, address: str | None) -> None:
    assert look(filled, clock, arrive(filled, clock), address) == Snapshot(today=NOON.date())


@pytest.mark.parametrize("address", ["ANNA@Polder.Example", " anna@polder.example "])
def test_the_case_of_an_address_does_not_matter(filled: Engine, clock: ManualClock, address: str) -> None:
    assert len(look(filled, clock, arrive(filled, clock), address).contacts) == 1


def test_a_letter_of_another_script_does_not_pass_for_its_twin(filled: Engine, clock: ManualClock) -> None:
    """The Kelvin sign is a small k in the eyes of many programs."""
    assert look(filled, clock, arrive(filled, clock), "boo\u212as@hands.example").contacts == ()


def test_allocations_come_with_their_reversals_and_their_request(filled: Engine, clock: ManualClock) -> None:
    decide(filled, clock, arrive(filled, clock, 1), applied(application(40_000)))

    (made,) = look(filled, clock, arrive(filled, clock, 2)).allocations

    assert (made.allocation_id, made.request, made.amount, made.allocated_at) == ("AL-AAA-1", "AR-AAA", 40_000, NOON)


def two_years_later(engine: Engine, clock: ManualClock) -> list[str]:
    mail = replace(arrive(engine, clock, 9), received_at=NOON + timedelta(days=800))
    return [one.allocation_id for one in look(engine, clock, mail).allocations]


def test_what_was_settled_long_ago_is_forgotten(filled: Engine, clock: ManualClock) -> None:
    both = (application(25_050, "1400000001", "G000000002"), application(100_000, "1400000001", "G000000001"))
    decide(filled, clock, arrive(filled, clock, 1), applied(*both))

    assert two_years_later(filled, clock) == []


def test_what_is_open_is_not_forgotten(filled: Engine, clock: ManualClock) -> None:
    decide(filled, clock, arrive(filled, clock, 1), applied(application(25_050, "1400000001", "G000000002")))
    part = application(30_000, "1400000002", "G000000001")
    decide(filled, clock, arrive(filled, clock, 2), applied(part, letter=None), reference="AR-BBB")

    assert two_years_later(filled, clock) == ["AL-AAA-1", "AL-BBB-1"]


# --- gate 2: deliveries ---------------------------------------------------------------------------------------------


def test_the_same_bytes_again_are_a_second_delivery(filled: Engine, clock: ManualClock) -> None:
    first = arrive(filled, clock, 1, b"From: a\r\n\r\nsame")
    second = arrive(filled, clock, 2, b"From: a\r\n\r\nsame")

    assert not look(filled, clock, first).delivered_before
    assert look(filled, clock, second).delivered_before


def test_the_same_words_under_the_same_message_id_are_a_second_delivery(filled: Engine, clock: ManualClock) -> None:
    first, second = arrive(filled, clock, 1), arrive(filled, clock, 2)
    books = SqlBooks(filled, clock)
    said = message_of(first, "<One@polder.example>", "the words")
    nothing = books.snapshot_for(first, said, None, NO_KEYS)
    books.commit(first, said, nothing, Decision(Outcome.IGNORED, ""), None, "")

    again = message_of(second, "<One@POLDER.example>", "the words")
    other_words = message_of(second, "<One@polder.example>", "other words")
    other_id = message_of(second, "<Two@polder.example>", "the words")

    assert books.snapshot_for(second, again, None, NO_KEYS).delivered_before
    assert not books.snapshot_for(second, other_words, None, NO_KEYS).delivered_before
    assert not books.snapshot_for(second, other_id, None, NO_KEYS).delivered_before


def test_of_two_deliveries_the_one_decided_first_counts(filled: Engine, clock: ManualClock) -> None:
    """The first one's turn is put off by trouble; the second is decided meanwhile."""
    first, second = arrive(filled, clock, 1), arrive(filled, clock, 2)
    books = SqlBooks(filled, clock)
    said = message_of(second, "<one@polder.example>", "the words")
    seen = books.snapshot_for(second, said, None, NO_KEYS)
    assert not seen.delivered_before
    books.commit(second, said, seen, Decision(Outcome.IGNORED, ""), None, "")

    late = message_of(first, "<one@polder.example>", "the words")
    assert books.snapshot_for(first, late, None, NO_KEYS).delivered_before


# --- conversations --------------------------------------------------------------------------------------------------

LETTER = rendered().message_id
BY_TOKEN = ThreadKeys(("AR-AAA",), (), ())
BY_LETTER = ThreadKeys((), ("<nobody@x>", LETTER), ())
BY_MAIL = ThreadKeys((), ("<first@polder.example>",), ())
BY_SUBJECT = ThreadKeys((), (), ("AR-AAA",))


@pytest.fixture
def waiting(filled: Engine, clock: ManualClock) -> Engine:
    """Anna's request AR-AAA waits for an amount."""
    mail = arrive(filled, clock, 1)
    books, message = SqlBooks(filled, clock), message_of(mail, "<first@polder.example>")
    snapshot = books.snapshot_for(mail, message, ANNA, NO_KEYS)
    question = applied(outcome=Outcome.NEEDS_DETAILS, state=RequestState.WAITING, missing=(Missing.AMOUNT,))
    books.commit(mail, message, snapshot, question, rendered(), "AR-AAA")
    return filled


@pytest.mark.parametrize("keys", [BY_TOKEN, BY_LETTER, BY_MAIL, BY_SUBJECT])
def test_an_answer_finds_its_request(waiting: Engine, clock: ManualClock, keys: ThreadKeys) -> None:
    assert look(waiting, clock, arrive(waiting, clock, 2), ANNA, keys).conversation == Conversation(
        reference="AR-AAA",
        state=RequestState.WAITING,
        language="nl",
        memory='{"lines": []}',
        partner_id="4000001",
        missing=(Missing.AMOUNT,),
        letters=1,
    )


@pytest.mark.parametrize(
    ("address", "keys", "finds"),
    [
        (COLLEAGUE, BY_TOKEN, True),
        (COLLEAGUE, BY_LETTER, True),
        (COLLEAGUE, BY_SUBJECT, False),  # anybody can type a reference
        (STRANGER, BY_TOKEN, False),  # a token that got into the hands of another partner
        (STRANGER, BY_LETTER, False),
        (STRANGER, BY_SUBJECT, False),
        (None, BY_TOKEN, False),
        (ANNA, NO_KEYS, False),
        (ANNA, ThreadKeys(("AR-ZZZ",), ("<x@y>",), ("AR-YYY",)), False),
        (ANNA, ThreadKeys(("AR-AAA",), (LETTER,), ("AR-AAA",), forward=True), False),
    ],
)
def test_a_request_is_shown_to_those_it_concerns(
    waiting: Engine, clock: ManualClock, address: str | None, keys: ThreadKeys, finds: bool
) -> None:
    assert (look(waiting, clock, arrive(waiting, clock, 2), address, keys).conversation is not None) is finds


def test_the_better_key_wins(waiting: Engine, clock: ManualClock) -> None:
    decide(waiting, clock, arrive(waiting, clock, 2), applied(letter=None), reference="AR-BBB")

    keys = ThreadKeys(("AR-BBB",), (LETTER,), ("AR-AAA",))
    found = look(waiting, clock, arrive(waiting, clock, 3), ANNA, keys).conversation

    assert found is not None
    assert found.reference == "AR-BBB"
