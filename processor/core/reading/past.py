"""What a sentence tells of money that was applied before: of a payment and an invoice that an allocation joins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.core.reading.token import Token, TokenKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.decision import Snapshot
    from processor.core.reading.page import Page


def without_past(page: Page, row: Sequence[Token], snapshot: Snapshot) -> tuple[Token, ...]:
    """Leave out the sentences that ask for nothing and name only a payment and invoices between which nothing can move
    any more, where others ask for something: there was September, and now there is October.
    """
    dead = {payment.payment_number for payment in snapshot.payments if payment.unallocated == 0}
    dead |= {invoice.invoice_number for invoice in snapshot.invoices if invoice.open_amount == 0}
    units: dict[tuple[int, int], list[Token]] = {}
    for token in row:
        units.setdefault(page.limits.unit(token.start), []).append(token)
    past = {unit for unit, inside in units.items() if _is_past(page, inside, dead)}
    asked = any(
        token.kind is TokenKind.INVOICE for unit, inside in units.items() if unit not in past for token in inside
    )
    return tuple(token for token in row if not asked or page.limits.unit(token.start) not in past)


def _is_past(page: Page, inside: Sequence[Token], dead: set[str]) -> bool:
    kinds = {token.kind for token in inside if token.value}
    first, last = page.limits.around(inside[0].start, len(page.text))
    asks = any(cue.kind == "intent.request" for cue in page.cues_from(first, last))
    return (
        kinds == {TokenKind.PAYMENT, TokenKind.INVOICE}
        and all(token.value in dead for token in inside if token.value)
        and not asks
    )
