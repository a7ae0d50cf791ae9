"""What the words around an amount say of it: a total, a deduction, a rest that stays, an invoice's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.reading.stretches import starting_in
from processor.core.reading.token import Token, TokenKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.lexicon import Cue
    from processor.core.reading.page import Page

# How far, in characters, words may stand from an amount to speak of it.
NEAR = 30
_LEAVES_REACH = 20
_OVER = re.compile(r"[,)]")  # "…, which stays settled, and € 400 to …"
_TOTAL_REACH = 26
_TOTAL_BEHIND = 14
_BEHIND = 12
_INVOICE_AHEAD = 24
_INVOICE_BEHIND = 8
_LEFT = frozenset({"context.leaves", "context.stays", "quantity.rest"})
_DIRECTLY = 6
_AROUND = 60
_TO = r"[^.;\n]{0,3}(?:<to>|→|->|=>|-|:)|[\s→>=:-]{1,6}"


def is_deduction(token: Token, unit: Sequence[Cue], row: Sequence[Token]) -> bool:
    """Tell whether an amount beside others is the one that a word for a deduction speaks of."""
    return any(cue.kind == "context.deduction" and _tells(cue, token) and _is_nearest(row, cue, token) for cue in unit)


def _tells(cue: Cue, token: Token) -> bool:
    """Tell whether a word for a deduction stands just before an amount, or right behind it."""
    return 0 <= token.start - cue.end <= NEAR or 0 <= cue.start - token.end <= _BEHIND


def _is_nearest(row: Sequence[Token], cue: Cue, token: Token) -> bool:
    """Tell whether no other amount stands nearer to a word than this one, and no identifier between."""
    amounts = [other for other in row if other.kind is TokenKind.AMOUNT]
    return not stands_between(row, cue, token) and min(amounts, key=lambda other: gap_between(cue, other)) is token


def left_open(page: Page, token: Token, unit: Sequence[Cue], row: Sequence[Token]) -> bool:
    """Tell whether the words before an amount say that it is what the invoice still has open afterwards ("leaving € 400
    open").
    """
    led = any(
        cue.kind == "context.leaves"
        and 0 <= token.start - cue.end <= _LEAVES_REACH
        and not stands_between(row, cue, token)
        and not _OVER.search(page.text[cue.end : token.start])
        for cue in unit
    )
    return led and not goes_to_invoice(page, token, row)


def gap_between(cue: Cue, token: Token) -> int:
    """Return how many characters stand between a phrase and an amount."""
    return max(token.start - cue.end, cue.start - token.end, 0)


def stands_between(row: Sequence[Token], cue: Cue, token: Token) -> bool:
    """Tell whether an identifier or another amount stands between a cue and a token."""
    first, last = min(cue.end, token.end), max(cue.start, token.start)
    return any(
        other.end <= last and other.kind is not TokenKind.QUANTITY and other is not token
        for other in starting_in(row, first, last + 1)
    )


def is_total(page: Page, token: Token, unit: Sequence[Cue], row: Sequence[Token]) -> bool:
    """Tell whether a word for a total speaks of an amount."""
    for cue in unit:
        if cue.kind == "cues.total" and not _is_amount_word(cue, unit) and not stands_between(row, cue, token):
            behind = 0 <= cue.start - token.end <= _TOTAL_BEHIND and not re.search(
                r"[;\n]|\)\s*\W", page.text[token.end : cue.start]
            )
            if 0 <= token.start - cue.end <= _TOTAL_REACH or behind:
                return True
    return False


def _is_amount_word(cue: Cue, unit: Sequence[Cue]) -> bool:
    """Tell whether a word for a total is part of one for an amount ("the sum of")."""
    return any(other.kind == "cues.amount" and other.start <= cue.start and other.end > cue.end for other in unit)


def goes_to_invoice(page: Page, token: Token, row: Sequence[Token]) -> bool:
    """Tell whether an invoice follows or precedes the amount so closely that the amount is its line's."""
    ahead = starting_in(row, token.end, token.end + _INVOICE_AHEAD + 1)
    after = next((other for other in ahead if other.kind is TokenKind.INVOICE), None)
    before = next(
        (other for other in reversed(row) if other.end <= token.start and other.kind is TokenKind.INVOICE), None
    )
    follows = after is not None and _leads_to(page, token, after)
    precedes = (
        before is not None
        and token.start - before.end <= _INVOICE_BEHIND
        and "\n" not in page.text[before.end : token.start]
    )
    return follows or precedes


def _leads_to(page: Page, token: Token, after: Token) -> bool:
    between = level(page.text[_money_end(page, token) : after.start]).lstrip(" )")
    return page.grammar.pattern(_TO).match(between) is not None


def _money_end(page: Page, token: Token) -> int:
    """Return where an amount ends, the word for its currency included ("1.875 euro")."""
    words = (cue.end for cue in page.cues_from(token.end, token.end + 2) if cue.kind == "currency")
    return max(words, default=token.end)


def stays(token: Token, unit: Sequence[Cue], invoices: Sequence[Token]) -> bool:
    """Tell whether an amount is what is left over and stays."""
    if not invoices and any(
        (cue.kind == "context.stays" and 0 <= token.start - cue.end <= NEAR)
        or (cue.kind in _LEFT and 0 <= cue.start - token.end <= _BEHIND)
        for cue in unit
    ):
        return True
    kinds = {cue.kind for cue in unit if cue.end <= token.start + _AROUND and cue.start >= token.start - _AROUND}
    rest = "quantity.rest" in kinds or "quantity.all_of_payment" in kinds or "context.surplus_may_stay" in kinds
    if not invoices:
        return rest and bool(kinds & {"context.stays", "context.surplus_may_stay"})
    led = any(cue.kind == "quantity.rest" and 0 <= token.start - cue.end <= _DIRECTLY for cue in unit)
    if led and all(invoice.end <= token.start for invoice in invoices):
        return True  # "…, the remaining € 750 please return": it goes to no invoice
    return (
        rest
        and "context.stays" in kinds
        and all(invoice.end <= token.start for invoice in invoices)
        and not any(token.start - invoice.end < _BEHIND for invoice in invoices)
    )
