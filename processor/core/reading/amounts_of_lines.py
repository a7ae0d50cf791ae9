"""The lines of running text: which amount, payment and quantity stand with each invoice, and what stands with none."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from processor.core.reading.asides import Places, asides, spared
from processor.core.reading.pairing import Assigned, Paired, assign_payments, pair_amounts
from processor.core.reading.quantities import quantity_of, tied_quantities
from processor.core.reading.retold import Roles, described_payments
from processor.core.reading.roles import Role, describes
from processor.core.reading.side_by_side import side_by_side
from processor.core.reading.ties import is_tied, speaks_of_it
from processor.core.reading.token import Token, TokenKind
from processor.core.request import AskedAmount, Line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.decision import Snapshot
    from processor.core.reading.breaks import Breaks
    from processor.core.reading.page import Page

_CORRECTION_REACH = 40
ByLine = dict[tuple[str | None, str], list[Token]]  # (payment, invoice) to where the invoice is named


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines, payments without one, and amounts of no line.

    `strays` stand beside an invoice that no words tie them to; `unclear` says that several payments and invoices
    have no clear pairing; `asides` are invoices that are only spoken of, `spared` those that something else becomes of.
    """

    lines: tuple[Line, ...]
    lone_payments: tuple[str, ...]
    unclear: bool
    loose: tuple[Token, ...]
    strays: tuple[Token, ...]
    asides: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()


def lines_of(
    page: Page, row: Sequence[Token], roles: Roles, limits: Breaks, snapshot: Snapshot, kinds: frozenset[str]
) -> Lines:
    """Read the lines of a row of tokens. `kinds` are the phrases of the text;
    payments that are told by their amounts alone get their names in `roles`.
    """
    paired, strays = _paired(page, row, roles, limits, snapshot)
    assigned = assign_payments(
        described_payments(row, roles, limits),
        limits,
        respectively="context.respectively" in kinds,
        shared="context.same_invoice" in kinds,
    )
    lines = _lines(assigned, paired, page, row, limits, snapshot)
    places = Places(page, limits)
    return Lines(
        _less_deduction(lines, roles, snapshot, paired.loose) if "context.deduction" in kinds else lines,
        assigned.lone,
        assigned.unclear,
        tuple(token for token in paired.loose if not page.tables or speaks_of_it(token, page)),
        tuple(strays),
        tuple(asides(page, row, places)),
        spared(page, row, places),
    )


def _less_deduction(
    lines: tuple[Line, ...], roles: Roles, snapshot: Snapshot, loose: Sequence[Token]
) -> tuple[Line, ...]:
    """Let the only line take what was paid, where its amount is the invoice's own and something was taken off it
    (row 37): the payment's amount, or one that comes to the invoice's with what was taken off.
    """
    paid = [token.amount for token, (what, _) in roles.items() if what is Role.OWN and token.amount]
    paid = paid or _that_add_up(lines, roles, loose)
    if len(lines) != 1 or len({amount.readings for amount in paid}) != 1 or lines[0].amount is None:
        return lines
    invoice = next((item for item in snapshot.invoices if item.invoice_number == lines[0].invoice), None)
    told = lines[0].amount
    if invoice is None or not describes(told, invoice.total, invoice.open_amount, invoice.currency):
        return lines
    less = bool(told.readings) and all(value < min(told.readings) for value in paid[0].readings)
    return (replace(lines[0], amount=paid[0]),) if less else lines


def _that_add_up(lines: tuple[Line, ...], roles: Roles, loose: Sequence[Token]) -> list[AskedAmount]:
    """Return the amount beside a line that, with a deduction, makes the line's ("4,895.00, less 15.00: 4,880.00")."""
    if len(lines) != 1 or lines[0].amount is None:
        return []
    lessened = [token.amount for token, (what, _) in roles.items() if what is Role.DEDUCTION and token.amount]
    return [
        token.amount
        for token in loose
        if token.amount
        and any(
            rest + less in lines[0].amount.readings
            for rest in token.amount.readings
            for other in lessened
            for less in other.readings
        )
    ]


def _paired(
    page: Page, row: Sequence[Token], roles: Roles, limits: Breaks, snapshot: Snapshot
) -> tuple[Paired, list[Token]]:
    """Pair amounts with invoices, and return the strays among them."""
    invoices = [token for token in row if token.kind is TokenKind.INVOICE]
    listed = side_by_side(page, row, roles, limits, snapshot)
    done = {*listed, *(amount for several in listed.values() for amount in several)}
    walk = [
        token
        for token in row
        if token not in done
        and (token.kind is TokenKind.INVOICE or (token.kind is TokenKind.AMOUNT and roles[token][0] is Role.LINE))
    ]
    paired = pair_amounts(walk, page.text, limits, page.grammar)
    # One invoice: the amount can only be its own.
    if len({token.value for token in invoices}) == 1 and not paired.amounts and paired.loose:
        paired = Paired({invoices[0]: list(paired.loose)}, [])
    tied, strays = _tied(paired, page, limits)
    return replace(tied, amounts={**tied.amounts, **listed}), strays


def _lines(
    assigned: Assigned, paired: Paired, page: Page, row: Sequence[Token], limits: Breaks, snapshot: Snapshot
) -> tuple[Line, ...]:
    quantities = tied_quantities(row, page, limits)
    by_line: ByLine = {}
    for payment, token in assigned.pairs:
        by_line.setdefault((payment, token.value), []).append(token)
    shared_out = {number for number, times in Counter(number for _, number in by_line).items() if times > 1}
    amounts = _amounts(by_line, paired, page, snapshot)
    amounts |= {key: None for key in by_line if key[1] in shared_out and _is_balance(amounts[key], key[1], snapshot)}
    return tuple(
        Line(
            number,
            payment,
            amounts[payment, number],
            None if number in shared_out else quantity_of(several, payment, quantities, amounts[payment, number]),
        )
        for (payment, number), several in by_line.items()
    )


def _amounts(
    by_line: ByLine, paired: Paired, page: Page, snapshot: Snapshot
) -> dict[tuple[str | None, str], AskedAmount | None]:
    return {
        key: _one_amount(
            [amount for token in several for amount in paired.amounts.get(token, [])],
            key[1],
            snapshot,
            page,
            torn=paired.torn,
        )
        for key, several in by_line.items()
    }


def _tied(paired: Paired, page: Page, limits: Breaks) -> tuple[Paired, list[Token]]:
    """Take amounts from invoices that no words tie them to."""
    strays = {
        amount
        for invoice, several in paired.amounts.items()
        for amount in several
        if not is_tied(amount, invoice, page, limits)
    }
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


def _is_balance(amount: AskedAmount | None, number: str, snapshot: Snapshot) -> bool:
    """Tell whether an amount only says what the invoice has open;
    several payments then give what is needed in turn (row 44).
    """
    invoice = next((item for item in snapshot.invoices if item.invoice_number == number), None)
    return (
        amount is not None
        and invoice is not None
        and describes(amount, invoice.open_amount, invoice.open_amount, invoice.currency)
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
        if not (invoice and describes(amount, invoice.total, invoice.open_amount, invoice.currency))
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
        balances = (
            amount
            for amount in amounts
            if describes(amount, invoice.open_amount, invoice.open_amount, invoice.currency)
        )
        return next(balances, amounts[-1])  # else all are its total, written in two ways
    return AskedAmount((), (), amounts[-1].seen, doubtful=True)
