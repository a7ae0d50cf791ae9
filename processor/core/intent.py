"""What a mail wants, told by the words of its language and by its structure: own identifiers and an instruction."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from processor.core.currencies import to_minor
from processor.core.decision import RequestState

if TYPE_CHECKING:
    from processor.core.decision import Snapshot
    from processor.core.reading.read import Reading
    from processor.core.reading.sentences import Sentence

_FEW_WORDS = 45


class Intent(StrEnum):
    """What a mail wants; the number is the gate of `decisions.md` that answers it."""

    BANK_DETAILS = "bank_details"  # 10
    SENSITIVE = "sensitive"  # 10
    STATEMENT = "statement"  # 13
    STATUS = "status"  # 14
    HOW_TO = "how_to"  # 14
    THANKS = "thanks"  # 14
    OTHER = "other"  # 15
    WITHDRAWAL = "withdrawal"  # 16
    REVERSAL = "reversal"  # 17
    ALLOCATION = "allocation"  # 20 and on


def intent_of(reading: Reading, snapshot: Snapshot) -> Intent:
    """Name what a mail wants. What is dangerous comes first, then what is asked of us, then the instruction."""
    if _is_bank_change(reading):
        return Intent.BANK_DETAILS
    if any(_is_sensitive(sentence, reading) for sentence in reading.sentences):
        return Intent.SENSITIVE
    waiting = snapshot.conversation is not None and snapshot.conversation.state is RequestState.WAITING
    if _is_reversal(reading, snapshot, waiting=waiting):
        return Intent.REVERSAL
    if _withdraws(reading) and snapshot.conversation is not None and not _names_new(reading):
        return (
            Intent.WITHDRAWAL
            if waiting
            else Intent.REVERSAL
            if snapshot.conversation.state is RequestState.APPLIED
            else Intent.WITHDRAWAL
        )
    return _asked(reading, waiting=waiting, known=snapshot.conversation is not None)


def _withdraws(reading: Reading) -> bool:
    """Tell whether the request is taken back; "that one was withdrawn, take G012…" goes on with it."""
    goes_on = any(
        sentence.named and sentence.has("intent.allocate", "intent.request") and not sentence.has("intent.withdrawal")
        for sentence in reading.sentences
    )
    apart = any(line.invoice and not _is_withdrawn(line.invoice, reading) for line in reading.stated.lines)
    return reading.has("intent.withdrawal") and not goes_on and not apart


def _is_withdrawn(invoice: str, reading: Reading) -> bool:
    """Tell whether the words that take something back stand with an invoice, or with none at all."""
    named = [sentence for sentence in reading.sentences if invoice in sentence.named]
    return not named or any(sentence.has("intent.withdrawal") for sentence in named)


def _is_bank_change(reading: Reading) -> bool:
    return reading.has("intent.bank_details")


def _is_sensitive(sentence: Sentence, reading: Reading) -> bool:
    """Tell whether a sentence complains or threatens; a reason for paying less beside a stated amount is row 37."""
    if not sentence.has("intent.complaint"):
        return False
    reason = sentence.has("context.deduction") and any(line.amount for line in reading.stated.lines)
    return not reason


def _is_reversal(reading: Reading, snapshot: Snapshot, *, waiting: bool) -> bool:
    """Tell whether an allocation is to be taken back: the words say so, and there is one that could be meant."""
    conversation = snapshot.conversation
    if waiting or not (reading.has("intent.reversal") or _moves(reading, snapshot)):
        return False
    named = {value for _, value in reading.named}
    if conversation is not None and conversation.state is RequestState.APPLIED:
        return True
    if any(row.payment_number in named or row.invoice_number in named for row in snapshot.allocations):
        return True
    used = any(invoice.invoice_number in named and invoice.open_amount < invoice.total for invoice in snapshot.invoices)
    return used or (not named and not reading.stated.lines)


def _moves(reading: Reading, snapshot: Snapshot) -> bool:
    """Tell whether an answer to what was applied gives just that amount to another invoice, and names no payment:
    it is the same money, whatever the words.
    """
    if snapshot.conversation is None or any(line.payment for line in reading.stated.lines):
        return False
    booked = [row for row in snapshot.allocations if row.request == snapshot.conversation.reference]
    return any(
        line.amount is not None
        and any(
            to_minor(value, row.currency) == row.amount and line.invoice not in {None, row.invoice_number}
            for value in line.amount.readings
            for row in booked
        )
        for line in reading.stated.lines
    )


def _names_new(reading: Reading) -> bool:
    """Tell whether a mail states a line of its own with both sides."""
    return any(line.invoice and line.payment for line in reading.stated.lines)


def _asked(reading: Reading, *, waiting: bool, known: bool) -> Intent:
    """Tell what is asked; a question in the thread of a request that is done asks how it stands."""
    paid = bool(reading.stated.lone_payments)  # by one of these, where the pairing isn't clear
    complete = any(line.invoice and (line.payment or line.amount or paid) for line in reading.stated.lines)
    instructed = _instructs(reading)
    answers = waiting and reading.has("quantity.open") and not any(sentence.question for sentence in reading.sentences)
    if reading.has("intent.statement") and not (complete and instructed) and not answers:
        return Intent.STATEMENT
    done = known and not waiting
    if (_asks_for_news(reading) and not _instructs_apart(reading)) or (done and _only_asks(reading)):
        return Intent.STATUS
    if instructed and not (reading.has("intent.how_to") and not reading.named):
        return Intent.ALLOCATION
    if reading.has("intent.how_to") and not complete:
        return Intent.HOW_TO
    return _otherwise(reading, waiting=waiting, done=done)


def _otherwise(reading: Reading, *, waiting: bool, done: bool) -> Intent:
    """Tell what a mail wants that neither asks nor instructs in so many words."""
    if _thanks_alone(reading):
        return Intent.THANKS
    if done and not reading.named and any(sentence.question for sentence in reading.sentences):
        return Intent.STATUS
    return Intent.ALLOCATION if waiting else Intent.OTHER


def _only_asks(reading: Reading) -> bool:
    """Tell whether a mail asks and instructs nothing: no sentence tells what to do with an item of its own."""
    told = (sentence for sentence in reading.sentences if sentence.has("intent.allocate"))
    instructs = any(not sentence.question or (sentence.named and sentence.has("intent.request")) for sentence in told)
    return any(sentence.question for sentence in reading.sentences) and not instructs


def _asks_for_news(reading: Reading) -> bool:
    """Tell whether the words ask how something stands: as a question, or with nothing stated beside them."""
    stated = bool(reading.stated.lines or reading.stated.lone_payments)
    return any(sentence.has("intent.status") and (sentence.question or not stated) for sentence in reading.sentences)


def _instructs(reading: Reading) -> bool:
    """Tell whether something is to be allocated: both sides named, a list, or one side with a word for it."""
    stated = reading.stated
    both = any(line.payment for line in stated.lines) or (bool(stated.lines) and bool(stated.lone_payments))
    listed = any(line.amount for line in stated.lines) or (bool(stated.lines) and bool(stated.facts))
    if both or listed or (reading.forwarded and bool(stated.lines)):
        return True
    worded = reading.has("intent.allocate")
    together = any(sentence.has("intent.allocate") and sentence.has("intent.request") for sentence in reading.sentences)
    paid = reading.has("cues.payment") and reading.has("intent.request")
    nouns = paid or (together and reading.has("cues.invoice", "cues.own_amount"))
    one_side = bool(stated.lines or stated.lone_payments or stated.ranges)
    attached = bool(reading.unreadable) and (
        reading.has("cues.payment", "cues.invoice", "intent.see_attached") or not reading.words.strip()
    )
    return (worded and (one_side or nouns)) or (attached and (worded or not reading.words.strip()))


def _instructs_apart(reading: Reading) -> bool:
    """Tell whether a sentence other than the one that asks for news gives an instruction."""
    if any(line.amount or line.quantity for line in reading.stated.lines) and any(
        sentence.has("intent.request") and sentence.has("intent.allocate") for sentence in reading.sentences
    ):
        return True
    others = [
        sentence
        for sentence in reading.sentences
        if not sentence.has("intent.status") and sentence.has("intent.allocate")
    ]
    return any(sentence.has("intent.request") or (sentence.named and not sentence.question) for sentence in others)


def _thanks_alone(reading: Reading) -> bool:
    return (
        reading.has("intent.thanks")
        and not reading.named
        and len(reading.words.split()) <= _FEW_WORDS
        and "?" not in reading.words
    )
