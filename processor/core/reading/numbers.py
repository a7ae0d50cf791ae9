"""Digits to values: a number as written has every reading that some country gives it,
and nothing is rounded or guessed.
"""

from __future__ import annotations

import re
from decimal import Decimal

MAX_DIGITS = 15
_GROUP = 3  # digits of a group of thousands
_SHAPE = re.compile(
    r"(?P<whole>\d{1,15}|\d{1,3}(?:(?P<mark>[.,' ])\d{3})(?:(?P=mark)\d{3}){0,3}|\d{1,2}(?:,\d{2}){1,5},\d{3})"
    r"(?P<part>[.,]\d{1,3})?",
    re.ASCII,
)


def readings(written: str) -> tuple[Decimal, ...]:
    """Return every value that a written number can have, the likelier first; none when it is no number.

    "1.250" is 1250 and 1.250; "1.250,00" is 1250.00 alone. Digits must be ASCII, at most fifteen;
    no exponent, no underscore.
    """
    match = _SHAPE.fullmatch(written) if sum(char.isdigit() for char in written) <= MAX_DIGITS else None
    if match is None:
        return ()
    whole, part = match["whole"], match["part"]
    if part is None:
        return (Decimal(_joined(whole)),)
    if part[0] in whole:
        return ()
    if len(whole) <= _GROUP and len(part) == 1 + _GROUP:
        return _either(whole, part[1:])
    return (Decimal(f"{_joined(whole)}.{part[1:]}"),)


def _either(whole: str, group: str) -> tuple[Decimal, ...]:
    """Read one separator before three digits: a group of thousands, or three decimals."""
    decimal = Decimal(f"{whole}.{group}")
    return (decimal,) if whole.startswith("0") else (Decimal(whole + group), decimal)


def _joined(whole: str) -> str:
    return re.sub(r"[.,' ]", "", whole)


def decimals(value: Decimal) -> int:
    """Return how many decimals a reading was written with."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
