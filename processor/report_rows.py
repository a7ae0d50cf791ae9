"""A report as people and programs read it: rows, CSV or JSON, the same from the page as from the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from processor.adapters.report_sql import Report, Share, Spread

DAYS = 30  # of a report that names no span
Row = tuple[str, str, str]


def plain(found: Report) -> dict[str, object]:
    """Return a report as JSON has it."""
    return asdict(found) | {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "straight_through_by_envelope": _rate(found.envelopes.applied, found.envelopes.asked),
        "straight_through_by_line": _rate(found.lines - found.lines_by_people, found.lines),
        "lines_that_stood": _rate(found.lines - found.lines_reversed, found.lines),
        "precision": _rate(*_right(found)),
    }


def rows_of(found: Report) -> Iterator[Row]:
    """Return a report as rows of section, name and value."""
    yield "span", "since", found.since.isoformat()
    yield "span", "until", found.until.isoformat()
    envelopes, lines = found.envelopes, found.lines
    yield "straight through", "envelopes", percent(envelopes.applied, envelopes.asked)
    yield "straight through", "lines", percent(lines - found.lines_by_people, lines)
    yield "straight through", "lines that stood", percent(lines - found.lines_reversed, lines)
    yield "precision", "own lines never taken back", percent(*_right(found))
    yield "precision", "own lines taken back", str(found.own_lines_taken_back)
    yield "precision", "decisions corrected by people", str(found.decisions_corrected)
    yield "lines", "applied", str(lines)
    yield "lines", "by people", str(found.lines_by_people)
    yield "lines", "taken back", str(found.lines_reversed)
    for section, counts in (("mails", found.outcomes), ("requests", found.requests), ("reasons", found.reasons),
                            ("missing", found.missing)):  # fmt: skip
        yield from ((section, name, str(count)) for name, count in counts.items())
    for name, spread in (("arrival to letter", found.to_letter), ("arrival to decision", found.to_decision),
                         ("age in review", found.in_review), ("age waiting", found.waiting)):  # fmt: skip
        yield from _spread(name, spread)
    for section, shares in (("partners", found.by_partner), ("languages", found.by_language)):
        yield from (_share(section, share) for share in shares)


def csv_of(found: Report) -> str:
    """Return a report as a CSV file."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("section", "name", "value"))
    writer.writerows(rows_of(found))
    return file.getvalue()


def json_of(found: Report) -> str:
    """Return a report as a JSON document."""
    return json.dumps(plain(found), ensure_ascii=False, indent=1)


def span_of(since: str, until: str, now: datetime, days: int = DAYS) -> tuple[datetime, datetime]:
    """Return the span from one ISO date up to and with another (UTC); empty ones are so many days ago, and now.

    Raises `ValueError` with the date that is none.
    """
    last, day = _midnight(until) if until else now, timedelta(days=1)
    end = now if last > now - day else last + day  # the calendar's own last day has no morrow
    if since:
        return _midnight(since), end
    first = datetime.min.replace(tzinfo=UTC)
    return (end - day * days if end - first > day * days else first), end


def _midnight(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError as error:
        raise ValueError(day) from error


def _spread(section: str, spread: Spread) -> Iterator[Row]:
    yield section, "count", str(spread.count)
    for name in ("median", "p95", "longest"):
        yield section, name, duration(getattr(spread, name))


def _share(section: str, share: Share) -> Row:
    return section, share.name, f"{percent(share.applied, share.asked)} of {share.asked}"


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _right(found: Report) -> tuple[int, int]:
    """Of the lines that the processor applied: how many stood, and how many there were."""
    own = found.lines - found.lines_by_people
    return own - found.own_lines_taken_back, own


def percent(part: int, whole: int) -> str:
    """Return a share as people read it."""
    return f"{part / whole:.1%}" if whole else "none"


def duration(seconds: float) -> str:
    """Return a span of time as people read it."""
    return str(timedelta(seconds=round(seconds)))
