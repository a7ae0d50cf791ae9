"""What stands in one cell of a table: identifiers, phrases, words for a currency."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from processor.core.lexicon import Cue
    from processor.core.message import Cell
    from processor.core.reading.mention import Mention
    from processor.core.reading.page import Page


def mentions(cell: Cell, page: Page) -> list[Mention]:
    """Return the identifiers in a cell."""
    return list(page.mentions_from(cell.start, cell.end))


def cues_in(cell: Cell, page: Page) -> list[Cue]:
    """Return the phrases in a cell."""
    return [cue for cue in page.cues_from(cell.start, cell.end + 1) if cue.end <= cell.end]


def currency_words(cell: Cell, page: Page) -> list[Cue]:
    """Return the currency words of a cell with places relative to its stripped text."""
    lead = len(cell.text) - len(cell.text.lstrip())
    back = cell.start + lead
    return [
        type(cue)(cue.kind, cue.start - back, cue.end - back, cue.language, cue.value)
        for cue in cues_in(cell, page)
        if cue.kind == "currency"
    ]
