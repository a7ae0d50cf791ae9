"""A mail is tied to a request by what only we could have made; a person's subject line alone ties nothing."""

from __future__ import annotations

from time import process_time

import pytest

from processor.core.threading import normalised_message_id, thread_keys
from processor.core.tokens import own_message_id, reply_address
from tests.builders import message, policy

POLICY = policy()
OURS = reply_address(POLICY.mailbox, "AR-K7Q2M", POLICY.secret)
THEIRS = reply_address(POLICY.mailbox, "AR-K7Q2M", b"another installation")


@pytest.mark.parametrize("field", ["To", "Cc", "Delivered-To", "X-Original-To", "to"])
@pytest.mark.parametrize(
    "form", ["{}", "<{}>", "Allocations <{}>", '"a, b" <x@y.example>,\n <{}>', "x@y.example, {}, z@y.example"]
)
def test_the_token_is_found_wherever_the_mail_was_sent(field: str, form: str) -> None:
    assert thread_keys(message(f"{field}: {form.format(OURS)}"), POLICY).tokens == ("AR-K7Q2M",)


def test_a_server_that_folds_case_does_no_harm() -> None:
    assert thread_keys(message(f"To: {OURS.lower()}"), POLICY).tokens == ("AR-K7Q2M",)


@pytest.mark.parametrize(
    "line",
    [
        f"To: {THEIRS}",
        f"Subject: {OURS}",
        f"From: {OURS}",
        "To: allocations+AR-K7Q2M@billing.example",
        "To: allocations@billing.example",
    ],
)
def test_no_other_token_is_believed(line: str) -> None:
    assert thread_keys(message(line), POLICY).tokens == ()


def test_ids_come_best_first_and_once() -> None:
    """
    In-Reply-To: <three@a.example>
    References: <one@a.example> <two@a.example>
        <three@a.example>
    X-Microsoft-Original-Message-ID: <four@a.example>
    """
    found = thread_keys(message(test_ids_come_best_first_and_once.__doc__ or ""), POLICY)

    assert found.message_ids == ("<three@a.example>", "<two@a.example>", "<one@a.example>", "<four@a.example>")


def test_only_the_nearest_references_count() -> None:
    many = " ".join(f"<{number}@a.example>" for number in range(100))

    found = thread_keys(message(f"References: {many}"), POLICY).message_ids

    assert len(found) == 32
    assert found[0] == "<99@a.example>"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("<a@b.example>", "<a@b.example>"),
        (" <a@b.example> (their mail) ", "<a@b.example>"),
        ("<[a@b.example]>", "<a@b.example>"),
        ("<Aa@B.Example>", "<Aa@b.example>"),
        ("<a\n b@b.exam ple>", "<ab@b.example>"),
        ("a@b.example", "<a@b.example>"),
        ("<a@b@c.example>", "<a@b@c.example>"),
        ("<>", ""),
        ("", ""),
        ("<nothing>", ""),
    ],
)
def test_one_id_has_one_spelling(written: str, meant: str) -> None:
    assert normalised_message_id(written) == meant


def test_our_own_id_keeps_its_spelling() -> None:
    ours = own_message_id("question", "AR-K7Q2M", 1, "billing.example", POLICY.secret)

    assert thread_keys(message(f"In-Reply-To: {ours}"), POLICY).message_ids == (ours,)


@pytest.mark.parametrize(
    ("subject", "references"),
    [
        ("Re: payment [AR-K7Q2M]", ("AR-K7Q2M",)),
        ("Re: ar-k7q2m", ()),
        ("AR-K7Q2M AR-K7Q2M, AR-B2B2B", ("AR-K7Q2M", "AR-B2B2B")),
        ("CAR-K7Q2M and X-AR-K7Q2M", ()),
        ("payment 1400000001", ()),
    ],
)
def test_references_in_the_subject(subject: str, references: tuple[str, ...]) -> None:
    assert thread_keys(message(f"Subject: {subject}"), POLICY).references == references


@pytest.mark.parametrize(
    ("line", "types", "forward"),
    [
        ("Subject: Fwd: payment", ("text/plain",), True),
        ("Subject: FW: payment\nIn-Reply-To: <a@b.example>", ("text/plain",), True),
        ("Subject: payment", ("multipart/mixed", "text/plain", "message/rfc822"), True),
        (
            "Subject: Re: payment\nIn-Reply-To: <a@b.example>",
            ("multipart/mixed", "text/plain", "message/rfc822"),
            False,
        ),
        ("Subject: Re: payment", ("text/plain",), False),
    ],
)
def test_a_forward_is_known(line: str, types: tuple[str, ...], forward: bool) -> None:
    assert thread_keys(message(line, content_types=types), POLICY).forward is forward


@pytest.mark.parametrize(
    "attack",
    ["<" * 100_000, "a@" * 50_000, "a+" * 50_000, "<a@b> " * 16_000, "+@" * 50_000, "AR-" * 33_000, "[" * 100_000],
)
def test_looking_costs_little(attack: str) -> None:
    mail = message(f"To: {attack}\nReferences: {attack}\nIn-Reply-To: {attack}\nSubject: {attack}")
    start = process_time()
    thread_keys(mail, POLICY)

    assert process_time() - start < 0.3
