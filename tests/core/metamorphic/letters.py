"""A stored mail taken apart and put together again, so that one thing about it can be changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.charset import BASE64, QP, Charset
from email.message import Message
from email.policy import compat32

_POLICY = compat32.clone(max_line_length=None)
_OF_FIELD = re.compile(rb"[ \t]|[^\s:]+\s*:")
_READABLE = ("text/plain", "text/html", "text/csv")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One readable part of a mail, decoded."""

    part: Message
    text: str

    @property
    def kind(self) -> str:
        """The part's media type."""
        return self.part.get_content_type()


def opened(raw: bytes) -> Message:
    """Parse a mail, its header fields left as they are; a line of the head that belongs to no field goes."""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    fields = b"\n".join(line for line in head.split(b"\n") if _OF_FIELD.match(line))
    return message_from_bytes(fields + b"\n\n" + body, policy=_POLICY)


def leaves(mail: Message) -> Iterator[Leaf]:
    """Yield the readable parts that are decoded without loss."""
    for part in mail.walk():
        if part.get_content_type() in _READABLE and not part.is_multipart():
            payload = part.get_payload(decode=True)
            charset = part.get_content_charset() or "utf-8"
            try:
                text = payload.decode(charset) if isinstance(payload, bytes) else ""
            except (LookupError, UnicodeDecodeError):
                continue
            yield Leaf(part, text.replace("\r\n", "\n"))


def bodies(mail: Message) -> list[Leaf]:
    """Return the parts that are shown as the mail's own words."""
    return [leaf for leaf in leaves(mail) if leaf.kind != "text/csv" and not leaf.part.get_filename()]


def put(part: Message, text: str, *, charset: str = "utf-8", encoding: str = "base64") -> None:
    """Write a text into a part."""
    if part.get_content_type() == "text/html":
        text = re.sub(r"(?i)(charset\s*=\s*[\"']?)[\w-]+", rf"\g<1>{charset}", text)
    del part["Content-Transfer-Encoding"]
    if encoding == "8bit":
        part["Content-Transfer-Encoding"] = "8bit"
        part.set_param("charset", charset)
        part.set_payload(text.encode(charset).decode("ascii", "surrogateescape"))
        return
    written = Charset(charset)
    written.body_encoding = BASE64 if encoding == "base64" else QP
    part.set_payload(text.encode(charset), written)


def rewritten(raw: bytes, change: Callable[[Leaf], str]) -> bytes | None:
    """Return a mail with every readable part changed; nothing where no part is."""
    mail, changed = opened(raw), False
    for leaf in list(leaves(mail)):
        text = change(leaf)
        if text != leaf.text:
            put(leaf.part, text)
            changed = True
    return mail.as_bytes() if changed else None
