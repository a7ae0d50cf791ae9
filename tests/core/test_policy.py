"""Everything that may be set, and nothing else."""

from __future__ import annotations

import pytest

from processor.core.policy import DEFAULTS
from tests.builders import policy


def test_without_settings_the_defaults_hold() -> None:
    built = policy()

    assert (built.mailbox, built.loop_limit, built.date_tolerance_days) == ("allocations@billing.example", 10, 3)
    assert built.apply_limits == {}
    assert not built.accept_unauthenticated


def test_a_setting_overrides_its_default() -> None:
    built = policy(loop_limit=3, apply_limits={"EUR": 5})

    assert (built.loop_limit, built.apply_limits) == (3, {"EUR": 5})
    assert DEFAULTS["loop_limit"] == 10


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(KeyError, match="loop_limits, mailboxes"):
        policy(mailboxes="x", loop_limits=3)


def test_addresses_servers_and_headers_compare_in_lower_case() -> None:
    built = policy(
        mailbox="AR@Billing.Example",
        own_domains=["Billing.Example"],
        trusted_servers=["MX.Billing.Example"],
        spam_headers=["X-Spam-Flag :  YES"],
    )

    assert built.mailbox == "ar@billing.example"
    assert built.own_domains == {"billing.example"}
    assert built.trusted_servers == {"mx.billing.example"}
    assert built.spam_headers == (("x-spam-flag", "yes"),)


def test_the_secret_is_bytes() -> None:
    assert policy(secret="é").secret == "é".encode()
