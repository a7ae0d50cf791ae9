"""Amounts of money in running text and in cells, with all their readings and the currency that stands by them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from processor.core.characters import level
from processor.core.currencies import codes
from processor.core.reading.numbers import decimals, readings
from processor.core.reading.stretches import Taken, longest, reaching
from processor.core.request import AskedAmount

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from processor.core.grammar import Grammar
    from processor.core.lexicon import Cue
    from processor.core.message import Cell

_DOLLARS = ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "ARS", "CLP", "COP", "UYU", "DOP")
_SYMBOLS = {
    "€": ("EUR",), "$": _DOLLARS, "£": ("GBP",), "¥": ("JPY", "CNY"), "円": ("JPY",), "元": ("CNY",), "₹": ("INR",),
    "₺": ("TRY",), "₩": ("KRW",), "₪": ("ILS",),
    "US$": ("USD",), "$US": ("USD",), "$ US": ("USD",), "$USD": ("USD",), "USD$": ("USD",),
    "U$S": ("USD",), "$CA": ("CAD",), "$ CA": ("CAD",), "$CAN": ("CAD",), "$AU": ("AUD",), "$ AU": ("AUD",),
    "$NZ": ("NZD",), "$HK": ("HKD",), "$SG": ("SGD",), "$MX": ("MXN",), "£GB": ("GBP",), "C$": ("CAD",),
    "CA$": ("CAD",), "CDN$": ("CAD",), "A$": ("AUD",), "AU$": ("AUD",), "NZ$": ("NZD",), "S$": ("SGD",),
    "HK$": ("HKD",), "MX$": ("MXN",), "R$": ("BRL",),
    "zł": ("PLN",), "zl": ("PLN",), "Kč": ("CZK",), "Ft": ("HUF",), "kr": ("SEK", "NOK", "DKK", "ISK"),
    "kr.": ("DKK", "SEK", "NOK", "ISK"), "SFr.": ("CHF",), "Fr.": ("CHF",), "sFr.": ("CHF",), "Rs.": ("INR",),
    "Rs": ("INR",), "JP¥": ("JPY",),
}  # fmt: skip
WORD_CURRENCIES = {
    "$": _DOLLARS,
    "DINAR": ("KWD", "BHD", "JOD", "IQD", "TND", "LYD", "RSD"),
    "FRANC": ("CHF", "XOF", "XAF"),
    "KR": ("SEK", "NOK", "DKK", "ISK"),
    "PESO": ("MXN", "ARS", "CLP", "COP", "UYU", "DOP", "PHP"),
}
_EVERYDAY = ("EUR", "USD", "GBP", "CHF", "PLN", "CAD", "AUD", "JPY", "SEK", "NOK", "DKK", "INR")
_CODES = "|".join(  # by their first letter: most places are told by that
    f"{first}(?:{'|'.join(code[1:] for code in alike)})" for first, alike in groupby(sorted(codes()), itemgetter(0))
)
_SIGNS = "|".join(sorted((re.escape(symbol) for symbol in _SYMBOLS), key=len, reverse=True))
_BEFORE = re.compile(rf"(?:(?P<sign>{_SIGNS})|(?<![A-Za-z])(?P<code>(?i:{_CODES})))[ :.]{{0,2}}\Z")
_AFTER = re.compile(
    rf"[ \t]?(?:(?P<sign>{_SIGNS})(?![A-Za-z])|(?P<code>(?i:{_CODES}))(?![A-Za-z])"
    r"|[.,](?P<dash>-{1,2})(?=[\s,;.)]|$))"
)
_GLUED_CODES = "|".join((*sorted(codes()), *(code.lower() for code in _EVERYDAY)))
_GLUED_SIGNS = sorted({sign for sign in _SYMBOLS if sign[-1].isalpha() or sign[-1] == "."}, key=len)
_GLUED_BEFORE = "".join(rf"|(?<=(?<![A-Za-z0-9]){re.escape(sign)})" for sign in _GLUED_SIGNS)
_NUMBER = re.compile(
    rf"(?=\d)(?:(?<![\w'/:#+&])(?<![^\u3040-\u9fff]\.)(?<!^\.)|(?<=(?<![A-Za-z0-9])(?:{_GLUED_CODES})){_GLUED_BEFORE})(?<!\d,)(?<!\w=)"
    rf"(?:(?<![A-Za-z]-)|(?<=(?:{_GLUED_CODES})-))"  # "A-78" is a number of somebody's papers
    r"(?:\d{1,3}(?: \d{3})+|\d[\d.,']*)(?:[.,]\d{1,3})?"
    rf"(?:(?![\w#])|(?=(?:{_GLUED_CODES}|{_SIGNS})(?![A-Za-z0-9])))",
    re.ASCII,
)
_NO_AMOUNT_AFTER = re.compile(r"\s?%|[/:]\d|(?:\s?(?:st|nd|rd|th|er)|[eoa])\b|-\d|°|º|ª|[.,]\d|\s?(?:x|×)\s", re.ASCII)
_SHORTHAND = r"(?<![a-z0-9_.])(?<!\d,)\d{1,4}(?:[.,]\d{1,2})?[ ]?(?:<thousand>|t€|k€|m€|mln|mio\.?|万|千)(?![a-z0-9])"
_ODD = re.compile(r"(?<![\w.,])\d[\d.,']*(?:[eE][+-]?\d+|_\d+)+(?![\w])", re.ASCII)
_MINUS_BEFORE = re.compile(r"(?<![^ \t\n(€$£:])-\Z")
_MINUS_BEHIND = re.compile(r"-(?![^ \t\n])")
_BRACKETED = re.compile(r"\([^()]*\)")
_DIGIT_NEXT = re.compile(r"\s?\d")
_GROUP = re.compile(r"\d{3}(?:[ .,]\d|\b)(?!\d)", re.ASCII)
_LINE_END = re.compile(r"(?<![\w.,'/-])\d{1,3}(?: \d{3})*\Z", re.ASCII)
_FULL_LINE = 50  # characters: a shorter line wasn't broken for want of room
_TRAILING = ".,'"
_CENTS = 2  # decimals by which a number is seen to be money
_TOUCHING = 2  # characters between a number and the word for its currency
_SIGN_REACH = 8  # characters before a number in which its currency's sign or code stands


@dataclass(frozen=True, slots=True)
class AmountMention:
    """An amount where it stands in folded text; `bare` when neither a currency nor decimals show that it is money."""

    start: int
    end: int
    amount: AskedAmount
    bare: bool = False


def find_amounts(
    text: str, taken: Sequence[tuple[int, int]], cues: Sequence[Cue], grammar: Grammar
) -> tuple[AmountMention, ...]:
    """Find amounts in folded text outside the `taken` ranges (identifiers, dates)."""
    words = tuple(cue for cue in cues if cue.kind == "currency")
    reach = longest(words) + _TOUCHING
    doubtful = [*_doubtful(text, Taken(taken), grammar)]
    blocked = Taken((*taken, *((mention.start, mention.end) for mention in doubtful)))
    plain = [
        mention
        for match in _NUMBER.finditer(text)
        if (
            mention := _mention(
                text, match, blocked, reaching(words, match.start() - _TOUCHING, match.end() + _TOUCHING, reach)
            )
        )
    ]
    broken = Taken((mention.start, mention.end) for mention in plain if "\n" in text[mention.start : mention.end])
    whole = [
        mention for mention in plain if "\n" in text[mention.start : mention.end] or not broken.holds(mention.start)
    ]
    return tuple(sorted((*doubtful, *whole), key=lambda mention: mention.start))


def _begins(text: str, start: int) -> int:
    r"""Return where a number begins whose first digits stand at the end of a full line above ("3\n690,00")."""
    if not _GROUP.match(text, start) or text[start - 1 : start] != "\n":
        return start
    line = text.rfind("\n", 0, start - 1) + 1
    head = _LINE_END.search(text, line, start - 1) if _ends_full_line(text, start - 1) else None
    return head.start() if head else start


def _doubtful(text: str, taken: Taken, grammar: Grammar) -> Iterable[AmountMention]:
    """Yield shorthand ("2,5k") and machine notation ("1e5"): written as an amount, never taken as a number."""
    for pattern, where in ((grammar.pattern(_SHORTHAND), level(text)), (_ODD, text)):
        for match in pattern.finditer(where):
            if not taken.touches(match.start(), match.end()):
                before, after = _signs(text, match.start(), match.end())
                yield AmountMention(
                    match.start(),
                    match.end(),
                    AskedAmount((), _named(before) or _named(after), text[match.start() : match.end()], doubtful=True),
                )


def _mention(text: str, match: re.Match[str], taken: Taken, words: Sequence[Cue]) -> AmountMention | None:
    start, end = _begins(text, match.start()), match.end()
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    if taken.touches(start, end) or _NO_AMOUNT_AFTER.match(text, end):
        return None
    values = readings(text[start:end].replace("\n", " "))
    before, after = _signs(text, start, end)
    dashed = after is not None and after["dash"] is not None
    if after and dashed:  # "400,-- EUR"
        after = _AFTER.match(text, after.end()) or after
    currencies = _named(before) or _named(after) or _worded(words, start, end, text)
    if not values:
        return (
            AmountMention(start, end, AskedAmount((), currencies, text[start:end], doubtful=True))
            if currencies
            else None
        )
    first = before.start() if before else start
    last = after.end() if after else end
    negative = _is_negative(text, first, start, end)
    asked = AskedAmount(values, currencies, text[first:last].strip(), doubtful=negative or not any(values))
    bare = not currencies and not dashed and not any(decimals(value) == _CENTS for value in values)
    return AmountMention(
        first, last, asked, bare or (not currencies and text[start] == "0" and decimals(values[0]) == 0)
    )


def _signs(text: str, start: int, end: int) -> tuple[re.Match[str] | None, re.Match[str] | None]:
    """Return the currency's sign or code before a number and behind it, beyond the end of a full line too."""
    before, after = _BEFORE.search(text, start - _SIGN_REACH, start), _AFTER.match(text, end)
    if before is None and _ends_full_line(text, start - 1):
        before = _BEFORE.search(text, max(0, start - 1 - _SIGN_REACH), start - 1)
    if after is None and _ends_full_line(text, end):
        after = _AFTER.match(text, end + 1)
        after = None if after and _DIGIT_NEXT.match(text, after.end()) else after  # it is the next amount's
    return before, after


