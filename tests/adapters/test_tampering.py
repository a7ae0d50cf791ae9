"""Whatever an intruder does to ledger or audit log is seen. `make tamper` tries it 5,000 times."""

from collections import Counter

from tests.adapters.tampering import WAYS, tamper


def test_every_change_is_seen() -> None:
    found = list(tamper(60, 1))

    assert [sentence for _, sentence in found if sentence] == []
    assert Counter(way for way, _ in found).keys() == {way.__name__ for way in WAYS}


def test_without_an_anchor_some_of_them_are_not() -> None:
    unseen = {way for way, sentence in tamper(60, 1, anchored=False) if sentence}

    assert unseen >= {"cut_tail", "write_anew", "cover_up"}
