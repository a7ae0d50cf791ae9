"""Rows 20 to 45 of `decisions.md`, one named rule each, in their order. A rule looks at one group and says what it finds; all that hold are named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.letter import LetterLine, Question, QuestionKind
from processor.core.matching import AskedLine, Group, is_payable
from processor.core.model import InvoiceStatus, Money
from processor.core.outcomes import Missing, Reason
from processor.core.reading.identifiers import neighbours

if TYPE_CHECKING:
    from processor.core.decision import Snapshot
    from processor.core.model import Allocation, Invoice, Payment
    from processor.core.policy import Policy


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found in one group: codes, whether operations must look, and the paragraph of the letter."""

    reason: Reason | None = None
    missing: Missing | None = None
    rejects: bool = False
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A group with everything that a rule may look at."""

    group: Group
    snapshot: Snapshot
    policy: Policy

    @property
    def items(self) -> Sequence[AskedLine]:
        """The lines of the group."""
        return self.group.lines

    def money(self, minor: int) -> Money:
        """Return an amount in the group's currency."""
        return Money(minor, self.group.currency or "")


Rule = Callable[[Case], Iterable[Finding]]


def invoice_is_named(case: Case) -> Iterable[Finding]:
    """Row 20: no invoice named; where no payment is singled out either, that is asked too."""
    if not case.items:
        yield Finding(
            None,
            Missing.INVOICE_NUMBER,
            question=Question(QuestionKind.WHICH_INVOICE, payment=_number(case.group.payment)),
        )
        if case.group.payment is None and case.group.named is None:
            yield Finding(None, Missing.PAYMENT_REFERENCE, question=_which_payment(case))


def invoice_is_known(case: Case) -> Iterable[Finding]:
    """Row 21: invoice unknown, or another partner's: the same words for both."""
    for asked in case.items:
        if asked.invoice is None:
            near = neighbours(asked.line.invoice or "", (invoice.invoice_number for invoice in case.snapshot.invoices))
            offered = near[0] if len(near) == 1 else None
            yield Finding(
                Reason.INVOICE_NOT_FOUND,
                Missing.INVOICE_NUMBER,
                question=Question(QuestionKind.INVOICE_UNKNOWN, invoice=asked.line.invoice, neighbour=offered),
            )


def invoice_is_payable(case: Case) -> Iterable[Finding]:
    """Row 22: invoice void, replaced, a credit or adjustment note; the replacement is named when the sender owns it."""
    own = {invoice.invoice_number for invoice in case.snapshot.invoices}
    for asked in case.items:
        invoice = asked.invoice
        if invoice and not is_payable(invoice):
            document = (
                "void"
                if invoice.status is InvoiceStatus.VOID
                else "replaced"
                if invoice.replaced_by
                else invoice.document_type.value
            )
            replacement = invoice.replaced_by if invoice.replaced_by in own else None
            yield Finding(
                Reason.INVOICE_NOT_PAYABLE,
                question=Question(
                    QuestionKind.INVOICE_NOT_PAYABLE,
                    invoice=invoice.invoice_number,
                    document=document,
                    neighbour=replacement,
                ),
            )


def invoice_is_not_locked(case: Case) -> Iterable[Finding]:
    """Row 23: invoice locked or disputed."""
    if any(_locked(asked.invoice) for asked in case.items):
        yield Finding(Reason.INVOICE_LOCKED, rejects=True)


def _locked(invoice: Invoice | None) -> bool:
    return invoice is not None and is_payable(invoice) and invoice.status is InvoiceStatus.LOCKED


def invoice_is_open(case: Case) -> Iterable[Finding]:
    """Row 24: invoice already settled; says so and when, and the money stays."""
    for asked in case.items:
        invoice = asked.invoice
        if invoice and _settled(invoice):
            last = max(
                (
                    row.allocated_at.date()
                    for row in standing(case.snapshot)
                    if row.invoice_number == invoice.invoice_number
                ),
                default=None,
            )
            yield Finding(
                Reason.INVOICE_SETTLED,
                Missing.INVOICE_NUMBER,
                question=Question(QuestionKind.INVOICE_SETTLED, invoice=invoice.invoice_number, on=last),
            )


def _settled(invoice: Invoice) -> bool:
    return is_payable(invoice) and invoice.status is not InvoiceStatus.LOCKED and invoice.open_amount == 0


def payment_is_singled_out(case: Case) -> Iterable[Finding]:
    """Row 27: no payment named, and rows 25 and 26 don't single one out though the partner has some in that currency."""
    group = case.group
    if case.items and group.named is None and group.payment is None and group.candidates and not group.unpaired:
        yield Finding(Reason.AMBIGUOUS_PAYMENT, Missing.PAYMENT_REFERENCE, question=_which_payment(case))


