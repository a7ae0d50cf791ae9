"""Signatures that we check ourselves: what holds proves its author, and nothing else does, whatever it claims."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from processor.adapters.basis import pack, unpack
from processor.adapters.child import ChildReader
from processor.adapters.dns_keys import KeysUnavailableError
from processor.adapters.verifying_reader import VerifyingReader
from processor.core.decision import Snapshot
from processor.core.identity import Verdict, identify
from processor.core.policy import Policy
from processor.core.signatures import OwnDkim, worth_checking
from processor.settings import Settings
from processor.settings_load import missing_for_work
from tests.builders import message, policy

AUTHOR, DOMAIN = "ap@harbourlane.example", "harbourlane.example"
TODAY = date(2026, 11, 16)
MAIL = (
    f"From: Anna Vale <{AUTHOR}>\r\nTo: allocations@billing.example\r\nSubject: Payment\r\n"
    "Date: Mon, 16 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@harbourlane.example>\r\n\r\nPlease apply.\r\n"
).encode()
COVERED = ["from", "to", "subject", "date", "message-id"]
PASS = f"Authentication-Results: mx.billing.example; dmarc=pass header.from={DOMAIN}\r\n".encode()
SHORT = (  # 512 bits
    "v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK+z6PbC1SADLQNC0Pc6/agZdE52"
    "+hPhN6+50wPWt2ank/kXmOwYeLLhrffdMu9FJXN3W4PE9HZLnT2d0XnRG48CAwEAAQ=="
)
ENOUGH, REQUIRED = policy(own_dkim="enough"), policy(own_dkim="required")


@cache
def key() -> tuple[bytes, str]:
    """A private key as PEM, and its record."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem, f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


@dataclass
class Zone:
    """Keys as tests have them; `asked` are the names that were looked up."""

    records: dict[str, str]
    asked: list[str]

    def key(self, name: str) -> str:
        self.asked.append(name)
        if name.startswith("silent."):
            raise KeysUnavailableError(name)
        return self.records.get(name, "")


@pytest.fixture(scope="module")
def child() -> Iterator[ChildReader]:
    with closing(ChildReader()) as reader:
        yield reader


@pytest.fixture
def zone() -> Zone:
    names = {f"s._domainkey.{DOMAIN}", "s._domainkey.evil.example", f"s._domainkey.mail.{DOMAIN}"}
    return Zone({name: key()[1] for name in names}, [])


def signed(raw: bytes = MAIL, domain: str = DOMAIN, covered: list[str] | None = None, **more: object) -> bytes:
    options: dict[str, object] = {"include_headers": [one.encode() for one in covered or COVERED]} | more
    line: bytes = dkim.sign(raw, str(more.pop("selector", "s")).encode(), domain.encode(), key()[0], **options)
    return line + raw


def verdict(child: ChildReader, zone: Zone, raw: bytes, rule: Policy = ENOUGH, today: date = TODAY) -> Verdict:
    read = VerifyingReader(child, zone).read(raw)
    snapshot = Snapshot(today, signers=read.signers)
    return identify(read, rule, snapshot).verdict


def test_a_whole_signature_of_the_author_is_proof_where_the_server_checks_nothing(
    child: ChildReader, zone: Zone
) -> None:
    assert verdict(child, zone, signed()) is Verdict.AUTHENTICATED
    assert verdict(child, zone, signed(), policy()) is Verdict.UNAUTHENTICATED
    assert zone.asked == [f"s._domainkey.{DOMAIN}"] * 2


def test_a_second_proof_stands_beside_the_server_s(child: ChildReader, zone: Zone) -> None:
    assert verdict(child, zone, PASS + signed(), REQUIRED) is Verdict.AUTHENTICATED
    assert verdict(child, zone, PASS + MAIL, REQUIRED) is Verdict.UNAUTHENTICATED
    assert verdict(child, zone, signed(), REQUIRED) is Verdict.UNAUTHENTICATED


@pytest.mark.parametrize("result", ["dmarc=fail", "dkim=fail", "dkim=none", "dmarc=temperror", "dmarc=(", "dkim=pass"])
def test_what_the_server_says_is_never_overruled(child: ChildReader, zone: Zone, result: str) -> None:
    said = f"Authentication-Results: mx.billing.example; {result}\r\n".encode()

    assert verdict(child, zone, said + signed()) is not Verdict.AUTHENTICATED


def _less(name: str) -> list[str]:
    return [one for one in COVERED if one != name]


def _tag(raw: bytes, old: str, new: str) -> bytes:
    assert re.search(old.encode(), raw), old
    return re.sub(old.encode(), new.encode(), raw, count=1)


