"""The known ways to write as somebody else (a study of 2020 lists 22), from bytes to decision: none moves or tells."""

from __future__ import annotations

import base64
import itertools

import pytest

from processor.adapters.limits import ReadingLimits
from processor.adapters.mime import read_message
from processor.core.decide import decide
from processor.core.identity import Verdict, identify
from processor.core.outcomes import Outcome, Reason
from tests.builders import ADDRESS, invoice, payment, policy, snapshot
from tests.core.handwriting import BORDER, SERVER

POLICY, LIMITS = policy(), ReadingLimits()
LEDGER = snapshot(payment(), invoice())
DOMAIN = ADDRESS.rpartition("@")[2]
THIEF = "x@evil.example"
HIDDEN = base64.b64encode(f"<{ADDRESS}>".encode()).decode()
FROM = f"From: <{ADDRESS}>"
OWN = "spf=pass smtp.mailfrom=evil.example; dkim=pass header.d=evil.example; dmarc="

# What the receiving server wrote, honestly or fooled, and what stands for From.
CASES = {
    "a host of ours that isn't": (f"spf=none smtp.mailfrom=x.{DOMAIN}; dkim=none; dmarc=none", FROM),
    "an envelope that opens a comment": (f"spf=pass smtp.mailfrom=(x@{DOMAIN}; dkim=none; dmarc=none", FROM),
    "a NUL in the key's name": (f"dkim=pass header.d={DOMAIN} header.s=s.evil.example.\x00.x; dmarc=fail", FROM),
    "a quote in the signer": (f"dkim=pass header.d={DOMAIN}'x.evil.example; dmarc=none", FROM),
    "a comment in the envelope": (f"spf=pass smtp.mailfrom=x@{DOMAIN}(x.evil.example; dkim=none; dmarc=none", FROM),
    "a quote in the envelope": (f"spf=pass smtp.mailfrom=x@{DOMAIN}'@x.evil.example; dkim=none; dmarc=none", FROM),
    "a route in the envelope": (f"spf=pass smtp.mailfrom=@{DOMAIN},@x.example:'x@evil.example; dmarc=none", FROM),
    "two authors": (f"{OWN}pass header.from=evil.example", f"From: <{THIEF}>\n{FROM}"),
    "a blank before the first": (f"{OWN}pass header.from=evil.example", f" From: <{THIEF}>\n{FROM}"),
    "a blank behind the second": (f"{OWN}pass header.from=evil.example", f"From: <{THIEF}>\nFrom : <{ADDRESS}>"),
    "a folded name": (f"{OWN}pass header.from=evil.example", f"From\n : <{THIEF}>\n{FROM}"),
    "a sender beside none": (f"{OWN}pass header.from=evil.example", f"Sender: <{ADDRESS}>"),
    "a sender beside a folded name": (f"{OWN}pass", f"From\n : <{THIEF}>\nSender: <{ADDRESS}>"),
    "sent again by": (f"{OWN}pass", f"From\n : <{THIEF}>\nResent-From: <{ADDRESS}>"),
    "two addresses": (f"{OWN}pass header.from=evil.example", f"From: <{THIEF}>, <{ADDRESS}>"),
    "an encoded address and another": (f"{OWN}pass", f"From: =?utf-8?B?{HIDDEN}?=, <{THIEF}>"),
    "a route": (f"{OWN}none", f"From: <@evil.example,@x.example:{ADDRESS}>"),
    "a quoted pair": (f"{OWN}pass header.from=evil.example", f"From: <{ADDRESS}>\\,<{THIEF}>"),
    "two pairs of brackets": (f"{OWN}pass header.from=evil.example", f"From: <{ADDRESS}><{THIEF}>"),
    "a comment that holds brackets": (f"{OWN}pass header.from=evil.example", f"From: {ADDRESS}(<{THIEF}>)"),
    "text behind the brackets": (f"{OWN}pass header.from=evil.example", f"From: <{ADDRESS}>{THIEF}"),
    "a customer of the same provider": (f"dkim=pass header.d={DOMAIN}; dmarc=pass", f"From: <x@{DOMAIN}>, <{ADDRESS}>"),
    "the same, in two fields": (f"dkim=pass header.d={DOMAIN}; dmarc=pass", f"From: <x@{DOMAIN}>\n{FROM}"),
    "the same, with a group": (f"dkim=pass header.d={DOMAIN}; dmarc=pass", f"From: all: <{ADDRESS}>, x@{DOMAIN};"),
}
PLACES = ("first", "amid", "last")


def written(results: str, author: str, place: str) -> bytes:
    """The mail as the receiving server hands it on; the author's lines stand somewhere among the others."""
    others = ["To: allocations@billing.example", "Subject: Payment", "Message-ID: <1@evil.example>"]
    at = {"first": 0, "amid": 1, "last": len(others)}[place]
    head = [f"Authentication-Results: {SERVER}; {results}", BORDER, *others[:at], author, *others[at:]]
    body = "\n\nPlease apply payment 1400000001 to invoice G000000001.\n"
    return ("\n".join(head) + body).replace("\n", "\r\n").encode("latin-1")


@pytest.mark.parametrize(("case", "place"), list(itertools.product(CASES, PLACES)))
def test_nobody_writes_as_the_partner(case: str, place: str) -> None:
    mail = read_message(written(*CASES[case], place), LIMITS)

    decision = decide(mail, LEDGER, POLICY)

    identity = identify(mail, POLICY)
    assert identity.verdict is not Verdict.AUTHENTICATED or identity.address == THIEF
    if identity.verdict is not Verdict.AUTHENTICATED:
        assert decision.outcome is Outcome.REJECTED
        assert set(decision.reasons) <= {Reason.SENDER_SPOOFED, Reason.SENDER_UNAUTHENTICATED}
        assert decision.letter is None
        assert decision.applications == ()


def test_the_partner_does() -> None:
    proof = f"spf=pass smtp.mailfrom={DOMAIN}; dkim=pass header.d={DOMAIN}; dmarc=pass header.from={DOMAIN}"
    for place in PLACES:
        decision = decide(read_message(written(proof, FROM, place), LIMITS), LEDGER, POLICY)

        assert decision.outcome is Outcome.APPLIED
