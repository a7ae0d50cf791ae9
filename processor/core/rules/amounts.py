"""Rows 32 to 45: currencies and amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.core.letter import LetterLine, Question, QuestionKind
from processor.core.matching.group import is_payable
from processor.core.model import Money
from processor.core.outcomes import Missing, Reason
from processor.core.reading.roles import matches
from processor.core.rules.case import Case, Finding, money, number_of, same_currency

if TYPE_CHECKING:
    from collections.abc import Iterable

    from processor.core.matching.group import Group
    from processor.core.model import Payment


def currencies_agree(case: Case) -> Iterable[Finding]:
    """Row 32: currencies of payment and invoice differ."""
    payment = case.group.payment
    if payment and any(
        asked.invoice and is_payable(asked.invoice) and asked.invoice.currency != payment.currency
        for asked in case.items
    ):
        yield Finding(Reason.CURRENCY_MISMATCH, rejects=True)


def currency_is_the_ledgers(case: Case) -> Iterable[Finding]:
    """Row 33: only the currency in the text differs from the ledger's."""
    payment = case.group.payment
    for asked in case.items:
        same = payment is None or asked.invoice is None or asked.invoice.currency == payment.currency
        if asked.foreign_currency and same and asked.line.amount:
            ledger = asked.invoice.currency if asked.invoice else case.group.currency
            written = asked.line.amount.currencies[0]
            yield Finding(
                Reason.CURRENCY_MISMATCH,
                Missing.CURRENCY,
                question=Question(QuestionKind.CURRENCY, invoice=asked.line.invoice, seen=written, currency=ledger),
            )
            return


def amounts_are_left(case: Case) -> Iterable[Finding]:
    """Row 34: stated amounts exceed what the payment has left; looked at only where it has something left."""
    payment = case.group.payment
    if (
        payment is None
        or payment.unallocated == 0
        or any(asked.foreign_currency for asked in case.items)
        or not same_currency(case)
    ):
        return
    stated = sum(
        min(asked.stated, asked.invoice.open_amount) if case.group.surplus_may_stay and asked.invoice else asked.stated
        for asked in case.items
        if asked.stated is not None
    )
    if stated > payment.unallocated:
        question = Question(
            QuestionKind.EXCEEDS_UNALLOCATED,
            payment=payment.payment_number,
            stated=case.money(stated),
            available=case.money(payment.unallocated),
        )
        yield Finding(Reason.EXCEEDS_UNALLOCATED, Missing.AMOUNT, question=question)


def amounts_are_open(case: Case) -> Iterable[Finding]:
    """Row 35: a stated amount exceeds the invoice's open balance,
    and nothing says that the surplus may stay unallocated.
    """
    if case.group.surplus_may_stay:
        return
    for asked in case.items:
        invoice = asked.invoice
        if (
            invoice
            and asked.payable
            and asked.stated is not None
            and not asked.foreign_currency
            and asked.stated > invoice.open_amount
        ):
            question = Question(
                QuestionKind.EXCEEDS_OPEN,
                invoice=invoice.invoice_number,
                stated=Money(asked.stated, invoice.currency),
                available=Money(invoice.open_amount, invoice.currency),
            )
            yield Finding(Reason.EXCEEDS_OPEN, Missing.AMOUNT, question=question)


def amounts_are_known(case: Case) -> Iterable[Finding]:
    """Rows 40 and 41: lines without an amount whose open balances don't fit into what is left."""
    group, payment = case.group, case.group.payment
    if payment is None or payment.unallocated == 0 or not same_currency(case):
        return
    unknown = [
        asked
        for asked in case.items
        if asked.amount is None and not asked.doubtful and asked.payable and not asked.foreign_currency
    ]
    if unknown:
        rows = tuple(
            LetterLine(
                payment.payment_number,
                asked.line.invoice,
                money(asked.stated, asked.invoice),
                invoice_open=money(asked.invoice.open_amount, asked.invoice),
            )
            for asked in case.items
            if asked.invoice
        )
        needed = sum(asked.invoice.open_amount for asked in case.items if asked.invoice)
        question = Question(
            QuestionKind.WHICH_AMOUNTS,
            payment=payment.payment_number,
            available=case.money(payment.unallocated),
            stated=case.money(needed),
            lines=rows,
        )
        already = _exceeds(group, payment)
        if not already:
            yield Finding(missing=Missing.AMOUNT, question=question)


def _exceeds(group: Group, payment: Payment) -> bool:
    return sum(asked.stated or 0 for asked in group.lines) > payment.unallocated


def amounts_are_numbers(case: Case) -> Iterable[Finding]:
    """Reading the mail: an amount that is zero, negative, shorthand,
    or has two readings that fit is never taken as a number.
    """
    for asked in case.items:
        if asked.doubtful:
            seen = asked.line.amount.seen if asked.line.amount else None
            yield Finding(
                Reason.AMBIGUOUS_AMOUNT,
                Missing.AMOUNT,
                question=Question(QuestionKind.AMOUNT_UNCLEAR, invoice=asked.line.invoice, seen=seen),
            )


def lines_add_up(case: Case) -> Iterable[Finding]:
    """Row 42: the lines don't add up to the total that the mail names for them."""
    amounts = [asked.stated if case.group.surplus_may_stay and asked.stated else asked.amount for asked in case.items]
    known = [amount for amount in amounts if amount is not None]
    if not known or len(known) < len(amounts) or any(asked.foreign_currency for asked in case.items):
        return
    lines = sum(known)
    wrong = [total for total in case.group.totals if total != lines]
    if wrong and len(wrong) == len(case.group.totals):
        total = wrong[-1]
        question = Question(
            QuestionKind.TOTAL_DIFFERS,
            payment=number_of(case.group.payment),
            stated=case.money(total),
            available=case.money(lines),
            difference=case.money(abs(total - lines)),
        )
        yield Finding(Reason.AMOUNTS_DO_NOT_ADD_UP, Missing.AMOUNT, question=question)


def loose_amounts_are_placed(case: Case) -> Iterable[Finding]:
    """Rows 40 and 41 again: an amount that belongs to no line, while lines have none,
    leaves open which one it is for; the payment's own amount says what was paid.
    """
    waiting = [asked for asked in case.items if asked.stated is None and asked.payable and asked.line.quantity is None]
    if (
        case.group.payment
        and len(waiting) > 1
        and any(amount.readings and not matches(amount, case.group.payment) for amount in case.group.loose)
        and not case.group.totals
    ):
        invoices = tuple(
            LetterLine(invoice=asked.line.invoice, invoice_open=money(asked.invoice.open_amount, asked.invoice))
            for asked in case.items
            if asked.invoice
        )
        question = Question(
            QuestionKind.WHICH_AMOUNTS,
            payment=case.group.payment.payment_number,
            available=case.money(case.group.payment.unallocated),
            lines=invoices,
        )
        yield Finding(missing=Missing.AMOUNT, question=question)


def amount_is_within_limit(case: Case) -> Iterable[Finding]:
    """Row 45: a group above the amount that may be applied unseen (a setting, off by default)."""
    limit = case.policy.apply_limits.get(case.group.currency or "")
    if limit is not None and (case.group.sum or 0) > limit:
        yield Finding(Reason.OVER_LIMIT, rejects=True)
