"""Domain names as mail compares them: exactly, in ASCII; aligned only upwards, and never with a public suffix."""

from __future__ import annotations

import re

_DOMAIN = re.compile(
    r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])",
    re.IGNORECASE,
)
# What registries put before a country's code: the public suffix list in miniature, erring towards refusal.
_SECOND_LEVEL = """
ac asn biz co com ed edu firm gen go gob gou gouv gov govt gv gr id ind info kommune lg ltd me med mil ne net nhs nom or
org plc police pro sch school web
"""
_COUNTRY_LETTERS = 2  # of a country's own domain (ISO 3166)
# Suffixes below which strangers live side by side.
_SHARED = """
amazonaws.com appspot.com azurewebsites.net blogspot.com cloudapp.net cloudfront.net firebaseapp.com github.io gitlab.io
herokuapp.com myshopify.com netlify.app onmicrosoft.com pages.dev pythonanywhere.com sharepoint.com vercel.app web.app
wixsite.com wordpress.com workers.dev
"""


def is_domain(text: str) -> bool:
    """Tell whether a text is an ASCII host name of two labels or more (RFC 1123); `xn--` labels pass as they stand."""
    return _DOMAIN.fullmatch(text) is not None


def is_public_suffix(domain: str) -> bool:
    """Tell whether strangers register names directly below a domain (`nl`, `co.uk`, `github.io`)."""
    first, dot, rest = domain.partition(".")
    country = "." not in rest and len(rest) == _COUNTRY_LETTERS
    return not dot or domain in _SHARED.split() or (country and first in _SECOND_LEVEL.split())


def aligns(signer: str, author: str) -> bool:
    """Tell whether a DKIM signature's domain speaks for an author's: the same, or a parent that one owner holds.

    Narrower than relaxed alignment (RFC 7489 section 3.1.1): a signer *below* the author's domain may be its customer.
    """
    signer, author = signer.lower(), author.lower()
    if not is_domain(signer) or not is_domain(author):
        return False
    return signer == author or (author.endswith(f".{signer}") and not is_public_suffix(signer))
