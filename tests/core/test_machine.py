"""Machines are known by their signs; people who share one of those signs are not lost."""

from __future__ import annotations

import pytest

from processor.core.machine import (
    is_failure_report,
    is_own,
    running_attachment,
    spam_verdict,
    strong_sign,
    weak_sign,
)
from processor.core.message import Attachment, AttachmentState, DeliveryReport, Message
from processor.core.outcomes import Reason
from processor.core.tokens import make_mark, own_message_id
from tests.builders import mail, message, policy

POLICY = policy()
DSN = ("multipart/report", "text/plain", "message/delivery-status", "message/rfc822", "text/plain")
BORDER = "Received: from a.example (a.example [192.0.2.1]) by mx.billing.example (Postfix) with ESMTP id 1; x"


@pytest.mark.parametrize(
    "line",
    [
        "From: Allocations <allocations@billing.example>",
        "From: ALLOCATIONS@BILLING.EXAMPLE",
        f"Message-ID: {own_message_id('question', 'AR-K7Q2M', 1, 'billing.example', POLICY.secret)}",
        f"Message-ID:\n {own_message_id('question', 'AR-K7Q2M', 1, 'billing.example', POLICY.secret)}",
        f"X-Allocation-Processor: {make_mark('AR-K7Q2M', POLICY.secret)}",
    ],
)
def test_our_own_letter_is_known(line: str) -> None:
    assert is_own(message(line), POLICY)


@pytest.mark.parametrize(
    "line",
    [
        "From: allocations+AR-K7Q2M@billing.example",
        '"allocations@billing.example" <x@evil.example>',
        "From: colleague@billing.example",
        f"Message-ID: {own_message_id('question', 'AR-K7Q2M', 1, 'billing.example', b'another installation')}",
        "Message-ID: <ar.question.AR-K7Q2M.1.0123456789abcdef@billing.example>",
        f"X-Allocation-Processor: {make_mark('AR-K7Q2M', b'another installation')}",
        f"In-Reply-To: {own_message_id('question', 'AR-K7Q2M', 1, 'billing.example', POLICY.secret)}",
    ],
)
def test_what_is_not_ours_is_not_taken_for_it(line: str) -> None:
    assert not is_own(message(line), POLICY)


def report(*actions: str, kind: str = "delivery", types: tuple[str, ...] = DSN) -> Message:
    return message("Return-Path: <>", report=DeliveryReport(kind, actions), content_types=types)


def test_a_report_of_failure_is_a_bounce_and_one_of_delay_is_not() -> None:
    assert is_failure_report(report("failed"))
    assert is_failure_report(report("delivered", "failed"))
    assert not is_failure_report(report("delayed"))
    assert not is_failure_report(report("delivered", "relayed", "expanded"))
    assert not is_failure_report(report("displayed", kind="disposition"))
    assert is_failure_report(message("X-Failed-Recipients: ap@harbourlane.example"))


def test_a_bounce_that_a_person_attaches_is_no_bounce() -> None:
    attached = ("multipart/mixed", "text/plain", "message/rfc822", *DSN)
    forwarded = message("From: a@b.example", report=DeliveryReport("delivery", ("failed",)), content_types=attached)

    assert not is_failure_report(forwarded)
    assert strong_sign(forwarded) == ""


