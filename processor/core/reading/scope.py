"""Which stretches of which page count: the sender's own words now, what is passed on, and files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.message import SegmentKind
from processor.core.reading.mention import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.reading.page import Page

Stretches = tuple["Page", tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True)
class Scope:
    """Pages with the stretches of them that count. `bodies` are the pages of the mail's own text."""

    bodies: tuple[Page, ...]
    own: tuple[Stretches, ...]
    passed_on: tuple[Stretches, ...]
    files: tuple[Stretches, ...]


def scope_of(pages: Sequence[Page], *, fresh_subject: bool) -> Scope:
    """Divide the pages of a mail; its subject counts where it is the sender's own now."""
    subject = [page for page in pages if page.name == "subject" and fresh_subject]
    bodies = tuple(page for page in pages if page.name in {"text", "html"})
    attached = [page for page in pages if page.name.startswith("attachment:")]
    return Scope(
        bodies=bodies,
        own=tuple((page, page.ranges(SegmentKind.NEW)) for page in (*subject, *bodies)),
        passed_on=(
            *((page, page.ranges(SegmentKind.FORWARDED)) for page in bodies),
            *((page, _all(page)) for page in attached if _is_mail(page)),
        ),
        files=tuple((page, _all(page)) for page in attached if not _is_mail(page)),
    )


def _is_mail(page: Page) -> bool:
    return any(
        part.kind is SegmentKind.FORWARDED and part.start == 0 for part in page.segments
    ) and page.name.startswith("attachment:")


def _all(page: Page) -> tuple[tuple[int, int], ...]:
    return page.ranges(SegmentKind.NEW, SegmentKind.FORWARDED)


def with_questions(page: Page, ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Add the quoted line that an inline answer stands under, when it names the one invoice that the answer doesn't."""
    added = list(ranges)
    parts = [part for part in page.segments if part.kind is SegmentKind.QUOTED]
    above = {part.end: part for part in reversed(parts)}
    last = max((part.start for part in parts), default=-1)
    for start, end in ranges:
        quoted = above.get(start)
        if (
            quoted is None
            or not page.text[start:end].strip()
            or any(mention.kind is Kind.INVOICE for mention in page.mentions_from(start, end))
        ):
            continue
        follows = last >= end
        line = page.text.rfind(
            "\n", quoted.start, max(quoted.start, len(page.text[quoted.start : quoted.end].rstrip()) + quoted.start)
        )
        first = max(quoted.start, line + 1)
        inside = [mention for mention in page.mentions_from(first, quoted.end) if mention.kind is Kind.INVOICE]
        if len(inside) == 1 and (follows or len(ranges) > 1):
            added.append((inside[0].start, inside[0].end))
    return tuple(sorted(added))
