"""What ties a mail to an earlier request, best first. It proves a conversation, never a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.reading.segments import is_forward
from processor.core.tokens import reference_in_address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from processor.core.message import Message
    from processor.core.policy import Policy

REFERENCES_MAX = 32  # the nearest ones; threads grow without end
_RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_RECIPIENT_LENGTH = 65_536  # characters of one field that are looked at
_PLUS_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]{1,64}@[^\s<>()\[\],;:\\\"@]{1,255}")
_BRACKETED = re.compile(r"<([^<>]{1,998})>")
_REFERENCE = re.compile(r"(?<![A-Za-z0-9-])AR-[0-9A-Za-z]{1,20}(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class ThreadKeys:
    """What could tie a mail to an earlier request, best first."""

    tokens: tuple[str, ...]  # request references proved by the seal of a plus-address
    message_ids: tuple[str, ...]  # In-Reply-To, References, X-Microsoft-Original-Message-ID
    references: tuple[str, ...]  # AR-… in the subject: counts only for a participant
    forward: bool = False  # a forward never joins by itself


def thread_keys(message: Message, policy: Policy) -> ThreadKeys:
    """Gather everything that could tie a mail to an earlier request."""
    attached = "message/rfc822" in message.content_types and not message.header("In-Reply-To")
    return ThreadKeys(
        tokens=_unique(_tokens(message, policy.secret)),
        message_ids=_unique(_message_ids(message)),
        references=_unique(found.upper() for found in _REFERENCE.findall(message.subject)),
        forward=is_forward(message.subject, policy.phrases.grammar) or attached,
    )


def normalised_message_id(text: str) -> str:
    """Return `<left@domain>`: unfolded, `<[…]>` taken as `<…>`, the domain in lower case; empty where there is none.

    The left side keeps its case (RFC 5322 section 3.6.4).
    """
    bracketed = _BRACKETED.search(text)
    bare = "".join((bracketed[1] if bracketed else text).split()).strip("[]<>")
    left, at, domain = bare.rpartition("@")
    return f"<{left}@{domain.lower()}>" if left and at and domain else ""


def _tokens(message: Message, secret: bytes) -> Iterable[str]:
    for name in _RECIPIENTS:
        for value in message.header(name):
            for address in _PLUS_ADDRESS.findall(value[:_RECIPIENT_LENGTH]):
                reference = reference_in_address(address, secret) if "+" in address else None
                if reference:
                    yield reference


def _message_ids(message: Message) -> Iterable[str]:
    """In-Reply-To, then References from the nearest back, then what Exchange keeps of an id that it replaced."""
    for value in message.header("In-Reply-To"):
        yield from _ids(value)
    nearest = [found for value in message.header("References") for found in _ids(value)]
    yield from reversed(nearest[-REFERENCES_MAX:])
    for value in message.header("X-Microsoft-Original-Message-ID"):
        yield from _ids(value)


def _ids(value: str) -> list[str]:
    bracketed = [f"<{found}>" for found in _BRACKETED.findall(value)]
    return [found for found in map(normalised_message_id, bracketed or value.split()) if found]


def _unique(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))
