"""Changes to what a mail says: each must change what is decided."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

from processor.core.currencies import to_text
from tests.core.metamorphic.letters import leaves, opened, rewritten
from tests.core.metamorphic.original import AMOUNT, Original, Variation, replaced


def another_invoice(original: Original, chance: Random) -> bytes | None:
    """Change one digit of an invoice: nobody has it."""
    return _with_digit(original, chance.choice(original.decision.applications).invoice, chance)


def another_payment_number(original: Original, chance: Random) -> bytes | None:
    """Change one digit of a payment that was read: nobody has it."""
    number = chance.choice(original.decision.applications).payment
    return _with_digit(original, number, chance) if _is_read(original, number) else None


def _with_digit(original: Original, number: str, chance: Random) -> bytes | None:
    place = chance.choice([index for index, char in enumerate(number) if char.isdigit() and index > 1])
    changed = f"{number[:place]}{(int(number[place]) + chance.randrange(1, 10)) % 10}{number[place + 1 :]}"
    known = {item.invoice_number for item in original.snapshot.invoices}
    known |= {item.payment_number for item in original.snapshot.payments}
    if changed in known or number in original.done.message.subject or _is_attached(original, number):
        return None
    return replaced(original, {number: changed})


def swapped_payment(original: Original, chance: Random) -> bytes | None:
    """Name another payment of the sender's own."""
    number = original.decision.applications[0].payment
    others = [
        item.payment_number for item in original.snapshot.payments if item.payment_number not in original.identifiers
    ]
    named = number in original.done.message.subject or _is_attached(original, number)
    if not others or named or not _is_read(original, number):
        return None
    return replaced(original, {number: chance.choice(others)})


def another_amount(original: Original, chance: Random) -> bytes | None:
    """Take one off an amount that stands once in each part, and is what was applied."""
    one = chance.choice(original.decision.applications)
    wanted = to_text(one.amount, one.currency).replace(".", "")
    found = [
        [match for match in AMOUNT.finditer(leaf.text) if _digits(match) == wanted]
        for leaf in leaves(opened(original.raw))
    ]
    if any(len(matches) != 1 for matches in found) or one.amount <= 100 or original.done.message.attachments:
        return None

    def change(match: re.Match[str]) -> str:
        less = iter(f"{int(wanted) - 100:0{len(wanted)}}")
        return re.sub("[0-9]", lambda _: next(less), match[0]) if _digits(match) == wanted else match[0]

    return rewritten(original.raw, lambda leaf: AMOUNT.sub(change, leaf.text))


def _digits(match: re.Match[str]) -> str:
    return re.sub(r"[^0-9]", "", match[0])


def _is_read(original: Original, number: str) -> bool:
    """Tell whether a number was read as what is asked for: one that only old mail names can be any."""
    return any(seen.value == number for seen in original.decision.evidence)


def _is_attached(original: Original, number: str) -> bool:
    attached = (source.text for source in original.done.message.sources if source.name.startswith("attachment:"))
    return any(number in text.replace(" ", "") for text in attached)


HARMFUL: Mapping[str, Variation] = {
    "another invoice": another_invoice,
    "another payment number": another_payment_number,
    "the payment swapped": swapped_payment,
    "another amount": another_amount,
}
