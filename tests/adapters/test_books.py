"""Money, decision and letter: written together, on balances that are still what the decision saw, or not at all."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, Table, func, select
from sqlalchemy.exc import IntegrityError

from processor.adapters import audit
from processor.adapters.books_sql import SqlBooks
from processor.adapters.decisions_sql import MailUnknownError
from processor.adapters.engine import reading
from processor.adapters.journal_tables import audit_entry, decision, letter, mail, participant, request, review_item
from processor.adapters.ledger_check import check_ledger
from processor.adapters.posting import AlreadyAppliedError
from processor.adapters.requests_sql import ReferenceTakenError
from processor.adapters.tables import allocation, invoice, payment
from processor.core.decision import Application, Decision, RequestState, ReviewItem, RuleTrace
from processor.core.message import Message
from processor.core.outcomes import Missing, Outcome, Reason
from processor.core.request import Evidence
from processor.core.threading import ThreadKeys
from processor.ports import LedgerMovedError
from tests.adapters.samples import (
    ANNA,
    BOOKS,
    NO_KEYS,
    ManualClock,
    application,
    applied,
    arrive,
    decide,
    fill,
    message_of,
    rendered,
)

JOIN = ThreadKeys(("AR-AAA",), (), ())


@pytest.fixture
def books(engine: Engine, clock: ManualClock, ledger_folder: Path) -> SqlBooks:
    fill(engine, ledger_folder)
    return SqlBooks(engine, clock, {"program": "1.2.3"})


def rows(engine: Engine, table: Table) -> list[dict[str, object]]:
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def counts(engine: Engine) -> dict[str, int]:
    tables = (allocation, decision, letter, request, review_item, audit_entry)
    with reading(engine) as connection:
        return {one.name: connection.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


def balance(engine: Engine, number: str) -> int:
    one, other = payment, invoice
    with reading(engine) as connection:
        left = connection.scalar(select(one.c.unallocated).where(one.c.payment_number == number))
        still_open = connection.scalar(select(other.c.open_amount).where(other.c.invoice_number == number))
    return left if left is not None else still_open or 0


def test_everything_that_a_decision_brings_is_written(books: SqlBooks, engine: Engine, clock: ManualClock) -> None:
    evidence = (Evidence("amount", "1000.00", "text", 4, 11, "1\u202f000"),)
    trail = (RuleTrace("sender_is_known", hit=False), RuleTrace("everything_agrees", hit=True, note="46"))
    made = applied(application(), evidence=evidence, trail=trail, reviews=(ReviewItem("deduction", "a fee"),))

    decide(engine, clock, arrive(engine, clock), made, letter=rendered())

    assert counts(engine) == {
        "allocation": 1,
        "decision": 1,
        "letter": 1,
        "request": 1,
        "review_item": 1,
        "audit_entry": 2,
    }
    assert (balance(engine, "1400000001"), balance(engine, "G000000001")) == (25_050, 0)
    (stored,) = rows(engine, mail)
    assert (stored["phase"], stored["outcome"], stored["request"]) == ("decided", "applied", "AR-AAA")
    (written,) = rows(engine, decision)
    assert json.loads(str(written["evidence"]))[0]["seen"] == "1\u202f000"
    assert json.loads(str(written["trail"]))[1] == {"rule": "everything_agrees", "hit": True, "note": "46"}
    assert json.loads(str(written["applications"]))[0]["payment_left_before"] == 125_050
    (opened,) = rows(engine, request)
    assert (opened["state"], opened["letters"], opened["partner_id"]) == ("applied", 1, "4000001")
    assert rows(engine, participant) == [{"reference": "AR-AAA", "address_key": ANNA}]
    (item,) = rows(engine, review_item)
    assert (item["kind"], item["note"], item["request"]) == ("deduction", "a fee", "AR-AAA")
    assert check_ledger(engine) == ()


def test_a_decision_says_which_versions_made_it(books: SqlBooks, engine: Engine, clock: ManualClock) -> None:
    stored = arrive(engine, clock)
    message = message_of(stored)

    books.commit(stored, message, books.snapshot_for(stored, message, None, NO_KEYS), applied(), None, "AR-AAA")

    assert rows(engine, decision)[0]["versions"] == '{"program": "1.2.3"}'


def test_an_invoice_with_nothing_open_is_paid_and_a_part_payment_leaves_it_open(
    books: SqlBooks, engine: Engine, clock: ManualClock
) -> None:
    both = (application(25_050, "1400000001", "G000000002"), application(1, "1400000001", "G000000001"))

    decide(engine, clock, arrive(engine, clock), applied(*both))

    with reading(engine) as connection:
        found = connection.execute(select(invoice.c.invoice_number, invoice.c.status))
        statuses = {number: status for number, status in found}  # noqa: C416 (a row is no pair to the type checker)
    assert (statuses["G000000002"], statuses["G000000001"]) == ("paid", "open")
    assert balance(engine, "1400000001") == 125_050 - 25_051


@pytest.mark.parametrize("second_sees", [25_050, 125_050])
def test_a_further_allocation_may_have_seen_the_balance_before_or_after_the_first(
    books: SqlBooks, engine: Engine, clock: ManualClock, second_sees: int
) -> None:
    second = replace(application(25_050, "1400000001", "G000000002"), payment_left_before=second_sees)

    decide(engine, clock, arrive(engine, clock), applied(application(100_000), second))

    assert balance(engine, "1400000001") == 0


def test_deciding_twice_changes_nothing_the_second_time(books: SqlBooks, engine: Engine, clock: ManualClock) -> None:
    stored = arrive(engine, clock)
    decide(engine, clock, stored, applied(application(10_000)), letter=rendered())
    before = counts(engine), balance(engine, "1400000001")

    decide(engine, clock, stored, applied(application(10_000)), letter=rendered())

    assert (counts(engine), balance(engine, "1400000001")) == before


MOVED = [
    replace(application(), payment_left_before=125_049),
    replace(application(), invoice_open_before=99_999),
    replace(application(), payment="1400000007"),
    replace(application(), invoice="G000000007"),
    replace(application(), invoice="J000000001"),
    replace(application(), partner_id="4000002"),
]


@pytest.mark.parametrize("seen", MOVED)
def test_a_ledger_that_moved_leaves_nothing_written(
    books: SqlBooks, engine: Engine, clock: ManualClock, seen: Application
) -> None:
    stored, before = arrive(engine, clock), counts(engine)
    good = application(5_000, "1400000002", "G000000002")

    with pytest.raises(LedgerMovedError):
        decide(engine, clock, stored, applied(good, seen), letter=rendered())

    assert counts(engine) == before
    assert (balance(engine, "1400000002"), balance(engine, "G000000002")) == (30_000, 25_050)
    assert rows(engine, mail)[0]["phase"] == "stored"


@pytest.mark.parametrize(
    "closed",
    [{"status": "locked"}, {"status": "void"}, {"document_type": "credit_note"}, {"document_type": "void_note"}],
)
def test_an_invoice_that_was_closed_meanwhile_takes_no_money(
    books: SqlBooks, engine: Engine, clock: ManualClock, closed: dict[str, str]
) -> None:
    with engine.begin() as connection:
        connection.execute(invoice.update().where(invoice.c.invoice_number == "G000000001").values(closed))

    with pytest.raises(LedgerMovedError):
        decide(engine, clock, arrive(engine, clock), applied(application()))


def test_many_at_once_never_apply_more_than_there_is(books: SqlBooks, engine: Engine, clock: ManualClock) -> None:
    """Twelve mails ask for 100.00 each of a payment of 300.00, and again until it is in, or nothing is left."""
    mails = [arrive(engine, clock, uid) for uid in range(1, 13)]

    def ask(number: int) -> int:
        stored = mails[number]
        for _ in range(50):
            message = message_of(stored)
            snapshot = books.snapshot_for(stored, message, ANNA, NO_KEYS)
            left = next(one.unallocated for one in snapshot.payments if one.payment_number == "1400000002")
            still_open = next(one.open_amount for one in snapshot.invoices if one.invoice_number == "G000000001")
            if left < 10_000:
                return 0
            asked = replace(application(10_000, "1400000002"), payment_left_before=left, invoice_open_before=still_open)
            try:
                books.commit(stored, message, snapshot, applied(asked, letter=None), None, f"AR-{number}")
            except LedgerMovedError:
                continue
            return 10_000
        return -1

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(ask, range(12)))

    assert sorted(taken) == [0] * 9 + [10_000] * 3
    assert (balance(engine, "1400000002"), balance(engine, "G000000001")) == (0, 70_000)
    assert check_ledger(engine) == ()


# --- requests -------------------------------------------------------------------------------------------------------


def question(**changed: object) -> Decision:
    asked = applied(outcome=Outcome.NEEDS_DETAILS, state=RequestState.WAITING, missing=(Missing.AMOUNT,))
    return replace(asked, **changed)  # type: ignore[arg-type]


def test_an_answer_moves_its_request_on(books: SqlBooks, engine: Engine, clock: ManualClock) -> None:
    decide(engine, clock, arrive(engine, clock, 1), question(), letter=rendered())
    clock.advance(hours=2)

    answer = applied(application(), opens=False, joins=True, language="en", memory="[]")
    decide(engine, clock, arrive(engine, clock, 2), answer, letter=rendered("<2@us>"), keys=JOIN)

    (moved,) = rows(engine, request)
    assert (moved["state"], moved["missing"], moved["memory"], moved["language"]) == ("applied", "[]", "[]", "en")
    assert (moved["letters"], moved["changed_at"]) == (2, clock.now())
    assert [row["sequence"] for row in rows(engine, letter)] == [1, 2]
    assert rows(engine, allocation)[0]["request"] == "AR-AAA"


def test_an_answer_to_a_closed_request_opens_one_linked_to_it(
    books: SqlBooks, engine: Engine, clock: ManualClock
) -> None:
    decide(engine, clock, arrive(engine, clock, 1), applied(application(10_000)))

    decide(engine, clock, arrive(engine, clock, 2), question(letter=None), reference="AR-BBB", keys=JOIN)

    assert {row["reference"]: row["linked_to"] for row in rows(engine, request)} == {"AR-AAA": None, "AR-BBB": "AR-AAA"}


def test_two_answers_at_once_are_decided_one_after_the_other(
    books: SqlBooks, engine: Engine, clock: ManualClock
) -> None:
    decide(engine, clock, arrive(engine, clock, 1), question(), letter=rendered())
    mails = [arrive(engine, clock, 2), arrive(engine, clock, 3)]
    both_saw = [books.snapshot_for(one, message_of(one), ANNA, JOIN) for one in mails]
    answer = question(opens=False, joins=True, letter=None, memory='["more"]')

    books.commit(mails[0], message_of(mails[0]), both_saw[0], answer, None, "AR-AAA")
    with pytest.raises(LedgerMovedError):
        books.commit(mails[1], message_of(mails[1]), both_saw[1], answer, None, "AR-AAA")


def test_a_reference_belongs_to_one_request(books: SqlBooks, engine: Engine, clock: ManualClock) -> None:
    decide(engine, clock, arrive(engine, clock, 1), question(letter=None))

    with pytest.raises(ReferenceTakenError):
        decide(engine, clock, arrive(engine, clock, 2), question(letter=None))


def test_the_same_allocation_is_not_made_twice_from_one_request(
    books: SqlBooks, engine: Engine, clock: ManualClock
) -> None:
    decide(engine, clock, arrive(engine, clock, 1), applied(application(10_000), letter=None))
    again = replace(application(10_000), payment_left_before=115_050, invoice_open_before=90_000)
    asked = applied(again, opens=False, joins=True, letter=None)

    with pytest.raises(AlreadyAppliedError):
        decide(engine, clock, arrive(engine, clock, 2), asked, keys=JOIN)


def test_the_same_allocation_from_another_request_is_another(
    books: SqlBooks, engine: Engine, clock: ManualClock
) -> None:
    """Instalments are legal; whether this one is a repeat is the core's to say (`decisions.md` row 31)."""
    decide(engine, clock, arrive(engine, clock, 1), applied(application(10_000), letter=None))
    again = replace(application(10_000), payment_left_before=115_050, invoice_open_before=90_000)

    decide(engine, clock, arrive(engine, clock, 2), applied(again, letter=None), reference="AR-BBB")

    assert {row["allocation_id"] for row in rows(engine, allocation)} == {"AL-AAA-1", "AL-BBB-1"}


