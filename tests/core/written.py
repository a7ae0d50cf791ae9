"""Amounts as a mail has them."""

from __future__ import annotations

from processor.core.reading.numbers import readings
from processor.core.request import AskedAmount


def told(number: str, *currencies: str) -> AskedAmount:
    """Return a written number with every reading; in euro, where no currency is given."""
    return AskedAmount(readings(number), currencies or ("EUR",), number)
