"""Number formats of spreadsheets (ECMA-376 part 1, 18.8.31): what they add to a number for its reader."""

from __future__ import annotations

import re
from functools import lru_cache

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|_.|\*.|\[[^\]]*\]')
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)
_DECIMALS = re.compile(r"[0#?][.]([0#?]+)")
_ZEROS = re.compile(r"0{2,}")
_CURRENCY = re.compile(r"[A-Za-zł]{2,4}\.?|[€$£¥₩₹₽₺฿]|R\$|US\$")


@lru_cache(maxsize=500)
def currency_of(number_format: str) -> str:
    """Return the currency that a format writes beside the number: a symbol or letters, or nothing."""
    first = number_format.split(";", 1)[0]
    for quoted, escaped, bracketed in _LITERAL.findall(first):
        word = (quoted or escaped or bracketed).strip()
        if _CURRENCY.fullmatch(word):
            return str(word)
    bare = re.search(r"[€$£¥]", _LITERAL.sub("", first))
    return bare[0] if bare else ""


@lru_cache(maxsize=500)
def decimals_of(number_format: str) -> int | None:
    """Return how many decimals a format shows, if it shows two or more; fewer would hide a part of the amount."""
    match = _DECIMALS.search(_LITERAL.sub("", number_format.split(";", 1)[0]))
    return len(match[1]) if match and len(match[1]) > 1 else None


@lru_cache(maxsize=500)
def leading_zeros(number_format: str) -> int:
    """Return the width that a format such as `0000000000` fills with zeros, or 0."""
    bare = _LITERAL.sub("", number_format.split(";", 1)[0]).strip()
    return len(bare) if _ZEROS.fullmatch(bare) else 0


@lru_cache(maxsize=500)
def is_percent(number_format: str) -> bool:
    """Tell whether the number is shown as a percentage."""
    return "%" in _LITERAL.sub("", number_format.split(";", 1)[0])


@lru_cache(maxsize=500)
def is_date(number_format: str) -> bool:
    """Tell whether the number is shown as a date or a time."""
    return bool(_DATE_LETTERS.search(_LITERAL.sub("", number_format.split(";", 1)[0]).replace("General", "")))


def hides(number_format: str) -> bool:
    """Tell whether a format shows nothing at all (`;;;`)."""
    return number_format.strip() in {";;;", ";;"}
