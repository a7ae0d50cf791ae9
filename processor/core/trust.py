"""Which header fields our own server wrote: those above the `Received` with which it took the mail in from outside.

What stands below came with the mail, whatever name it bears (`decisions.md` gates 5 and 6, RFC 8601 section 5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMELESS = "-"  # among the trusted servers: the server signs with no name, as Microsoft 365 does
LENGTH_MAX = 16_384  # characters of one field; the longest real ones have a quarter of that
BELOW = " below"  # behind a trusted name: the server writes its results below its own `Received`, as Gmail does

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*+"|\\.|[^"()\\;]++|[();]', re.DOTALL)
_LOOPBACK = re.compile(r"(?:localhost|127(?:\.\d{1,3}){3}|(?:ipv6:)?::1)")


@dataclass(frozen=True, slots=True)
class _Hop:
    """One `Received`: the host that wrote it, the host it names as the giver, and what it says of that host."""

    by: str
    giver: str
    peer: str


def written_by_us(headers: Sequence[tuple[str, str]], servers: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """Return the fields that a trusted server wrote, topmost first; names in lower case.

    A `Received` by a trusted host from a trusted host is a hop inside the house and is passed. The first other one ends
    what counts; for a server named with `BELOW`, the next `Received` does, where this one is that server's. A nameless
    server's hops name their peers by address alone, so all are passed; of its results only the topmost count.
    """
    names = frozenset(server.removesuffix(BELOW) for server in servers)
    kept: list[tuple[str, str]] = []
    entered = False
    for name, value in headers:
        if name.lower() == "received":
            hop = _hop(value)
            if entered or not _is(hop.by, names):
                break
            if not (_inside(hop, names) or NAMELESS in servers):
                entered = any(
                    server.endswith(BELOW) and _is(hop.by, {server.removesuffix(BELOW)}) for server in servers
                )
                if not entered:
                    break
        kept.append((name.lower(), value))
    return tuple(kept)


def is_trusted(server: str, servers: frozenset[str]) -> bool:
    """Tell whether an authserv-id is exactly one of the trusted names; a `.name` among them names hosts, not ids."""
    return server != NAMELESS and server[:1] != "." and server in {name.removesuffix(BELOW) for name in servers}


def pieces(text: str) -> tuple[str, ...] | None:
    """Split structured header text (RFC 5322 section 3.2) at its semicolons; comments go, quoted strings stay.

    Returns None for text with more than one meaning: a comment or quoted string without an end, or a comment whose
    quote marks would hide a parenthesis from some readers, and for text longer than any server writes.
    """
    if len(text) > LENGTH_MAX:
        return None
    parts: list[list[str]] = [[]]
    depth = at = 0
    for match in _PIECE.finditer(text):
        piece = match.group()
        depth += (piece == "(") - (piece == ")")
        if match.start() != at or depth < 0 or (depth and piece[0] == '"' and re.search(r"[();]", piece)):
            return None
        at = match.end()
        if piece == ";" and not depth:
            parts.append([])
        elif not depth:
            parts[-1].append(" " if piece == ")" else piece)
    return tuple("".join(part) for part in parts) if depth == 0 and at == len(text) else None


_HOP_WORDS = 4  # "from NAME by NAME"


def _hop(value: str) -> _Hop:
    """Read a `Received`; what can't be read names nobody."""
    clauses = pieces(value)
    words = clauses[0].split() if clauses else []
    if words[:1] == ["by"]:
        return _Hop(words[1].lower() if len(words) > 1 else "", "", "")
    if len(words) < _HOP_WORDS or words[0].lower() != "from" or words[2].lower() != "by":
        return _Hop("", "?", "")
    peer = re.match(r"\s*from\s+[^\s(]+\s*\(([^)]{0,400})", value, re.IGNORECASE)
    return _Hop(words[3].lower(), words[1].lower(), peer[1].strip().lower() if peer else "")


def _inside(hop: _Hop, names: frozenset[str]) -> bool:
    """Tell whether a hop stayed in the house. The giver's name is what it said of itself; its peer name must agree."""
    if not hop.giver:
        return True
    peer = hop.peer.split("[")[0].split() or [hop.peer.strip("[]")]
    return _is_near(hop.giver, names) and (not hop.peer or _is_near(peer[0].strip("[]"), names))


def _is_near(host: str, names: frozenset[str]) -> bool:
    return _is(host, names) or _LOOPBACK.fullmatch(host) is not None


def _is(host: str, names: frozenset[str] | set[str]) -> bool:
    """Tell whether a host is one of these names; `.name` stands for every host below that name."""
    return host in names or any(name.startswith(".") and host.endswith(name) for name in names)
