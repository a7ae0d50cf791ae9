"""Which payment an answer means: named, picked from the list, or described until one is left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from processor.core.answers.question import agrees, asked, number_in_list
from processor.core.currencies import to_minor
from processor.core.letter import QuestionKind
from processor.core.reading.merge import adopt_payment

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from decimal import Decimal

    from processor.core.decision import Snapshot
    from processor.core.memory import Memory
    from processor.core.model import Payment
    from processor.core.reading.read import Reading
    from processor.core.reading.stated import Stated


_SEVERAL = 2
_PAYMENT_QUESTIONS = frozenset(
    {QuestionKind.WHICH_PAYMENT, QuestionKind.PAYMENT_UNKNOWN, QuestionKind.NO_PAYMENT, QuestionKind.PAYMENT_EXHAUSTED}
)


def chosen_payment(memory: Memory, reading: Reading, snapshot: Snapshot) -> tuple[str | None, tuple[str, ...]]:
    """Return the payment that an answer picks from the list, or the shorter list that it leaves."""
    question = asked(memory, *_PAYMENT_QUESTIONS)
    named = reading.stated.lone_payments or any(line.payment for line in reading.stated.lines)
    if question is None or not question.choices:
        return None, ()
    if named:
        return _among_named(question.choices, reading, snapshot) or _named_alone(question.choices, reading), ()
    if len(question.choices) == 1 and agrees(reading):
        return question.choices[0], ()
    if (number := number_in_list(reading, len(question.choices))) is not None:
        return question.choices[number], ()
    offered = [
        payment for number in question.choices for payment in snapshot.payments if payment.payment_number == number
    ]
    left = _described(offered, reading)
    if len(left) == 1:
        return left[0].payment_number, ()
    return None, tuple(payment.payment_number for payment in left) if len(left) < len(offered) else ()


def _among_named(choices: Sequence[str], reading: Reading, snapshot: Snapshot) -> str | None:
    """Return the one of several listed payments that agrees with what the answer says beside them
    ("the second one, of 22 February; the first is for something else").
    """
    named = [number for number in reading.stated.lone_payments if number in choices]
    if len(named) < _SEVERAL or any(line.payment for line in reading.stated.lines):
        return None
    offered = [payment for payment in snapshot.payments if payment.payment_number in named]
    left = _described(offered, reading)
    return left[0].payment_number if len(left) == 1 else None


def _named_alone(choices: Sequence[str], reading: Reading) -> str | None:
    """Return the listed payment that a sentence of its own names, where no other is named: it answers the question,
    whatever invoice another sentence adds to it ("14…. And please add G012… as well").
    """
    if not reading.stated.lines:
        return None
    answers = {line.payment for line in reading.stated.lines} | set(reading.stated.lone_payments)
    answers.discard(None)
    alone = {number for sentence in reading.sentences if len(sentence.named) == 1 for number in sentence.named}
    return next((number for number in choices if answers == {number} and number in alone), None)


def _described(offered: Sequence[Payment], reading: Reading) -> list[Payment]:
    """Keep the offered payments that agree with what the answer says: date, month, amount, or a superlative."""
    left = list(offered)
    days = {day for option in (reading.stated.days or reading.dates) for day in option}
    if days:
        left = [payment for payment in left if payment.received_on in days]
    months = {int(cue.value) for cue in reading.cues if cue.kind == "months"}
    if months and not days:
        left = [payment for payment in left if payment.received_on.month in months]
    amounts = {value for fact in reading.stated.facts for value in fact.amount.readings} | {
        value for amount in reading.stated.loose for value in amount.readings
    }
    if amounts:
        left = [payment for payment in left if _has_one_of(payment, amounts)]
    elif figures := [payment for payment in left if _has_one_of(payment, reading.figures)]:
        left = figures
    words = {cue.value for cue in reading.cues if cue.kind == "superlatives"}
    if len(words) == 1 and left:
        left = _extreme(left, words.pop())
    return left if days or months or amounts or len(left) < len(offered) else list(offered)


def _has_one_of(payment: Payment, amounts: Collection[Decimal]) -> bool:
    minors = {to_minor(value, payment.currency) for value in amounts}
    return not minors.isdisjoint({payment.amount, payment.unallocated})


def _extreme(payments: Sequence[Payment], word: str) -> list[Payment]:
    """Keep the payments that a superlative of the lexicons means: `latest`, `earliest`, `largest` or `smallest`."""

    def size(payment: Payment) -> int:
        return payment.received_on.toordinal() if word in {"latest", "earliest"} else payment.unallocated

    wanted = (max if word in {"latest", "largest"} else min)(map(size, payments))
    return [payment for payment in payments if size(payment) == wanted]


def with_payments(stated: Stated, new: Stated, chosen: str | None, snapshot: Snapshot) -> Stated:
    """Put the payment of an answer on every line that has none, or one that can't be used,
    or simply another one named now.
    """
    told = {line.payment for line in new.lines}
    lone = [payment for payment in new.lone_payments if payment not in told]
    named = [chosen] if chosen else list(dict.fromkeys(lone))
    if len(named) != 1 or stated.unpaired:
        return (
            stated
            if not named
            else adopt_payment(replace(stated, lone_payments=tuple(dict.fromkeys([*stated.lone_payments, *named]))))
        )
    payment = named[0]
    usable = {item.payment_number for item in snapshot.payments if item.unallocated}
    current = {line.payment for line in stated.lines} - {None}
    single = len(current) <= 1
    lines = tuple(
        replace(line, payment=payment) if line.payment is None or line.payment not in usable or single else line
        for line in stated.lines
    )
    return replace(stated, lines=lines, lone_payments=() if lines else (payment,))
