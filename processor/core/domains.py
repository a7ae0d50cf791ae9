"""Domain names as mail compares them: exactly, in ASCII; aligned only upwards, and never with a public suffix."""

from __future__ import annotations

import re

_DOMAIN = re.compile(
    r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])",
    re.IGNORECASE,
)
# What registries put before a country's code; the public suffix list in miniature, erring towards refusal.
_SECOND_LEVEL = frozenset(
    "ac asn biz co com edu ed firm gen go gob gob gouv gov govt gv gr id ind info kommune lg ltd me med mil ne net nhs nom or org "
    "plc police pro sch school web".split()
)
# Suffixes under which strangers live side by side.
_SHARED = frozenset(
    "amazonaws.com appspot.com azurewebsites.net blogspot.com cloudapp.net cloudfront.net firebaseapp.com github.io gitlab.io "
    "herokuapp.com myshopify.com netlify.app onmicrosoft.com pages.dev pythonanywhere.com sharepoint.com vercel.app web.app "
    "wixsite.com workers.dev wordpress.com".split()
)


def is_domain(text: str) -> bool:
    """Tell whether a text is a host name of two labels or more in ASCII (RFC 1123); `xn--` labels pass as they stand."""
    return _DOMAIN.fullmatch(text) is not None


def is_public_suffix(domain: str) -> bool:
    """Tell whether strangers register names directly below a domain (`nl`, `co.uk`, `github.io`)."""
    labels = domain.lower().split(".")
    country = len(labels) == 2 and len(labels[1]) == 2  # noqa: PLR2004 - co.uk: two labels, a code of two letters
    return len(labels) < 2 or domain.lower() in _SHARED or (country and labels[0] in _SECOND_LEVEL)  # noqa: PLR2004


def aligns(signer: str, author: str) -> bool:
    """Tell whether a DKIM signature's domain speaks for an author's domain: the same, or a parent that one owner holds.

    Narrower than relaxed alignment (RFC 7489 section 3.1.1): a signer *below* the author's domain may be a customer of it.
    """
    signer, author = signer.lower(), author.lower()
    if not is_domain(signer) or not is_domain(author):
        return False
    return signer == author or (author.endswith(f".{signer}") and not is_public_suffix(signer))
