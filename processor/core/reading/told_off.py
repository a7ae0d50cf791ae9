"""Sentences about one identifier alone that end in leaving it out ("… but that one is done, please leave it alone")."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.reading.stretches import starting_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.lexicon import Cue
    from processor.core.reading.page import Page
    from processor.core.reading.token import Token


@dataclass(frozen=True, slots=True)
class Said:
    """What a sentence says of the one identifier in it, by places: `off` is the last phrase that leaves it out,
    `forbidden` are phrases of several words that forbid something, `asked` is the first that asks for something.
    """

    alone: str | None
    off: int
    forbidden: tuple[int, ...]
    asked: int

    def leaves_out(self, token: Token) -> bool:
        """Tell whether words behind an identifier leave it out, or forbid something and ask for nothing
        ("of G012… touch nothing yet").
        """
        if self.alone != token.value:
            return False
        at = bisect_left(self.forbidden, token.end)
        return self.off >= token.end or (at < len(self.forbidden) and self.forbidden[at] <= self.asked)


def said_around(page: Page, behind: Sequence[Cue], place: int) -> Said:
    """Read the sentence around a place. `behind` are the phrases that leave out what stands before them."""
    first, last = page.limits.around(place, len(page.text))
    named = {mention.value for mention in page.mentions_from(first, last)}
    inside = page.cues_from(first, last)
    negation = page.grammar.pattern(r"<not>$")
    off = [
        cue.start
        for cue in starting_in(behind, first, last)
        if _words(page, cue) > 1 and not negation.search(page.levelled, cue.start, cue.end)
    ]
    money = max((amount.start for amount in starting_in(page.amounts, first, last)), default=-1)
    return Said(
        alone=next(iter(named)) if len(named) == 1 else None,
        off=max(off, default=-1),
        forbidden=tuple(
            cue.start
            for cue in inside
            if cue.kind == "context.deleted_before" and _words(page, cue) > 1 and money < cue.end
        ),
        asked=min((cue.start for cue in inside if cue.kind == "intent.allocate"), default=len(page.text)),
    )


def _words(page: Page, cue: Cue) -> int:
    return len(page.text[cue.start : cue.end].split())
