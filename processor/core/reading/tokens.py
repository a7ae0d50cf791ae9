"""The words of a scope as a row of tokens in reading order: payments, invoices, amounts, quantities."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.reading.corrections import corrected
from processor.core.reading.exclusions import left_out, without_currency, without_excluded
from processor.core.reading.mention import Kind
from processor.core.reading.stretches import Taken, reaching, starting_in
from processor.core.reading.token import Token, TokenKind
from processor.core.request import AskedAmount, Quantity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from processor.core.lexicon import Cue
    from processor.core.reading.page import Page


def tokens(page: Page, ranges: Sequence[tuple[int, int]], out: Collection[str] = ()) -> tuple[Token, ...]:
    """Return the tokens of the ranges in reading order, without what the mail excludes or takes back, and without the
    invoices that are `out` already.
    """
    own = Taken(ranges)
    cues = tuple(cue for cue in page.cues if own.holds(cue.start))
    found = [
        *_identifiers(page, own),
        *_amounts(page, cues, own),
        *_parts(page, cues),
        *_percents(page, own),
        *_quantities(page, cues),
    ]
    ordered = sorted(found, key=lambda token: (token.start, token.end))
    ordered = [token for token in ordered if token.value not in out]
    return tuple(corrected(page, cues, without_excluded(page, cues, ordered)))


def excepted(page: Page, ranges: Sequence[tuple[int, int]], row: Sequence[Token]) -> tuple[str, ...]:
    """Return the invoices of the ranges that words except; `row` are the tokens that are left."""
    own, kept = Taken(ranges), {token.value for token in row}
    named = [token for token in _identifiers(page, own) if token.kind is TokenKind.INVOICE]
    gone = {token.value for token in named} - kept
    if not gone:
        return ()
    out = left_out(page, tuple(cue for cue in page.cues if own.holds(cue.start)), named)
    return tuple(dict.fromkeys(token.value for token in named if token.value in gone & out))


def _identifiers(page: Page, own: Taken) -> Iterable[Token]:
    for mention in page.mentions:
        if mention.kind is not Kind.PARTNER and own.holds(mention.start):
            kind = TokenKind.INVOICE if mention.kind is Kind.INVOICE else TokenKind.PAYMENT
            yield Token(kind, mention.start, mention.end, mention.value, own=mention.own, range_end=mention.range_end)


def _amounts(page: Page, cues: Sequence[Cue], own: Taken) -> Iterable[Token]:
    opened = [cue for cue in cues if cue.kind in _OPEN_WORDS]
    for mention in page.amounts:
        if own.holds(mention.start) and not (mention.bare and _is_no_amount(page, mention.start)):
            estimated = _is_estimate(page, mention.start)
            amount = (
                AskedAmount((), mention.amount.currencies, mention.amount.seen, doubtful=True)
                if estimated
                else mention.amount
            )
            amount = replace(amount, balance=_is_balance(page, opened, mention.start, mention.end))
            yield Token(TokenKind.AMOUNT, mention.start, mention.end, amount=amount, bare=mention.bare)


def _parts(page: Page, cues: Sequence[Cue]) -> Iterable[Token]:
    """Yield shares in words ("about half", "a couple of grand"): an amount is meant, and none is said."""
    limits = page.limits
    figures = Taken((mention.start - _IN_FIGURES, mention.end + _IN_FIGURES) for mention in page.amounts)
    later = {limits.unit(cue.start) for cue in cues if cue.kind == "context.later"}
    later -= {limits.unit(mention.start) for mention in page.mentions}
    done = [cue for cue in cues if cue.kind == "context.part_done"]
    for cue in cues:
        if (
            cue.kind == "quantity.part"
            and limits.unit(cue.start) not in later
            and not (done and _is_done(page, cue, done))
            and not figures.touches(cue.start, cue.end)
        ):
            yield Token(
                TokenKind.AMOUNT,
                cue.start,
                cue.end,
                amount=AskedAmount((), (), page.text[cue.start : cue.end], doubtful=True),
            )


def _is_done(page: Page, cue: Cue, done: Sequence[Cue]) -> bool:
    """Tell whether a clause of its own tells that a share was paid before ("…, half of it was paid in October")."""
    first = max(page.text.rfind(mark, 0, cue.start) for mark in _CLAUSES) + 1
    ends = [end for mark in _CLAUSES if (end := page.text.find(mark, cue.end)) >= 0]
    last = min(ends, default=len(page.text))
    return bool(starting_in(done, first, last)) and not page.mentions_from(first, last)


def _percents(page: Page, own: Taken) -> Iterable[Token]:
    """Yield shares in percent of a payment or an invoice ("50% of payment 14…"): an amount is meant, none is said."""
    near = {mention.end for mention in page.mentions}
    for match in _PERCENT.finditer(page.text):
        if not own.holds(match.start()) or match["figure"] in {"100", "100,00", "100.00"}:
            continue
        after = level(page.text[match.end() : match.end() + _SHARE_REACH])
        before = page.text[max(0, match.start() - 2) : match.start()]
        named = bool(page.mentions_from(match.end(), match.end() + _SHARE_REACH + 1))
        of_it = page.grammar.pattern(_SHARE).match(after) is not None or before.endswith("の")
        said = (named and of_it) or (before.endswith("の") and match.start() - 1 in near)
        if said or _is_only_figure(page, match.start()):
            amount = AskedAmount((), (), match.group(), doubtful=True)
            yield Token(TokenKind.AMOUNT, match.start(), match.end(), amount=amount)


def _is_only_figure(page: Page, start: int) -> bool:
    """Tell whether a share is all that a sentence with an item says of an amount ("G012… (50%)"), and is of no tax."""
    unit = page.limits.around(start, len(page.text))
    figures = bool(starting_in(page.amounts, *unit))
    other = any(cue.kind in _NO_SHARE for cue in page.cues_from(*unit))
    return bool(page.mentions_from(*unit)) and not figures and not other


def _is_no_amount(page: Page, start: int) -> bool:
    """Tell whether a bare number is labelled as something else: a number of the sender's own, or a row of a list."""
    before = level(page.text[max(0, start - _POSITION_REACH) : start])
    return _is_labelled_own(page, start) or page.grammar.pattern(r"<position>[\s.:#]*$").search(before) is not None


