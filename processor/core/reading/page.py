"""One source, read: folded text with everything found in it, each finding at its place."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING

from processor.core.characters import Folded, fold, level
from processor.core.message import Cell, Segment, SegmentKind, Source, Table
from processor.core.reading.amounts import AmountMention, find_amounts
from processor.core.reading.breaks import Breaks, breaks
from processor.core.reading.dates import DateMention, find_dates
from processor.core.reading.identifiers import OwnItems, find_identifiers
from processor.core.reading.mention import Kind, Mention
from processor.core.reading.segments import is_forward, segment
from processor.core.reading.stretches import Taken, longest, reaching, starting_in, without
from processor.core.request import Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from processor.core.grammar import Grammar
    from processor.core.lexicon import Cue
    from processor.core.policy import Policy


@dataclass(frozen=True, slots=True)
class Page:
    """A source with its findings in order of place; all places are in `text`, which is folded.
    `evidence` brings them back to the source. `levelled` is the text without case and accents, `limits` its sentences.
    """

    name: str
    folded: Folded
    original: str
    cues: tuple[Cue, ...]
    mentions: tuple[Mention, ...]
    dates: tuple[DateMention, ...]
    amounts: tuple[AmountMention, ...]
    segments: tuple[Segment, ...]
    grammar: Grammar
    levelled: str
    limits: Breaks
    tables: tuple[Table, ...] = ()
    small_words: frozenset[str] = frozenset()
    longest: tuple[int, int] = (0, 0)  # of a phrase, of a mention: none is longer

    @property
    def text(self) -> str:
        """The folded text."""
        return self.folded.text

    def cues_from(self, first: int, last: int) -> Sequence[Cue]:
        """Return the phrases that start in a stretch."""
        return starting_in(self.cues, first, last)

    def cues_near(self, first: int, last: int) -> Sequence[Cue]:
        """Return the phrases that end at `first` or later and start at `last` or before."""
        return reaching(self.cues, first, last, self.longest[0])

    def mentions_from(self, first: int, last: int) -> Sequence[Mention]:
        """Return the identifiers that start in a stretch."""
        return starting_in(self.mentions, first, last)

    def mentions_near(self, first: int, last: int) -> Sequence[Mention]:
        """Return the identifiers that end at `first` or later and start at `last` or before."""
        return reaching(self.mentions, first, last, self.longest[1])

    def ranges(self, *kinds: SegmentKind) -> tuple[tuple[int, int], ...]:
        """Return the stretches of these kinds, less what is hidden."""
        shown = [(part.start, part.end) for part in self.segments if part.kind in kinds]
        hidden = [(part.start, part.end) for part in self.segments if part.kind is SegmentKind.HIDDEN]
        if not hidden or not shown:
            return tuple(part for part in shown if part[0] < part[1])
        seen = without((0, max(end for _, end in shown)), hidden)
        return tuple(piece for part in shown for piece in _common(part, seen))

    def words(self, *kinds: SegmentKind) -> str:
        """Return the text of the stretches of these kinds."""
        return "\n".join(self.text[start:end] for start, end in self.ranges(*kinds))

    def evidence(self, name: str, value: str, start: int, end: int, reading: str = "") -> Evidence:
        """Say where a finding was read, in the source's own characters."""
        first, last = self.folded.place(start, end)
        return Evidence(name, value, self.name, first, last, self.original[first:last], reading)


_LONG = 64 * 1024  # characters of a text from which its history is cut
_HISTORY = 16 * 1024  # characters of marked lines that are read
_MARKED = re.compile(r"(?m)^>[^\n]*\n?")


def _without_long_history(folded: Folded) -> Folded:
    """Drop the marked lines of a very long text but for the first of them, which answers may point at:
    old mail is never read as a request, whatever its length.
    """
    if len(folded.text) < _LONG:
        return folded
    kept: list[tuple[int, int]] = []
    at = seen = 0
    for match in _MARKED.finditer(folded.text):
        seen += len(match[0])
        if seen > _HISTORY:
            kept.append((at, match.start()))
            at = match.end()
    kept.append((at, len(folded.text)))
    text = "".join(folded.text[start:end] for start, end in kept)
    origin = [place for start, end in kept for place in folded.origin[start:end]]
    return Folded(text, (*origin, folded.origin[-1]))


def read_page(source: Source, items: OwnItems, policy: Policy, today: date, *, forward: bool) -> Page:
    """Find everything that a source holds. `forward` says that the mail's subject passes a mail on."""
    folded = _without_long_history(fold(source.text))
    levelled = level(folded.text)
    cues = policy.phrases.find(levelled)
    mentions = find_identifiers(folded.text, cues, items, policy.profile, policy.phrases)
    facts = [(mention.start, mention.end) for mention in mentions]
    dates = find_dates(folded.text, cues, today)
    known = Taken(facts)
    dates = tuple(
        found
        for found in dates
        if not known.touches(found.start, found.end) and not _MONEY.match(folded.text, max(0, found.end - 3))
    )
    taken = [*facts, *((found.start, found.end) for found in dates)]
    amounts = find_amounts(folded.text, taken, cues, policy.phrases.grammar)
    segments = _segments(source, folded, cues, facts, policy, forward=forward)
    tables = tuple(_folded_table(table, folded) for table in source.tables if not table.hidden)
    page = Page(
        source.name, folded, source.text, cues, mentions, dates, amounts, segments, policy.phrases.grammar,
        levelled, breaks(folded.text), tables, policy.phrases.small_words, (longest(cues), longest(mentions)),
    )  # fmt: skip
    return with_list_answers(page)


