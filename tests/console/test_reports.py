"""The report as a page and as files: the command line's own figures, over the days that were chosen."""

import csv
import io
import json
from datetime import timedelta

import pytest

from processor.adapters.report_sql import read_report
from processor.console.reports import lasting
from processor.report_rows import rows_of
from tests.console.house import NOW, House
from tests.console.test_acts import BANK, LINE, do, hidden, show, token_of


def figures(house: House, query: str = "") -> dict[str, object]:
    found: dict[str, object] = json.loads(house.client("viewer").get(f"/reports.json{query}").text)
    return found


def test_page_and_files_say_what_the_command_line_says(house: House) -> None:
    expected = list(rows_of(read_report(house.room.engine, NOW - timedelta(days=30), NOW)))
    client = house.client("viewer")
    page, file = client.get("/reports").text, client.get("/reports.csv")

    assert [tuple(row) for row in csv.reader(io.StringIO(file.text))][1:] == expected
    assert file.headers["content-disposition"] == "attachment; filename=report-2026-10-25-2026-11-24.csv"
    rate = next(value for section, name, value in expected if (section, name) == ("straight through", "envelopes"))
    assert f"<b>{rate}</b>" in page
    assert "sender spoofed" in page
    assert page.count("<svg") == page.count("aria-hidden") + page.count('role="img"')


def test_what_is_taken_back_and_corrected_lowers_precision(house: House) -> None:
    before = figures(house)
    approver, operator = house.client("approver"), house.client("operator")
    shown = approver.post("/allocation/AL-WHN5BG8Y-1/reverse", data={"form_token": token_of(approver)})
    approver.post("/allocation/AL-WHN5BG8Y-1/reverse", data=hidden(shown.text) | {"note": "wrong invoice"})
    do(operator, BANK, "apply", show(operator, BANK, "apply", **LINE))
    house.clock.moment += timedelta(minutes=1)
    after = figures(house)

    assert (before["own_lines_taken_back"], before["decisions_corrected"], before["precision"]) == (0, 0, 1.0)
    assert (after["own_lines_taken_back"], after["decisions_corrected"]) == (1, 1)
    assert isinstance(after["precision"], float)
    assert after["precision"] < 1
    assert after["lines_by_people"] == 1


@pytest.mark.parametrize(
    ("query", "since", "until"),
    [
        ("?days=7", "2026-11-17T09:30:00+00:00", "2026-11-24T09:30:00+00:00"),
        ("?since=2026-11-01&until=2026-11-10", "2026-11-01T00:00:00+00:00", "2026-11-11T00:00:00+00:00"),
        ("?days=5000", "2026-10-25T09:30:00+00:00", "2026-11-24T09:30:00+00:00"),
        ("?since=yesterday", "2026-10-25T09:30:00+00:00", "2026-11-24T09:30:00+00:00"),
        ("?since=2027-01-01", "2026-11-24T09:30:00+00:00", "2026-11-24T09:30:00+00:00"),
    ],
)
def test_the_span_is_chosen(house: House, query: str, since: str, until: str) -> None:
    found = figures(house, query)
    assert (found["since"], found["until"]) == (since, until)
    assert house.client("viewer").get(f"/reports{query}").status_code == 200


def test_many_days_are_shown_by_week(house: House) -> None:
    page = house.client("viewer").get("/reports?since=2025-11-24").text
    assert "Mails by week" in page
    assert page.count("<tr><td>202") == 53


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59.6, "1 min"), (3725, "1 h 2 min"), (86_400, "1 d"), (90_061, "1 d 1 h")]
)
def test_a_time_is_said_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert lasting(seconds).replace("\N{NO-BREAK SPACE}", " ") == words
