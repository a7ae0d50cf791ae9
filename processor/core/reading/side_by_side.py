"""Amounts told in a list of their own beside a list of invoices ("G012… and G013… (600.00 and 200.00)"),
and one amount told of each ("100.00 each to G012… and G013…").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.core.reading.roles import Role, describes
from processor.core.reading.token import Token, TokenKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from processor.core.decision import Snapshot
    from processor.core.reading.breaks import Breaks
    from processor.core.reading.page import Page


def side_by_side(
    page: Page, row: Sequence[Token], roles: Mapping[Token, tuple[Role, str | None]], limits: Breaks, snapshot: Snapshot
) -> dict[Token, list[Token]]:
    """Return the amounts by invoice that lists in one sentence state."""
    found: dict[Token, list[Token]] = {}
    units: dict[tuple[int, int], list[Token]] = {}
    for token in row:
        if token.kind is TokenKind.INVOICE or (token.kind is TokenKind.AMOUNT and roles[token][0] is Role.LINE):
            units.setdefault(limits.unit(token.start), []).append(token)
    for members in units.values():
        kinds = {cue.kind for cue in page.cues_from(*limits.around(members[0].start, len(page.text)))}
        for invoice, amount in _pairs(members, kinds, snapshot):
            found[invoice] = [amount]
    return found


def _pairs(members: Sequence[Token], kinds: set[str], snapshot: Snapshot) -> list[tuple[Token, Token]]:
    invoices = [token for token in members if token.kind is TokenKind.INVOICE]
    amounts = [token for token in members if token.kind is TokenKind.AMOUNT]
    apart = list(members) in ([*invoices, *amounts], [*amounts, *invoices])
    distinct = len({token.value for token in invoices}) == len(invoices) > 1
    if not apart or not distinct:
        return []
    if len(amounts) == 1 and "quantity.each" in kinds:
        return [(invoice, amounts[0]) for invoice in invoices]
    if len(amounts) != len(invoices):
        return []
    pairs = list(zip(invoices, amounts, strict=True))
    return pairs if "context.respectively" in kinds or _in_order(pairs, snapshot) else []


def _in_order(pairs: Sequence[tuple[Token, Token]], snapshot: Snapshot) -> bool:
    """Tell whether no amount is the balance of another invoice than the one in its place."""
    balances = {item.invoice_number: item for item in snapshot.invoices}
    for invoice, amount in pairs:
        told = amount.amount
        if told is None or told.doubtful:
            return False
        fits = {
            other.value
            for other, _ in pairs
            if (item := balances.get(other.value)) and describes(told, item.total, item.open_amount, item.currency)
        }
        if fits and invoice.value not in fits:
            return False
    return True
