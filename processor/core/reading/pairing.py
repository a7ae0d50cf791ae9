"""Which amount goes with which invoice, and which payment with which invoices:
from order and nearness, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.reading.token import Token, TokenKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.grammar import Grammar
    from processor.core.reading.breaks import Breaks

_FAR = 220
_CONJUNCTION = r"^\s*[,;.]|<and>"
_CLOSE_CALL = 6


@dataclass(frozen=True, slots=True)
class Paired:
    """Amounts by invoice token; `loose` amounts go with none; `torn`: a neighbour left out stands as near to one."""

    amounts: dict[Token, list[Token]]
    loose: list[Token]
    torn: bool = False


@dataclass(frozen=True, slots=True)
class _Chain:
    """A pair behind other pairs; chains share what they have in common."""

    before: _Chain | None
    left: Token
    right: Token


def _pairs(last: _Chain | None) -> list[tuple[Token, Token]]:
    """Return the pairs of a chain in their order."""
    pairs: list[tuple[Token, Token]] = []
    while last is not None:
        pairs.append((last.left, last.right))
        last = last.before
    return pairs[::-1]


def pair_amounts(row: Sequence[Token], text: str, breaks: Breaks, grammar: Grammar) -> Paired:
    """Pair neighbouring invoices and amounts: as many pairs as can be,
    then the nearest (dynamic programme over the row).
    """
    best: list[tuple[int, int, _Chain | None]] = [(0, 0, None)]
    for index, token in enumerate(row):
        unpaired = 1 if token.kind is TokenKind.AMOUNT else 0
        count, cost, chain = best[index]
        choice = (count + unpaired, cost, chain)
        if index and row[index - 1].kind is not token.kind:
            price = distance(row[index - 1], token, text, breaks, grammar)
            if price is not None:
                before = best[index - 1]
                choice = min(
                    choice,
                    (before[0], before[1] + price, _Chain(before[2], row[index - 1], token)),
                    key=lambda option: option[:2],
                )
        best.append(choice)
    pairs = _pairs(best[-1][2])
    amounts: dict[Token, list[Token]] = {}
    for left, right in pairs:
        invoice, amount = (left, right) if left.kind is TokenKind.INVOICE else (right, left)
        amounts.setdefault(invoice, []).append(amount)
    amounts = _without_apart(row, amounts, breaks)
    taken = {amount for several in amounts.values() for amount in several}
    loose = [token for token in row if token.kind is TokenKind.AMOUNT and token not in taken]
    return Paired(amounts, loose, torn=_torn(row, pairs, text, breaks, grammar))


def _without_apart(row: Sequence[Token], amounts: dict[Token, list[Token]], breaks: Breaks) -> dict[Token, list[Token]]:
    """Leave amounts alone that stand in another paragraph than the invoices when some of these have none (row 41)."""
    numbers = {token.value for token in row if token.kind is TokenKind.INVOICE}
    if numbers == {invoice.value for invoice in amounts}:
        return amounts
    near = {
        invoice: [amount for amount in several if breaks.paragraph(amount.start) == breaks.paragraph(invoice.start)]
        for invoice, several in amounts.items()
    }
    return {invoice: several for invoice, several in near.items() if several}


def _torn(
    row: Sequence[Token], pairs: Sequence[tuple[Token, Token]], text: str, breaks: Breaks, grammar: Grammar
) -> bool:
    """Tell whether an amount stands as near to an invoice left out as to the one it was paired with."""
    paired = {token for pair in pairs for token in pair}
    for index in range(1, len(row) - 1):
        left, token, right = row[index - 1 : index + 2]
        if (
            token.kind is TokenKind.AMOUNT
            and left.kind is right.kind is TokenKind.INVOICE
            and left.value != right.value
            and (left in paired) != (right in paired)
        ):
            costs = distance(left, token, text, breaks, grammar), distance(token, right, text, breaks, grammar)
            if None not in costs and abs((costs[0] or 0) - (costs[1] or 0)) < _CLOSE_CALL:
                return True
    return False


def distance(left: Token, right: Token, text: str, breaks: Breaks, grammar: Grammar) -> int | None:
    """Return how far apart two tokens stand, None when too far: letters, and what ends between them."""
    between = text[left.end : right.start]
    if len(between) > _FAR < len(between.strip()):
        return None
    rows, sentences, blanks = breaks.crossed(left.end, right.start)
    between = level(between)
    price = (
        len(between.strip())
        + 25 * rows
        + 30 * sentences
        + 60 * blanks
        + (15 if grammar.pattern(_CONJUNCTION).search(between) else 0)
    )
    return price if price <= _FAR else None


@dataclass(frozen=True, slots=True)
class Assigned:
    """Payment by invoice token (one token may have several payments: row 44); `lone` payments have no invoice;
    `unclear` pairs none.
    """

    pairs: tuple[tuple[str | None, Token], ...]
    lone: tuple[str, ...] = ()
    unclear: bool = False


def assign_payments(row: Sequence[Token], breaks: Breaks, *, respectively: bool, shared: bool) -> Assigned:
    """Decide which payment goes with which invoices of one scope, without looking at amounts."""
    payments = _distinct(row, TokenKind.PAYMENT)
    invoices = [token for token in row if token.kind is TokenKind.INVOICE]
    if not invoices:
        return Assigned((), tuple(payments))
    if len(payments) <= 1:
        payment = payments[0] if payments else None
        return Assigned(tuple((payment, invoice) for invoice in invoices))
    return _among_several(row, payments, invoices, breaks, respectively=respectively, shared=shared)


def _among_several(
    row: Sequence[Token],
    payments: Sequence[str],
    invoices: Sequence[Token],
    breaks: Breaks,
    *,
    respectively: bool,
    shared: bool,
) -> Assigned:
    if len({token.value for token in invoices}) == 1 and (shared or len(invoices) != len(payments)):
        return _one_invoice(row, invoices[0], payments, breaks, shared=shared)
    solid = _without_repeats(row, breaks)
    assigned = _by_unit(solid, payments, breaks) or _by_heading(solid, payments) or _by_trailer(solid, payments)
    if assigned is not None:
        return assigned
    if len({token.value for token in invoices}) == 1:
        return _one_invoice(row, invoices[0], payments, breaks, shared=shared)
    first = {token.value: token for token in reversed(invoices)}
    firsts = [first[value] for value in _distinct(row, TokenKind.INVOICE)]
    if respectively and len(payments) == len(firsts):
        return Assigned(tuple(zip(payments, firsts, strict=True)))
    return Assigned(tuple((None, invoice) for invoice in invoices), tuple(payments), unclear=True)


def _without_repeats(row: Sequence[Token], breaks: Breaks) -> list[Token]:
    """Return payments and invoices, less the invoices that a sentence without a payment only speaks of again."""
    solid = [token for token in row if token.kind in {TokenKind.PAYMENT, TokenKind.INVOICE}]
    paying = {breaks.unit(token.start) for token in solid if token.kind is TokenKind.PAYMENT}
    paid = {token.value for token in solid if breaks.unit(token.start) in paying}
    return [token for token in solid if breaks.unit(token.start) in paying or token.value not in paid]


def _distinct(row: Sequence[Token], kind: TokenKind) -> list[str]:
    return list(dict.fromkeys(token.value for token in row if token.kind is kind))


def _one_invoice(
    row: Sequence[Token], invoice: Token, payments: Sequence[str], breaks: Breaks, *, shared: bool
) -> Assigned:
    """Let all payments pay the one invoice, except one that is told of later, on its own, in another item."""
    last_invoice = max(token.start for token in row if token.kind is TokenKind.INVOICE)
    first_unit = {breaks.unit(token.start) for token in row if token.kind is TokenKind.INVOICE}
    with_invoice = [
        token for token in row if token.kind is TokenKind.PAYMENT and breaks.unit(token.start) in first_unit
    ]
    if shared or not with_invoice:
        return Assigned(tuple((payment, invoice) for payment in payments))
    beside = {token.value for token in with_invoice} | {token.value for token in row if token.start <= last_invoice}
    alone = tuple(payment for payment in payments if payment not in beside)
    return Assigned(tuple((payment, invoice) for payment in payments if payment in beside), alone)


def _by_unit(solid: Sequence[Token], payments: Sequence[str], breaks: Breaks) -> Assigned | None:
    """Take the one payment that stands in the same sentence or row; every row with an invoice must have just one."""
    units: dict[tuple[int, int], list[Token]] = {}
    for token in solid:
        units.setdefault(breaks.unit(token.start), []).append(token)
    pairs: list[tuple[str | None, Token]] = []
    for members in units.values():
        inside = {token.value for token in members if token.kind is TokenKind.PAYMENT}
        named = [token for token in members if token.kind is TokenKind.INVOICE]
        if named and len(inside) != 1:
            return None
        pairs.extend((next(iter(inside)), invoice) for invoice in named)
    return _finished(pairs, payments, solid)


def _by_heading(solid: Sequence[Token], payments: Sequence[str]) -> Assigned | None:
    """Let each invoice belong to the last payment named before it."""
    current: str | None = None
    pairs: list[tuple[str | None, Token]] = []
    for token in solid:
        if token.kind is TokenKind.PAYMENT:
            current = token.value
        elif current is None:
            return None
        else:
            pairs.append((current, token))
    return _finished(pairs, payments, solid)


def _by_trailer(solid: Sequence[Token], payments: Sequence[str]) -> Assigned | None:
    """Let each invoice belong to the next payment named after it."""
    mirrored = _by_heading(tuple(reversed(solid)), payments)
    if mirrored is None or mirrored.lone:
        return None
    return Assigned(tuple(reversed(mirrored.pairs)))


def _finished(
    pairs: Sequence[tuple[str | None, Token]], payments: Sequence[str], solid: Sequence[Token]
) -> Assigned | None:
    """Accept a pairing when each payment has an invoice, or is told of after the last invoice;
    one invoice has one payment.
    """
    used = {payment for payment, _ in pairs}
    last = max((index for index, token in enumerate(solid) if token.kind is TokenKind.INVOICE), default=-1)
    lone = [payment for payment in payments if payment not in used]
    late = {token.value for token in solid[: last + 1]}.isdisjoint(lone)
    distinct = tuple(dict.fromkeys(pairs))
    return Assigned(distinct, tuple(lone)) if late and pairs else None
