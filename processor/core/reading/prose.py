"""Running text, lists and key-value blocks to what they state."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.currencies import to_minor
from processor.core.reading.breaks import Breaks, breaks
from processor.core.reading.pairing import Paired, assign_payments, distance, pair_amounts
from processor.core.reading.roles import Role, matches, role
from processor.core.reading.stated import PaymentFact, Stated
from processor.core.reading.token import Token, TokenKind
from processor.core.reading.tokens import tokens
from processor.core.request import AskedAmount, Evidence, Line, Quantity, Total

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from processor.core.decision import Snapshot
    from processor.core.reading.page import Page

_BARE_REACH = 16
_SMALLEST_BARE = 10  # "2" beside an invoice is a count or a list's number
_AMOUNT_CUES = frozenset({"cues.amount", "cues.total"})
_DATE_CUES = frozenset({"cues.payment", "cues.own_amount", "cues.bank_reference", "columns.payment"})


def read_prose(page: Page, ranges: Sequence[tuple[int, int]], snapshot: Snapshot) -> Stated:
    """Read the ranges of a page as running text."""
    row = tokens(page, ranges)
    limits = breaks(page.text)
    row = tuple(token for token in row if not _noise(token, row, page, limits))
    roles = {token: role(token, row, page, limits, snapshot) for token in row if token.kind is TokenKind.AMOUNT}
    lines, loose = _lines(page, row, roles, limits, snapshot, ranges)
    kinds = {cue.kind for cue in page.cues if any(start <= cue.start < end for start, end in ranges)}
    assigned_lines, lone, unclear = lines
    return Stated(
        lines=assigned_lines,
        lone_payments=lone,
        facts=tuple(
            PaymentFact(token.amount, owner)
            for token, (what, owner) in roles.items()
            if what is Role.OWN and token.amount
        ),
        totals=tuple(
            Total(token.amount, _payment_above(token, row))
            for token, (what, _) in roles.items()
            if what is Role.TOTAL and token.amount
        ),
        loose=tuple(token.amount for token in loose if token.amount),
        days=tuple(_payment_days(page, ranges, row, limits)),
        ranges=tuple((token.value, token.range_end) for token in row if token.range_end),
        unpaired=unclear,
        vague_exclusion="context.vague_exclusion" in kinds
        and sum(token.kind is TokenKind.INVOICE for token in row) > 1,
        surplus_may_stay="context.surplus_may_stay" in kinds,
        deduction="context.deduction" in kinds,
        all_open="quantity.all_open" in kinds,
        evidence=tuple(_evidence(page, row)),
    )


def _noise(token: Token, row: Sequence[Token], page: Page, limits: Breaks) -> bool:
    """Tell whether a bare number is no amount: nothing but an invoice beside it, or a word for amount, makes it one."""
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
        for cue in page.cues
    )
    beside = any(other.kind is TokenKind.INVOICE and _beside(token, other, page, limits) for other in row)
    return small or not (worded or beside)


def _only_marks(text: str) -> bool:
    return re.search(r"\w", text) is None


def _beside(amount: Token, invoice: Token, page: Page, limits: Breaks) -> bool:
    first, second = (amount, invoice) if amount.start < invoice.start else (invoice, amount)
    near = second.start - first.end <= _BARE_REACH and sum(limits.crossed(first.end, second.start)) == 0
    between = level(page.text[first.end : second.start])
    return (
        near
        and _LINK.fullmatch(between) is not None
        and not _is_list_mark(amount, page)
        and not (amount.amount and amount.amount.seen.startswith("0"))
    )


_LINK = re.compile(
    r"[\s:=()→>|-]*(?:(?:to|for|towards?|against|on|onto|naar|op|voor|aan|tegen|auf|fur|für|zu|zur|an|mit|met|a|sur|pour|para|sobre|su|sulla|per|na|do|em|with|con|avec|com|the|invoice|inv|factuur|rechnung|facture|factura|fattura|fatura|fakture|no|nr)\b[\s.:#]*){0,4}"
)


def _is_list_mark(amount: Token, page: Page) -> bool:
    """Tell whether a number opens a list item: "2) G012…", "3. G012…"."""
    line = page.text.rfind("\n", 0, amount.start) + 1
    return not page.text[line : amount.start].strip(" \t>*•(-") and amount.end - amount.start <= 2


def _lines(
    page: Page,
    row: Sequence[Token],
    roles: dict[Token, tuple[Role, str | None]],
    limits: Breaks,
    snapshot: Snapshot,
    ranges: Sequence[tuple[int, int]],
) -> tuple[tuple[tuple[Line, ...], tuple[str, ...], bool], list[Token]]:
    invoices = [token for token in row if token.kind is TokenKind.INVOICE]
    _retell_sums(row, roles, invoices, snapshot)
    walk = [
        token
        for token in row
        if token.kind is TokenKind.INVOICE or (token.kind is TokenKind.AMOUNT and roles[token][0] is Role.LINE)
    ]
    paired = pair_amounts(walk, page.text, limits)
    words = tuple(cue for cue in page.cues if any(start <= cue.start < end for start, end in ranges))
    respectively = any(cue.kind == "context.respectively" for cue in words)
    shared = any(cue.kind == "context.same_invoice" for cue in words)
    assigned = assign_payments(row, page.text, limits, respectively=respectively, shared=shared)
    quantities = _quantities_by_object(row, page, limits)
    by_line: dict[tuple[str | None, str], list[Token]] = {}
    for payment, token in assigned.pairs:
        by_line.setdefault((payment, token.value), []).append(token)
    if (
        len({token.value for token in invoices}) == 1 and not paired.amounts and paired.loose
    ):  # one invoice: the amount can only be its own
        paired = Paired({invoices[0]: list(paired.loose)}, [])
    shared_out = {number for _, number in by_line if sum(other == number for _, other in by_line) > 1}
    amounts = {
        key: _one_amount(
            [amount for token in several for amount in paired.amounts.get(token, [])],
            key[1],
            snapshot,
            page,
            torn=paired.torn,
        )
        for key, several in by_line.items()
    }
    amounts |= {key: None for key in by_line if key[1] in shared_out and _is_balance(amounts[key], key[1], snapshot)}
    lines = tuple(
        Line(
            number,
            payment,
            amounts[payment, number],
            None if number in shared_out else _quantity(several, payment, quantities, amounts[payment, number]),
        )
        for (payment, number), several in by_line.items()
    )
    return (lines, assigned.lone, assigned.unclear), paired.loose


def _retell_sums(
    row: Sequence[Token], roles: dict[Token, tuple[Role, str | None]], invoices: Sequence[Token], snapshot: Snapshot
) -> None:
    """See that the only amount beside several invoices is their sum, or the payment's own, where the ledger says so."""
    numbers = {token.value for token in invoices}
    alone = [token for token, (what, _) in roles.items() if what is Role.LINE]
    if len(numbers) < 2 or len(alone) != 1 or alone[0].amount is None:
        return
    amount = alone[0].amount
    open_items = [item for item in snapshot.invoices if item.invoice_number in numbers]
    if any(_describes(amount, item.open_amount, item.open_amount, item.currency) for item in open_items):
        return
    paying = [payment for payment in snapshot.payments if any(token.value == payment.payment_number for token in row)]
    if any(matches(amount, payment) for payment in paying):
        roles[alone[0]] = (Role.OWN, paying[0].payment_number if len(paying) == 1 else None)
    elif open_items and _describes(amount, sum(item.open_amount for item in open_items), 0, open_items[0].currency):
        roles[alone[0]] = (Role.TOTAL, None)