BENT = {
    "nothing signed": lambda: MAIL,
    "another's key": lambda: signed(domain="evil.example"),
    "a customer's name": lambda: signed(domain=f"mail.{DOMAIN}"),
    "only part of the body": lambda: signed(length=True),
    "words behind the signed part": lambda: signed(length=True) + b"And pay evil.\r\n",
    "words added": lambda: signed() + b"And pay evil.\r\n",
    "a word changed": lambda: signed().replace(b"Please apply", b"Please Apply"),
    "another subject on top": lambda: b"Subject: Pay evil\r\n" + signed(),
    "another subject below": lambda: signed().replace(b"Date:", b"Subject: Pay evil\r\nDate:", 1),
    "another author on top": lambda: f"From: {AUTHOR}\r\n".encode() + signed(),
    "another recipient on top": lambda: b"To: x@y.example\r\n" + signed(),
    "another date on top": lambda: b"Date: Mon, 16 Nov 2026 10:00:00 +0000\r\n" + signed(),
    "another type": lambda: b"Content-Type: text/plain\r\nContent-Type: text/html\r\n" + signed(),
    "subject not signed": lambda: signed(covered=_less("subject")),
    "date not signed": lambda: signed(covered=_less("date")),
    "subject unsigned and changed": lambda: signed(covered=_less("subject")).replace(b"Payment", b"Pay evil"),
    "author changed": lambda: signed().replace(b"<ap@", b"<vp@"),
    "cut short": lambda: _tag(signed(), r"b=[A-Za-z0-9+/]{8}", "b="),
    "no signature in it": lambda: _tag(signed(), r" b=[A-Za-z0-9+/=\r\n \t]+\r\n(?=From)", " b=\r\n"),
    "a tag twice": lambda: _tag(signed(), "a=rsa-sha256;", "a=rsa-sha256; a=rsa-sha256;"),
    "another version": lambda: _tag(signed(), "v=1;", "v=2;"),
    "an old hash": lambda: signed(signature_algorithm=b"rsa-sha1"),
    "a length of its own": lambda: _tag(signed(), "v=1;", "v=1; l=0;"),
    "a selector that climbs": lambda: _tag(signed(), r"s=s;", "s=../s;"),
    "no selector": lambda: _tag(signed(), r"s=s;", "s=;"),
    "a domain that is none": lambda: _tag(signed(), rf"d={DOMAIN}", "d=example"),
    "an unknown selector": lambda: _tag(signed(), r"s=s;", "s=other;"),
    "no list of fields": lambda: _tag(signed(), r"h=[a-z :\-\r\n\t]+;", "h=;"),
    "no equals sign": lambda: _tag(signed(), "v=1;", "nonsense;"),
    "six others on top": lambda: b"DKIM-Signature: v=1\r\n" * 6 + signed(),
    "a hundred thousand semicolons": lambda: b"DKIM-Signature: " + b";" * 60_000 + b"\r\n" + MAIL,
    "already over": lambda: _tag(signed(), "t=[0-9]+;", "t=1; x=2;"),
    "two authors": lambda: signed(MAIL.replace(b"<ap@", b"<x@evil.example>, <ap@")),
}  # fmt: skip


@pytest.mark.parametrize("form", BENT)
def test_what_is_bent_proves_nothing(child: ChildReader, zone: Zone, form: str) -> None:
    assert verdict(child, zone, BENT[form]()) is not Verdict.AUTHENTICATED


def test_a_second_signature_may_hold(child: ChildReader, zone: Zone) -> None:
    both = signed(domain="evil.example").partition(b"From:")[0] + signed()

    assert verdict(child, zone, both) is Verdict.AUTHENTICATED


@pytest.mark.parametrize("record", ["", "v=DKIM1; p=", "v=DKIM1; k=rsa; p=AAAA", "v=spf1 -all", SHORT, "=;=;"])
def test_a_key_that_is_none_proves_nothing(child: ChildReader, zone: Zone, record: str) -> None:
    zone.records[f"s._domainkey.{DOMAIN}"] = record

    assert verdict(child, zone, signed()) is Verdict.UNAUTHENTICATED


def test_an_old_mail_sent_again_proves_nothing(child: ChildReader, zone: Zone) -> None:
    assert verdict(child, zone, signed(), today=date(2026, 11, 23)) is Verdict.AUTHENTICATED
    assert verdict(child, zone, signed(), today=date(2026, 11, 24)) is Verdict.UNAUTHENTICATED
    assert verdict(child, zone, signed(MAIL.replace(b"Mon, 16 Nov 2026", b"yesterday"))) is Verdict.UNAUTHENTICATED


def test_without_an_answer_about_keys_the_mail_waits(child: ChildReader, zone: Zone) -> None:
    raw = signed().replace(b"s=s;", b"s=silent;")

    with pytest.raises(KeysUnavailableError):
        VerifyingReader(child, zone).read(raw)


def test_what_held_is_remembered_with_the_decision() -> None:
    kept = Snapshot(TODAY, signers=(DOMAIN,))

    assert unpack(pack(kept)) == kept


def test_hostile_fields_are_read_at_once() -> None:
    for text in ("a" * 100_000, "a=" * 50_000, ";" * 100_000, "h=" + "from:" * 20_000, "=\n " * 30_000):
        bent = replace(message("From: x\n\nHi"), headers=(("From", AUTHOR), ("DKIM-Signature", text)))
        assert worth_checking(bent, AUTHOR) == ()


def test_without_the_extra_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Settings.model_construct()
    wanted = wanted.model_copy(
        update={"mailbox": wanted.mailbox.model_copy(update={"own_dkim": OwnDkim.REQUIRED.value})}
    )
    assert not any("mailauth" in one for one in missing_for_work(wanted))
    monkeypatch.setattr("processor.settings_load.find_spec", lambda _name: None)

    assert any("needs the extra `mailauth`" in one for one in missing_for_work(wanted))
