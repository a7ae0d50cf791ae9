"""What is the sender's own now, and what is earlier mail, a signature or a disclaimer. No fact is ever lost."""

from __future__ import annotations

import tomllib
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.core.message import Segment, SegmentKind, Source
from processor.core.reading.identifiers import own_items
from processor.core.reading.page import Page, read_page
from tests.builders import TODAY, snapshot
from tests.core.pages import POLICY, page_of

HISTORIES: dict[str, dict[str, str]] = tomllib.loads((Path(__file__).parent / "histories.toml").read_text("utf-8"))
QUOTED, CLOSINGS, DISCLAIMERS = (HISTORIES[name] for name in ("quoted", "closings", "disclaimers"))
NEW = "It is payment 1400000001.\nPlease use it for G000000001."


def words(page: Page, *kinds: SegmentKind) -> str:
    return page.words(*(kinds or (SegmentKind.NEW,))).strip()


@pytest.mark.parametrize("history", QUOTED.values(), ids=QUOTED)
def test_earlier_mail_is_quoted(history: str) -> None:
    page = page_of(f"{NEW}\n\n{history}\n")

    assert words(page) == NEW
    assert "G000000009" in words(page, SegmentKind.QUOTED)


@pytest.mark.parametrize("history", QUOTED.values(), ids=QUOTED)
def test_earlier_mail_right_below_takes_nothing_along(history: str) -> None:
    assert words(page_of(f"{NEW}\n{history}\n")) == NEW


@pytest.mark.parametrize("closing", CLOSINGS.values(), ids=CLOSINGS)
def test_a_closing_is_a_signature(closing: str) -> None:
    page = page_of(f"{NEW}\n\n{closing}\n")

    assert words(page) == NEW
    assert words(page, SegmentKind.SIGNATURE) != ""


@pytest.mark.parametrize("disclaimer", DISCLAIMERS.values(), ids=DISCLAIMERS)
def test_a_disclaimer_is_one(disclaimer: str) -> None:
    page = page_of(f"{NEW}\n\nRegards\nAnna\n\n{disclaimer}\n")

    assert words(page) == NEW


@pytest.mark.parametrize(
    ("history", "closing"), [*zip(QUOTED.values(), cycle(CLOSINGS.values()), strict=False)], ids=QUOTED
)
def test_a_closing_above_earlier_mail(history: str, closing: str) -> None:
    assert words(page_of(f"{NEW}\n\n{closing}\n\n{history}\n")) == NEW


INTERLEAVED = """
> Which payment do you mean?
1400000001, please.
> And for which invoice?
It is for G000000001.
"""
PASTED = """
These are the details of our transfer:
Van: NL91ABNA0417164300
Aan: NL20INGB0001234567
Datum: 16-11-2026
Bedrag: 1.000,00

Use it for G000000001.
"""
AFTER_DELIMITER = """
Please apply payment 1400000001.
--
G000000001  500.00
G000000002  500.00
"""
POSTSCRIPT = """
Please apply payment 1400000001 to G000000001.

Regards,
Anna

PS: make that G000000002.
"""
NOTHING_ABOVE = """
##- Please type your reply above this line -##

Please apply payment 1400000001 to G000000001.
"""


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (INTERLEAVED, ["1400000001", "G000000001"]),
        (PASTED, ["G000000001"]),
        (AFTER_DELIMITER, ["1400000001", "G000000001", "G000000002"]),
        (POSTSCRIPT, ["1400000001", "G000000001", "G000000002"]),
        (NOTHING_ABOVE, ["1400000001", "G000000001"]),
        ("Thanks\n\nPlease apply payment 1400000001 to G000000001.", ["1400000001", "G000000001"]),
        ("Please apply\n\nBest,\nAnna\nG000000001", ["G000000001"]),
        ("Date: 16 November\nFrom: our bank\nG000000001", ["G000000001"]),
        ("On Monday our bank wrote: all fine.\nG000000001", ["G000000001"]),
    ],
)
def test_a_fact_in_the_senders_words_is_kept(text: str, kept: list[str]) -> None:
    page = page_of(text)

    assert [identifier for identifier in kept if identifier not in words(page)] == []


def test_quoted_words_between_answers_stay_quoted() -> None:
    assert words(page_of(INTERLEAVED), SegmentKind.QUOTED) == "> Which payment do you mean?\n\n> And for which invoice?"


@pytest.mark.parametrize(
    "marker",
    [
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "-------- Doorgestuurd bericht --------",
        "-------- Weitergeleitete Nachricht --------",
        "---------- Message transféré ---------",
    ],
)
def test_a_forwarded_mail_is_marked_as_one(marker: str) -> None:
    heading = "From: Bob <bob@harbourlane.example>\nDate: 16 Nov 2026\nSubject: Payment\nTo: AP"
    page = page_of(f"Please process the below.\n\n{marker}\n{heading}\n\n{NEW}\n")

    assert words(page) == "Please process the below."
    assert words(page, SegmentKind.FORWARDED).endswith(NEW)


def test_an_outlook_heading_is_forwarded_when_the_subject_says_so() -> None:
    text = (
        f"Please process.\n\nFrom: Bob <bob@harbourlane.example>\nSent: 16 November 2026\nTo: AP\nSubject: P\n\n{NEW}"
    )

    assert words(page_of(text, forward=True), SegmentKind.FORWARDED).endswith(NEW)
    assert words(page_of(text, forward=False), SegmentKind.QUOTED).endswith(NEW)


def test_our_own_letter_is_never_a_forwarded_request() -> None:
    text = f"Hello\n\n{QUOTED['en outlook']}"

    assert words(page_of(text, forward=True), SegmentKind.FORWARDED) == ""


def test_what_the_structure_says_comes_first() -> None:
    text = "new words\nold words\nhidden"
    told = (Segment(SegmentKind.QUOTED, 10, 19), Segment(SegmentKind.HIDDEN, 20, 26))
    page = read_page(
        Source("html", text, segments=told), own_items(snapshot(), POLICY.profile), POLICY, TODAY, forward=False
    )

    assert words(page) == "new words"
    assert words(page, SegmentKind.QUOTED) == "old words"


@given(st.lists(st.sampled_from([NEW, *QUOTED.values(), *CLOSINGS.values(), *DISCLAIMERS.values(), "", ">", "--"])))
def test_segments_cover_everything_once(parts: list[str]) -> None:
    page = page_of("\n".join(parts))
    places = [place for part in page.segments for place in range(part.start, part.end)]

    assert places == list(range(len(page.text)))