def _is_balance(amount: AskedAmount | None, number: str, snapshot: Snapshot) -> bool:
    """Tell whether an amount only says what the invoice has open; several payments then give what is needed in turn (row 44)."""
    invoice = next((item for item in snapshot.invoices if item.invoice_number == number), None)
    return (
        amount is not None
        and invoice is not None
        and _describes(amount, invoice.open_amount, invoice.open_amount, invoice.currency)
    )


def _one_amount(
    several: Sequence[Token], number: str, snapshot: Snapshot, page: Page, *, torn: bool
) -> AskedAmount | None:
    """Choose among the amounts that stand with an invoice: what merely describes it (its total, its balance) says nothing more."""
    amounts = [token.amount for token in several if token.amount]
    distinct = list(dict.fromkeys((amount.readings, amount.doubtful) for amount in amounts))
    if torn:
        return AskedAmount((), (), "", doubtful=True)
    if len(distinct) <= 1:
        return amounts[0] if amounts else None
    invoice = next((item for item in snapshot.invoices if item.invoice_number == number), None)
    telling = [
        amount
        for amount in amounts
        if not (invoice and _describes(amount, invoice.total, invoice.open_amount, invoice.currency))
    ]
    if len({amount.readings for amount in telling}) == 1:
        return telling[0]
    corrected = any(
        cue.kind == "context.correction" and several[-2].end <= cue.start <= several[-1].end + 40 for cue in page.cues
    )
    if corrected:
        return amounts[-1]
    if not telling and invoice:
        return next(
            amount
            for amount in amounts
            if _describes(amount, invoice.open_amount, invoice.open_amount, invoice.currency)
        )
    return AskedAmount((), (), amounts[-1].seen, doubtful=True)


