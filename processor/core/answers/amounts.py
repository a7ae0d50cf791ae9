"""How much an answer says, and of which invoice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from processor.core.answers.question import agrees, asked
from processor.core.letter import QuestionKind
from processor.core.request import Quantity

if TYPE_CHECKING:
    from processor.core.memory import Asked, Memory
    from processor.core.reading.read import Reading
    from processor.core.reading.stated import Stated
    from processor.core.request import AskedAmount


_AMOUNT_QUESTIONS = frozenset(
    {
        QuestionKind.WHICH_AMOUNTS,
        QuestionKind.EXCEEDS_OPEN,
        QuestionKind.EXCEEDS_UNALLOCATED,
        QuestionKind.TOTAL_DIFFERS,
        QuestionKind.AMOUNT_UNCLEAR,
        QuestionKind.SOURCES_DISAGREE,
    }
)


def with_amounts(stated: Stated, memory: Memory, reading: Reading) -> Stated:
    """Give the lines the amounts, quantities and currency that an answer states."""
    new = reading.stated
    stated = _with_currency(stated, memory, reading)
    if new.lines and any(line.amount or line.quantity for line in new.lines):
        return replace(stated, loose=())
    question = asked(memory, *_AMOUNT_QUESTIONS)
    targets = _targets(stated, question)
    amounts = [
        amount
        for amount in (*new.loose, *(fact.amount for fact in new.facts if question))
        if amount.readings or amount.doubtful
    ]
    if amounts and len(targets) == 1 and len({amount.readings for amount in amounts}) == 1:
        return _set(stated, {targets[0]: amounts[0]})
    if (
        amounts
        and question
        and len(amounts) == len(targets)
        and (
            reading.has("context.respectively")
            or len({cue.value for cue in reading.cues if cue.kind == "ordinals"}) == len(targets)
        )
    ):
        return _set(stated, dict(zip(targets, amounts, strict=True)))
    if quantity := _quantity(reading, question):
        return replace(
            stated,
            lines=tuple(
                replace(line, amount=None, quantity=quantity) if line.invoice in targets and len(targets) == 1 else line
                for line in stated.lines
            ),
        )
    return stated


def _targets(stated: Stated, question: Asked | None) -> list[str]:
    """Return the invoices whose amount an answer without an invoice can mean."""
    if (
        question
        and question.kind in {QuestionKind.EXCEEDS_OPEN, QuestionKind.AMOUNT_UNCLEAR, QuestionKind.SOURCES_DISAGREE}
        and question.about
    ):
        return [question.about]
    numbers = [line.invoice for line in stated.lines if line.invoice]
    if len(numbers) == 1:
        return numbers
    return [line.invoice for line in stated.lines if line.invoice and line.amount is None] if question else []


def _set(stated: Stated, amounts: dict[str, AskedAmount]) -> Stated:
    return replace(
        stated,
        lines=tuple(
            replace(line, amount=amounts[line.invoice], quantity=None) if line.invoice in amounts else line
            for line in stated.lines
        ),
        loose=(),
    )


def _quantity(reading: Reading, question: Asked | None) -> Quantity | None:
    """Return the quantity in words that an answer gives to a question about an amount ("just what is left",
    "only what is open").
    """
    if question is None:
        return None
    if reading.has("quantity.all_of_payment") or (
        question.kind is QuestionKind.EXCEEDS_UNALLOCATED and (reading.has("quantity.rest") or agrees(reading))
    ):
        return Quantity.ALL_OF_PAYMENT
    if reading.has("quantity.open", "quantity.full") or (
        question.kind is QuestionKind.EXCEEDS_OPEN and agrees(reading)
    ):
        return Quantity.FULL
    return None


def accepts_open(memory: Memory, reading: Reading) -> bool:
    """Tell whether an answer to row 35 lets the open balance do."""
    return (
        asked(memory, QuestionKind.EXCEEDS_OPEN) is not None
        and (reading.has("quantity.open", "context.stays") or agrees(reading))
        and not reading.stated.loose
    )


def _with_currency(stated: Stated, memory: Memory, reading: Reading) -> Stated:
    """Let an answer to row 33 say which currency was meant."""
    question = asked(memory, QuestionKind.CURRENCY)
    if question is None or not (reading.currencies or agrees(reading)):
        return stated
    meant = reading.currencies or question.choices
    lines = tuple(
        replace(line, amount=replace(line.amount, currencies=tuple(meant))) if line.amount else line
        for line in stated.lines
    )
    return replace(stated, lines=lines)