def _is_labelled_own(page: Page, start: int) -> bool:
    """Tell whether a number is labelled as something of the sender's own ("PO 4500018832", "tel. 088 000 14 33")."""
    return any(
        cue.kind == "cues.own_reference"
        and cue.end <= start <= cue.end + 6
        and not page.text[cue.end : start].strip(" .:#-/()")
        for cue in page.cues_near(start - 6, start)
    )


def _is_balance(page: Page, opened: Sequence[Cue], start: int, end: int) -> bool:
    """Tell whether words beside an amount say that it is what an invoice has open."""
    return any(
        (cue.end <= start <= cue.end + _OPEN_REACH and _ENDED.search(page.text[cue.end : start]) is None)
        or (end <= cue.start <= end + _OPEN_REACH and _APART.search(page.text[end : cue.start]) is None)
        for cue in reaching(opened, start - _OPEN_REACH, end + _OPEN_REACH, page.longest[0])
    )


def _is_estimate(page: Page, start: int) -> bool:
    return any(
        cue.kind == "quantity.estimate"
        and cue.end <= start <= cue.end + 8
        and not re.search(r"\w", without_currency(page.text[cue.end : start]))
        for cue in page.cues_near(start - 8, start)
    )


_CLAUSES = ",;:()\n"
_IN_FIGURES = 24  # "two thousand pounds (GBP 2,000.00)" says it in figures too
_OPEN_REACH = 16
_OPEN_WORDS = frozenset({"context.open_states", "context.leaves"})
_PERCENT = re.compile(r"(?<![A-Za-z0-9_.,])(?P<figure>\d{1,3}(?:[.,]\d{1,2})?)\s?(?:%|％)")
_SHARE = r"\s*(?:<of>|<from>)(?!\w)"
_SHARE_REACH = 24
_NO_SHARE = frozenset({"context.deduction", "columns.discount", "columns.tax", "cues.own_reference"})
_POSITION_REACH = 16
_LATER_REACH = 32
_APART = re.compile(r"[\d\n;.!?,]")
_ENDED = re.compile(r"[\d\n;.!?,)]")  # "(stays open) and 738.00 to …"
_LIMITS = re.compile(r"[\d\n;.!?]")
_QUANTITIES = {
    "quantity.full": Quantity.FULL,
    "quantity.open": Quantity.FULL,
    "quantity.all_of_payment": Quantity.ALL_OF_PAYMENT,
    "quantity.rest": Quantity.REST,
}
_SOURCE = r"<source>\s+(?:\w{1,5}\s+)*$"  # "out of the …", "aus dem …"
_NOT = r"<not>\s+(?:\w{1,5}\s+)?$"


_RANK = (Quantity.ALL_OF_PAYMENT, Quantity.FULL, Quantity.REST)


def _quantities(page: Page, cues: Sequence[Cue]) -> Iterable[Token]:
    """Yield definite quantities; "from what is left on …" only says where the money comes from."""
    for cluster in _clusters([cue for cue in cues if cue.kind in _QUANTITIES]):
        cue = min(cluster, key=lambda cue: (_RANK.index(_QUANTITIES[cue.kind]), cue.kind == "quantity.full"))
        quantity = _QUANTITIES[cue.kind]
        start, end = cluster[0].start, max(member.end for member in cluster)
        before = level(page.text[max(0, start - 24) : start])
        source = quantity is not Quantity.FULL and page.grammar.pattern(_SOURCE).search(before) is not None
        negated = page.grammar.pattern(_NOT).search(before) is not None
        if not source and not negated and not _is_for_later(page, cues, end):
            yield Token(TokenKind.QUANTITY, start, end, quantity=quantity, firm=cue.kind != "quantity.full")


def _is_for_later(page: Page, cues: Sequence[Cue], end: int) -> bool:
    """Tell whether a share in words is put off right behind it ("the rest of the invoice follows in December")."""
    return any(
        cue.kind == "context.later"
        and end <= cue.start <= end + _LATER_REACH
        and _LIMITS.search(page.text[end : cue.start]) is None
        for cue in starting_in(cues, end, end + _LATER_REACH + 1)
    )


def _clusters(cues: Sequence[Cue]) -> list[list[Cue]]:
    """Put phrases that overlap together: "the full open balance" is one quantity."""
    found: list[list[Cue]] = []
    end = -1
    for cue in cues:
        if cue.start <= end:
            found[-1].append(cue)
        else:
            found.append([cue])
        end = max(end, cue.end)
    return found
