"""Which invoice or payment a quantity in words speaks of ("in full", "the rest", "what is left of it")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.core.reading.pairing import distance
from processor.core.reading.token import Token, TokenKind
from processor.core.request import Quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.reading.breaks import Breaks
    from processor.core.reading.page import Page
    from processor.core.request import AskedAmount


def tied_quantities(row: Sequence[Token], page: Page, limits: Breaks) -> dict[str, Quantity]:
    """Tie each quantity to the nearest identifier of its sentence that it can speak of;
    "the rest" looks ahead first.
    """
    tied: dict[str, Quantity] = {}
    for token in row:
        if token.kind is not TokenKind.QUANTITY or token.quantity is None:
            continue
        other = _spoken_of(token, row, page, limits)
        if other is not None:
            whole = other.kind is TokenKind.PAYMENT and token.quantity is Quantity.FULL
            tied.setdefault(other.value, Quantity.ALL_OF_PAYMENT if whole else token.quantity)
    return tied


def _spoken_of(token: Token, row: Sequence[Token], page: Page, limits: Breaks) -> Token | None:
    unit = limits.unit(token.start)
    inside = [other for other in row if other.kind in _objects(token) and limits.unit(other.start) == unit]
    ahead = [other for other in inside if other.start >= token.end]
    if token.quantity is Quantity.REST and ahead:
        return ahead[0]
    behind = [other for other in inside if other.end <= token.start]
    around = [other for other in inside if other in (*behind[-1:], *ahead[:1]) or other not in (*behind, *ahead)]
    priced = [(price, other) for other in around if (price := _between(token, other, page, limits)) is not None]
    return min(priced, key=lambda pair: pair[0])[1] if priced else None


def _objects(token: Token) -> frozenset[TokenKind]:
    if token.quantity is Quantity.ALL_OF_PAYMENT:
        return frozenset({TokenKind.PAYMENT})
    if token.firm:
        return frozenset({TokenKind.INVOICE})
    return frozenset({TokenKind.INVOICE, TokenKind.PAYMENT})


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