def payment_exists(case: Case) -> Iterable[Finding]:
    """Row 28: no unallocated payment at all in that currency."""
    group = case.group
    if case.items and group.named is None and group.payment is None and not group.candidates and not group.unpaired:
        yield Finding(
            Reason.PAYMENT_NOT_FOUND,
            Missing.PAYMENT_REFERENCE,
            question=Question(QuestionKind.NO_PAYMENT, currency=group.currency),
        )


def payment_is_known(case: Case) -> Iterable[Finding]:
    """Row 29: payment reference unknown, or another partner's: the same words for both."""
    group = case.group
    if group.named is not None and group.payment is None:
        near = neighbours(group.named, (payment.payment_number for payment in case.snapshot.payments))
        offered = near[0] if len(near) == 1 else None
        yield Finding(
            Reason.PAYMENT_NOT_FOUND,
            Missing.PAYMENT_REFERENCE,
            question=Question(QuestionKind.PAYMENT_UNKNOWN, payment=group.named, neighbour=offered),
        )


def payment_has_money(case: Case) -> Iterable[Finding]:
    """Row 30: payment has nothing left; the letter shows its own allocations."""
    payment = case.group.payment
    if payment and payment.unallocated == 0:
        rows = tuple(
            LetterLine(
                row.payment_number, row.invoice_number, Money(row.amount, row.currency), on=row.allocated_at.date()
            )
            for row in standing(case.snapshot)
            if row.payment_number == payment.payment_number
        )
        yield Finding(
            Reason.PAYMENT_EXHAUSTED,
            question=Question(QuestionKind.PAYMENT_EXHAUSTED, payment=payment.payment_number, lines=rows),
        )


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
        or not _same_currency(case)
    ):
        return
    stated = sum(
        (
            min(asked.stated, asked.invoice.open_amount)
            if case.group.surplus_may_stay and asked.invoice
            else asked.stated
        )
        or 0
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


def _same_currency(case: Case) -> bool:
    return all(asked.invoice is None or asked.invoice.currency == case.group.currency for asked in case.items)


def amounts_are_open(case: Case) -> Iterable[Finding]:
    """Row 35: a stated amount exceeds the invoice's open balance, and nothing says that the surplus may stay unallocated."""
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
    if payment is None or payment.unallocated == 0 or not _same_currency(case):
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
                _money(asked.stated, asked.invoice),
                invoice_open=_money(asked.invoice.open_amount, asked.invoice),
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
            yield Finding(None, Missing.AMOUNT, question=question)


def _exceeds(group: Group, payment: Payment) -> bool:
    return sum(asked.stated or 0 for asked in group.lines) > payment.unallocated


def _money(minor: int | None, invoice: Invoice | None) -> Money | None:
    return Money(minor, invoice.currency) if minor is not None and invoice else None


def amounts_are_numbers(case: Case) -> Iterable[Finding]:
    """Reading the mail: an amount that is zero, negative, shorthand, or has two readings that fit is never taken as a number."""
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
    written = [
        asked.amount if asked.stated is None or not case.group.surplus_may_stay else asked.stated
        for asked in case.items
    ]
    if not written or any(amount is None for amount in written) or any(asked.foreign_currency for asked in case.items):
        return
    lines = sum(amount or 0 for amount in written)
    wrong = [total for total in case.group.totals if total != lines]
    if wrong and len(wrong) == len(case.group.totals):
        total = wrong[-1]
        question = Question(
            QuestionKind.TOTAL_DIFFERS,
            payment=_number(case.group.payment),
            stated=case.money(total),
            available=case.money(lines),
            difference=case.money(abs(total - lines)),
        )
        yield Finding(Reason.AMOUNTS_DO_NOT_ADD_UP, Missing.AMOUNT, question=question)


def loose_amounts_are_placed(case: Case) -> Iterable[Finding]:
    """Rows 40 and 41 again: an amount that belongs to no line, while lines have none, leaves open which one it is for."""
    waiting = [asked for asked in case.items if asked.stated is None and asked.payable and asked.line.quantity is None]
    if (
        case.group.payment
        and len(waiting) > 1
        and any(amount.readings for amount in case.group.loose)
        and not case.group.totals
    ):
        invoices = tuple(
            LetterLine(invoice=asked.line.invoice, invoice_open=_money(asked.invoice.open_amount, asked.invoice))
            for asked in case.items
            if asked.invoice
        )
        question = Question(
            QuestionKind.WHICH_AMOUNTS,
            payment=case.group.payment.payment_number,
            available=case.money(case.group.payment.unallocated),
            lines=invoices,
        )
        yield Finding(None, Missing.AMOUNT, question=question)


def pairing_is_single(case: Case) -> Iterable[Finding]:
    """Row 43: several payments and several invoices, and more than one pairing is possible."""
    if case.group.unpaired:
        yield Finding(
            Reason.AMBIGUOUS_PAIRING,
            Missing.CONFIRMATION,
            question=Question(QuestionKind.PAIRING, alternatives=_alternatives(case)),
        )


def _alternatives(case: Case) -> tuple[tuple[LetterLine, ...], ...]:
    """Offer the pairings in which one payment takes all, as numbered examples; the partner may answer with another."""
    rows = [asked for asked in case.items if asked.invoice]
    payments = [payment for payment in case.snapshot.payments if payment.unallocated]
    needed = sum(asked.invoice.open_amount for asked in rows if asked.invoice)
    whole = [
        payment for payment in payments if payment.unallocated >= needed and payment.currency == case.group.currency
    ]
    return tuple(
        tuple(LetterLine(payment.payment_number, asked.line.invoice) for asked in rows) for payment in whole[:4]
    )


def invoices_are_single(case: Case) -> Iterable[Finding]:
    """Reading the mail: a range of invoice numbers is a question."""
    for first, last in case.group.ranges:
        inside = tuple(
            LetterLine(invoice=invoice.invoice_number, invoice_open=_money(invoice.open_amount, invoice))
            for invoice in in_range(first, last, case.snapshot)
        )
        yield Finding(
            None, Missing.CONFIRMATION, question=Question(QuestionKind.RANGE, seen=f"{first}-{last}", lines=inside)
        )


def in_range(first: str, last: str, snapshot: Snapshot) -> tuple[Invoice, ...]:
    """Return the sender's payable open invoices between two numbers of one length."""
    end = last if len(last) == len(first) else first[: len(first) - len(last)] + last
    return tuple(
        sorted(
            (
                invoice
                for invoice in snapshot.invoices
                if first <= invoice.invoice_number <= end and is_payable(invoice) and invoice.open_amount
            ),
            key=lambda invoice: invoice.invoice_number,
        )
    )


def exclusion_is_clear(case: Case) -> Iterable[Finding]:
    """Reading the mail: if it isn't clear which invoices are left out, that is asked."""
    if case.group.vague_exclusion:
        named = tuple(LetterLine(invoice=asked.line.invoice) for asked in case.items)
        yield Finding(None, Missing.CONFIRMATION, question=Question(QuestionKind.WHICH_MEANT, lines=named))


def amount_is_within_limit(case: Case) -> Iterable[Finding]:
    """Row 45: a group above the amount that may be applied unseen (a setting, off by default)."""
    limit = case.policy.apply_limits.get(case.group.currency or "")
    if limit is not None and (case.group.sum or 0) > limit:
        yield Finding(Reason.OVER_LIMIT, rejects=True)


def standing(snapshot: Snapshot) -> list[Allocation]:
    """Return the allocations that no reversal took back."""
    reversed_ids = {row.reverses for row in snapshot.allocations if row.reverses}
    return [row for row in snapshot.allocations if not row.reverses and row.allocation_id not in reversed_ids]


def is_repeated(case: Case) -> bool:
    """Row 31: every line was already applied from an earlier mail, with this very amount (or whole, where none is stated)."""
    rows = standing(case.snapshot)
    payment = case.group.payment
    return bool(case.items) and payment is not None and all(_done(asked, payment, rows) for asked in case.items)


def _done(asked: AskedLine, payment: Payment, rows: Sequence[Allocation]) -> bool:
    same = [
        row for row in rows if row.payment_number == payment.payment_number and row.invoice_number == asked.line.invoice
    ]
    if not same or asked.invoice is None or asked.doubtful:
        return False
    if asked.stated is None or asked.line.amount is None:
        return asked.invoice.open_amount == 0 or payment.unallocated == 0
    return any(row.amount == asked.stated for row in same)


def _number(payment: Payment | None) -> str | None:
    return payment.payment_number if payment else None


def _which_payment(case: Case) -> Question:
    """Ask which payment is meant, with a numbered list in order of receipt."""
    ordered = sorted(case.group.candidates, key=lambda payment: (payment.received_on, payment.payment_number))
    choices = tuple(
        LetterLine(
            payment.payment_number,
            amount=Money(payment.amount, payment.currency),
            payment_left=Money(payment.unallocated, payment.currency),
            on=payment.received_on,
        )
        for payment in ordered
    )
    return Question(QuestionKind.WHICH_PAYMENT, choices=choices, currency=case.group.currency)


ALONE: tuple[tuple[int, Rule], ...] = ((43, pairing_is_single), (0, invoices_are_single), (0, exclusion_is_clear))
RULES: tuple[tuple[int, Rule], ...] = (
    (20, invoice_is_named),
    (21, invoice_is_known),
    (22, invoice_is_payable),
    (23, invoice_is_not_locked),
    (24, invoice_is_open),
    (27, payment_is_singled_out),
    (28, payment_exists),
    (29, payment_is_known),
    (30, payment_has_money),
    (32, currencies_agree),
    (33, currency_is_the_ledgers),
    (34, amounts_are_left),
    (35, amounts_are_open),
    (40, amounts_are_known),
    (41, loose_amounts_are_placed),
    (42, lines_add_up),
    (0, amounts_are_numbers),
    (45, amount_is_within_limit),
)
