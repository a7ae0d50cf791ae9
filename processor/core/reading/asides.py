"""Invoices that are only spoken of, in a sentence or clause of their own that asks for nothing and names no payment,
while another says what is to be paid: naming an invoice asks for no money.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache, partial
from typing import TYPE_CHECKING

from processor.core.reading.stretches import Taken
from processor.core.reading.ties import unknown_words
from processor.core.reading.token import TokenKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from processor.core.reading.breaks import Breaks
    from processor.core.reading.page import Page
    from processor.core.reading.token import Token

_CUT = re.compile(r"[,;](?!\d)|\s[-\u2013\u2014]\s|[()]|:\s")
_TOLD = frozenset({"intent.status", "context.background"})
_DEFINITE = frozenset({"quantity.full", "quantity.open", "quantity.all_of_payment", "quantity.rest"})
_ASKING = frozenset({"intent.allocate", "intent.request", "context.correction", *_DEFINITE})
_TELLING = frozenset({"context.background", "context.later", "context.stays"})
_WORD = re.compile(r"(?<![\w.,'])[^\W\d_]{2,}(?!\w)")
_BACKGROUND = frozenset({"context.background", "context.later"})
_TALK = 4  # words that make a sentence
_FEW = 3  # that do where they say what becomes of an invoice
_STRANGE = 2  # words that nobody knows, by which a sentence speaks of something else
_WIDE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_WIDE_TALK = 8  # characters that make one where words aren't divided
_ITEM = re.compile(r"[ \t]*(?:[-*•・]|\(?\d{1,2}[.)\]/])")

Place = tuple[tuple[int, int], int]


class Places:
    """The sentences of a page, and the clauses in them."""

    def __init__(self, page: Page, limits: Breaks) -> None:
        """Divide a page."""
        self._page, self._limits = page, limits
        self._cuts = [match.start() for match in _CUT.finditer(page.text)]
        self._sentences = sorted({*limits.rows, *limits.sentences})
        self._clauses = sorted({*self._sentences, *self._cuts})

    def sentence(self, place: int) -> Place:
        """Name the sentence or row that a place is in."""
        return self._limits.unit(place), 0

    def clause(self, place: int) -> Place:
        """Name the clause that a place is in."""
        return self._limits.unit(place), bisect_right(self._cuts, place)

    def questions(self, place: int) -> bool:
        """Tell whether the sentence around a place ends with a question mark."""
        _, end = self.around(place, clause=False)
        return self._page.text[end : end + 1] in {"?", "？"}

    def around(self, place: int, *, clause: bool) -> tuple[int, int]:
        """Return where the sentence or clause around a place begins and ends."""
        marks = self._clauses if clause else self._sentences
        at = bisect_right(marks, place)
        return (marks[at - 1] if at else 0), (marks[at] if at < len(marks) else len(self._page.text))


def asides(page: Page, row: Sequence[Token], places: Places) -> dict[str, bool]:
    """Return the invoices that are only spoken of. True: what is said of them is something else, they are left out;
    False: nobody knows what is said of them.
    """
    found: dict[str, bool] = {}
    strange = cache(partial(unknown_words, page))
    for number, (start, end) in _spoken_of(page, row, places, clause=False):
        told = any(cue.kind in _TELLING for cue in page.cues_from(start, end))
        found[number] = told or strange(start, end) >= _STRANGE
    for number, (start, end) in _spoken_of(page, row, places, clause=True):
        told = any(cue.kind in _TELLING for cue in page.cues_from(start, end))
        if told or strange(start, end):
            found.setdefault(number, told)
    return found


def spared(page: Page, row: Sequence[Token], places: Places) -> tuple[str, ...]:
    """Return the invoices of which sentences of their own tell what becomes of them, whatever else the page says:
    where a table or a file asks for others, nothing is asked of these.
    """
    if all(cue.kind not in _TELLING for cue in page.cues):
        return ()
    found = _spoken_of(page, row, places, clause=False, alone=True)
    return tuple(number for number, stretch in found if any(cue.kind in _TELLING for cue in page.cues_from(*stretch)))


def _spoken_of(
    page: Page, row: Sequence[Token], places: Places, *, clause: bool, alone: bool = False
) -> Iterable[tuple[str, tuple[int, int]]]:
    invoices = {token.value for token in row if token.kind is TokenKind.INVOICE}
    if len(invoices) <= 1 and not (alone and invoices):
        return  # nothing else is asked for
    where = places.clause if clause else places.sentence
    asking = _asking(page, where, places)
    kinds: dict[Place, set[TokenKind]] = {}
    for token in row:
        kinds.setdefault(where(token.start), set()).add(token.kind)
    waiting = {where(cue.start) for cue in page.cues if cue.kind in _TELLING}
    paying = {
        place
        for place, inside in kinds.items()
        if TokenKind.INVOICE in inside
        and (TokenKind.PAYMENT in inside or place in asking or (len(inside) > 1 and place not in waiting))
    }
    told: dict[str, list[Token]] = {}
    for token in row:
        if token.kind is TokenKind.INVOICE:
            told.setdefault(token.value, []).append(token)
    near, taken = {unit for unit, _ in paying}, paying | asking
    talk: dict[tuple[int, int], bool] = {}
    for number, tokens in told.items():
        own = {where(token.start) for token in tokens}
        busy = own & taken or any(
            TokenKind.PAYMENT in kinds[place] or (clause and len(kinds[place]) > 1) for place in own
        )
        beside = any(unit in near for unit, _ in own) if clause else alone or bool(paying)
        if busy or not beside:
            continue
        stretches = dict.fromkeys(places.around(token.start, clause=clause) for token in tokens)
        talk.update({stretch: _tells(page, *stretch) for stretch in stretches if stretch not in talk})
        if all(talk[stretch] for stretch in stretches):
            yield number, next(iter(stretches))


def _asking(page: Page, where: Callable[[int], Place], places: Places) -> set[Place]:
    """Return the places in which something is asked for: not told as done, not denied, not only begged to wait."""
    told = Taken((cue.start, cue.end) for cue in page.cues if cue.kind in _TOLD and cue.end - cue.start > 1)
    waits = {where(cue.start) for cue in page.cues if cue.kind in _TELLING}
    denied = {where(cue.start) for cue in page.cues if cue.kind == "context.negation"} & waits
    denied |= {where(cue.start) for cue in page.cues if cue.kind == "context.later"}
    found: set[Place] = set()
    for cue in page.cues:
        if cue.kind not in _ASKING:
            continue
        place = where(cue.start)
        if (
            (cue.kind == "intent.allocate" and not told.covers(cue.start, cue.end) and place not in denied)
            or (cue.kind == "intent.request" and place not in waits and not places.questions(cue.start))
            or cue.kind == "context.correction"
            or cue.kind in _DEFINITE
        ):
            found.add(place)
    return found


def _tells(page: Page, start: int, end: int) -> bool:
    """Tell whether a stretch is a sentence; a few words do where they say what becomes of the invoice,
    in a list too ("2) G012… will be replaced").
    """
    told = any(cue.kind in _BACKGROUND for cue in page.cues_from(start, end))
    return is_talk(page, start, end) or (told and len(_WORD.findall(page.text[start:end])) >= _FEW)


def is_talk(page: Page, start: int, end: int) -> bool:
    """Tell whether a stretch is a sentence, not a row of a list."""
    text = page.text[start:end]
    talk = len(_WORD.findall(text)) >= _TALK or len(_WIDE.findall(text)) >= _WIDE_TALK
    return talk and not _ITEM.match(text.lstrip("\n"))
