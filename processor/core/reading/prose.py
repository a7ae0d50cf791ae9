"""Running text, lists and key-value blocks to what they state."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from processor.core.reading.amounts_of_lines import lines_of
from processor.core.reading.bare_amounts import without_noise
from processor.core.reading.breaks import Breaks
from processor.core.reading.by_place import left_out_by_place
from processor.core.reading.exclusions import without_settled
from processor.core.reading.past import without_past
from processor.core.reading.payment_days import payment_days
from processor.core.reading.retold import Roles, retell
from processor.core.reading.roles import Role, roles_of
from processor.core.reading.stated import PaymentFact, Stated
from processor.core.reading.stretches import Taken
from processor.core.reading.token import Token, TokenKind
from processor.core.reading.tokens import excepted, tokens
from processor.core.request import Evidence, Total

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from processor.core.decision import Snapshot
    from processor.core.reading.page import Page

_ITEM = re.compile(r"[ \t]*(?:[-*•]|\(?\d{1,2}[.)\]/])")
_ASKED_REACH = 60
_VAGUE = frozenset({"context.vague_exclusion", "context.only_one"})


def read_prose(page: Page, ranges: Sequence[tuple[int, int]], snapshot: Snapshot) -> Stated:
    """Read the ranges of a page as running text."""
    limits = page.limits
    own = Taken(ranges)
    by_place, unclear = left_out_by_place(page, ranges)
    row = _row(page, ranges, limits, snapshot, by_place)
    roles = roles_of(row, page, limits, snapshot)
    retell(row, roles, page, limits, snapshot)
    kinds = frozenset(cue.kind for cue in page.cues if own.holds(cue.start))
    found = lines_of(page, row, roles, limits, snapshot, kinds)
    lone = found.lone_payments
    if found.lines:
        lone = tuple(payment for payment in lone if found.unclear or _is_instructed(payment, row, page, limits))
    return Stated(
        lines=found.lines,
        lone_payments=lone,
        facts=_facts(roles),
        totals=_totals(roles, row),
        loose=tuple(token.amount for token in found.loose if token.amount),
        strays=tuple(token.amount for token in (*found.strays, *_left(roles)) if token.amount),
        asides=found.asides,
        spared=found.spared,
        left_out=excepted(page, ranges, row),
        days=tuple(payment_days(page, ranges, row, limits)),
        ranges=tuple((token.value, token.range_end) for token in row if token.range_end),
        unpaired=found.unclear,
        vague_exclusion=unclear
        or (
            not kinds.isdisjoint(_VAGUE) and sum(token.kind is TokenKind.INVOICE for token in row) > 1 and not by_place
        ),
        surplus_may_stay="context.surplus_may_stay" in kinds,
        deduction="context.deduction" in kinds,
        all_open="quantity.all_open" in kinds,
        evidence=tuple(_evidence(page, row)),
    )


def _row(
    page: Page, ranges: Sequence[tuple[int, int]], limits: Breaks, snapshot: Snapshot, out: Collection[str]
) -> tuple[Token, ...]:
    """Return the tokens of a text, without settled invoices told of in passing and numbers that are no amounts."""
    settled = frozenset(invoice.invoice_number for invoice in snapshot.invoices if invoice.open_amount == 0)
    row = without_settled(page, without_past(page, tokens(page, ranges, out), snapshot), settled)
    return without_noise(row, page, limits)


def _facts(roles: Roles) -> tuple[PaymentFact, ...]:
    return tuple(
        PaymentFact(token.amount, owner) for token, (what, owner) in roles.items() if what is Role.OWN and token.amount
    )


def _left(roles: Roles) -> Iterable[Token]:
    return (token for token, (what, _) in roles.items() if what is Role.STAYS)


def _totals(roles: Roles, row: Sequence[Token]) -> tuple[Total, ...]:
    return tuple(
        Total(token.amount, _payment_above(token, row))
        for token, (what, _) in roles.items()
        if what is Role.TOTAL and token.amount
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
    return _ITEM.match(page.text, first) is not None


def _payment_above(token: Token, row: Sequence[Token]) -> str | None:
    """Return the payment whose lines a total sums: the last one named before it."""
    return next(
        (other.value for other in reversed(row) if other.kind is TokenKind.PAYMENT and other.end <= token.start), None
    )


def _evidence(page: Page, row: Sequence[Token]) -> Iterable[Evidence]:
    for token in row:
        value = (
            token.value
            or (token.amount.seen if token.amount else "")
            or (token.quantity.value if token.quantity else "")
        )
        reading = "own item" if token.own else ""
        yield page.evidence(token.kind.value, value, token.start, token.end, reading)
