"""Digits to values: a number as written has every reading that some country gives it, and nothing is rounded or guessed."""

from __future__ import annotations

import re
from decimal import Decimal

MAX_DIGITS = 15
_SHAPE = re.compile(
    r"(?P<whole>\d{1,15}|\d{1,3}(?:(?P<mark>[.,' ])\d{3})(?:(?P=mark)\d{3}){0,3}|\d{1,2}(?:,\d{2}){1,4},\d{3})(?P<part>[.,]\d{1,3})?",
    re.ASCII,
)


def readings(written: str) -> tuple[Decimal, ...]:
    """Return every value that a written number can have, the likelier first; none when it is no number.

    "1.250" is 1250 and 1.250; "1.250,00" is 1250.00 alone. Digits must be ASCII, at most fifteen; no exponent, no underscore.
    """
    if sum(char.isdigit() for char in written) > MAX_DIGITS:
        return ()
    match = _SHAPE.fullmatch(written)
    if match is None:
        return ()
    whole, part = match["whole"], match["part"]
    grouped = re.sub(r"[.,' ]", "", whole)
    if part is None:
        single = re.fullmatch(r"(\d{1,3})[.,](\d{3})", whole)
        if single is None:
            return (Decimal(grouped),)
        decimal = Decimal(f"{single[1]}.{single[2]}")
        return (decimal,) if single[1].startswith("0") else (Decimal(grouped), decimal)
    if part[0] in whole:
        return ()
    if (
        grouped == whole and len(part) == 4 and len(whole) <= 3
    ):  # one separator, three digits: a group, or three decimals
        decimal = Decimal(f"{whole}.{part[1:]}")
        return (decimal,) if whole.startswith("0") else (Decimal(whole + part[1:]), decimal)
    return (Decimal(f"{grouped}.{part[1:]}"),)


def decimals(value: Decimal) -> int:
    """Return how many decimals a reading was written with."""
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
