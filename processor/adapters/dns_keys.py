"""Keys of signatures, asked of the domain name system and remembered for a while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from processor.ports import TransientError

SECONDS = 3.0  # to wait for an answer
REMEMBERED = 300.0  # seconds
_MOST = 2_000  # names remembered
_LENGTH = 4_096  # bytes of a record


class KeysUnavailableError(TransientError):
    """The domain name system does not answer, so nobody knows whether a signature holds."""


class DnsKeys:
    """`Keys` over dnspython, the extra `mailauth`. Safe to share between threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._lock = threading.Lock()

    def key(self, name: str) -> str:
        """Raises `KeysUnavailableError`."""
        with self._lock:
            until, record = self._known.get(name, (0.0, ""))
        if until > time.monotonic():
            return record
        record = _asked(name)
        with self._lock:
            self._known[name] = (time.monotonic() + REMEMBERED, record)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        return record


def _asked(name: str) -> str:
    from dns import exception, resolver

    try:
        answer = resolver.resolve(f"{name}.", "TXT", lifetime=SECONDS)
    except (resolver.NXDOMAIN, resolver.NoAnswer):
        return ""
    except (exception.DNSException, OSError) as error:
        raise KeysUnavailableError(f"{name}: {type(error).__name__}") from error
    records = [b"".join(one.strings) for one in answer]
    if len(records) != 1 or len(records[0]) > _LENGTH or not records[0].isascii():
        return ""  # RFC 6376 section 3.6.2.2: several are none
    return records[0].decode("ascii")