def test_an_unauthenticated_sender_takes_part_in_nothing(books: SqlBooks, engine: Engine, clock: ManualClock) -> None:
    stored = arrive(engine, clock)
    message = message_of(stored)
    held = Decision(Outcome.REJECTED, ANNA, reasons=(Reason.SENDER_UNAUTHENTICATED,), opens=True)

    books.commit(stored, message, books.snapshot_for(stored, message, None, NO_KEYS), held, None, "AR-AAA")

    assert rows(engine, participant) == []


# --- mails without a request ----------------------------------------------------------------------------------------


def test_a_mail_that_asks_nothing_gets_its_end(books: SqlBooks, engine: Engine, clock: ManualClock) -> None:
    decide(engine, clock, arrive(engine, clock), Decision(Outcome.IGNORED, "", reasons=(Reason.AUTO_REPLY,)))

    assert rows(engine, mail)[0]["outcome"] == "ignored"
    assert json.loads(str(rows(engine, decision)[0]["reasons"])) == ["auto_reply"]
    with reading(engine) as connection:
        assert [entry.event for entry in audit.entries(connection, "mailbox:allocations@billing.example")] == [
            "decided"
        ]


def test_a_mail_that_could_not_be_handled_is_quarantined_for_a_person(
    books: SqlBooks, engine: Engine, clock: ManualClock
) -> None:
    stored = arrive(engine, clock)

    books.quarantine(stored, "could not be handled in 3 attempts")
    books.quarantine(stored, "again")

    assert rows(engine, mail)[0]["outcome"] == "quarantined"
    (item,) = rows(engine, review_item)
    assert (item["kind"], item["note"]) == ("failed", "could not be handled in 3 attempts")


