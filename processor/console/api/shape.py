"""The three kinds of JSON here: what is asked by the address, what is sent, and what is answered; and their parts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from processor.adapters.columns import storable
from processor.console.acting import one_line
from processor.console.api.problems import Code, ProblemError
from processor.core.currencies import to_text

MOST = 2**63 - 1  # what every database keeps in eight bytes
_DIGITS = re.compile(r"[0-9]{1,19}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(_DAY.pattern + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")


class Asked(BaseModel):
    """Parameters of the address: those that its path names, and those behind the question mark."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sent(BaseModel):
    """A body, taken strictly."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Shape(BaseModel):
    """An answer, or a part of one, read from what the program itself works with."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class File(Shape):
    """An answer that is no JSON: bytes to keep."""

    name: str
    content: bytes


class Money(Shape):
    """An amount: minor units, ISO 4217 currency, and the same as a decimal."""

    minor: int
    currency: str
    decimal: str


def money(minor: int, currency: str) -> Money:
    """Return an amount as the API writes it."""
    return Money(minor=minor, currency=currency, decimal=to_text(minor, currency))


def said(note: str) -> str:
    """Return a note that must say something. Raises `ProblemError` for one of blanks alone."""
    if words := one_line(note):
        return words
    raise ProblemError(Code.REFUSED, "A note must say something.")


def _digits(text: object) -> object:
    if not isinstance(text, str):
        return text
    if not _DIGITS.fullmatch(text):
        raise ValueError("no whole number")
    return int(text)


def _day(text: object) -> object:
    if not isinstance(text, str):
        return text
    if not _DAY.fullmatch(text):
        raise ValueError("no day such as 2026-11-24")
    return date.fromisoformat(text)


def _moment(text: object) -> object:
    if not isinstance(text, str):
        return text
    if not _MOMENT.fullmatch(text):
        raise ValueError("no moment such as 2026-11-24T09:30:00Z")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        raise ValueError("no moment of the calendar") from None


def _sound(text: object) -> object:
    return storable(text) if isinstance(text, str) else text


Number = Annotated[int, BeforeValidator(_digits), Field(ge=1, le=MOST)]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
Text = Annotated[str, BeforeValidator(_sound)]  # from a mail: halves of characters can't be sent
Cursor = Annotated[str, StringConstraints(max_length=500, pattern=r"^[A-Za-z0-9_-]*$")]
Word = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]  # NUL no database keeps
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
Note = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]
Words = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
