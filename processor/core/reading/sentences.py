"""The sender's own sentences: what each speaks of, and whether it asks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.reading.breaks import Breaks
from processor.core.reading.mention import Kind
from processor.core.reading.stretches import Taken, starting_in

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from processor.core.grammar import Grammar
    from processor.core.lexicon import Cue
    from processor.core.reading.page import Page

_FIGURE = re.compile(r"\s?[€$£]?\s?\d[\d.,]*(?:\s|\W|$)")  # "2,000, not 3,000" takes a figure back
_APART = re.compile(r"[,;:]\s")
_DOUBTS = frozenset({"context.hold", "context.negation", "context.hedge"})
_NO_DENIALS = frozenset({"context.unallocated", "context.only"})  # "ne mettez que …" denies nothing
_LEFT = frozenset({"context.leaves", "quantity.rest"})
_NEAR_LEFT = 16
_FEW_WORDS = 6
_QUOTED = re.compile('["\u201c\u201e\u00ab\u300c][^"\u201c\u201d\u00bb\u300d\n]{8,}["\u201c\u201d\u00bb\u300d]')
_NEAR_WHOLE = 8
_NEAR_DOUBT = 60
_TAG = r"[,;-]\s*<tag>\s*$"
_TAG_REACH = 24
ONLY_BEHIND = r"\W*<only>(?!\w)"  # "not only to G012… but also to G013…" leaves out neither
_END = re.compile(r"[.!？。\n]|\?(?=\W|\Z)|\Z")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One of the sender's own sentences: the kinds of its phrases, the identifiers in it, whether it asks,
    whether it has but a few words, and whether it only cites what it names.
    """

    kinds: frozenset[str]
    named: frozenset[str] = frozenset()
    question: bool = False
    short: bool = False
    cited: bool = False

    def has(self, *kinds: str) -> bool:
        """Tell whether a phrase of one of these kinds stands in it."""
        return not self.kinds.isdisjoint(kinds)


def sentences_of(page: Page, ranges: Sequence[tuple[int, int]]) -> list[Sentence]:
    """Return the sentences of these stretches in which a phrase or an identifier stands."""
    limits, own = page.limits, Taken(ranges)
    rests = [cue for cue in page.cues if cue.kind == "quantity.rest"]
    units: dict[tuple[int, int], tuple[set[str], set[str], list[int]]] = {}
    for cue in page.cues:
        if own.holds(cue.start) and not _is_idle(cue, page, limits, rests):
            units.setdefault(limits.unit(cue.start), (set(), set(), []))[0].add(cue.kind)
            units[limits.unit(cue.start)][2].append(cue.end)
    for mention in page.mentions:
        if own.holds(mention.start) and mention.kind is not Kind.PARTNER:
            units.setdefault(limits.unit(mention.start), (set(), set(), []))[1].add(mention.value)
            units[limits.unit(mention.start)][2].append(mention.end)
    return [_sentence(page, kinds, named, ends) for kinds, named, ends in units.values()]


def _sentence(page: Page, kinds: set[str], named: set[str], ends: Sequence[int]) -> Sentence:
    """Weigh a sentence by what stands in it; `ends` are where its phrases and identifiers end."""
    start, end = page.limits.around(ends[0] - 1, len(page.text))
    return Sentence(
        frozenset(kinds),
        frozenset(named),
        question=_asks(page.text, max(ends), page.grammar),
        short=len(page.text[start:end].split()) <= _FEW_WORDS,
        cited=_is_cited(page, start, end, named),
    )


def _is_cited(page: Page, start: int, end: int, named: Collection[str]) -> bool:
    """Tell whether all that a sentence names stands between quotation marks, and other words outside
    ("you will get mails like “payment 14… to G012…”").
    """
    if len(named) <= 1:
        return False
    cited = Taken(
        (match.start() + 1, match.end()) for match in _QUOTED.finditer(page.text, start, min(end + 2, len(page.text)))
    )
    return all(cited.holds(mention.start) for mention in page.mentions_from(start, end))


