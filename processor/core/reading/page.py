"""One source, read: folded text with everything found in it, each finding at its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from processor.core.characters import Folded, fold
from processor.core.message import Cell, Segment, SegmentKind, Source, Table
from processor.core.reading.amounts import AmountMention, find_amounts
from processor.core.reading.dates import DateMention, find_dates
from processor.core.reading.identifiers import Mention, OwnItems, find_identifiers
from processor.core.reading.segments import segment
from processor.core.request import Evidence

if TYPE_CHECKING:
    from datetime import date

    from processor.core.lexicon import Cue
    from processor.core.policy import Policy


@dataclass(frozen=True, slots=True)
class Page:
    """A source with its findings; all places are in `text`, which is folded. `evidence` brings them back to the source."""

    name: str
    folded: Folded
    original: str
    cues: tuple[Cue, ...]
    mentions: tuple[Mention, ...]
    dates: tuple[DateMention, ...]
    amounts: tuple[AmountMention, ...]
    segments: tuple[Segment, ...]
    tables: tuple[Table, ...] = ()

    @property
    def text(self) -> str:
        """The folded text."""
        return self.folded.text

    def ranges(self, *kinds: SegmentKind) -> tuple[tuple[int, int], ...]:
        """Return the stretches of these kinds, less what is hidden."""
        hidden = [(part.start, part.end) for part in self.segments if part.kind is SegmentKind.HIDDEN]
        return tuple(piece for part in self.segments if part.kind in kinds for piece in _without((part.start, part.end), hidden))

    def words(self, *kinds: SegmentKind) -> str:
        """Return the text of the stretches of these kinds."""
        return "\n".join(self.text[start:end] for start, end in self.ranges(*kinds))

    def evidence(self, name: str, value: str, start: int, end: int, reading: str = "") -> Evidence:
        """Say where a finding was read, in the source's own characters."""
        first, last = self.folded.place(start, end)
        return Evidence(name, value, self.name, first, last, self.original[first:last], reading)


def _without(stretch: tuple[int, int], holes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    pieces, at = [], stretch[0]
    for start, end in sorted(holes):
        if start < stretch[1] and end > at:
            if start > at:
                pieces.append((at, start))
            at = end
    if at < stretch[1]:
        pieces.append((at, stretch[1]))
    return pieces


def read_page(source: Source, items: OwnItems, policy: Policy, today: date, *, forward: bool) -> Page:
    """Find everything that a source holds. `forward` says that the mail's subject passes a mail on."""
    folded = fold(source.text)
    cues = policy.phrases.find(folded.text)
    mentions = find_identifiers(folded.text, cues, items, policy.profile)
    facts = [(mention.start, mention.end) for mention in mentions]
    dates = find_dates(folded.text, cues, today)
    dates = tuple(found for found in dates if not _touches(found.start, found.end, facts))
    taken = [*facts, *((found.start, found.end) for found in dates)]
    amounts = find_amounts(folded.text, taken, cues)
    structural = tuple(Segment(part.kind, folded.find(part.start), folded.find(part.end)) for part in source.segments)
    segments = segment(folded.text, structural, cues, facts, forward=forward, own=(policy.mailbox,))
    tables = tuple(_folded_table(table, folded) for table in source.tables if not table.hidden)
    return Page(source.name, folded, source.text, cues, mentions, dates, amounts, segments, tables)


def _touches(start: int, end: int, ranges: list[tuple[int, int]]) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in ranges)


def _folded_table(table: Table, folded: Folded) -> Table:
    rows = tuple(tuple(Cell(fold(cell.text).text, folded.find(cell.start), folded.find(cell.end)) for cell in row) for row in table.rows)
    return replace(table, rows=rows)
