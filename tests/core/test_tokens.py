"""Our own marks are known again, and nobody else's are."""

from __future__ import annotations

import pytest

from processor.core.tokens import (
    check_token,
    is_own_mark,
    is_own_message_id,
    make_mark,
    make_token,
    own_message_id,
    reference_in_address,
    reply_address,
)

SECRET = b"a secret of the installation"
OTHER = b"another installation's secret"
MAILBOX = "allocations@billing.example"


def test_a_token_proves_its_reference() -> None:
    assert check_token(make_token("AR-K7Q2M", SECRET), SECRET) == "AR-K7Q2M"


def test_a_server_that_folds_case_does_no_harm() -> None:
    assert reference_in_address(reply_address(MAILBOX, "AR-K7Q2M", SECRET).lower(), SECRET) == "AR-K7Q2M"


def test_a_token_of_another_installation_proves_nothing() -> None:
    assert check_token(make_token("AR-K7Q2M", OTHER), SECRET) is None


def test_a_seal_does_not_fit_another_reference() -> None:
    seal = make_token("AR-K7Q2M", SECRET).rpartition(".")[2]

    assert check_token(f"AR-K7Q2N.{seal}", SECRET) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@",
        "allocations@billing.example",
        "allocations+@billing.example",
        "allocations+AR-K7Q2M@billing.example",
        "+é.ſ@x",
    ],
)
def test_an_address_without_a_token_proves_nothing(address: str) -> None:
    assert reference_in_address(address, SECRET) is None


def test_the_reply_address_fits_a_local_part() -> None:
    local = reply_address(MAILBOX, "AR-K7Q2M", SECRET).partition("@")[0]

    assert local.startswith("allocations+AR-K7Q2M.")
    assert len(local) <= 64  # RFC 5321 section 4.5.3.1.1


def test_a_message_id_is_the_same_each_time_and_ours() -> None:
    first = own_message_id("question", "AR-K7Q2M", 2, "billing.example", SECRET)

    assert first == own_message_id("question", "AR-K7Q2M", 2, "billing.example", SECRET)
    assert first.startswith("<ar.question.AR-K7Q2M.2.")
    assert is_own_message_id(first, SECRET)
    assert is_own_message_id(first.strip("<>"), SECRET)


@pytest.mark.parametrize(
    "changed",
    [
        own_message_id("question", "AR-K7Q2M", 2, "billing.example", OTHER),
        own_message_id("question", "AR-K7Q2M", 2, "billing.example", SECRET).replace(".2.", ".3."),
        "<ar.question.AR-K7Q2M.2@billing.example>",
        "<CAF+x1@mail.example>",
        "",
    ],
)
def test_a_message_id_that_was_not_made_here_is_not_ours(changed: str) -> None:
    assert not is_own_message_id(changed, SECRET)


def test_a_mark_is_ours_and_is_no_token() -> None:
    assert is_own_mark(make_mark("AR-K7Q2M", SECRET), SECRET)
    assert not is_own_mark(make_mark("AR-K7Q2M", OTHER), SECRET)
    assert not is_own_mark("", SECRET)
    assert not is_own_mark("é" * 30, SECRET)
    assert check_token(make_mark("AR-K7Q2M", SECRET), SECRET) is None
