"""Amounts, dates, lists and spaces as one language writes them (CLDR, through Babel)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal

from processor.core.currencies import exponent
from processor.core.model import Money

NO_BREAK = "\u00a0"
_BLANK = re.compile(r"[ \n]+")
_LOCALES = {"en": "en_GB", "pt": "pt_PT"}  # where CLDR's default for the language is another country's habit
_FIRST = {"fr": "1er", "it": "1º"}  # the first of a month is an ordinal there

_UNBROKEN = {  # spaces at which no line should end
    "fr": re.compile(r" (?=[;:?!»])|(?<=«) "),
    "pl": re.compile(r"(?<=\b[AaIiOoUuWwZz]) "),
    "ja": re.compile(r"(?<![、。]) "),
}
_REMEMBERED = 4096  # amounts: both parts of a letter say the same ones
_JOINED = {"ja": re.compile(r"(?<=[\u3000-\u9fff\uff00-\uff60])\s*\n\s*")}  # where a line's end is no space


@dataclass(frozen=True, slots=True)
class Formats:
    """The habits of one language (ISO 639-1)."""

    language: str

    @property
    def locale(self) -> Locale:
        return _locale(self.language)

    @property
    def decimal_comma(self) -> bool:
        """Whether a spreadsheet of this language takes 1250,00 for a number."""
        return self.number(Money(100, "EUR")).endswith(",00")

    def number(self, money: Money) -> str:
        """Write an amount with all decimals of its currency, thousands grouped. Raises `ValueError` for no currency."""
        return _number(self.language, money)

    def money(self, money: Money) -> str:
        """Write an amount and its ISO code, in the order of the language."""
        leading = self.locale.currency_formats["standard"].pattern.startswith("¤")
        pair = (money.currency, self.number(money)) if leading else (self.number(money), money.currency)
        return NO_BREAK.join(pair)

    def day(self, day: date) -> str:
        """Write a date out, with its year."""
        return self._ordinal(day, format_date(day, "long", self.locale).replace(" ", NO_BREAK))

    def period(self, first: date, last: date) -> tuple[str, str]:
        """Write the two ends of a period; the month or year that they share is said once."""
        if first.year != last.year:
            return self.day(first), self.day(last)
        skeleton = "d" if first.month == last.month else "MMMMd"
        if self.language == "ja":  # the year comes first
            return self.day(first), self._part(skeleton, last)
        return self._part(skeleton, first), self.day(last)

    def listing(self, items: Sequence[str], style: Literal["standard", "or"] = "standard") -> str:
        """Join items with commas and the language's "and" (or its "or")."""
        return format_list(list(items), style=style, locale=self.locale)

    def flow(self, text: str) -> str:
        """Bring a sentence from its template onto one line, with the spaces of the language."""
        joined = _JOINED[self.language].sub("", text) if self.language in _JOINED else text
        line = _BLANK.sub(" ", joined).strip()
        return _UNBROKEN[self.language].sub(NO_BREAK, line) if self.language in _UNBROKEN else line

    def show(self, value: object) -> str:
        """Write any fact. Raises `ValueError` for one that is absent: a sentence must not say "None"."""
        match value:
            case None:
                raise ValueError("a fact that the sentence needs is absent")
            case Money():
                return self.money(value)
            case date():
                return self.day(value)
            case str():
                return value
        return str(value)

    def _part(self, skeleton: str, day: date) -> str:
        return self._ordinal(day, format_skeleton(skeleton, day, locale=self.locale).replace(" ", NO_BREAK))

    def _ordinal(self, day: date, written: str) -> str:
        if self.language == "de" and written == str(day.day):
            return f"{written}."
        return _FIRST[self.language] + written[1:] if day.day == 1 and self.language in _FIRST else written


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES.get(language, language))


@lru_cache(_REMEMBERED)
def _number(language: str, money: Money) -> str:
    decimals = exponent(money.currency)
    if decimals is None:
        raise ValueError(f"{money.currency!r} is no currency, so its amounts can't be written")
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    number = format_decimal(Decimal(money.minor).scaleb(-decimals), pattern, locale=_locale(language))
    return number.replace("\u202f", NO_BREAK)  # the narrow space is a box in many mail clients
