"""Running text, lists and key-value blocks to what they state."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.currencies import to_minor
from processor.core.reading.breaks import Breaks, breaks
from processor.core.reading.exclusions import without_settled
from processor.core.reading.pairing import Paired, assign_payments, pair_amounts
from processor.core.reading.quantities import quantity_of, tied_quantities
from processor.core.reading.roles import Role, matches, role
from processor.core.reading.stated import DESCRIBED, PaymentFact, Stated
from processor.core.reading.token import Token, TokenKind
from processor.core.reading.ties import counts_things, is_tied, speaks_of_it
from processor.core.reading.tokens import tokens
from processor.core.request import AskedAmount, Evidence, Line, Total

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from processor.core.decision import Snapshot
    from processor.core.reading.page import Page

_BARE_REACH = 16
Roles = dict[Token, tuple[Role, str | None]]
_ASKED_REACH = 60
_OWN_DATE_REACH = 24  # a date so near behind an invoice is the invoice's
_CORRECTION_REACH = 40
_LIST_DIGITS = 2
_SMALLEST_BARE = 10  # "2" beside an invoice is a count or a list's number
_AMOUNT_CUES = frozenset({"cues.amount", "cues.total"})
_DATE_CUES = frozenset({"cues.payment", "cues.own_amount", "cues.bank_reference", "columns.payment"})


def read_prose(page: Page, ranges: Sequence[tuple[int, int]], snapshot: Snapshot) -> Stated:
    """Read the ranges of a page as running text."""
    row = tokens(page, ranges)
    limits = breaks(page.text)
    settled = frozenset(invoice.invoice_number for invoice in snapshot.invoices if invoice.open_amount == 0)
    row = tuple(without_settled(page, row, settled))
    row = tuple(token for token in row if not _noise(token, row, page, limits))
    roles = {token: role(token, row, page, limits, snapshot) for token in row if token.kind is TokenKind.AMOUNT}
    lines, loose, strays = _lines(page, row, roles, limits, snapshot, ranges)
    kinds = {cue.kind for cue in page.cues if any(start <= cue.start < end for start, end in ranges)}
    assigned_lines, lone, unclear = lines
    if assigned_lines:
        lone = tuple(payment for payment in lone if unclear or _is_instructed(payment, row, page, limits))
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
        strays=tuple(token.amount for token in strays if token.amount),
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


def _is_instructed(payment: str, row: Sequence[Token], page: Page, limits: Breaks) -> bool:
    """Tell whether a payment without an invoice is asked about at all,
    in its own sentence or the next of its paragraph.
    """
    for token in row:
        if token.value == payment:
            _, sentence = limits.unit(token.start)
            paragraph = limits.paragraph(token.start)
            if _is_list_item(page, token):
                return True
            near = [
                cue
                for cue in page.cues
                if limits.paragraph(cue.start) == paragraph
                and limits.unit(cue.start)[1] in {sentence, sentence + 1}
                and cue.start >= token.start - _ASKED_REACH
            ]
            if any(cue.kind == "intent.allocate" for cue in near) and not any(
                cue.kind in {"context.background", "context.stays"} for cue in near
            ):
                return True
    return False


def _is_list_item(page: Page, token: Token) -> bool:
    """Tell whether a row is an item of a list: what is asked above the list is asked of it."""
    first = page.text.rfind("\n", 0, token.start) + 1
    return re.match(r"[ \t]*(?:[-*•]|\(?\d{1,2}[.)\]/])", page.text[first:]) is not None


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
    return small or not (worded or beside) or counts_things(token, page)


def _without_nouns(start: int, end: int, page: Page) -> str:
    """Return the levelled text of a gap without the nouns of the trade."""
    text = level(page.text)
    for cue in page.cues:
        if cue.kind in {"cues.invoice", "cues.payment"} and start <= cue.start and cue.end <= end:
            text = f"{text[: cue.start]}{' ' * (cue.end - cue.start)}{text[cue.end :]}"
    return text[start:end]


def _only_marks(text: str) -> bool:
    return re.search(r"\w", text) is None


def _beside(amount: Token, invoice: Token, page: Page, limits: Breaks) -> bool:
    first, second = (amount, invoice) if amount.start < invoice.start else (invoice, amount)
    near = second.start - first.end <= _BARE_REACH and sum(limits.crossed(first.end, second.start)) == 0
    return (
        near
        and page.grammar.pattern(_LINK).fullmatch(_without_nouns(first.end, second.start, page)) is not None
        and not _is_list_mark(amount, page)
        and not (amount.amount and amount.amount.seen.startswith("0"))
    )


_LINK = r"[\s:=()→>|-]*(?:(?:<to>|<filler>|<number>)[\s.:#]*){0,4}"


def _is_list_mark(amount: Token, page: Page) -> bool:
    """Tell whether a number opens a list item: "2) G012…", "3. G012…"."""
    line = page.text.rfind("\n", 0, amount.start) + 1
    return not page.text[line : amount.start].strip(" \t>*•(-") and amount.end - amount.start <= _LIST_DIGITS


def _lines(
    page: Page,
    row: Sequence[Token],
    roles: Roles,
    limits: Breaks,
    snapshot: Snapshot,
    ranges: Sequence[tuple[int, int]],
) -> tuple[tuple[tuple[Line, ...], tuple[str, ...], bool], list[Token], list[Token]]:
    invoices = [token for token in row if token.kind is TokenKind.INVOICE]
    _heed_labels(row, roles, page)
    _heed_block_totals(row, roles)
    _retell_sums(row, roles, limits, snapshot)
    walk = [
        token
        for token in row
        if token.kind is TokenKind.INVOICE or (token.kind is TokenKind.AMOUNT and roles[token][0] is Role.LINE)
    ]
    paired = pair_amounts(walk, page.text, limits, page.grammar)
    words = tuple(cue for cue in page.cues if any(start <= cue.start < end for start, end in ranges))
    respectively = any(cue.kind == "context.respectively" for cue in words)
    shared = any(cue.kind == "context.same_invoice" for cue in words)
    described = _described_payments(row, roles, limits)
    assigned = assign_payments(described, limits, respectively=respectively, shared=shared)
    quantities = tied_quantities(row, page, limits)
    by_line: dict[tuple[str | None, str], list[Token]] = {}
    for payment, token in assigned.pairs:
        by_line.setdefault((payment, token.value), []).append(token)
    # One invoice: the amount can only be its own.
    if len({token.value for token in invoices}) == 1 and not paired.amounts and paired.loose:
        paired = Paired({invoices[0]: list(paired.loose)}, [])
    paired, strays = _tied(paired, page, limits)
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
            None if number in shared_out else quantity_of(several, payment, quantities, amounts[payment, number]),
        )
        for (payment, number), several in by_line.items()
    )
    return (
        (lines, assigned.lone, assigned.unclear),
        [token for token in paired.loose if not page.tables or speaks_of_it(token, page)],
        strays,
    )


def _tied(paired: Paired, page: Page, limits: Breaks) -> tuple[Paired, list[Token]]:
    """Take amounts from invoices that no words tie them to."""
    strays = [
        amount
        for invoice, several in paired.amounts.items()
        for amount in several
        if not is_tied(amount, invoice, page, limits)
    ]
    beside = [
        amount
        for invoice, several in paired.amounts.items()
        for amount in several
        if amount in strays and limits.unit(amount.start) == limits.unit(invoice.start)
    ]
    amounts = {
        invoice: [amount for amount in several if amount not in strays] for invoice, several in paired.amounts.items()
    }
    return replace(paired, amounts={invoice: several for invoice, several in amounts.items() if several}), beside


def _described_payments(row: Sequence[Token], roles: Roles, limits: Breaks) -> Sequence[Token]:
    """Let payments that are told by their amounts alone ("the wire of € 8,800 …,
    the one of € 2,602.15 …") stand beside named ones.
    """
    named = {limits.unit(token.start) for token in row if token.kind is TokenKind.PAYMENT}
    invoiced = {limits.unit(token.start) for token in row if token.kind is TokenKind.INVOICE}
    told = [
        token
        for token in row
        if token in roles and roles[token] == (Role.OWN, None) and limits.unit(token.start) in invoiced - named
    ]
    payments = {token.value for token in row if token.kind is TokenKind.PAYMENT} | {token.amount for token in told}
    if len(payments) <= 1:  # one is found by row 26
        return row
    names = {token: f"{DESCRIBED}{number}" for number, token in enumerate(told, 1)}
    roles.update({token: (Role.OWN, name) for token, name in names.items()})
    return [replace(token, kind=TokenKind.PAYMENT, value=names[token]) if token in names else token for token in row]


def _heed_labels(row: Sequence[Token], roles: Roles, page: Page) -> None:
    """Let the label in front of an amount say which one counts ("Subtotal: …", "VAT: …", "To pay: …")."""
    labels = {token: kind for token in row if token in roles and (kind := _label(token, page))}
    paid = "net" in labels.values()
    for token, kind in labels.items():
        if roles[token][0] in {Role.LINE, Role.TOTAL} and (
            kind == "discount" or (paid and kind in {"gross", "amount", "open"})
        ):
            roles[token] = (Role.DEDUCTION, None)


def _heed_block_totals(row: Sequence[Token], roles: Roles) -> None:
    """See that a total below each invoice in turn is that invoice's own amount."""
    walk = [
        token for token in row if token.kind is TokenKind.INVOICE or (token in roles and roles[token][0] is Role.TOTAL)
    ]
    kinds = [token.kind for token in walk]
    blocks = len(walk) // 2
    if blocks > 1 and kinds == [TokenKind.INVOICE, TokenKind.AMOUNT] * blocks:
        roles.update({token: (Role.LINE, None) for token in walk if token.kind is TokenKind.AMOUNT})


def _label(token: Token, page: Page) -> str:
    """Return the kind of the label that a row begins with before its amount."""
    first = page.text.rfind("\n", 0, token.start) + 1
    before = page.text[first : token.start]
    lead = first + len(before) - len(before.lstrip(" \t>*•-"))
    inside = [
        cue for cue in page.cues if cue.kind.startswith("columns.") and cue.start >= lead and cue.end <= token.start
    ]
    covering = [
        cue
        for cue in inside
        if cue.start == lead
        and not re.search(r"\w", re.sub(r"\([^)]*\)|\b[A-Z]{3}\b", "", page.text[cue.end : token.start]))
    ]
    widest = max(covering or inside[-1:], key=lambda cue: cue.end - cue.start, default=None)
    ends = widest is not None and not re.search(
        r"\w", re.sub(r"\([^)]*\)|\b[A-Z]{3}\b", "", page.text[widest.end : token.start])
    )
    return widest.kind.removeprefix("columns.") if widest and ends and ":" in before else ""


def _retell_sums(row: Sequence[Token], roles: Roles, limits: Breaks, snapshot: Snapshot) -> None:
    """See that the only amount beside several invoices is their sum, or a payment's own, where the ledger says so."""
    units: dict[tuple[int, int], list[Token]] = {}
    for token in row:
        units.setdefault(limits.unit(token.start), []).append(token)
    for members in (*units.values(), list(row)):
        _retell_sum(members, row, roles, snapshot)


def _retell_sum(members: Sequence[Token], row: Sequence[Token], roles: Roles, snapshot: Snapshot) -> None:
    numbers = {token.value for token in members if token.kind is TokenKind.INVOICE}
    alone = [token for token in members if token in roles and roles[token][0] is Role.LINE]
    if (
        len(alone) != 1
        or alone[0].amount is None
        or len({token.value for token in row if token.kind is TokenKind.INVOICE}) <= 1  # it has its own amount
    ):
        return
    amount = alone[0].amount
    items = [item for item in snapshot.invoices if item.invoice_number in numbers]
    if len(numbers) == 1 or any(
        _describes(amount, item.open_amount, item.open_amount, item.currency) for item in items
    ):
        return
    named = {token.value for token in row if token.kind is TokenKind.PAYMENT}
    paying = [
        payment
        for payment in snapshot.payments
        if (payment.payment_number in named or not named) and matches(amount, payment)
    ]
    if paying:
        roles[alone[0]] = (Role.OWN, paying[0].payment_number if named and len(paying) == 1 else None)
    elif items and _describes(amount, sum(item.open_amount for item in items), 0, items[0].currency):
        roles[alone[0]] = (Role.TOTAL, None)


def _is_balance(amount: AskedAmount | None, number: str, snapshot: Snapshot) -> bool:
    """Tell whether an amount only says what the invoice has open;
    several payments then give what is needed in turn (row 44).
    """
    invoice = next((item for item in snapshot.invoices if item.invoice_number == number), None)
    return (
        amount is not None
        and invoice is not None
        and _describes(amount, invoice.open_amount, invoice.open_amount, invoice.currency)
    )


def _one_amount(
    several: Sequence[Token], number: str, snapshot: Snapshot, page: Page, *, torn: bool
) -> AskedAmount | None:
    """Choose among the amounts that stand with an invoice:
    what merely describes it (its total, its balance) says nothing more.
    """
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
        cue.kind == "context.correction" and several[-2].end <= cue.start <= several[-1].end + _CORRECTION_REACH
        for cue in page.cues
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


def _payment_above(token: Token, row: Sequence[Token]) -> str | None:
    """Return the payment whose lines a total sums: the last one named before it."""
    return next(
        (other.value for other in reversed(row) if other.kind is TokenKind.PAYMENT and other.end <= token.start), None
    )


def _payment_days(
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


def _evidence(page: Page, row: Sequence[Token]) -> Iterable[Evidence]:
    for token in row:
        value = (
            token.value
            or (token.amount.seen if token.amount else "")
            or (token.quantity.value if token.quantity else "")
        )
        reading = "own item" if token.own else ""
        yield page.evidence(token.kind.value, value, token.start, token.end, reading)