@pytest.mark.parametrize(
    ("line", "sign"),
    [
        ("Auto-Submitted: auto-replied", "Auto-Submitted"),
        ("auto-submitted: AUTO-GENERATED (vacation)", "Auto-Submitted"),
        ("Auto-Submitted: auto-notified; owner-email=x@y.example", "Auto-Submitted"),
        ("Auto-Submitted: no\nAuto-Submitted: auto-replied", "Auto-Submitted"),
        ("Return-Path: <>", "null return path"),
        ("Return-Path: < >", "null return path"),
        ("From: MAILER-DAEMON@mail.example (Mail Delivery System)", "From mailer-daemon or postmaster"),
        ("From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "From mailer-daemon or postmaster"),
        ('From: "Postmaster" <postmaster@mail.example>', "From mailer-daemon or postmaster"),
        ("From: MAILER-DAEMON", "From mailer-daemon or postmaster"),
        ("From: MAILER-DAEMON <>", "From mailer-daemon or postmaster"),
        ("From: post_master@gateway.example", "From mailer-daemon or postmaster"),
        ("Content-Type: text/calendar; method=REPLY; charset=utf-8", "meeting reply"),
        ('Content-Type: text/calendar;\n\tcharset="utf-8"; method="COUNTER"', "meeting reply"),
    ],
)
def test_strong_signs(line: str, sign: str) -> None:
    assert strong_sign(message(line)) == sign


@pytest.mark.parametrize(
    "line",
    [
        "Auto-Submitted: no",
        "Auto-Submitted: No (a person)",
        "Auto-Submitted:",
        "Return-Path: <ap@harbourlane.example>",
        "Return-Path: <ap@harbourlane.example>\nReturn-Path: <>",
        "From: Postmaster Ltd <ap@postmasterltd.example>",
        "From: ap@mailer-daemon.example",
        "From: not-postmaster@harbourlane.example",
        "Subject: postmaster@harbourlane.example bounced",
        "Content-Type: text/calendar; method=REQUEST",
        "Content-Type: text/plain; x=text/calendar; method=reply",
        "X-Auto-Response-Suppress: All",
    ],
)
def test_people_bear_no_strong_sign(line: str) -> None:
    assert strong_sign(message(line)) == ""


def test_receipts_and_reports_of_other_kinds_are_machines() -> None:
    assert (
        strong_sign(message("Subject: Read", report=DeliveryReport("disposition"), content_types=DSN))
        == "disposition report"
    )
    assert (
        strong_sign(message("Subject: complaint", content_types=("multipart/mixed", "message/feedback-report")))
        == "report"
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("List-Id: finance <finance.harbourlane.example>", Reason.MAILING_LIST),
        ("list-unsubscribe: <mailto:x@y.example>", Reason.MAILING_LIST),
        ("Precedence: bulk", Reason.MAILING_LIST),
        ("Precedence: LIST", Reason.MAILING_LIST),
        ("Precedence: junk\nX-Autoreply: yes", Reason.MAILING_LIST),
        ("Precedence: auto_reply", Reason.AUTO_REPLY),
        ("Precedence: auto_reply\nList-Post: x", Reason.MAILING_LIST),
        ("X-Autoreply: yes", Reason.AUTO_REPLY),
        ("X-Autorespond: 1", Reason.AUTO_REPLY),
        ("X-AutoReply-From: ap@harbourlane.example", Reason.AUTO_REPLY),
        ("Subject: Out of Office: Re: your question [AR-Z6T4K]", Reason.AUTO_REPLY),
        ("Subject: Automatic reply: payment 1400000001", Reason.AUTO_REPLY),
        ("Subject: Anna Vale is out of office", Reason.AUTO_REPLY),
        ("Subject: Complaint about message from 192.0.2.222", Reason.AUTO_REPLY),
        ("Subject: メールエラー通知", Reason.AUTO_REPLY),
    ],
)
def test_weak_signs(line: str, reason: Reason) -> None:
    sign = weak_sign(message(line), POLICY)

    assert sign is not None
    assert sign.reason is reason


@pytest.mark.parametrize(
    "line",
    [
        "Precedence: first-class",
        "X-Autoreply: no",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "X-MS-Exchange-Inbox-Rules-Loop: ap@harbourlane.example",
        "Listed: yes",
        "Subject: Re: Out of office",
        "Subject: invoice G000000001, I'm on holiday from Monday",
        "Subject: listing of invoices",
        "Subject: complaint about message from your collections team",
        "Subject: complaint about message from 192.0.2.222, which we never sent",
    ],
)
def test_people_bear_no_weak_sign(line: str) -> None:
    assert weak_sign(message(line), POLICY) is None


@pytest.mark.parametrize(
    "line",
    [
        "X-Spam-Flag: YES",
        "x-spam-status: Yes, score=11.2 required=5.0 tests=BAYES_99,\n\tautolearn=no",
        "X-Forefront-Antispam-Report: CIP:192.0.2.1;CTRY:;LANG:en;SCL:9;SFV:SPM;H:a.example",
        "X-MS-Exchange-Organization-SCL: 9",
    ],
)
def test_a_spam_verdict_counts_only_from_our_own_server(line: str) -> None:
    assert spam_verdict(message(f"{line}\n{BORDER}"), POLICY)
    assert not spam_verdict(message(f"{BORDER}\n{line}"), POLICY)
    assert not spam_verdict(message(f"{BORDER}\n{BORDER}\n{line}\nFrom: a@b.example"), POLICY)


@pytest.mark.parametrize(
    "line", ["X-Spam-Flag: NO", "X-Spam-Status: No, score=0.1", "X-MS-Exchange-Organization-SCL: 1", "X-Spam: yes"]
)
def test_a_good_verdict_is_no_spam(line: str) -> None:
    assert spam_verdict(message(f"{line}\n{BORDER}"), POLICY) == ""


def test_an_attachment_that_runs_is_named() -> None:
    table = Attachment("lines.csv", "text/csv", 10, AttachmentState.READ)
    script = Attachment("lines.js", "text/javascript", 10, AttachmentState.EXECUTABLE)

    assert running_attachment(mail(attachments=(table, script))) == "lines.js"
    assert running_attachment(mail(attachments=(table,))) == ""
    assert running_attachment(mail(attachments=(Attachment("", "x/y", 1, AttachmentState.EXECUTABLE),))) == "(nameless)"
