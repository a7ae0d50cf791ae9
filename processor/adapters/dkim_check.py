"""Whether a DKIM signature holds, asked of dkimpy inside the child that reads mail, which has no network.

What dkimpy takes and we don't is refused here once more, on its own view of the mail: it accepts signatures over a part
of the body, and fields that were put on top of signed ones.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

_ONCE = (b"from", b"subject", b"date")
_KEY_BITS = 1024


def holding(raw: bytes, keys: Mapping[int, tuple[str, str]]) -> tuple[int, ...]:
    """Return which signatures hold, of those whose key record and domain are given by their place in the mail."""
    return tuple(index for index, (domain, record) in sorted(keys.items()) if _holds(raw, index, domain, record))


def _holds(raw: bytes, index: int, domain: str, record: str) -> bool:
    import dkim  # the extra `mailauth`

    silent = logging.getLogger("processor.dkim")
    silent.disabled = True  # it would tell words of the mail
    try:
        check = dkim.DKIM(raw, logger=silent, minkey=_KEY_BITS)
        names = [name.lower() for name, _ in check.headers]
        if any(names.count(name) > 1 for name in _ONCE):
            return False
        if not check.verify(index, dnsfunc=lambda _name, timeout=0: record.encode("ascii")):  # noqa: ARG005 its form
            return False
    except Exception:  # noqa: BLE001 whatever a stranger's signature breaks, it proves nothing
        return False
    signed = {name.lower() for name in check.include_headers}
    whole = b"l" not in check.signature_fields and check.keysize >= _KEY_BITS
    return whole and check.domain.decode("ascii").lower() == domain and set(_ONCE) & set(names) <= signed
