"""Which signatures are worth checking ourselves, and what one that holds proves; cryptography is elsewhere's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from processor.core.decision import Snapshot
from processor.core.identity import Verdict, author_of, identify
from processor.core.message import Message
from processor.core.policy import Policy
from processor.core.signatures import AT_MOST, LENGTH_MAX, is_fresh, worth_checking
from tests import builders

AUTHOR, DOMAIN = "ap@mail.harbourlane.example", "mail.harbourlane.example"
TODAY = date(2026, 11, 16)
SIGNATURE = f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={DOMAIN}; s=s1; h=From : Subject:date; bh=abc=; b=d e f="


def signed(*signatures: str, more: str = "", written: str = "Mon, 16 Nov 2026 09:00:00 +0000") -> Message:
    """Return a mail that bears these signatures, and further header lines."""
    lines = [
        *(f"DKIM-Signature: {one}" for one in signatures),
        *([more] if more else []),
        f"From: {AUTHOR}",
        "Subject: Payment",
        f"Date: {written}",
    ]
    return builders.message("\n".join(lines) + "\n\nPlease apply.")


@pytest.mark.parametrize("domain", [DOMAIN, DOMAIN.upper(), "harbourlane.example"])
def test_a_whole_signature_of_the_author_is_worth_it(domain: str) -> None:
    (found,) = worth_checking(signed(SIGNATURE.replace(DOMAIN, domain)), AUTHOR)

    assert (found.index, found.key_name) == (0, f"s1._domainkey.{domain.lower()}")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"d={DOMAIN}", "d=evil.example"),
        (f"d={DOMAIN}", f"d=news.{DOMAIN}"),
        (f"d={DOMAIN}", "d=example"),
        (f"d={DOMAIN}; ", ""),
        ("v=1", "v=2"),
        ("v=1", "v=1; l=0"),
        ("v=1", "v=1; v=1"),
        ("v=1", "nonsense"),
        ("v=1", "9=1"),
        ("rsa-sha256", "rsa-sha1"),
        ("s=s1", "s=../s1"),
        ("s=s1", "s=a..b"),
        ("s=s1", "s="),
        ("h=From : Subject:date", "h=Subject:Date"),
        ("h=From : Subject:date", "h=From:Date"),
        ("h=From : Subject:date", "h=From:Subject"),
        ("h=From : Subject:date; ", ""),
        ("bh=abc=", f"bh={'x' * LENGTH_MAX}"),
    ],
)
def test_a_bent_signature_is_not(old: str, new: str) -> None:
    assert old in SIGNATURE
    assert worth_checking(signed(SIGNATURE.replace(old, new)), AUTHOR) == ()


@pytest.mark.parametrize(
    "twice", [f"From: {AUTHOR}", "Subject: Pay evil", "Reply-To: a@b.example\nreply-to: c@d.example"]
)
def test_a_mail_that_can_be_read_in_two_ways_proves_nothing(twice: str) -> None:
    assert worth_checking(signed(SIGNATURE, more=twice), AUTHOR) == ()


def test_only_the_topmost_signatures_are_looked_at() -> None:
    other = SIGNATURE.replace(DOMAIN, "evil.example")

    assert [found.index for found in worth_checking(signed(other, SIGNATURE), AUTHOR)] == [1]
    assert worth_checking(signed(*[other] * AT_MOST, SIGNATURE), AUTHOR) == ()


@pytest.mark.parametrize(
    ("written", "fresh"),
    [
        ("Mon, 16 Nov 2026 09:00:00 +0000", True),
        ("9 November 2026 09:00", True),
        ("8 Nov 2026 09:00", False),
        ("23 Nov 2026 09:00", True),
        ("24 Nov 2026 09:00", False),
        ("16 Foo 2026 09:00", False),
        ("31 Nov 2026 09:00", False),
        ("yesterday", False),
        ("", False),
    ],
)
def test_an_old_mail_may_be_another_ones(written: str, fresh: bool) -> None:
    assert is_fresh(signed(written=written), TODAY) is fresh


def verdict(message: Message, rule: Policy, snapshot: Snapshot | None) -> Verdict:
    return identify(message, rule, snapshot).verdict


ENOUGH, REQUIRED, OFF = (builders.policy(own_dkim=rule) for rule in ("enough", "required", "off"))
HOLDS = Snapshot(TODAY, signers=(DOMAIN,))
CHECKED = "Authentication-Results: mx.billing.example; dkim=none; dmarc=none"
PASSED = f"Authentication-Results: mx.billing.example; dmarc=pass header.from={DOMAIN}"


@pytest.mark.parametrize(
    ("more", "rule", "snapshot", "proved"),
    [
        ("", ENOUGH, HOLDS, True),
        ("", ENOUGH, Snapshot(TODAY), False),
        ("", ENOUGH, Snapshot(TODAY, signers=("evil.example",)), False),
        ("", ENOUGH, replace(HOLDS, today=date(2026, 12, 16)), False),
        ("", REQUIRED, HOLDS, False),
        ("", OFF, HOLDS, False),
        (CHECKED, ENOUGH, HOLDS, False),
        ("Authentication-Results: mx.billing.example; dmarc=(", ENOUGH, HOLDS, False),
        (PASSED, REQUIRED, HOLDS, True),
        (PASSED, REQUIRED, Snapshot(TODAY), False),
        (PASSED, ENOUGH, Snapshot(TODAY), True),
    ],
)
def test_what_a_signature_that_held_proves(more: str, rule: Policy, snapshot: Snapshot, proved: bool) -> None:
    wanted = Verdict.AUTHENTICATED if proved else Verdict.UNAUTHENTICATED

    assert verdict(signed(SIGNATURE, more=more), rule, snapshot) is wanted


def test_before_there_is_a_snapshot_the_mail_itself_tells_whose_signature_held() -> None:
    old = signed(SIGNATURE, written="1 Jan 2020 09:00")

    assert verdict(replace(old, signers=(DOMAIN,)), ENOUGH, None) is Verdict.AUTHENTICATED
    assert verdict(old, ENOUGH, None) is Verdict.UNAUTHENTICATED


def test_the_author_is_the_one_address_in_from() -> None:
    assert author_of(signed()) == AUTHOR
    assert author_of(builders.message("From: a@b.example, c@d.example\n\nHi")) is None
