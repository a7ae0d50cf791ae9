"""Invoices that a mail leaves out by their place in what it names ("all of them but the last", "only the first")."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processor.core.reading.mention import Kind
from processor.core.reading.stretches import Taken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.lexicon import Cue
    from processor.core.reading.page import Page

_ONLY = "context.only_one"
_EXCEPTING = frozenset({"context.vague_exclusion", "context.deleted_before", "context.deleted_after", _ONLY})
_SEVERAL = 2
_ARTICLE = 5  # letters between "except" and "second one"
_BEHIND = re.compile(r"[ \u3000]*\w{1,4}")  # "one" or "na", behind the place
_CLAUSE_END = re.compile(r"[\s\u3000]*(?:[.,;:!?()\n。、]|[\u2013\u2014]|\Z)")


def left_out_by_place(page: Page, ranges: Sequence[tuple[int, int]]) -> set[str]:
    """Return the invoices that the ranges of a page leave out by their place among all that they name; all of them
    stand before the words, or all behind. Where several payments are named, the words may mean one of these.
    """
    own = Taken(ranges)
    places = [
        (cue, value)
        for cue in page.cues
        if cue.kind in _EXCEPTING and own.holds(cue.start)
        if (value := _place(page, cue)) is not None
    ]
    if not places:
        return set()
    own_named = [mention for mention in page.mentions if own.holds(mention.start)]
    if len({mention.value for mention in own_named if mention.kind is Kind.PAYMENT}) >= _SEVERAL:
        return set()
    named = [mention for mention in own_named if mention.kind is Kind.INVOICE]
    found: set[str] = set()
    for cue, value in places:
        before = dict.fromkeys(mention.value for mention in named if mention.end <= cue.start)
        behind = dict.fromkeys(mention.value for mention in named if mention.start >= cue.end)
        listed = list(before or behind)
        one_sided = not (behind.keys() - before.keys()) or not before
        if one_sided and _SEVERAL <= len(listed) >= value:
            meant = listed[value - 1] if value > 0 else listed[-1]
            found |= {number for number in listed if number != meant} if cue.kind == _ONLY else {meant}
    return found


def _place(page: Page, cue: Cue) -> int | None:
    """Return the place that words leave out: from 1, -1 for the last; None where they say something else."""
    if page.grammar.pattern(r"<not>").fullmatch(page.levelled, cue.start, cue.end):
        return None  # "not the first" may be anything
    for ordinal in page.cues_from(cue.start, cue.end + _ARTICLE + 1):
        if ordinal.kind != "ordinals" or "\n" in page.text[cue.end : ordinal.start]:
            continue
        if _ends_there(page, max(cue.end, ordinal.end)):
            return int(ordinal.value)
    return None


def _ends_there(page: Page, place: int) -> bool:
    """Tell whether the clause ends here, after a word for an invoice, or a short one."""
    nouns = (cue.end for cue in page.cues_from(place, place + _ARTICLE) if cue.kind == "cues.invoice")
    behind = _BEHIND.match(page.text, place)
    ends = (place, *nouns, *([behind.end()] if behind else []))
    return any(_CLAUSE_END.match(page.text, end) for end in ends)