# "mag 25 euro": the day of a month in another language is an amount in this one.
_MONEY = re.compile(r"\D{0,2}\d{1,2}\s?(?:[€£¥円]|(?i:eur|euros?|usd|gbp|chf|pln|jpy)\b)(?!\s?\d)")


def _segments(
    source: Source,
    folded: Folded,
    cues: tuple[Cue, ...],
    facts: list[tuple[int, int]],
    policy: Policy,
    *,
    forward: bool,
) -> tuple[Segment, ...]:
    """Divide a body or an attached mail; a file has no history and no signature."""
    structural = tuple(Segment(part.kind, folded.find(part.start), folded.find(part.end)) for part in source.segments)
    is_mail = any(part.kind is SegmentKind.FORWARDED for part in structural)
    if source.name.startswith("attachment:") and not is_mail:
        return (
            Segment(SegmentKind.NEW, 0, len(folded.text)),
            *(part for part in structural if part.kind is SegmentKind.HIDDEN),
        )
    if not source.name.startswith("attachment:"):
        return segment(folded.text, structural, cues, facts, policy, forward=forward)
    return _of_attached_mail(folded.text, structural, cues, facts, policy)


def _of_attached_mail(
    text: str,
    structural: tuple[Segment, ...],
    cues: tuple[Cue, ...],
    facts: list[tuple[int, int]],
    policy: Policy,
) -> tuple[Segment, ...]:
    """Divide a mail that came as a file, which begins with its subject: its author's words are passed on, and what they
    quote is history.
    """
    inside = tuple(part for part in structural if (part.kind, part.start) != (SegmentKind.FORWARDED, 0))
    forward = is_forward(text[: text.find("\n")], policy.phrases.grammar)
    parts = segment(text, inside, cues, facts, policy, forward=forward)
    passed_on = (replace(part, kind=SegmentKind.FORWARDED) if part.kind is SegmentKind.NEW else part for part in parts)
    return (Segment(SegmentKind.FORWARDED, 0, 0), *passed_on)


_ITEM = re.compile(r"(?m)^[ \t>*•-]*\(?(\d{1,2})[.)\]:]")
_REFERRED = r"(?m)^[ \t]*\(?#?(\d)(?:[.):\]](?!\d)|[ \t]*$)|<number>[\s.°º:#]{0,2}(\d)(?!\w)|(\d)番|#(\d)(?!\w)"


def with_list_answers(page: Page) -> Page:
    """Let "2)" and "the second one" mean what a numbered list in the quoted letter calls so."""
    listed = _listed(page, Taken(page.ranges(SegmentKind.QUOTED)))
    if not listed:
        return page
    new = Taken(page.ranges(SegmentKind.NEW))
    numbers = [
        (int(next(filter(None, match.groups()))), match.start(match.lastindex or 0), match.end(match.lastindex or 0))
        for match in page.grammar.pattern(_REFERRED).finditer(page.levelled)
    ]
    numbers += [(int(cue.value), cue.start, cue.end) for cue in page.cues if cue.kind == "ordinals"]
    added: dict[int, Mention] = {}
    for number, start, end in sorted(numbers, key=lambda entry: entry[1]):
        place = number if number > 0 else max(listed) + 1 + number
        first, last = page.text.rfind("\n", 0, start) + 1, page.text.find("\n", end)
        alone = not page.mentions_from(first, last if last >= 0 else len(page.text))
        if place in listed and alone and new.holds(start):
            kind, value = listed[place]
            added.setdefault(start, Mention(kind, value, start, end, own=True))
    mentions = tuple(sorted((*page.mentions, *added.values()), key=lambda mention: mention.start))
    return replace(page, mentions=mentions, longest=(page.longest[0], longest(mentions)))


def _listed(page: Page, quoted: Taken) -> dict[int, tuple[Kind, str]]:
    """Return the sender's own item that each number of a quoted list stands for."""
    listed: dict[int, tuple[Kind, str]] = {}
    for match in _ITEM.finditer(page.text):
        end = page.text.find("\n", match.end())
        row = page.mentions_from(match.end(), end if end >= 0 else len(page.text))
        inside = [mention for mention in row if mention.own]
        single = len({mention.kind for mention in inside}) == 1  # a pairing is no item
        if single and quoted.holds(match.start(1)):
            listed.setdefault(int(match.group(1)), (inside[0].kind, inside[0].value))
    return listed


def _common(stretch: tuple[int, int], pieces: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what a stretch has in common with pieces that are in order and apart."""
    first = bisect_right(pieces, stretch[0], key=itemgetter(1))
    last = bisect_left(pieces, stretch[1], first, key=itemgetter(0))
    return [(max(start, stretch[0]), min(end, stretch[1])) for start, end in pieces[first:last]]


def _folded_table(table: Table, folded: Folded) -> Table:
    rows = tuple(
        tuple(Cell(fold(cell.text).text, folded.find(cell.start), folded.find(cell.end), cell.number) for cell in row)
        for row in table.rows
    )
    return replace(table, rows=rows)
