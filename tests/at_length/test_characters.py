"""Folding: one spelling for what a reader sees as the same, and the way back to the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.core.characters import fold, is_ascii_alnum, level, squeeze

TEXTS = st.text(st.sampled_from("aZ0é -\n\r\u00a0\u200b\u00ad\u0301\u202e\u202cＧ１、ł\u2028ﬁßİ円"), max_size=40)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("G012\u00a0040\u202f490", "G012 040 490"),
        ("G0\u200b12\u200d\ufeff0", "G0120"),
        ("G0\u00ad12", "G012"),
        ("Ｇ０１２", "G012"),
        ("G012\u2011040\u2013490\u2212", "G012-040-490-"),
        ("l\u2019importo", "l'importo"),
        ("\u00abda\u00bb", '"da"'),
        ("e\u0301tat", "état"),
        ("a\r\nb\rc\u2028d", "a\n\nb\nc\nd"),
        ("100、200。", "100,200."),
        ("￥100", "¥100"),
        ("\u200f\u2066G012\u2069", "G012"),
        ("\u202eG012\u202c", "\ufffc\ufffc\ufffc\ufffc"),
        ("\u202e12\n34", "\ufffc\ufffc\n34"),
    ],
)
def test_what_looks_the_same_reads_the_same(written: str, read: str) -> None:
    assert fold(written).text == read


@given(TEXTS)
def test_every_character_has_a_place_it_came_from(written: str) -> None:
    folded = fold(written)

    assert len(folded.origin) == len(folded.text) + 1
    assert list(folded.origin) == sorted(folded.origin)
    assert folded.origin[-1] == len(written)


@given(TEXTS, st.data())
def test_a_range_leads_back_to_the_original(written: str, data: st.DataObject) -> None:
    folded = fold(written)
    start = data.draw(st.integers(0, len(folded.text)))
    end = data.draw(st.integers(start, len(folded.text)))

    first, last = folded.place(start, end)

    assert 0 <= first <= last <= len(written)
    assert folded.find(first) == start or start == len(folded.text) or first == folded.origin[start]


@given(TEXTS)
def test_folding_twice_changes_nothing(written: str) -> None:
    once = fold(written).text

    assert fold(once).text == once


@given(st.text(max_size=40))
def test_levelling_keeps_every_place(written: str) -> None:
    assert len(level(written)) == len(written)


@pytest.mark.parametrize(
    ("written", "read"),
    [("ÉTÉ", "ete"), ("Płatność", "platnosc"), ("Über", "uber"), ("İ", "i"), ("支払い", "支払い"), ("ガ", "ガ")],
)
def test_levelling_takes_case_and_accents(written: str, read: str) -> None:
    assert level(written) == read


def test_squeezing_takes_gaps_and_case() -> None:
    squeezed = squeeze("g012-040\n490 ß")

    assert squeezed.text == "G012040490ß"
    assert squeezed.place(0, 10) == (0, 12)


@pytest.mark.parametrize(("char", "part"), [("a", True), ("7", True), ("é", False), ("٣", False), ("-", False)])
def test_only_plain_letters_and_digits_are_part_of_an_identifier(char: str, part: bool) -> None:
    assert is_ascii_alnum(char) is part
