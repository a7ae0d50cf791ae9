"""Which invoice or payment a quantity in words speaks of ("in full", "the rest", "what is left of it")."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from processor.core.reading.pairing import distance
from processor.core.reading.stretches import starting_in
from processor.core.reading.token import Token, TokenKind
from processor.core.request import Quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.reading.breaks import Breaks
    from processor.core.reading.page import Page
    from processor.core.request import AskedAmount


_PAYMENT, _INVOICE = frozenset({TokenKind.PAYMENT}), frozenset({TokenKind.INVOICE})
_EITHER = _PAYMENT | _INVOICE
_HOW_MUCH = ([TokenKind.AMOUNT], [TokenKind.QUANTITY])
_TO_INVOICE = r"\W+<to>(?!\w)"


def tied_quantities(row: Sequence[Token], page: Page, limits: Breaks) -> dict[str, Quantity]:
    """Tie each quantity to the nearest identifier of its sentence that it can speak of;
    "the rest" looks ahead first.
    """
    tied: dict[str, Quantity] = {}
    named = [token for token in row if token.kind in _EITHER]
    kinds = {each: [token for token in named if token.kind in each] for each in (_PAYMENT, _INVOICE, _EITHER)}
    for token in row:
        if token.kind is not TokenKind.QUANTITY or token.quantity is None:
            continue
        said = replace(token, quantity=Quantity.REST) if _goes_on(token, named, page, limits) else token
        other = _spoken_of(said, kinds[_objects(said)], page, limits)
        if other is not None and not _is_shared(token, other, row, limits) and said.quantity is not None:
            whole = other.kind is TokenKind.PAYMENT and said.quantity is Quantity.FULL
            tied.setdefault(other.value, Quantity.ALL_OF_PAYMENT if whole else said.quantity)
    return tied


def _is_shared(token: Token, other: Token, row: Sequence[Token], limits: Breaks) -> bool:
    """Tell whether the rest goes to several invoices ("the rest of 14… to G012… and G013…"): none has it alone then.
    After an amount it is one of a list of amounts ("€ 500 and the rest to G012… and G013…").
    """
    at, target = row.index(token), row.index(other)
    unit = limits.unit(token.start)
    kinds = [each.kind for each in row[target + 1 : target + 4] if limits.unit(each.start) == unit]
    listed = at > 0 and row[at - 1].kind is TokenKind.AMOUNT
    return (
        token.quantity is Quantity.REST
        and at < target
        and other.kind is TokenKind.INVOICE
        and kinds[:1] == [TokenKind.INVOICE]
        and not listed
        and not (kinds[1:2] in _HOW_MUCH and kinds[2:] != [TokenKind.INVOICE])
    )


def _goes_on(token: Token, named: Sequence[Token], page: Page, limits: Breaks) -> bool:
    """Tell whether "what is left of it" stands between two invoices of a sentence that names no payment:
    it is the rest then ("G012… in full, and what is left of it to G013…").
    """
    first, last = limits.around(token.start, len(page.text))
    inside = starting_in(named, first, last)
    sides = {other.start < token.start for other in inside}
    invoices = all(other.kind is TokenKind.INVOICE for other in inside)
    return token.quantity is Quantity.ALL_OF_PAYMENT and invoices and sides == {True, False}


def _spoken_of(token: Token, objects: Sequence[Token], page: Page, limits: Breaks) -> Token | None:
    first, last = limits.around(token.start, len(page.text))
    ahead = starting_in(objects, max(first, token.end), last)[:1]
    if token.quantity is Quantity.REST and ahead:
        return ahead[0]
    behind = _up_to_behind(starting_in(objects, first, token.end), token)
    if _goes_whole(token, behind, ahead, page):
        return behind[-1]
    around = [*behind, *ahead]
    priced = [(price, other) for other in around if (price := _between(token, other, page, limits)) is not None]
    return min(priced, key=lambda pair: pair[0])[1] if priced else None


def _goes_whole(token: Token, behind: Sequence[Token], ahead: Sequence[Token], page: Page) -> bool:
    """Tell whether a payment is said to go to an invoice as a whole ("payment 14…, which may go in full to G012…")."""
    return (
        token.quantity is Quantity.FULL
        and bool(behind and ahead)
        and behind[-1].kind is TokenKind.PAYMENT
        and ahead[0].kind is TokenKind.INVOICE
        and page.grammar.pattern(_TO_INVOICE).match(page.levelled, token.end, ahead[0].start) is not None
    )


def _up_to_behind(before: Sequence[Token], token: Token) -> list[Token]:
    """Return the last of the findings that end before a token, and those behind it that touch the token."""
    at = len(before) - 1
    while at >= 0 and before[at].end > token.start:
        at -= 1
    return list(before[max(at, 0) :])


def _objects(token: Token) -> frozenset[TokenKind]:
    if token.quantity is Quantity.ALL_OF_PAYMENT:
        return _PAYMENT
    return _INVOICE if token.firm else _EITHER


def _between(left: Token, right: Token, page: Page, limits: Breaks) -> int | None:
    first, second = (left, right) if left.start < right.start else (right, left)
    return distance(first, second, page.text, limits, page.grammar) if first.end <= second.start else 0


def quantity_of(
    several: Sequence[Token], payment: str | None, tied: dict[str, Quantity], amount: AskedAmount | None
) -> Quantity | None:
    """Return the quantity for a line: its invoice's, else its payment's; a stated amount says more than either."""
    if amount is not None:
        return None
    own = next((tied[token.value] for token in several if token.value in tied), None)
    return own or (tied.get(payment) if payment else None)
