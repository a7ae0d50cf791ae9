"""Fresh copies of a ledger in memory, for mails that no mailbox held."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from processor.adapters.memory_ledger import LedgerCopy, LedgerFilesError, ReplayBooks
from processor.core.threading import ThreadKeys
from processor.ports import StoredMail
from tests.adapters.samples import (
    ANNA,
    MAILBOX,
    NO_KEYS,
    NOON,
    application,
    applied,
    message_of,
    raw_mail,
    write_ledger,
)


def mail(number: int, words: str = "") -> StoredMail:
    raw = raw_mail(words or f"mail {number}")
    received_at = NOON + timedelta(days=number)
    return StoredMail(number, MAILBOX, raw, hashlib.sha256(raw).hexdigest(), received_at, 1, size=len(raw))


def settle(books: ReplayBooks, stored: StoredMail, reference: str = "AR-AAA") -> None:
    message = message_of(stored)
    snapshot = books.snapshot_for(stored, message, ANNA, NO_KEYS)
    books.commit(stored, message, snapshot, applied(application(), letter=None), None, reference)


def test_each_copy_is_the_ledger_of_the_files(ledger_folder: Path) -> None:
    copy = LedgerCopy(ledger_folder)

    for _ in range(3):
        books = copy.fresh()
        before = books.snapshot_for(mail(1), message_of(mail(1)), ANNA, NO_KEYS)
        settle(books, mail(1))
        after = books.snapshot_for(mail(2), message_of(mail(2)), ANNA, NO_KEYS)

        assert [one.unallocated for one in before.payments] == [125_050, 30_000]
        assert [one.unallocated for one in after.payments] == [25_050, 30_000]
        assert not before.allocations
    copy.close()


def test_the_time_is_that_of_the_mail_in_hand(ledger_folder: Path) -> None:
    books = LedgerCopy(ledger_folder).fresh()
    settle(books, mail(3))

    seen = books.snapshot_for(mail(4), message_of(mail(4)), ANNA, ThreadKeys(("AR-AAA",), (), ()))

    assert seen.today == (NOON + timedelta(days=4)).date()
    assert seen.allocations[0].allocated_at == NOON + timedelta(days=3)
    assert seen.conversation is not None


def test_a_mail_that_comes_twice_is_seen_to(ledger_folder: Path) -> None:
    books = LedgerCopy(ledger_folder).fresh()
    settle(books, mail(1, "the same"))

    assert books.snapshot_for(mail(2, "the same"), message_of(mail(2, "the same")), ANNA, NO_KEYS).delivered_before


def test_files_that_are_wrong_are_told_whole(tmp_path: Path) -> None:
    with pytest.raises(LedgerFilesError) as caught:
        LedgerCopy(write_ledger(tmp_path / "files", payments="a,b\n", contacts="c\n"))

    assert [problem.file for problem in caught.value.problems] == ["contacts.csv", "payments.csv"]
