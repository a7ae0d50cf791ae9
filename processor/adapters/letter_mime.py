"""A letter as a mail: headers that thread, that no machine answers, and that no text from outside can break out of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from functools import lru_cache

from processor.core.message import Message
from processor.core.visible import visible
from processor.ports import PermanentError

SUBJECT_LIMIT = 120  # characters, our reference included
_REMEMBERED = 128  # fields
REFERENCES_LIMIT = 1500  # characters of References: the first and the last are kept

_IDENTIFIER = re.compile(r"<[!-;=?-~]{1,500}>")  # what may stand between angle brackets: printable ASCII
_ANSWER = re.compile(
    r"^\s*(?:(?:re|aw|antw|antwort|antwoord|sv|vs|res|rép|odp|r|返信)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]\s*)+",
    re.IGNORECASE,
)
_OWN_REFERENCE = re.compile(r"\s*\[AR-[0-9A-Z]+\]", re.IGNORECASE)


class UnsendableLetterError(PermanentError):
    """A letter can't be written as a mail."""


# Fields that say the same in many letters: parsed and folded once.
_ALIKE = frozenset({
    "from", "auto-submitted", "x-auto-response-suppress", "mime-version",
    "content-type", "content-transfer-encoding", "content-disposition", "content-language",
})  # fmt: skip


class _Fields(HeaderRegistry):
    """The library's kinds of header fields, each put together once: it would make a class for every field."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, type[BaseHeader]] = {}
        self._alike = lru_cache(_REMEMBERED)(super().__call__)

    def __getitem__(self, name: str) -> type[BaseHeader]:
        kind = self._known.get(name.lower())
        if kind is None:
            kind = self._known[name.lower()] = super().__getitem__(name)
        return kind

    def __call__(self, name: str, value: object) -> BaseHeader:
        if isinstance(value, str) and name.lower() in _ALIKE:
            return self._alike(name, value)
        return super().__call__(name, value)


class _LetterPolicy(EmailPolicy):
    """SMTP's rules, but message identifiers are neither broken nor encoded (python/cpython#100991)."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in {"in-reply-to", "references", "message-id"}:
            return _WHOLE_LINES.fold_binary(name, value)
        return _folded(name, value) if name.lower() in _ALIKE else super().fold_binary(name, value)


# Not every server on the way takes eight bits; an encoded word may have 75 characters (RFC 2047 section 2).
_FIELDS = _Fields()
POLICY = _LetterPolicy(linesep="\r\n", cte_type="7bit", max_line_length=76, header_factory=_FIELDS)
_WHOLE_LINES = EmailPolicy(linesep="\r\n", cte_type="7bit", max_line_length=998, header_factory=_FIELDS)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CSV file that goes with a letter."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a letter's headers say. `date` has a zone; Message-IDs have their angle brackets."""

    message_id: str
    date: datetime
    sender: str
    sender_name: str
    recipient: str
    reply_to: str
    subject: str
    language: str
    mark: str
    replies_to: str = ""
    thread: tuple[str, ...] = ()


def build(envelope: Envelope, text: str, html: str, sheets: Sequence[Sheet] = ()) -> bytes:
    """Return the mail's bytes, CRLF lines. Raises `UnsendableLetterError` for an address that no mail can carry."""
    mail = EmailMessage(POLICY)
    try:
        _write_headers(mail, envelope)
    except (ValueError, IndexError) as error:  # what the header registry raises on an address that isn't one
        raise UnsendableLetterError(f"letter {envelope.message_id}: {error}") from error
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    for sheet in sheets:
        mail.add_attachment(
            sheet.content, maintype="text", subtype="csv", filename=sheet.name, params={"charset": "utf-8"}
        )
    mail["Content-Language"] = (
        envelope.language
    )  # last: what begins with Content- moves into the parts as they are made
    for place, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{place}.{envelope.message_id.strip('<>').partition('@')[0]}")  # else it is drawn by lot
    return mail.as_bytes(policy=POLICY)


def _write_headers(mail: EmailMessage, envelope: Envelope) -> None:
    name = _inert(visible(envelope.sender_name))
    mail["From"] = _sender(name, envelope.sender)
    mail["To"] = Address(addr_spec=_plain(envelope.recipient))
    if envelope.reply_to:
        mail["Reply-To"] = Address(name, addr_spec=_plain(envelope.reply_to))
    mail["Subject"] = _inert(envelope.subject)
    mail["Date"] = envelope.date
    mail["Message-ID"] = envelope.message_id
    if envelope.replies_to:
        mail["In-Reply-To"] = envelope.replies_to
        mail["References"] = " ".join(envelope.thread)
    mail["Auto-Submitted"] = "auto-replied"  # RFC 3834: no responder answers it
    mail["X-Auto-Response-Suppress"] = "All"  # the same, for Exchange
    mail["X-Allocation-Processor"] = envelope.mark


@lru_cache(_REMEMBERED)
def _sender(name: str, address: str) -> BaseHeader:
    return _FIELDS("From", Address(name, addr_spec=_plain(address)))


@lru_cache(_REMEMBERED)
def _folded(name: str, value: str) -> bytes:
    return EmailPolicy.fold_binary(POLICY, name, value)


def _inert(text: str) -> str:
    """Return a text without encoded words: the header registry would decode them, line breaks and all."""
    return text.replace("=?", "= ?")


def _plain(address: str) -> str:
    """Return an address of visible ASCII characters; without SMTPUTF8 no other can be written to."""
    if not address.isascii() or not address.isprintable() or " " in address or "=?" in address:
        raise ValueError(f"{visible(address)} is no address that we can write to")
    return address


def subject_line(theirs: str, own: str, reference: str) -> str:
    """Return `Re: <their subject> [AR-…]` on one line of at most 120 characters; `own` where theirs says nothing."""
    bare = _ANSWER.sub("", _OWN_REFERENCE.sub("", visible(theirs, 4 * SUBJECT_LIMIT)), count=1).strip()
    label = f" [{reference}]" if reference else ""
    return visible(f"Re: {bare}" if bare else own, SUBJECT_LIMIT - len(label)) + label


def thread_of(message: Message) -> tuple[str, tuple[str, ...]]:
    """Return the Message-ID that is answered (or "") and the answer's References: the first, and the last that fit."""
    answered = _identifiers(message, "message-id")[:1]
    earlier = _identifiers(message, "references") or _identifiers(message, "in-reply-to")
    thread = list(dict.fromkeys([*(each for each in earlier if each not in answered), *answered]))
    while len(" ".join(thread)) > REFERENCES_LIMIT:
        del thread[1]
    return "".join(answered), tuple(thread)


def _identifiers(message: Message, field: str) -> list[str]:
    found = [identifier for value in message.header(field) for identifier in _IDENTIFIER.findall(value)]
    return [identifier for identifier in found if identifier == _inert(identifier)]
