"""Who wrote a mail: the one address in From, and whether our own server's results prove it. Nothing else is identity.

`decisions.md` gates 6 and 7; the whole truth table stands in `docs/security.md`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from processor.core.addresses import NamedAddress, one_address
from processor.core.auth_results import Result, trusted_results
from processor.core.domains import aligns
from processor.core.look_alike import look_alike
from processor.core.signatures import OwnDkim, is_fresh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.core.decision import Snapshot
    from processor.core.message import Message
    from processor.core.policy import Policy

# Where the domain publishes no DMARC, servers say `none`, or nothing, or what they would have guessed.
_NO_RECORD = frozenset({"none", "bestguesspass"})
_CHECKED = frozenset({"dkim", "dmarc"})
_SECOND_FROM = re.compile(r"[\r\n]from[ \t]*+:", re.IGNORECASE)
_NO_NAME = re.compile(r"[^!-~]+")  # what no field name holds (RFC 5322 section 2.2)
_ADDRESS_IN_NAME = re.compile(r"[^\s<>\"'(),;:@]{1,64}@[^\s<>\"'(),;:@]{1,255}")


class Verdict(StrEnum):
    """What is known of the sender."""

    AUTHENTICATED = "authenticated"
    UNAUTHENTICATED = "unauthenticated"  # gate 7
    SPOOFED = "spoofed"  # gate 6


@dataclass(frozen=True, slots=True)
class Identity:
    """A mail's author. `address` is in lower case, None where From holds no single plain one.

    `why` says what decided, for the trail. `look_alike_of` is what the sender seems to pass for: an address in the
    display name, or a domain of ours; people are told, nothing is decided by it.
    """

    address: str | None
    verdict: Verdict
    display: str = ""
    why: str = ""
    look_alike_of: str = ""


def identify(message: Message, policy: Policy, snapshot: Snapshot | None = None) -> Identity:
    """Name the author of a mail and say how sure that is; `snapshot` is what was known when it is decided."""
    author = _author(message.headers)
    if author is None:
        return Identity(None, Verdict.SPOOFED, why="From is not one plain mailbox")
    results = trusted_results(message.headers, policy.trusted_servers)
    verdict, why = _verdict(author, results)
    if _turns_on_own_proof(policy.own_dkim, verdict, results):
        verdict, why = _by_own_proof(author, message, snapshot)
    if verdict is Verdict.UNAUTHENTICATED and policy.accept_unauthenticated:
        verdict, why = Verdict.AUTHENTICATED, f"accepted at the operator's risk: {why}"
    return Identity(author.address, verdict, author.name, why, _passes_for(author, policy))


def author_of(message: Message) -> str | None:
    """Return the one address in From, in lower case; None where there is no single plain one."""
    author = _author(message.headers)
    return author.address if author else None


def _author(headers: Sequence[tuple[str, str]]) -> NamedAddress | None:
    """Return the mailbox of the only From field, whatever way it is written; None where there are none or several."""
    fields = [value for name, value in headers if _is_from(name)]
    hidden = any(_SECOND_FROM.search(value) for _, value in headers)
    return one_address(fields[0]) if len(fields) == 1 and not hidden else None


def _is_from(name: str) -> bool:
    """Tell whether some reader takes this name for From: blanks, controls and high bytes don't make it another."""
    return _NO_NAME.sub("", name).lower() == "from"


def _verdict(author: NamedAddress, results: Sequence[Result] | None) -> tuple[Verdict, str]:
    """Weigh what the trusted server found. SPF and ARC are never looked at: they speak of the road, not the author."""
    if results is None:
        return Verdict.UNAUTHENTICATED, "the trusted results disagree or can't be read"
    domain = author.address.partition("@")[2]
    dmarc = [result for result in results if result.method == "dmarc"]
    if any(result.result == "fail" for result in dmarc):
        return Verdict.SPOOFED, "DMARC fail"
    if any(result.domain("header.from") not in {"", domain} for result in dmarc):
        return Verdict.UNAUTHENTICATED, "the trusted result speaks of another From"
    if dmarc and all(result.result == "pass" for result in dmarc):
        return Verdict.AUTHENTICATED, "DMARC pass"
    if all(result.result in _NO_RECORD for result in dmarc) and _signed(domain, results):
        return Verdict.AUTHENTICATED, "aligned DKIM pass, no DMARC published"
    return Verdict.UNAUTHENTICATED, "neither DMARC pass nor an aligned DKIM pass"


def _turns_on_own_proof(rule: OwnDkim, verdict: Verdict, results: Sequence[Result] | None) -> bool:
    """Tell whether our own look at signatures decides: as a second proof, or where the server checks nothing."""
    if rule is OwnDkim.ENOUGH:
        return results is not None and not any(result.method in _CHECKED for result in results)
    return rule is OwnDkim.REQUIRED and verdict is Verdict.AUTHENTICATED


def _by_own_proof(author: NamedAddress, message: Message, snapshot: Snapshot | None) -> tuple[Verdict, str]:
    """Believe a signature that we checked ourselves, where it speaks for the author and the mail is not an old one."""
    domain = author.address.partition("@")[2]
    signers = snapshot.signers if snapshot else message.signers
    fresh = snapshot is None or is_fresh(message, snapshot.today)
    if fresh and any(aligns(signer, domain) for signer in signers):
        return Verdict.AUTHENTICATED, "a signature that we checked ourselves"
    return Verdict.UNAUTHENTICATED, "no signature that we checked ourselves holds"


def _signed(domain: str, results: Sequence[Result]) -> bool:
    signers = [
        result.domain("header.d", "header.i")
        for result in results
        if (result.method, result.result) == ("dkim", "pass")
    ]
    return any(aligns(signer, domain) for signer in signers)


def _passes_for(author: NamedAddress, policy: Policy) -> str:
    """Return another address that the display name holds, or the domain of ours that the sender's is nearly."""
    named = _ADDRESS_IN_NAME.search(author.name)
    if named and named[0].lower().rstrip(".") != author.address:
        return named[0].lower()
    return look_alike(author.address, [f"@{domain}" for domain in sorted(policy.own_domains)]).removeprefix("@")
