"""A report as people and programs read it: rows of section, name and value, or JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from processor.adapters.report_sql import Report, Share, Spread

Row = tuple[str, str, str]


def plain(found: Report) -> dict[str, object]:
    """Return a report as JSON has it."""
    return asdict(found) | {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "straight_through_by_envelope": _rate(found.envelopes.applied, found.envelopes.asked),
        "straight_through_by_line": _rate(found.lines - found.lines_by_people, found.lines),
        "lines_that_stood": _rate(found.lines - found.lines_reversed, found.lines),
    }


def rows_of(found: Report) -> Iterator[Row]:
    """Return a report as rows of section, name and value."""
    yield "span", "since", found.since.isoformat()
    yield "span", "until", found.until.isoformat()
    envelopes, lines = found.envelopes, found.lines
    yield "straight through", "envelopes", _percent(envelopes.applied, envelopes.asked)
    yield "straight through", "lines", _percent(lines - found.lines_by_people, lines)
    yield "straight through", "lines that stood", _percent(lines - found.lines_reversed, lines)
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


def _spread(section: str, spread: Spread) -> Iterator[Row]:
    yield section, "count", str(spread.count)
    for name in ("median", "p95", "longest"):
        yield section, name, _duration(getattr(spread, name))


def _share(section: str, share: Share) -> Row:
    return section, share.name, f"{_percent(share.applied, share.asked)} of {share.asked}"


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "none"


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
