"""Days that are said of a payment; an invoice's own date is none of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processor.core.reading.token import Token, TokenKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from processor.core.reading.breaks import Breaks
    from processor.core.reading.page import Page

_OWN_DATE_REACH = 24  # a date so near behind an invoice is the invoice's
_DATE_CUES = frozenset({"cues.payment", "cues.own_amount", "cues.bank_reference", "columns.payment"})


def payment_days(
    page: Page, ranges: Sequence[tuple[int, int]], row: Sequence[Token], limits: Breaks
) -> Iterable[tuple[date, ...]]:
    """Yield dates that are said of a payment: in a sentence that speaks of one, or behind a label;
    not an invoice's own date.
    """
    for found in page.dates:
        if not any(start <= found.start < end for start, end in ranges):
            continue
        unit = limits.unit(found.start)
        near_invoice = any(
            token.kind is TokenKind.INVOICE
            and 0 <= found.start - token.end <= _OWN_DATE_REACH
            and limits.unit(token.start) == unit
            for token in row
        )
        cues = [cue for cue in page.cues if limits.unit(cue.start) == unit]
        labelled = any(
            cue.kind == "columns.date"
            and cue.end <= found.start
            and not re.search(r"\w", page.text[cue.end : found.start])
            for cue in cues
        )
        if not near_invoice and (labelled or any(cue.kind in _DATE_CUES for cue in cues)):
            yield found.days
