"""Marks by which our own letters are known again; a mark counts only with the seal of the installation's secret.

A token proves which request a mail belongs to, never who wrote it (`inbound-mail.md` 5.5).
"""

from __future__ import annotations

import hashlib
import hmac
import re

SEAL_LENGTH = 16  # hexadecimal digits, 64 bits: what fits into a local part of 64 characters

_TOKEN = re.compile(r"(?P<reference>AR-[0-9A-Z]{1,20})\.(?P<seal>[0-9A-F]{16})", re.IGNORECASE)
_MESSAGE_ID = re.compile(
    r"<?(?P<stem>ar\.[a-z_]{1,30}\.[0-9A-Za-z-]{1,64}\.[0-9]{1,9})\.(?P<seal>[0-9a-f]{16})@[^@<>\s]{1,255}>?"
)


def make_token(reference: str, secret: bytes) -> str:
    """Return `AR-XXXXX.<seal>`, which stands behind the plus of a Reply-To address."""
    return f"{reference}.{_seal('reply', reference.upper(), secret)}"


def check_token(token: str, secret: bytes) -> str | None:
    """Return the reference that a token proves, or None. Case doesn't matter: servers fold local parts."""
    match = _TOKEN.fullmatch(token.strip())
    if match is None:
        return None
    reference = match["reference"].upper()
    return reference if _is_seal(match["seal"], "reply", reference, secret) else None


def reply_address(mailbox: str, reference: str, secret: bytes) -> str:
    """Return the mailbox's address with the token of a request: `local+AR-XXXXX.<seal>@domain`."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{make_token(reference, secret)}@{domain}"


def reference_in_address(address: str, secret: bytes) -> str | None:
    """Return the reference that a plus-address proves, or None."""
    _, plus, token = address.rpartition("@")[0].partition("+")
    return check_token(token, secret) if plus else None


def own_message_id(kind: str, reference: str, sequence: int, domain: str, secret: bytes) -> str:
    """Return `<ar.{kind}.{reference}.{sequence}.{seal}@domain>`; without a request, a mail's hash is the reference."""
    stem = f"ar.{kind}.{reference}.{sequence}"
    return f"<{stem}.{_seal('message-id', stem, secret)}@{domain}>"


def is_own_message_id(message_id: str, secret: bytes) -> bool:
    """Tell whether a Message-ID, with or without its angle brackets, is one that `own_message_id` made."""
    match = _MESSAGE_ID.fullmatch(message_id.strip())
    return match is not None and _is_seal(match["seal"], "message-id", match["stem"], secret)


def make_mark(reference: str, secret: bytes) -> str:
    """Return the value of `X-Allocation-Processor`; it holds although a relay gave the letter another Message-ID."""
    return f"{reference}.{_seal('mark', reference, secret)}"


def is_own_mark(mark: str, secret: bytes) -> bool:
    """Tell whether a mark is one that `make_mark` made: the letter is ours and came back."""
    reference, _, seal = mark.strip().rpartition(".")
    return bool(reference) and _is_seal(seal, "mark", reference, secret)


def _seal(purpose: str, text: str, secret: bytes) -> str:
    """Seal a text for one purpose, so that a seal of one kind can't be worn by another."""
    return hmac.new(secret, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()[:SEAL_LENGTH]


def _is_seal(seal: str, purpose: str, text: str, secret: bytes) -> bool:
    return hmac.compare_digest(seal.lower().encode(), _seal(purpose, text, secret).encode())
