"""Words that leave it open whether a request is to be carried out now:
then a yes is asked for, and nothing is applied before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.core.currencies import to_minor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from processor.core.decision import Snapshot
    from processor.core.matching.group import Group
    from processor.core.reading.read import Reading
    from processor.core.reading.sentences import Sentence
    from processor.core.reading.stated import Stated
    from processor.core.request import AskedAmount


_VETO = (
    "context.hold",
    "context.negation",
    "context.hedge",
    "context.deleted_before",
    "context.deleted_after",
    "intent.withdrawal",
)  # words by which a forwarder takes back something of what is passed on
_BUSINESS = ("intent.allocate", "intent.request", "cues.payment", "cues.invoice")
_MEANT = ("context.correction",)


def is_hedged(reading: Reading, found: Iterable[Group], *, answering: bool) -> bool:
    """Tell whether a mail waits, doubts, tells of the past or only asks, in words about what would be applied.
    An answer may correct itself by them ("that should have been …").
    """
    items = {name for group in found for name in _named_in(group)}
    invoices = {asked.line.invoice for group in found for asked in group.lines if asked.line.invoice}
    meant = _MEANT if answering else ()
    asked = any(_asks_for(sentence, invoices) for sentence in reading.sentences)
    sentences = [sentence for sentence in reading.sentences if answering or not _tells(sentence, invoices, asked=asked)]
    return (
        not items.isdisjoint(reading.stated.asides)
        or any(_is_doubtful(sentence, items) and not sentence.has(*meant) for sentence in sentences)
        or (reading.passed_on and any(sentence.has(*_VETO) for sentence in reading.sentences))
        or any(_is_held(sentence, items) for sentence in reading.sentences)
    )


def _asks_for(sentence: Sentence, invoices: Collection[str]) -> bool:
    return sentence.has("intent.allocate", "intent.request") and not sentence.named.isdisjoint(invoices)


def _tells(sentence: Sentence, invoices: Collection[str], *, asked: bool) -> bool:
    """Tell whether a sentence of a payment alone only tells how that came about: it has no word for allocating,
    or another sentence says what to do.
    """
    return sentence.named.isdisjoint(invoices) and (asked or not sentence.has("intent.allocate"))


def _named_in(group: Group) -> Iterable[str]:
    yield from (asked.line.invoice for asked in group.lines if asked.line.invoice)
    if group.named:
        yield group.named


def _is_held(sentence: Sentence, items: Collection[str]) -> bool:
    """Tell whether it says to wait, of these items or of the whole; not of what is left over, or of other papers."""
    put_off = sentence.has("quantity.open") and sentence.has("context.later")
    other = sentence.has("quantity.rest", "cues.own_reference", "context.background", "context.others")
    whole = not sentence.named and not put_off and not other and (sentence.short or sentence.has(*_BUSINESS))
    return sentence.has("context.hold") and (whole or not sentence.named.isdisjoint(items))


def _is_doubtful(sentence: Sentence, items: Collection[str]) -> bool:
    """Tell whether it speaks of these items with an if, a perhaps, a did you."""
    asks = sentence.question and not sentence.has("intent.request", "intent.allocate")
    denies = sentence.has("context.negation") and sentence.named <= set(items)
    return not sentence.named.isdisjoint(items) and (asks or denies or sentence.cited or sentence.has("context.hedge"))


def unexplained(found: Collection[Group], stated: Stated, snapshot: Snapshot) -> AskedAmount | None:
    """Return an amount in running text that neither the lines nor the ledger explain: it may change what is meant.
    One that stands beside an invoice must be explained by the lines and their payment.
    """
    meant: set[int | None] = set().union(*(_explained_by(group) for group in found))
    known: set[int | None] = {value for item in snapshot.invoices for value in (item.total, item.open_amount)}
    known |= {value for item in snapshot.payments for value in (item.amount, item.unallocated)}
    code = next((group.currency for group in found if group.currency), "EUR")
    for amounts, explained in ((stated.loose, known | meant), (stated.strays, meant)):
        for amount in amounts:
            minors = {to_minor(value, code) for value in amount.readings}
            if amount.is_share or (amount.readings and not minors & explained):
                return amount
    return None


def _explained_by(group: Group) -> set[int | None]:
    """Return what a group's lines and payment say, come to and leave, in minor units."""
    whole = group.sum or 0
    told: set[int | None] = {whole, *group.totals}
    told |= {value for asked in group.lines for value in (asked.stated, asked.amount)}
    for asked in group.lines:
        if asked.invoice:
            balance = asked.invoice.open_amount
            told |= {asked.invoice.total, balance, balance - (asked.amount or 0)}
    if group.payment:
        told |= {group.payment.amount, group.payment.unallocated, group.payment.unallocated - whole}
    return told
