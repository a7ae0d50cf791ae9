"""Everything that may be set, as one frozen value:
the profile, the words, and what `decisions.md` marks *(setting)*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from processor.core.lexicon import Phrasebook, phrasebook
from processor.core.profile import Profile, load_profile
from processor.core.signatures import OwnDkim

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULTS: Mapping[str, Any] = {
    "mailbox": "allocations@billing.example",
    "own_domains": ["billing.example"],
    "trusted_servers": ["mx.billing.example"],
    "accept_unauthenticated": False,
    "own_dkim": "off",
    "spam_headers": [
        "X-Spam-Flag: yes",
        "X-Spam-Status: yes",
        "X-Forefront-Antispam-Report: sfv:spm",
        "X-MS-Exchange-Organization-SCL: 9",
    ],
    "date_tolerance_days": 3,
    "loop_limit": 10,
    "apply_limits": {},
    "secret": "change me",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """What decides besides the mail and the ledger. `apply_limits` are minor units by currency (row 45,
    off when empty).
    """

    profile: Profile
    phrases: Phrasebook
    mailbox: str
    own_domains: frozenset[str]
    trusted_servers: frozenset[str]
    accept_unauthenticated: bool
    own_dkim: OwnDkim
    spam_headers: tuple[tuple[str, str], ...]
    date_tolerance_days: int
    loop_limit: int
    apply_limits: Mapping[str, int]
    secret: bytes


def load_policy(
    profile: Mapping[str, Any], lexicons: Mapping[str, Mapping[str, object]], settings: Mapping[str, Any]
) -> Policy:
    """Build the policy from parsed files. `settings` overrides `DEFAULTS` key by key;
    an unknown key raises KeyError.
    """
    unknown = set(settings) - set(DEFAULTS)
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    values = {**DEFAULTS, **settings}
    return Policy(
        profile=load_profile(profile),
        phrases=phrasebook(lexicons),
        mailbox=values["mailbox"].lower(),
        own_domains=frozenset(domain.lower() for domain in values["own_domains"]),
        trusted_servers=frozenset(server.lower() for server in values["trusted_servers"]),
        accept_unauthenticated=values["accept_unauthenticated"],
        own_dkim=OwnDkim(values["own_dkim"]),
        spam_headers=tuple(_split_header(entry) for entry in values["spam_headers"]),
        date_tolerance_days=values["date_tolerance_days"],
        loop_limit=values["loop_limit"],
        apply_limits=values["apply_limits"],
        secret=values["secret"].encode(),
    )


def _split_header(entry: str) -> tuple[str, str]:
    name, _, value = entry.partition(":")
    return name.strip().lower(), value.strip().lower()
