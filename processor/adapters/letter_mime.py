"""A letter as a mail: headers that thread, that no machine answers, and that no text from outside can break out of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from processor.adapters.letter_wire import field, file_part, identifiers, mailbox, multipart, text_part
from processor.core.message import Message
from processor.core.visible import visible
from processor.ports import PermanentError

SUBJECT_LIMIT = 120  # characters, our reference included
REFERENCES_LIMIT = 1500  # characters of References: the first and the last are kept

_IDENTIFIER = re.compile(r"<[!-;=?-~]{1,500}>")  # what may stand between angle brackets: printable ASCII
_ANSWER = re.compile(
    r"^\s*(?:(?:re|aw|antw|antwort|antwoord|sv|vs|res|rép|odp|r|返信)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]\s*)+",
    re.IGNORECASE,
)
_OWN_REFERENCE = re.compile(r"\s*\[AR-[0-9A-Z]+\]", re.IGNORECASE)


class UnsendableLetterError(PermanentError):
    """A letter can't be written as a mail."""


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
    try:
        head = b"".join(_fields(envelope))
    except ValueError as error:
        raise UnsendableLetterError(f"letter {envelope.message_id}: {error}") from error
    language = field("Content-Language", envelope.language)
    bodies = text_part("plain", text), text_part("html", html)
    if not sheets:
        return head + multipart("alternative", _boundary(envelope, 0), bodies, language)
    files = [file_part(sheet.name, "csv", sheet.content) for sheet in sheets]
    words = multipart("alternative", _boundary(envelope, 1), bodies)
    return head + multipart("mixed", _boundary(envelope, 0), [words, *files], language)


def _boundary(envelope: Envelope, place: int) -> str:
    return f"=_{place}.{envelope.message_id.strip('<>').partition('@')[0]}"


def _fields(envelope: Envelope) -> Iterator[bytes]:
    name = _inert(visible(envelope.sender_name))
    yield mailbox("From", _plain(envelope.sender), name)
    yield mailbox("To", _plain(envelope.recipient))
    if envelope.reply_to:
        yield mailbox("Reply-To", _plain(envelope.reply_to), name)
    yield field("Subject", _inert(envelope.subject))
    yield field("Date", format_datetime(envelope.date))
    yield identifiers("Message-ID", envelope.message_id)
    if envelope.replies_to:
        yield identifiers("In-Reply-To", envelope.replies_to)
        yield identifiers("References", " ".join(envelope.thread))
    yield field("Auto-Submitted", "auto-replied")  # RFC 3834: no responder answers it
    yield field("X-Auto-Response-Suppress", "All")  # the same, for Exchange
    yield field("X-Allocation-Processor", envelope.mark)
    yield field("MIME-Version", "1.0")


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
