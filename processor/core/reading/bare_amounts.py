"""Bare numbers in running text: nothing but an invoice beside one, or a word for amount, makes it an amount."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processor.core.reading.stretches import longest, reaching
from processor.core.reading.ties import counts_things
from processor.core.reading.token import Token, TokenKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.reading.breaks import Breaks
    from processor.core.reading.page import Page

_BARE_REACH = 16
_LIST_DIGITS = 2
_SMALLEST_BARE = 10  # "2" beside an invoice is a count or a list's number
_AMOUNT_CUES = frozenset({"cues.amount", "cues.total"})
_LINK = r"[\s:=()→>|-]*(?:(?:<to>|<filler>|<number>)[\s.:#]*){0,4}"


def without_noise(row: Sequence[Token], page: Page, limits: Breaks) -> tuple[Token, ...]:
    """Leave out bare numbers that are no amounts."""
    invoices = [token for token in row if token.kind is TokenKind.INVOICE]
    reach = longest(invoices)
    return tuple(
        token
        for token in row
        if not _is_noise(
            token, reaching(invoices, token.start - _BARE_REACH, token.end + _BARE_REACH, reach), page, limits
        )
    )


def _is_noise(token: Token, near: Sequence[Token], page: Page, limits: Breaks) -> bool:
    """Tell whether an amount token is a bare number that is no amount, with the invoices near it."""
    if token.kind is not TokenKind.AMOUNT or not token.bare:
        return False
    small = all(value < _SMALLEST_BARE for value in token.amount.readings) if token.amount else False
    worded = any(
        (
            cue.kind in _AMOUNT_CUES
            or (cue.kind == "context.correction" and _only_marks(page.text[cue.end : token.start]))
        )
        and 0 <= token.start - cue.end <= _BARE_REACH
        and "\n" not in page.text[cue.end : token.start]
        for cue in page.cues_near(token.start - _BARE_REACH, token.start)
    )
    beside = any(_beside(token, other, page, limits) for other in near)
    return small or not (worded or beside) or counts_things(token, page)


def _beside(amount: Token, invoice: Token, page: Page, limits: Breaks) -> bool:
    first, second = (amount, invoice) if amount.start < invoice.start else (invoice, amount)
    near = second.start - first.end <= _BARE_REACH and sum(limits.crossed(first.end, second.start)) == 0
    return (
        near
        and page.grammar.pattern(_LINK).fullmatch(_without_nouns(first.end, second.start, page)) is not None
        and not _is_list_mark(amount, page)
        and not (amount.amount and amount.amount.seen.startswith("0"))
    )


def _without_nouns(start: int, end: int, page: Page) -> str:
    """Return the levelled text of a gap without the nouns of the trade."""
    text = page.levelled[start:end]
    for cue in page.cues_from(start, end):
        if cue.kind in {"cues.invoice", "cues.payment"} and cue.end <= end:
            text = f"{text[: cue.start - start]}{' ' * (cue.end - cue.start)}{text[cue.end - start :]}"
    return text


def _is_list_mark(amount: Token, page: Page) -> bool:
    """Tell whether a number opens a list item: "2) G012…", "3. G012…"."""
    line = page.text.rfind("\n", 0, amount.start) + 1
    return not page.text[line : amount.start].strip(" \t>*•(-") and amount.end - amount.start <= _LIST_DIGITS


def _only_marks(text: str) -> bool:
    return re.search(r"\w", text) is None
