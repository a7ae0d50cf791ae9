"""How the work went over a span of days: the very report of the command line, with pictures, and as files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus

from starlette.responses import Response

from processor.adapters.days_sql import Days, read_days
from processor.adapters.report_sql import Report, read_report
from processor.console.bars import counts, shares
from processor.console.chart import PARTS, chart_of
from processor.console.room import Visit
from processor.console.words import page
from processor.report_rows import DAYS, csv_of, json_of, rows_of, span_of

SPANS = {"7": "7 days", "30": "30 days", "90": "90 days"}
PARTNERS = 25  # with most mails; the files have all
DAILY = 92  # days that are shown one by one; of more, each bar is a week


@dataclass(frozen=True, slots=True)
class Chosen:
    """The span as the form has it, and as it is."""

    days: str
    since: str
    until: str
    begin: datetime
    end: datetime

    @property
    def query(self) -> str:
        """The same span in an address."""
        return f"days={self.days}" if self.days else f"since={self.since}&until={self.until}"


def reports(visit: Visit) -> Response:
    chosen = _chosen(visit)
    found = read_report(visit.room.engine, chosen.begin, chosen.end, PARTNERS)
    days = read_days(visit.room.engine, _last(chosen), max(1, _length(chosen)))
    return page(
        visit,
        "reports.html",
        chosen=chosen,
        spans=SPANS,
        found=found,
        figures=_figures(found),
        chart=chart_of(_by_week(days) if len(days) > DAILY else days),
        parts=PARTS,
        is_weekly=len(days) > DAILY,
        reasons=counts(found.reasons.items()),
        missing=counts(found.missing.items()),
        languages=shares((one.name, one.applied, one.asked) for one in found.by_language),
        lasting=lasting,
        most=PARTNERS,
    )


def lasting(seconds: float) -> str:
    """Say how long something took, in its two largest units."""
    left = round(seconds)
    said: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if left >= size or (unit == "s" and not said):
            said.append(f"{left // size}\N{NO-BREAK SPACE}{unit}")
            left %= size
    return " ".join(said[:2])


def as_csv(visit: Visit) -> Response:
    return _file(visit, "csv", "text/csv; charset=utf-8", csv_of)


def as_json(visit: Visit) -> Response:
    return _file(visit, "json", "application/json", json_of)


def _file(visit: Visit, ending: str, kind: str, write: Callable[[Report], str]) -> Response:
    chosen = _chosen(visit)
    name = f"report-{chosen.begin:%Y-%m-%d}-{_last(chosen):%Y-%m-%d}.{ending}"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Content-Type": kind}
    content = write(read_report(visit.room.engine, chosen.begin, chosen.end))
    return Response(content.encode("utf-8", "replace"), HTTPStatus.OK, headers)


def _figures(found: Report) -> dict[str, dict[str, str]]:
    """Return the report's own rows by section and name, so that page and command line never differ."""
    figures: dict[str, dict[str, str]] = {}
    for section, name, value in rows_of(found):
        figures.setdefault(section, {})[name] = value
    return figures


def _chosen(visit: Visit) -> Chosen:
    """Read the span; of an address that makes no sense, the last thirty days."""
    since, until = _date(visit.asked("since")), _date(visit.asked("until"))
    days = visit.asked("days") if visit.asked("days") in SPANS else "" if since or until else str(DAYS)
    if days:
        since = until = ""
    begin, end = span_of(since, until, visit.now, int(days or DAYS))
    return Chosen(days, since, until, min(begin, end), end)


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _last(chosen: Chosen) -> datetime:
    """Return a moment of the last day."""
    return chosen.end - timedelta(microseconds=1)


def _length(chosen: Chosen) -> int:
    return (_last(chosen).date() - chosen.begin.date()).days + 1


def _by_week(days: Days) -> Days:
    """Join days to weeks, which begin on Monday."""
    weeks: dict[date, dict[str, int]] = {}
    for day, found in days:
        week = weeks.setdefault(day - timedelta(days=day.weekday()), {})
        for outcome, number in found.items():
            week[outcome] = week.get(outcome, 0) + number
    return tuple(sorted(weeks.items()))
