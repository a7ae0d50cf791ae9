"""Dates as written, with every calendar day that they can mean; they only ever support a payment, never name one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from processor.core.reading.stretches import Taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.lexicon import Cue

_ISO = re.compile(r"(?<!\d)(?P<y>20\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)", re.ASCII)
_NUMERIC = re.compile(
    r"(?<![\d.,/-])(?P<a>\d{1,2})(?P<s>[-/.])\s?(?P<b>\d{1,2})(?:(?P=s)\s?(?P<y>20\d\d|\d\d))?(?P<end>\.)?(?![\d/-]|[.,]\d)",
    re.ASCII,
)
_JAPANESE = re.compile(r"(?:(?P<y>20\d\d)\s?年\s?)?(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?日", re.ASCII)
_DAY_BEFORE = re.compile(
    r"(?<![\d.,])(?P<d>\d{1,2})(?:st|nd|rd|th|er|[.°º])?(?:\s(?:of|de|di|d'))?\s{0,2}$", re.ASCII | re.IGNORECASE
)
_DAY_AFTER = re.compile(r"\.?\s{0,2}(?P<d>\d{1,2})(?:st|nd|rd|th)?(?![\d.,']\d|\d)", re.ASCII | re.IGNORECASE)
_YEAR_AFTER = re.compile(r"(?:\s?(?:de|del|,|'|of|/|-))?\s{0,2}(?P<y>20\d\d)(?!\d)", re.ASCII)
_AHEAD = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date where it stands in folded text, and the days it can mean."""

    start: int
    end: int
    days: tuple[date, ...]


def find_dates(text: str, cues: Sequence[Cue], today: date) -> tuple[DateMention, ...]:
    """Find dates; one without a year is the last such day up to a month ahead of `today`."""
    found: list[DateMention] = []
    taken = Taken()
    for mention in (*_numeric(text, today), *_with_month_names(text, cues, today)):
        if mention.days and not taken.touches(mention.start, mention.end):
            taken.add(mention.start, mention.end)
            found.append(mention)
    return tuple(sorted(found, key=lambda mention: mention.start))


def _numeric(text: str, today: date) -> Iterable[DateMention]:
    for match in (*_ISO.finditer(text), *_JAPANESE.finditer(text)):
        yield DateMention(match.start(), match.end(), _days(today, match["y"], match["m"], match["d"]))
    for match in _NUMERIC.finditer(text):
        first, second, year = match["a"], match["b"], match["y"]
        if year is None and match["s"] == "." and not match["end"]:
            continue  # "12.50" is an amount; "21.09." is a date
        days = {*_days(today, year, second, first), *_days(today, year, first, second)}
        if year is None and match["s"] == "." and not _days(today, year, second, first):
            continue
        yield DateMention(match.start(), match.end(), tuple(sorted(days)))


def _with_month_names(text: str, cues: Sequence[Cue], today: date) -> Iterable[DateMention]:
    for cue in cues:
        if cue.kind != "months":
            continue
        before = _DAY_BEFORE.search(text[max(0, cue.start - 12) : cue.start])
        after = None if before else _DAY_AFTER.match(text, cue.end)
        day = before or after
        if day is None:
            continue
        start = max(0, cue.start - 12) + before.start() if before else cue.start
        end = after.end() if after else cue.end
        year = _YEAR_AFTER.match(text, end)
        yield DateMention(
            start, year.end() if year else end, _days(today, year["y"] if year else None, cue.value, day["d"])
        )


def _days(today: date, year: str | None, month: str, day: str) -> tuple[date, ...]:
    """Return the day if there is one; without a year the latest that is not too far ahead."""
    years = [today.year + 1, today.year, today.year - 1] if year is None else [int(year) % 100 + 2000]
    for candidate in years:
        try:
            found = date(candidate, int(month), int(day))
        except ValueError:
            continue
        if year is not None or found <= today + _AHEAD:
            return (found,)
    return ()
