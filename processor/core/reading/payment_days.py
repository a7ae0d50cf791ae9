"""Days that are said of a payment; an invoice's own date is none of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processor.core.reading.stretches import Taken, longest, reaching
from processor.core.reading.token import Token, TokenKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from processor.core.reading.breaks import Breaks
    from processor.core.reading.page import Page

_OWN_DATE_REACH = 24  # a date so near behind an invoice is the invoice's
_LABELS = frozenset({"columns.date", "cues.payment_date"})
_DATE_CUES = frozenset({"cues.payment", "cues.own_amount", "cues.bank_reference", "columns.payment"})


def payment_days(
    page: Page, ranges: Sequence[tuple[int, int]], row: Sequence[Token], limits: Breaks
) -> Iterable[tuple[date, ...]]:
    """Yield dates that are said of a payment: in a sentence that speaks of one, or behind a label;
    not an invoice's own date.
    """
    own = Taken(ranges)
    invoices = [token for token in row if token.kind is TokenKind.INVOICE]
    reach = longest(invoices)
    for found in page.dates:
        if not own.holds(found.start):
            continue
        first, last = limits.around(found.start, len(page.text))
        near_invoice = any(
            token.end <= found.start and first <= token.start < last
            for token in reaching(invoices, found.start - _OWN_DATE_REACH, found.start, reach)
        )
        cues = page.cues_from(first, last)
        labelled = any(
            cue.kind in _LABELS and cue.end <= found.start and not re.search(r"\w", page.text[cue.end : found.start])
            for cue in cues
        )
        if not near_invoice and (labelled or any(cue.kind in _DATE_CUES for cue in cues)):
            yield found.days
