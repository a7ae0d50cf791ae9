"""A request's reference comes from the mail that opens it, so that deciding again gives the same one."""

from __future__ import annotations

import hashlib

# No 0 and O, 1 and I and L, U and V: what people read aloud or type from paper is hard to confuse.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTWXYZ"
_LENGTH = 8  # 5 * 10^11 references: a million requests meet no other one's by chance


def reference_for(raw_sha256: str, attempt: int = 1) -> str:
    """Return `AR-` and eight characters. Another attempt gives another, in case the first is taken."""
    number = int.from_bytes(hashlib.sha256(f"{raw_sha256}/{attempt}".encode()).digest())
    characters = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_LETTERS))
        characters.append(_LETTERS[digit])
    return f"AR-{''.join(characters)}"
