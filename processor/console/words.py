"""Pages from templates: facts and words in, HTML out, everything escaped. A name that isn't there is an error."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache
from http import HTTPStatus

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from processor import resources
from processor.console.room import Visit
from processor.core.currencies import exponent, to_text
from processor.core.visible import visible

LONGEST = 300  # characters of a line on a page
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SPELLED = {
    "deduction": "reason for paying less",
    "undelivered": "letter not delivered",
    "look_alike": "look-alike sender",
}


def page(visit: Visit, name: str, status: int = HTTPStatus.OK, **facts: object) -> HTMLResponse:
    """Show a page. Every template also knows the visit, its moment, and who visits."""
    known: dict[str, object] = {"visit": visit, "now": visit.now, "session": visit.session}
    text = _templates().get_template(name).render(known | facts)
    return HTMLResponse(text.encode("utf-8", "replace"), status)  # halves of characters can't be sent


def money(minor: int, currency: str) -> str:
    """Write an amount with its currency in front and thousands set apart."""
    whole, dot, rest = to_text(abs(minor), currency).partition(".")
    sign = "\N{MINUS SIGN}" if minor < 0 else ""
    return f"{currency}\N{NO-BREAK SPACE}{sign}{int(whole):,}{dot}{rest}"


def age(moment: datetime | None, now: datetime) -> str:
    """Say how long ago a moment is, in its largest unit."""
    if moment is None:
        return ""
    seconds = (now - moment).total_seconds()
    if seconds < _MINUTE:
        return "just now"
    for unit, size in (("d", _DAY), ("h", _HOUR), ("min", _MINUTE)):
        if seconds >= size:
            return f"{int(seconds // size)}\N{NO-BREAK SPACE}{unit}"
    return ""


def code(name: str) -> str:
    """Spell a code as words."""
    return _SPELLED.get(name, name.replace("_", " "))


def _line(text: object) -> str:
    return visible(str(text), LONGEST)


def _words(text: str) -> str:
    """Show a text with its lines; what would turn the reading direction is spelled out."""
    return _UNSEEN.sub(lambda match: f"[U+{ord(match[0]):04X}]", text)


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}"


def _day(value: date | None) -> str:
    return f"{value:%Y-%m-%d}" if value else ""


def _plain(minor: int, currency: str) -> str:
    return to_text(minor, currency)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(resources.folder("templates") / "console"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "age": age,
        "code": code,
        "day": _day,
        "moment": _moment,
        "money": money,
        "plain": _plain,
        "visible": _line,
        "words": _words,
    }
    environment.globals |= {"exponent": exponent}
    return environment
