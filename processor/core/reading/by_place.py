"""Invoices that a mail leaves out by their place in what it names ("all of them but the last", "only the first")."""

from __future__ import annotations

import re
from functools import cache, partial
from typing import TYPE_CHECKING

from processor.core.reading.mention import Kind
from processor.core.reading.stretches import Taken, only_short_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.lexicon import Cue
    from processor.core.reading.mention import Mention
    from processor.core.reading.page import Page

_ONLY = "context.only_one"
_EXCEPTING = frozenset({"context.vague_exclusion", "context.deleted_before", "context.deleted_after", _ONLY})
# Words beside which a place says something else.
_NO_CHOICE = _EXCEPTING | {"context.hold", "context.negation", "context.background", "context.later", "quantity.part"}
_SEVERAL = 2
_UNKNOWN = 0
_HOW = frozenset({"quantity.full", "quantity.open", "context.stays"})
_CLOSING = frozenset({"cues.invoice", "intent.allocate"})  # "die ersten beiden ausgleichen"
_PAID = 40  # letters within which the payment follows
_BESIDE = 1  # letters between a place and its number
_ARTICLE = 5  # letters between "except" and "second one"
_BEHIND = re.compile(r"[ \u3000]*\w{1,4}")  # "one" or "na", behind the place
_WORD = re.compile(r"[ \u3000]*(\w+)")
_AND = r"\W*(?:<and>\W*)?(?:\w{1,4}\W*)?"  # "the first and the third"
_MARK = re.compile(r"[.,;:!?()\n。、]")
_CLAUSE_END = re.compile(r"[\s\u3000]*(?:[.,;:!?()\n。、]|[\u2013\u2014]|\Z)")


def left_out_by_place(page: Page, ranges: Sequence[tuple[int, int]]) -> tuple[set[str], bool]:
    """Return the invoices that the ranges of a page leave out by their place among all that they name, and whether
    words leave out one that can't be told: all must stand before the words, or all behind. Where several payments are
    named, the words may mean one of these.
    """
    if all(cue.kind != "ordinals" for cue in page.cues):
        return set(), False
    own = Taken(ranges)
    places = [
        (cue, place)
        for cue in page.cues
        if cue.kind in _EXCEPTING and own.holds(cue.start) and (place := _place(page, cue)) is not None
    ]
    chosen = _chosen(page, own)
    mentions = [mention for mention in page.mentions if own.holds(mention.start)] if places or chosen else []
    payments = {mention.value for mention in mentions if mention.kind is Kind.PAYMENT}
    invoices = [mention for mention in mentions if mention.kind is Kind.INVOICE]
    if len(payments) >= _SEVERAL or len({mention.value for mention in invoices}) < _SEVERAL:
        return set(), False
    found = [_left_out(cue, place, invoices) for cue, place in places]
    if chosen:
        found.append(_not_chosen(page, chosen, invoices))
    return {number for some in found for number in some or ()}, None in found


def _left_out(cue: Cue, place: int, invoices: Sequence[Mention]) -> set[str] | None:
    before = dict.fromkeys(mention.value for mention in invoices if mention.end <= cue.start)
    behind = dict.fromkeys(mention.value for mention in invoices if mention.start >= cue.end)
    listed = list(before or behind)
    if place == _UNKNOWN or (before and behind.keys() - before.keys()) or not _SEVERAL <= len(listed) >= place:
        return None
    meant = listed[place - 1] if place > 0 else listed[-1]
    return {number for number in listed if number != meant} if cue.kind == _ONLY else {meant}


def _chosen(page: Page, own: Taken) -> list[Cue]:
    """Return the places that a sentence asks for, of invoices that stand before ("clear the first and the third")."""
    chosen: list[Cue] = []
    last: Cue | None = None
    may_choose = cache(partial(_may_choose, page))
    for cue in page.cues:
        if cue.kind != "ordinals" or not own.holds(cue.start):
            continue
        if last is not None and page.grammar.pattern(_AND).fullmatch(page.levelled, last.end, cue.start):
            if chosen[-1:] != [last] and may_choose(*page.limits.around(last.start, len(page.text))):
                chosen.append(last)
            goes_on = chosen[-1:] == [last]
        else:
            goes_on = False
        around = page.limits.around(cue.start, len(page.text))
        if goes_on or (may_choose(*around) and _ends_there(page, _end(page, cue))):
            chosen.append(cue)
        last = cue
    return chosen


