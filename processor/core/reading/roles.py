"""What each amount in running text is: a line's, a payment's own, a total, a rest that stays, a deduction."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.currencies import to_minor
from processor.core.reading.amount_words import (
    NEAR,
    gap_between,
    goes_to_invoice,
    is_deduction,
    is_total,
    left_open,
    stands_between,
    stays,
)
from processor.core.reading.stretches import longest, reaching, starting_in
from processor.core.reading.token import Token, TokenKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.decision import Snapshot
    from processor.core.lexicon import Cue
    from processor.core.model import Payment
    from processor.core.reading.breaks import Breaks
    from processor.core.reading.page import Page
    from processor.core.request import AskedAmount

_NOUN_REACH = 6  # "payment of € 500"
_OF = r"[\s:=,-]*(?:\(|<of>|=|:)?[\s(:=]*$"
_FROM = r"<from>[\s\w']{0,24}$"
_SOURCE = r"(?=<from>)<source>\s+(?:\w{1,4}\s+){1,2}$"  # "out of the", "aus den"
_SOURCE_REACH = 24
_FAR = 64  # how far what says something of an amount may stand from it
_TELLING = ("context.", "cues.", "quantity.")  # phrases that say something of an amount
_TAKE = r"<take>\s*$"


class Role(StrEnum):
    """What an amount is."""

    LINE = "line"
    OWN = "own"  # a payment's own amount
    TOTAL = "total"
    STAYS = "stays"  # what is left over and stays
    DEDUCTION = "deduction"


@dataclass(frozen=True, slots=True)
class _Near:
    """What stands near an amount: findings and phrases; the invoices of its sentence, whether that speaks of a
    deduction, and whether the text has several amounts.
    """

    row: Sequence[Token]
    cues: Sequence[Cue]
    invoices: Sequence[Token]
    deduction: bool
    several: bool


def roles_of(
    row: Sequence[Token], page: Page, breaks: Breaks, snapshot: Snapshot
) -> dict[Token, tuple[Role, str | None]]:
    """Return the role of each amount of a row, and the payment it belongs to where that is said.
    Only what is near is looked at, and the finding before it.
    """
    amounts = [token for token in row if token.kind is TokenKind.AMOUNT]
    solid = [token for token in row if token.kind is not TokenKind.QUANTITY]
    before = {token: last for last, token in pairwise(solid) if token.kind is TokenKind.AMOUNT}
    telling = [cue for cue in page.cues if cue.kind.startswith(_TELLING)]
    reach, far = longest(row), longest(telling)
    units: dict[tuple[int, int], tuple[int, int, Sequence[Token], bool]] = {}
    found: dict[Token, tuple[Role, str | None]] = {}
    for token in amounts:
        name = breaks.unit(token.start)
        first, last, invoices, deduction = units.get(name) or units.setdefault(name, _unit(token, row, page, breaks))
        cues = [
            cue for cue in reaching(telling, token.start - _FAR, token.end + _FAR, far) if first <= cue.start < last
        ]
        start = min([token.start, *(cue.start for cue in cues)])
        end = max([token.end, *(cue.end for cue in cues)])
        around = reaching(row, start - _FAR, end + _FAR, reach)
        if token in before and before[token].end < start - _FAR:
            around = (before[token], *around)
        near = _Near(around, cues, invoices, deduction, len(amounts) > 1)
        found[token] = _role(page, token, near, breaks, snapshot)
    return found


def _unit(token: Token, row: Sequence[Token], page: Page, breaks: Breaks) -> tuple[int, int, Sequence[Token], bool]:
    """Return where a sentence begins and the next one does, its invoices, and whether it speaks of a deduction."""
    first, last = breaks.around(token.start, len(page.text))
    invoices = [other for other in starting_in(row, first, last) if other.kind is TokenKind.INVOICE]
    return first, last, invoices, any(cue.kind == "context.deduction" for cue in page.cues_from(first, last))


def _role(page: Page, token: Token, near: _Near, breaks: Breaks, snapshot: Snapshot) -> tuple[Role, str | None]:
    if not near.invoices and near.deduction:
        return Role.DEDUCTION, None
    if is_total(page, token, near.cues, near.row):
        return Role.TOTAL, None
    share = token.amount is not None and token.amount.is_share
    if not share and (owner := _adjacent_payment(page, token, near.row, breaks, snapshot)):
        return Role.OWN, owner
    if not share and (_introduced(page, token, near.cues, near.row) or _drawn_from(page, token, snapshot)):
        return Role.OWN, None
    if stays(token, near.cues, near.invoices) or left_open(page, token, near.cues, near.row):
        return Role.STAYS, None
    lessens = near.several and near.invoices and is_deduction(token, near.cues, near.row)
    return (Role.DEDUCTION if lessens else Role.LINE), None


def matches(amount: AskedAmount, payment: Payment) -> bool:
    """Tell whether an amount is what the ledger says of a payment: its whole, or what it has left."""
    if amount.currencies and payment.currency not in amount.currencies:
        return False
    return any(to_minor(value, payment.currency) in (payment.amount, payment.unallocated) for value in amount.readings)


def describes(amount: AskedAmount, total: int, left: int, currency: str) -> bool:
    """Tell whether an amount is one of two balances, in minor units: then it may only describe its invoice."""
    return any(to_minor(value, currency) in (total, left) for value in amount.readings)


def _adjacent_payment(page: Page, token: Token, row: Sequence[Token], breaks: Breaks, snapshot: Snapshot) -> str | None:
    """Return the payment that an amount stands with as its own ("payment 14… of € 500", "€ 500 (payment 14…)")."""
    solid = [other for other in row if other.kind is not TokenKind.QUANTITY]
    at = next(index for index, other in enumerate(solid) if other is token)
    left = solid[at - 1] if at and solid[at - 1].kind is TokenKind.PAYMENT else None
    right = solid[at + 1] if at + 1 < len(solid) and solid[at + 1].kind is TokenKind.PAYMENT else None
    if left and _near(left, token, breaks) and not _taken_from(page, token):
        gap = level(page.text[left.end : token.start])
        known = _fits(left.value, token, snapshot)
        told = (gap.lstrip().startswith("(") and ")" not in gap) or (
            page.grammar.pattern(_OF).match(gap) is not None and bool(gap.strip(" \t|,;-"))
        )
        follows_directly = (
            at + 1 < len(solid) and solid[at + 1].kind is TokenKind.INVOICE and _near(token, solid[at + 1], breaks)
        )
        if (told and (known or "(" in gap)) or ((known or told) and not follows_directly):
            return left.value
    if right and _near(token, right, breaks):
        gap = level(page.text[token.end : right.start])
        if page.grammar.pattern(_FROM).search(gap.split("(")[0]) is None or "(" in gap:
            return (
                right.value
                if _fits(right.value, token, snapshot) and not _preceded_by_invoice(solid, at, token, breaks)
                else None
            )
    return None


def _taken_from(page: Page, token: Token) -> bool:
    """Tell whether the words before an amount say that it is a part ("from payment 14… take € 500")."""
    before = level(page.text[max(0, token.start - 12) : token.start])
    return page.grammar.pattern(_TAKE).search(before) is not None


def _drawn_from(page: Page, token: Token, snapshot: Snapshot) -> bool:
    """Tell whether an amount is where the money comes from ("out of the € 500"), and the ledger has such a payment."""
    before = level(page.text[max(0, token.start - _SOURCE_REACH) : token.start])
    amount = token.amount
    return (
        amount is not None
        and page.grammar.pattern(_SOURCE).search(before) is not None
        and any(matches(amount, payment) for payment in snapshot.payments)
    )


def _preceded_by_invoice(solid: Sequence[Token], at: int, token: Token, breaks: Breaks) -> bool:
    return (
        at > 0
        and solid[at - 1].kind is TokenKind.INVOICE
        and breaks.unit(solid[at - 1].start) == breaks.unit(token.start)
    )


def _near(left: Token, right: Token, breaks: Breaks) -> bool:
    rows, sentences, blanks = breaks.crossed(left.end, right.start)
    return right.start - left.end <= 2 * NEAR and rows == sentences == blanks == 0


def _fits(number: str, token: Token, snapshot: Snapshot) -> bool:
    amount = token.amount
    return amount is not None and any(
        payment.payment_number == number and matches(amount, payment) for payment in snapshot.payments
    )


def _introduced(page: Page, token: Token, unit: Sequence[Cue], row: Sequence[Token]) -> bool:
    """Tell whether words say that the amount is what was paid ("we sent you € 500", "our payment of € 500")."""
    towards = goes_to_invoice(page, token, row) or _taken_from(page, token)
    for cue in unit:
        if cue.kind != "cues.own_amount" or stands_between(row, cue, token):
            continue
        if cue.start >= token.end and page.grammar.pattern(_FROM).search(level(page.text[token.end : cue.start])):
            continue  # "€ 500 of our payment" is a part of it
        noun = any(other.kind == "cues.payment" for other in page.cues_from(cue.start, cue.start + 1))
        noun_led = noun and 0 <= token.start - cue.end <= _NOUN_REACH
        if noun_led or (not towards and gap_between(cue, token) <= NEAR):
            return True
    return False
