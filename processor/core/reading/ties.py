"""Whether the words around an amount tie it to an invoice: a word that nobody knows may make it anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processor.core.reading.stretches import Taken

if TYPE_CHECKING:
    from processor.core.lexicon import Cue
    from processor.core.reading.breaks import Breaks
    from processor.core.reading.page import Page
    from processor.core.reading.token import Token

_WORD = re.compile(r"[^\W\d_]{4,}")
_FOLLOWS = re.compile(r"[ \t]?([^\W\d_]{4,})")
_CLAUSE = re.compile(r"[,;、](?!\d)")
_STRAY_WORDS = 2  # in a sentence of its own, an amount may stand with one word that isn't known
_STRANGE = frozenset(
    {
        "context.hedge",
        "context.negation",
        "context.deduction",
        "columns.other",
        "columns.discount",
        "columns.tax",
        "cues.own_reference",
    }
)


def is_tied(amount: Token, invoice: Token, page: Page, limits: Breaks) -> bool:
    """Tell whether an amount is an invoice's by what is said: between them, or in the amount's own sentence."""
    first, second = (amount, invoice) if amount.start < invoice.start else (invoice, amount)
    if limits.unit(amount.start) == limits.unit(invoice.start):
        marked = amount is first and bool(amount.amount and amount.amount.currencies)
        return unknown_words(page, first.end, second.start) <= marked
    around = page.cues_from(*limits.around(amount.start, len(page.text)))
    if any(cue.kind == "context.correction" for cue in around):
        return True
    return speaks_of_it(amount, page)


def speaks_of_it(amount: Token, page: Page) -> bool:
    """Tell whether the sentence of an amount denies nothing, and holds hardly a word that isn't known."""
    start, end = page.limits.around(amount.start, len(page.text))
    start = max(start, page.text.rfind("\n", 0, amount.start) + 1)  # what leads to an amount stands in its line
    if any(cue.kind == "context.negation" and _same_clause(page, amount, cue) for cue in page.cues_from(start, end)):
        return False
    return unknown_words(page, start, amount.start) + unknown_words(page, amount.end, end) < _STRAY_WORDS


def _same_clause(page: Page, amount: Token, cue: Cue) -> bool:
    first, last = min(amount.end, cue.end), max(amount.start, cue.start)
    return _CLAUSE.search(page.text, first, last) is None


def counts_things(amount: Token, page: Page) -> bool:
    """Tell whether a bare number counts what follows it ("10 licences", "12 pallets")."""
    match = _FOLLOWS.match(page.text, amount.end)
    return match is not None and unknown_words(page, match.start(1), match.end(1)) > 0


def unknown_words(page: Page, start: int, end: int) -> int:
    """Count the words of four letters and more that no lexicon has, or that speak of something else."""
    known = Taken((cue.start, cue.end) for cue in page.cues_from(start, end) if cue.kind not in _STRANGE)
    return sum(
        match.group() not in page.small_words and not known.holds(match.start())
        for match in _WORD.finditer(page.levelled, start, end)
    )