def _may_choose(page: Page, first: int, last: int) -> bool:
    """Tell whether a sentence asks for something behind all invoices that it names, the place too ("apply G012… and
    G013…, the second of these late" chooses none), and neither puts off nor leaves out anything.
    """
    inside = page.cues_from(first, last)
    place = next((cue.start for cue in inside if cue.kind == "ordinals"), last)
    named = max((mention.end for mention in page.mentions_from(first, last) if mention.kind is Kind.INVOICE), default=0)
    asked = any(cue.kind == "intent.allocate" and cue.start >= named for cue in inside)
    return asked and named <= place and all(cue.kind not in _NO_CHOICE for cue in inside)


def _not_chosen(page: Page, chosen: Sequence[Cue], invoices: Sequence[Mention]) -> set[str] | None:
    listed = list(dict.fromkeys(mention.value for mention in invoices if mention.end <= chosen[0].start))
    places = {place for cue in chosen for place in _places(page, cue)}
    if not listed or any(abs(place) > len(listed) for place in places):
        return None
    meant = {listed[place - 1] if place > 0 else listed[place] for place in places}
    return set(listed) - meant


def _places(page: Page, cue: Cue) -> Sequence[int]:
    """Return the places that a word means: "the first two" are two, "the last three" the three from the end."""
    count, place = _count(page, cue), int(cue.value)
    if count is None or place not in {1, -1}:
        return [place]
    return [place * number for number in range(1, int(count.value) + 1)]


def _count(page: Page, place: Cue) -> Cue | None:
    """Return the number in words right behind a place, or before it ("the first two", "les deux premières")."""
    near = page.cues_near(place.start - _BESIDE, place.end + _BESIDE)
    places = Taken((cue.start, cue.end) for cue in near if cue.kind == "ordinals")  # "3件" of "3件目" counts nothing
    return next((cue for cue in near if cue.kind == "counts" and not places.covers(cue.start, cue.end)), None)


def _end(page: Page, cue: Cue) -> int:
    count = _count(page, cue)
    return max(count.end, cue.end) if count else cue.end


def _place(page: Page, cue: Cue) -> int | None:
    """Return the place that words leave out: from 1, -1 for the last, 0 where more is said of it than can be told;
    None where they name no place.
    """
    if page.grammar.pattern(r"<not>").fullmatch(page.levelled, cue.start, cue.end):
        return None  # "not the first" may be anything
    found = None
    for ordinal in page.cues_from(cue.start, cue.end + _ARTICLE + 1):
        if ordinal.kind != "ordinals" or "\n" in page.text[cue.end : ordinal.start]:
            continue
        if _count(page, ordinal):
            return _UNKNOWN
        if _ends_there(page, max(cue.end, ordinal.end)):
            return int(ordinal.value)
        found = found if _is_of_something_else(page, ordinal.end) else _UNKNOWN
    return found


def _is_of_something_else(page: Page, place: int) -> bool:
    """Tell whether a longer word that means no invoice follows ("the second figure")."""
    word = _WORD.match(page.text, place)
    nouns = page.cues_from(place, place + _ARTICLE)
    return word is not None and len(word[1]) > _ARTICLE and all(cue.kind != "cues.invoice" for cue in nouns)


def _ends_there(page: Page, place: int) -> bool:
    """Tell whether the clause ends here, after a word for an invoice or for allocating, or a short one."""
    nouns = (cue.end for cue in page.cues_from(place, place + _ARTICLE) if cue.kind in _CLOSING)
    behind = _BEHIND.match(page.text, place)
    ends = (place, *nouns, *([behind.end()] if behind else []))
    return any(_CLAUSE_END.match(page.text, _past_what_is_paid(page, end)) for end in ends)


def _past_what_is_paid(page: Page, place: int) -> int:
    """Return where words for how much and the payment end that follow ("… in full from 1400…"), else the place."""
    known = [cue for cue in page.cues_from(place, place + _PAID) if cue.kind in _HOW]
    known_ends = [cue.end for cue in known if _is_small(page, place, cue.start)]
    end = max(known_ends, default=place)
    named = [one for one in page.mentions_from(end, end + _PAID) if one.kind is Kind.PAYMENT]
    return named[0].end if named and _is_small(page, end, named[0].start) else end


def _is_small(page: Page, start: int, end: int) -> bool:
    """Tell whether nothing but small words and words for a payment stand between."""
    nouns = Taken((cue.start, cue.end) for cue in page.cues_from(start, end) if cue.kind == "cues.payment")
    return _MARK.search(page.text, start, end) is None and only_short_words(page.text, start, end, _ARTICLE, nouns)