def _ends_full_line(text: str, place: int) -> bool:
    """Tell whether a line ends here that had no room for more."""
    return text[place : place + 1] == "\n" and place - text.rfind("\n", 0, place) > _FULL_LINE


def _named(match: re.Match[str] | None) -> tuple[str, ...]:
    if match is None:
        return ()
    if match["sign"]:
        return _SYMBOLS[match["sign"]]
    return (match["code"].upper(),) if match["code"] else ()


def _worded(words: Sequence[Cue], start: int, end: int, text: str) -> tuple[str, ...]:
    """Return the currency that a word beside the number names ("2.000,00 euro", "euro 1.250")."""
    for cue in words:
        if (0 <= start - cue.end <= _TOUCHING and not text[cue.end : start].strip(" :.")) or (
            0 <= cue.start - end <= _TOUCHING and not text[end : cue.start].strip()
        ):
            return WORD_CURRENCIES.get(cue.value, (cue.value,))
    return ()


def _is_negative(text: str, first: int, start: int, end: int) -> bool:
    """Tell whether a sign touches the number or the currency before it: "-500", "-€ 500", "€ -500", "500-";
    the dash of a list or a range is none.
    """
    ahead = any(_MINUS_BEFORE.search(text, at - 1, at) for at in (first, start))
    return ahead or _MINUS_BEHIND.match(text, end) is not None


def cell_amount(cell: Cell, cues: Sequence[Cue], grammar: Grammar) -> AskedAmount | None:
    """Read a whole table cell as one amount: None when it is empty or words;
    doubtful when it is meant as one but is none.
    """
    trimmed = cell.text.strip()
    found = find_amounts(trimmed, (), cues, grammar)
    if len(found) != 1:
        return AskedAmount((), (), trimmed, doubtful=True) if len(found) > 1 else None
    amount = found[0].amount
    if cell.number and amount.readings:  # a workbook's own number: one reading, decimal point
        amount = replace(amount, readings=(max(amount.readings, key=decimals),))
    return replace(amount, doubtful=amount.doubtful or _BRACKETED.fullmatch(trimmed) is not None)