def test_a_letter_that_bounced_puts_its_request_before_operations(
    books: SqlBooks, engine: Engine, clock: ManualClock
) -> None:
    decide(engine, clock, arrive(engine, clock, 1), question(), letter=rendered())
    bounce = Decision(
        Outcome.IGNORED,
        "",
        reasons=(Reason.BOUNCE,),
        undelivered=rendered().message_id,
        reviews=(ReviewItem("undelivered", "550 no such user"),),
    )

    decide(engine, clock, arrive(engine, clock, 2), bounce)

    assert rows(engine, letter)[0]["state"] == "failed"
    assert rows(engine, request)[0]["state"] == "in_review"
    (item,) = rows(engine, review_item)
    assert (item["request"], item["partner_id"]) == ("AR-AAA", "4000001")


def test_a_bounce_of_somebody_elses_letter_moves_nothing(books: SqlBooks, engine: Engine, clock: ManualClock) -> None:
    decide(engine, clock, arrive(engine, clock, 1), question(), letter=rendered())

    decide(engine, clock, arrive(engine, clock, 2), Decision(Outcome.IGNORED, "", undelivered="<other@x>"))

    assert rows(engine, request)[0]["state"] == "waiting"


def test_a_mail_that_was_never_stored_is_not_decided(books: SqlBooks, engine: Engine, clock: ManualClock) -> None:
    stored = replace(arrive(engine, clock), id=99)

    with pytest.raises(MailUnknownError):
        decide(engine, clock, stored, Decision(Outcome.IGNORED, ""))


