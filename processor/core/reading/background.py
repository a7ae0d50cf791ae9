"""What a mail tells of only in passing, while it asks for something else."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING

from processor.core.reading.asides import Places, asides, is_talk
from processor.core.reading.breaks import Breaks
from processor.core.reading.stretches import starting_in
from processor.core.reading.token import TokenKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.lexicon import Cue
    from processor.core.reading.page import Page
    from processor.core.reading.token import Token

_SENTENCES_BACK = 2


def told_in_passing(page: Page, cues: Sequence[Cue], ordered: Sequence[Token], out: set[str]) -> set[str]:
    """Return what is told of only in passing ("G012… was settled in spring"),
    as long as something else of its kind is asked for.
    """
    limits = page.limits
    named = [token for token in ordered if token.value and token.value not in out]
    valued = [token for token in ordered if token.value]
    told: dict[tuple[tuple[int, int], int], list[Token]] = {}
    for cue in cues:
        if cue.kind == "context.background" and not _is_of_the_rest(page, cue, ordered):
            place = limits.unit(cue.start), bisect_left(valued, cue.start, key=attrgetter("start"))
            if place not in told:
                told[place] = _told_of(page, cue, valued, limits)
    mentioned = {token for several in told.values() for token in several}
    others = [token for token in ordered if token.value not in out]
    spoken_of = {number for number, told in asides(page, others, Places(page, limits)).items() if told}
    corrected = {limits.unit(cue.start) for cue in cues if cue.kind == "context.correction"}
    overruled = {token.value for token in mentioned if limits.unit(token.start) in corrected}
    passing = {token.value for token in mentioned} - {token.value for token in named if token not in mentioned}
    passing |= overruled
    asked_kinds = {token.kind for token in named if token.value not in passing}
    return spoken_of | {token.value for token in mentioned if token.value in passing and token.kind in asked_kinds}


def _is_of_the_rest(page: Page, cue: Cue, ordered: Sequence[Token]) -> bool:
    """Tell whether words for what is left stand between an invoice with its amount and what is told
    ("€ 500 to G012…, the remainder of that one will follow in December").
    """
    first, _ = page.limits.around(cue.start, len(page.text))
    inside = starting_in(ordered, first, cue.start)
    end = next((token.end for token in reversed(inside) if token.value), cue.start)
    priced = any(token.kind is TokenKind.AMOUNT and token.end <= end for token in inside)
    return priced and any(other.kind == "quantity.rest" for other in page.cues_from(end, cue.start))


def _told_of(page: Page, cue: Cue, ordered: Sequence[Token], limits: Breaks) -> list[Token]:
    """Return the one identifier of the sentence with a cue,
    else of the sentence before it in the paragraph where that asks for nothing.
    """
    inside = starting_in(ordered, *limits.around(cue.start, len(page.text)))
    if not inside:
        inside = _told_before(page, cue, ordered, limits)
    return list(inside) if len({token.value for token in inside}) == 1 else []


def _told_before(page: Page, cue: Cue, ordered: Sequence[Token], limits: Breaks) -> list[Token]:
    at = bisect_right(ordered, cue.start, key=attrgetter("end")) - 1
    if at < 0 or limits.paragraph(ordered[at].start) != limits.paragraph(cue.start):
        return []
    last = ordered[at]
    around = limits.around(last.start, len(page.text))
    asks = any(other.kind in {"intent.allocate", "intent.request"} for other in page.cues_from(*around))
    near = limits.crossed(last.end, cue.start)[1] <= _SENTENCES_BACK
    told = near and not asks and in_prose(page, last)
    return [token for token in starting_in(ordered, *around) if token.end <= cue.start] if told else []


def in_prose(page: Page, token: Token) -> bool:
    """Tell whether a token stands in a sentence, not in a row of a list."""
    first = page.text.rfind("\n", 0, token.start) + 1
    last = page.text.find("\n", token.end)
    return is_talk(page, first, last if last >= 0 else len(page.text))
