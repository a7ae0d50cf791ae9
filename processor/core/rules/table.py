"""The rows of `decisions.md` in their order, each with its rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.core.rules.alone import exclusion_is_clear, invoices_are_single, pairing_is_single
from processor.core.rules.amounts import (
    amount_is_within_limit,
    amounts_are_known,
    amounts_are_left,
    amounts_are_numbers,
    amounts_are_open,
    currencies_agree,
    currency_is_the_ledgers,
    lines_add_up,
    loose_amounts_are_placed,
)
from processor.core.rules.invoices import (
    invoice_is_known,
    invoice_is_named,
    invoice_is_not_locked,
    invoice_is_open,
    invoice_is_payable,
)
from processor.core.rules.payments import payment_exists, payment_has_money, payment_is_known, payment_is_singled_out

if TYPE_CHECKING:
    from processor.core.rules.case import Rule

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