def test_what_no_database_can_hold_is_made_to_fit(books: SqlBooks, engine: Engine, clock: ManualClock) -> None:
    stored = arrive(engine, clock)
    hostile = "x\x00\udc80y"
    message = Message(stored.sha256, "c", 1, (("Message-ID", f"<{hostile}@x>"),), hostile, ())
    evidence = (Evidence("amount", hostile, "text", 0, 1, hostile),)
    made = Decision(Outcome.REJECTED, hostile, evidence=evidence, reviews=(ReviewItem("look_alike", hostile),))

    books.commit(stored, message, books.snapshot_for(stored, message, None, NO_KEYS), made, None, "")

    assert rows(engine, mail)[0]["subject"] == "x\N{REPLACEMENT CHARACTER}?y"
    assert check_ledger(engine) == ()


def test_nothing_is_written_where_the_letter_cannot_be(books: SqlBooks, engine: Engine, clock: ManualClock) -> None:
    """A Message-ID is one letter's for ever."""
    decide(engine, clock, arrive(engine, clock, 1), applied(application(10_000)), letter=rendered())
    before = counts(engine), balance(engine, "1400000002")
    other = applied(application(5_000, "1400000002", "G000000002"))

    with pytest.raises(IntegrityError):
        decide(engine, clock, arrive(engine, clock, 2), other, letter=rendered(), reference="AR-BBB")

    assert (counts(engine), balance(engine, "1400000002")) == before


def test_one_who_serves_two_partners_may_apply_for_both_in_one_mail(
    books: SqlBooks, engine: Engine, clock: ManualClock
) -> None:
    japanese = Application("4000002", "1400000009", "J000000001", 50_000, "JPY", 60_000, 50_000)
    stored = arrive(engine, clock)
    message = message_of(stored)
    snapshot = books.snapshot_for(stored, message, BOOKS, NO_KEYS)
    both = applied(application(), japanese, sender=BOOKS, partner_id=None)

    books.commit(stored, message, snapshot, both, rendered(), "AR-AAA")

    assert {row["partner_id"] for row in rows(engine, allocation)} == {"4000001", "4000002"}
    assert check_ledger(engine) == ()
