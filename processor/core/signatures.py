"""Which DKIM signatures of a mail are worth checking ourselves: whole ones, of a domain that speaks for the author.

Whether one holds is cryptography, and done elsewhere; here is what it would have to cover (RFC 6376 section 8,
`reliability.md` T11): the whole body, From, Subject and Date, and nothing that stands in the mail twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from processor.core.domains import aligns, is_domain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from processor.core.message import Message

AT_MOST = 5  # signatures that are looked at, topmost first
LENGTH_MAX = 16_384  # characters of one field
FRESH = timedelta(days=7)  # an older mail may be another one's, sent again
_COVERED = ("from", "subject", "date")  # always; Microsoft 365 leaves To out
_ONCE = frozenset({"from", "to", "cc", "subject", "date", "reply-to", "sender", "message-id", "content-type"})
_ALGORITHM = "rsa-sha256"
_DATE = re.compile(r"(?:[a-z]{2,9},\s*)?(\d{1,2})\s+([a-z]{3})[a-z]*\s+(\d{4})\b", re.IGNORECASE | re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TAG = re.compile(r"[a-z][a-z0-9_]{0,30}", re.IGNORECASE)
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,120}[a-z0-9])?", re.IGNORECASE)


class OwnDkim(StrEnum):
    """What a signature counts that we checked ourselves."""

    OFF = "off"  # none is checked
    ENOUGH = "enough"  # it proves the author where the receiving server checked neither DKIM nor DMARC
    REQUIRED = "required"  # beside the receiving server's proof


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature worth checking: which of the mail's `DKIM-Signature` fields it is (0 is topmost), and its key."""

    index: int
    domain: str
    selector: str

    @property
    def key_name(self) -> str:
        """Return the name in DNS under which its key stands."""
        return f"{self.selector}._domainkey.{self.domain}"


def worth_checking(message: Message, author: str) -> tuple[Signature, ...]:
    """Return the signatures that would prove who wrote a mail; `author` is the address in From."""
    names = [name.strip().lower() for name, _ in message.headers]
    if any(names.count(name) > 1 for name in _ONCE):
        return ()
    fields = [value for name, value in message.headers if name.strip().lower() == "dkim-signature"]
    domain = author.rpartition("@")[2]
    found = [_signature(index, value, names) for index, value in enumerate(fields[:AT_MOST])]
    return tuple(one for one in found if one and aligns(one.domain, domain))


def is_fresh(message: Message, today: date) -> bool:
    """Tell whether a mail's own (signed) date is near the day of its arrival."""
    found = _DATE.match(next(iter(message.header("Date")), ""))
    if found is None:
        return False
    try:
        written = date(int(found[3]), 1 + _MONTHS.index(found[2].lower()), int(found[1]))
    except ValueError:
        return False
    return abs(today - written) <= FRESH


def _signature(index: int, value: str, names: Sequence[str]) -> Signature | None:
    tags = _tags(value)
    if tags is None or "l" in tags or tags.get("v") != "1" or tags.get("a", "").lower() != _ALGORITHM:
        return None
    covered = [name.strip().lower() for name in tags.get("h", "").split(":")]
    if any(name not in covered for name in _COVERED if name in names or name == "from"):
        return None
    domain, selector = tags.get("d", "").lower(), tags.get("s", "").lower()
    if not is_domain(domain) or not _SELECTOR.fullmatch(selector) or ".." in selector:
        return None
    return Signature(index, domain, selector)


def _tags(value: str) -> Mapping[str, str] | None:
    """Read the tags of a field; None where one stands twice, or is none."""
    found: dict[str, str] = {}
    for part in value.strip().rstrip(";").split(";") if len(value) <= LENGTH_MAX else [""]:
        name, equals, content = part.partition("=")
        if not equals or not _TAG.fullmatch(name.strip()) or name.strip() in found:
            return None
        found[name.strip()] = "".join(content.split())
    return found