def _is_idle(cue: Cue, page: Page, limits: Breaks, rests: Sequence[Cue]) -> bool:
    """Tell whether words to wait, a doubt or a denial speak of something else."""
    if cue.kind not in _DOUBTS:
        return False
    if _APART.search(page.text, cue.start, cue.end) or _is_polite(cue, page):
        return True  # "Klopt, dat …" is no "klopt dat"
    if _is_of_the_rest(cue, page, limits, rests):
        return True
    if cue.kind == "context.hold":
        end = page.text.find("\n", cue.end)
        return page.text[cue.end : end if end >= 0 else len(page.text)].rstrip().endswith(":")
    return not _is_near(cue, page, limits) or (
        _is_idle_denial(cue, page, limits) if cue.kind == "context.negation" else _is_told(cue, page)
    )


def _is_polite(cue: Cue, page: Page) -> bool:
    """Tell whether it is but a part of words that ask ("s'il vous plaît")."""
    return any(
        other.kind == "intent.request" and other.start <= cue.start and cue.end <= other.end
        for other in page.cues_near(cue.start + 1, cue.start)
        if other.end - other.start > cue.end - cue.start
    )


def _is_near(cue: Cue, page: Page, limits: Breaks) -> bool:
    """Tell whether an identifier or a word for allocating stands near in the sentence."""
    first, last = limits.around(cue.start, len(page.text))
    window = cue.start - _NEAR_DOUBT, cue.end + _NEAR_DOUBT
    asked = [other.start for other in page.cues_near(*window) if other.kind == "intent.allocate"]
    return any(first <= start < last for start in (*asked, *(mention.start for mention in page.mentions_near(*window))))


def _is_of_the_rest(cue: Cue, page: Page, limits: Breaks, rests: Sequence[Cue]) -> bool:
    """Tell whether it follows words for what is left over, with no identifier between ("…, the rest stays until …")."""
    first, _ = limits.around(cue.start, len(page.text))
    rest = (other.end for other in reversed(starting_in(rests, first, cue.start)) if other.end <= cue.start)
    left = next(rest, None)
    return left is not None and not page.mentions_from(left, cue.start)


def _is_told(cue: Cue, page: Page) -> bool:
    """Tell whether words that ask how something stands are in a sentence that asks nothing ("you have it already")."""
    covered = any(other.kind == "intent.status" for other in page.cues_near(cue.start + 1, cue.end - 1))
    return covered and not _asks(page.text, cue.end, page.grammar)


def _is_idle_denial(cue: Cue, page: Page, limits: Breaks) -> bool:
    """Tell whether what is denied is that money was allocated or is left over, a figure, or only the whole."""
    told = any(other.kind in _NO_DENIALS for other in page.cues_near(cue.start + 1, cue.start))
    left = any(other.kind in _LEFT for other in page.cues_from(cue.end, cue.end + _NEAR_LEFT + 1))
    only = page.grammar.pattern(ONLY_BEHIND).match(page.levelled, cue.end) is not None
    return told or left or only or _FIGURE.match(page.text, cue.end) is not None or _of_the_whole(cue, page, limits)


def _of_the_whole(cue: Cue, page: Page, limits: Breaks) -> bool:
    """Tell whether only that all of it is paid is denied, of an item that the mail speaks of elsewhere too
    ("G012… won't be paid off by this").
    """
    full = any(other.kind == "quantity.full" for other in page.cues_from(cue.end, cue.end + _NEAR_WHOLE + 1))
    first, last = limits.around(cue.start, len(page.text))
    inside = {mention.value for mention in page.mentions_from(first, last)} if full else set()
    outside = {mention.value for mention in page.mentions if not first <= mention.start < last} if inside else set()
    return bool(inside) and inside <= outside


def _asks(text: str, place: int, grammar: Grammar) -> bool:
    """Tell whether the sentence around a place ends with a question mark, or with the Japanese "ka"."""
    mark = _END.search(text, place)
    if mark is not None and grammar.pattern(_TAG).search(level(text[max(0, mark.start() - _TAG_REACH) : mark.start()])):
        return False  # "…, ok?" asks for nothing
    return mark is not None and (mark.group() in {"?", "？"} or text[mark.start() - 1 : mark.start()] == "か")
