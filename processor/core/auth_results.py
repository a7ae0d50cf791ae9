"""`Authentication-Results` (RFC 8601) as Microsoft 365, Gmail, OpenDKIM, OpenDMARC, Exim and rspamd really write it.

What has no one meaning is no result.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from processor.core.trust import NAMELESS, is_trusted, pieces, written_by_us

if TYPE_CHECKING:
    from collections.abc import Sequence

_ID = re.compile(r"\s*+([^\s=;\"]++)(?:\s++\d{1,9})?+\s*+")
_WORD = re.compile(r"(?:\"(?:[^\"\\]|\\.)*+\"|[^\s\"])++", re.DOTALL)
_METHOD = re.compile(r"([a-z][\w-]*+)(?:/\d++)?+=([a-z]++)", re.ASCII | re.IGNORECASE)
_PROPERTY = re.compile(r"([a-z][\w-]*+\.[a-z][\w-]*+)=(.*+)", re.ASCII | re.IGNORECASE | re.DOTALL)
_DECIDING = re.compile(r"dmarc|dkim", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Result:
    """What one method found: `dkim`, `pass`, and its properties such as `header.d` (names in lower case)."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def domain(self, *names: str) -> str:
        """Return the domain in the first of these properties that is there, in lower case; empty if none is."""
        found = dict(self.properties)
        value = next((found[name] for name in names if found.get(name)), "")
        return value.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class Results:
    """All that one field says. `server` is its authserv-id in lower case, empty where it bears none."""

    server: str
    results: tuple[Result, ...]

    def of(self, method: str) -> tuple[Result, ...]:
        """Return the results of one method."""
        return tuple(result for result in self.results if result.method == method)


def read_results(value: str) -> Results | None:
    """Read one field. Returns None where it can't be read in exactly one way."""
    parts = None if _CONTROL.search(value) else pieces(value)
    if parts is None:
        return None
    named = _ID.fullmatch(parts[0])
    found = [_result(_WORD.findall(part)) for part in (parts[1:] if named else parts)]
    results = tuple(result for result in found if result)
    return None if None in found else Results(named[1].lower() if named else "", results)


def _result(words: Sequence[str]) -> Result | Literal[False] | None:
    """Read one method's result; False where the words are none, None where they could be taken for one that matters."""
    method = _METHOD.fullmatch(words[0]) if words else None
    if method is None:
        return None if any(map(_DECIDING.search, words[:2])) else False
    found = [(match[1].lower(), _unquoted(match[2])) for match in map(_PROPERTY.fullmatch, words[1:]) if match]
    once = tuple(dict.fromkeys(found))
    twice = len({name for name, _ in once}) < len(once)  # one property with two values
    return None if twice else Result(method[1].lower(), method[2].lower(), once)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)|\"", r"\1", text)


def trusted_results(headers: Sequence[tuple[str, str]], servers: frozenset[str]) -> tuple[Result, ...] | None:
    """Return what the trusted servers found; None where that can't be read, or they disagree (gate 6)."""
    read: list[Results] = []
    for name, value in written_by_us(headers, servers):
        if name != "authentication-results":
            continue
        results = read_results(value)
        if results is None and _seems_trusted(value, servers):
            return None
        if results and (is_trusted(results.server, servers) or _is_nameless(results, servers, read)):
            read.append(results)
    return None if _disagree(read) else tuple(result for one in read for result in one.results)


def _is_nameless(results: Results, servers: frozenset[str], read: Sequence[Results]) -> bool:
    """Tell whether results without a name count: where that is set, the topmost ones alone."""
    return not results.server and NAMELESS in servers and not read


def _seems_trusted(value: str, servers: frozenset[str]) -> bool:
    """Tell whether a field that can't be read begins like one of ours: then it speaks against the mail."""
    first = re.match(r"\s*+([^\s;(]*+)", value)
    return first is not None and (is_trusted(first[1].lower(), servers) or NAMELESS in servers)


def _disagree(fields: Sequence[Results]) -> bool:
    """Tell whether two fields, or one with itself about DMARC, contradict each other."""
    if len({result.result for one in fields for result in one.of("dmarc")}) > 1:
        return True
    said: dict[tuple[str, str], set[str]] = {}
    for one in fields:
        for subject, found in _statements(one).items():
            if said.setdefault(subject, found) != found:
                return True
    return _some_sign_none(fields)


def _statements(one: Results) -> dict[tuple[str, str], set[str]]:
    """What one field says of each signature's domain and of each identity that SPF looks at."""
    found: dict[tuple[str, str], set[str]] = {}
    for result in one.of("dkim"):
        found.setdefault(("dkim", result.domain("header.d", "header.i")), set()).add(result.result)
    for result in one.of("spf"):
        subject = next((name for name, _ in result.properties if name.startswith("smtp.")), "")
        found.setdefault(("spf", subject), set()).add(result.result)
    return found


def _some_sign_none(fields: Sequence[Results]) -> bool:
    """Tell whether one field says that the mail bears no signature while another vouches for one."""
    dkim = [result.result for one in fields for result in one.of("dkim")]
    return "none" in dkim and "pass" in dkim