def _describes(amount: AskedAmount, total: int, left: int, currency: str) -> bool:
    return any(to_minor(value, currency) in (total, left) for value in amount.readings)


def _quantities_by_object(row: Sequence[Token], page: Page, limits: Breaks) -> dict[str, Quantity]:
    """Tie each quantity in words to the identifier that it speaks of: the nearest in its sentence or row."""
    tied: dict[str, Quantity] = {}
    for token in row:
        if token.kind is not TokenKind.QUANTITY or token.quantity is None:
            continue
        wanted = _objects(token)
        near = [
            (price, other)
            for other in row
            if other.kind in wanted
            and limits.row(other.start) == limits.row(token.start)
            and (price := _between(token, other, page, limits)) is not None
        ]
        if near:
            _, other = min(near, key=lambda pair: pair[0])
            quantity = (
                Quantity.ALL_OF_PAYMENT
                if other.kind is TokenKind.PAYMENT and token.quantity is Quantity.FULL
                else token.quantity
            )
            tied.setdefault(other.value, quantity)
    return tied


def _objects(token: Token) -> frozenset[TokenKind]:
    if token.quantity is Quantity.ALL_OF_PAYMENT:
        return frozenset({TokenKind.PAYMENT})
    if token.firm:
        return frozenset({TokenKind.INVOICE})
    return frozenset({TokenKind.INVOICE, TokenKind.PAYMENT})


def _between(left: Token, right: Token, page: Page, limits: Breaks) -> int | None:
    first, second = (left, right) if left.start < right.start else (right, left)
    return distance(first, second, page.text, limits) if first.end <= second.start else 0


def _quantity(
    several: Sequence[Token], payment: str | None, tied: dict[str, Quantity], amount: AskedAmount | None
) -> Quantity | None:
    """Return the quantity for a line: its invoice's, else its payment's; a stated amount says more than either."""
    if amount is not None:
        return None
    own = next((tied[token.value] for token in several if token.value in tied), None)
    return own or (tied.get(payment) if payment else None)


def _payment_above(token: Token, row: Sequence[Token]) -> str | None:
    """Return the payment whose lines a total sums: the last one named before it."""
    return next(
        (other.value for other in reversed(row) if other.kind is TokenKind.PAYMENT and other.end <= token.start), None
    )


def _payment_days(
    page: Page, ranges: Sequence[tuple[int, int]], row: Sequence[Token], limits: Breaks
) -> Iterable[tuple[date, ...]]:
    """Yield dates that are said of a payment: in a sentence that speaks of one, or behind a label; not an invoice's own date."""
    for found in page.dates:
        if not any(start <= found.start < end for start, end in ranges):
            continue
        unit = limits.unit(found.start)
        near_invoice = any(
            token.kind is TokenKind.INVOICE and 0 <= found.start - token.end <= 24 and limits.unit(token.start) == unit
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


def _evidence(page: Page, row: Sequence[Token]) -> Iterable[Evidence]:
    for token in row:
        value = (
            token.value
            or (token.amount.seen if token.amount else "")
            or (token.quantity.value if token.quantity else "")
        )
        reading = "own item" if token.own else ""
        yield page.evidence(token.kind.value, value, token.start, token.end, reading)
