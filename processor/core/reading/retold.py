"""What an amount turns out to be once its label, the block it closes and the ledger's sums are heeded."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from processor.core.reading.roles import Role, describes, matches
from processor.core.reading.stated import DESCRIBED
from processor.core.reading.token import Token, TokenKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.decision import Snapshot
    from processor.core.lexicon import Cue
    from processor.core.reading.breaks import Breaks
    from processor.core.reading.page import Page

Roles = dict[Token, tuple[Role, str | None]]
_LABEL_REACH = 200  # characters from a label to its amount, with what is in parentheses
_MARKS = re.compile(r"[ \t>*•-]*")
_ASIDE = re.compile(r"\([^)]{0,100}+\)|\b[A-Z]{3}\b")  # "Total (EUR):"


def retell(row: Sequence[Token], roles: Roles, page: Page, limits: Breaks, snapshot: Snapshot) -> None:
    """Change the roles of amounts by their labels, by the blocks they close, then by what the ledger sums up to."""
    _heed_labels(row, roles, page)
    _heed_block_totals(row, roles)
    _retell_sums(row, roles, limits, snapshot)


def described_payments(row: Sequence[Token], roles: Roles, limits: Breaks) -> Sequence[Token]:
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
            kind in {"discount", "tax"} or (paid and kind in {"gross", "amount", "open"})
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
    if page.text.find(":", first, token.start) < 0:
        return ""
    lead = first + len(_MARKS.match(page.text, first, token.start)[0])  # type: ignore[index]
    headings = [cue for cue in page.cues_from(lead, lead + 1) if _is_label(cue, token)]
    covering = [cue for cue in headings if _is_wordless(page.text[cue.end : token.start])]
    near = reversed(page.cues_from(max(lead, token.start - _LABEL_REACH), token.start))
    nearest = [cue for cue in near if _is_label(cue, token)][:1]
    widest = max(covering or nearest, key=lambda cue: cue.end - cue.start, default=None)
    ends = widest is not None and _is_wordless(page.text[widest.end : token.start])
    return widest.kind.removeprefix("columns.") if widest and ends else ""


def _is_label(cue: Cue, token: Token) -> bool:
    """Tell whether a phrase is a heading's that ends before an amount, not too far from it."""
    return cue.kind.startswith("columns.") and token.start - _LABEL_REACH <= cue.end <= token.start


def _is_wordless(text: str) -> bool:
    """Tell whether no word stands in a text but a currency's code and what is in parentheses."""
    return not re.search(r"\w", _ASIDE.sub("", text))


def _retell_sums(row: Sequence[Token], roles: Roles, limits: Breaks, snapshot: Snapshot) -> None:
    """See that the only amount beside several invoices is their sum, or a payment's own, where the ledger says so."""
    units: dict[tuple[int, int], list[Token]] = {}
    for token in row:
        units.setdefault(limits.unit(token.start), []).append(token)
    invoices = {token.value for token in row if token.kind is TokenKind.INVOICE}
    named = {token.value for token in row if token.kind is TokenKind.PAYMENT}
    if len(invoices) > 1:  # else it has its own amount
        for members in (*units.values(), list(row)):
            _retell_sum(members, named, roles, snapshot)


def _retell_sum(members: Sequence[Token], named: set[str], roles: Roles, snapshot: Snapshot) -> None:
    numbers = {token.value for token in members if token.kind is TokenKind.INVOICE}
    alone = [token for token in members if token in roles and roles[token][0] is Role.LINE]
    if len(alone) != 1 or alone[0].amount is None or len(numbers) == 1:
        return
    amount = alone[0].amount
    items = [item for item in snapshot.invoices if item.invoice_number in numbers]
    if any(describes(amount, item.open_amount, item.open_amount, item.currency) for item in items):
        return
    paying = [
        payment
        for payment in snapshot.payments
        if (payment.payment_number in named or not named) and matches(amount, payment)
    ]
    if paying:
        roles[alone[0]] = (Role.OWN, paying[0].payment_number if named and len(paying) == 1 else None)
    elif items and describes(amount, sum(item.open_amount for item in items), 0, items[0].currency):
        roles[alone[0]] = (Role.TOTAL, None)
