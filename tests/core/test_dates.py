"""Dates as written, with every day that they can mean."""

from __future__ import annotations

from datetime import date

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from processor.core.reading.dates import find_dates
from tests.builders import TODAY
from tests.core.pages import page_of

LOCALES = ("en_GB", "en_US", "de", "fr", "nl", "es", "it", "pt", "pl", "ja", "de_AT", "fr_CH")


def days_in(text: str) -> list[tuple[str, ...]]:
    return [tuple(day.isoformat() for day in mention.days) for mention in page_of(text).dates]


@given(day=st.dates(date(2020, 1, 1), date(2029, 12, 31)), locale=st.sampled_from(LOCALES))
def test_a_long_date_reads_as_any_country_writes_it(day: date, locale: str) -> None:
    assert days_in(f"- {format_date(day, 'long', locale=locale)} -") == [(day.isoformat(),)]


@given(day=st.dates(date(2020, 1, 1), date(2029, 12, 31)), form=st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d"]))
def test_the_day_meant_is_among_those_read(day: date, form: str) -> None:
    (days,) = days_in(f"- {day.strftime(form)} -")

    assert day.isoformat() in days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-11-03", ("2026-11-03",)),
        ("03/04/2026", ("2026-03-04", "2026-04-03")),
        ("21.09.2026", ("2026-09-21",)),
        ("21.09.", ("2026-09-21",)),
        ("21/9", ("2026-09-21",)),
        ("30/12", ("2025-12-30",)),
        ("14/12", ("2026-12-14",)),
        ("3.11.26", ("2026-03-11", "2026-11-03")),
        ("3 November", ("2026-11-03",)),
        ("November 3rd, 2026", ("2026-11-03",)),
        ("le 3 novembre 2026", ("2026-11-03",)),
        ("3 listopada 2026", ("2026-11-03",)),
        ("2026年11月3日", ("2026-11-03",)),
        ("11月3日", ("2026-11-03",)),
    ],
)
def test_a_date_means_these_days(text: str, days: tuple[str, ...]) -> None:
    assert days_in(f"received {text} thanks") == [days]


@pytest.mark.parametrize(
    "text", ["12.50", "31/02/2026", "99/99", "1.250,00", "10:30", "2026", "may we", "14/11/26/3", "march on", "24.13."]
)
def test_what_is_no_date_has_no_days(text: str) -> None:
    assert days_in(f"received {text} thanks") == []


def test_a_date_stands_where_it_was_read() -> None:
    (found,) = find_dates("sent on 2026-11-03.", (), TODAY)

    assert (found.start, found.end) == (8, 18)
