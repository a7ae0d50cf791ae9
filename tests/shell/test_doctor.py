"""The doctor on a healthy installation, and on one whose mail server believes whoever says so."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from processor import wiring
from processor.doctor import Finding, examine
from processor.servers.imap_server import ImapServer
from processor.servers.smtp_sink import SmtpSink
from processor.settings import DatabaseSettings, ImapSettings, Settings, SmtpSettings

HOP = b"Received: from outside.example by mx.billing.example; Thu, 12 Nov 2026 08:14:05 +0000\r\n"


@pytest.fixture
def settings(tmp_path: Path, imap_server: ImapServer, smtp_sink: SmtpSink) -> Settings:
    password = SecretStr(imap_server.password)
    settings = Settings.model_construct(
        seal=SecretStr("a seal for one test"),
        imap=ImapSettings(
            host="127.0.0.1", port=imap_server.port, security="plain", username="allocations", password=password
        ),
        smtp=SmtpSettings(host="127.0.0.1", port=smtp_sink.port, security="plain", username=""),
        database=DatabaseSettings(url=f"sqlite:///{tmp_path / 'processor.db'}"),
    )
    wiring.upgrade_database(settings)
    return settings


@pytest.fixture
def loop(settings: Settings, smtp_sink: SmtpSink, hop: bytes) -> Iterator[None]:
    """A mail server that puts what it accepts into the inbox, with its own `Received` line or without."""
    ended = threading.Event()

    def carry() -> None:
        carried = 0
        with closing(wiring.mailbox_for(settings)) as mailbox:
            while not ended.wait(0.05):
                for letter in smtp_sink.letters[carried:]:
                    mailbox.append("INBOX", hop + letter.raw)
                    carried += 1

    carrier = threading.Thread(target=carry)
    carrier.start()
    yield
    ended.set()
    carrier.join()


def finding(settings: Settings, what: str, *, forge: bool = False) -> Finding:
    return next(one for one in examine(settings, forge=forge) if one.what == what)


def test_a_healthy_installation_is_well(settings: Settings) -> None:
    assert [one for one in examine(settings) if not one.well] == []


def test_mail_without_the_servers_results_is_told(settings: Settings) -> None:
    with closing(wiring.mailbox_for(settings)) as mailbox:
        mailbox.append("INBOX", b"Authentication-Results: mx.other.example; dmarc=pass\r\n\r\n")

    proof = finding(settings, "proof of senders")

    assert not proof.well
    assert proof.words.startswith("none of the newest 1 mails has Authentication-Results of mx.billing.example")


def test_a_sealed_but_wrong_password_leaves_the_rest_examined(settings: Settings) -> None:
    imap = settings.imap.model_copy(update={"password": SecretStr("wrong")})

    found = {one.what: one.well for one in examine(settings.model_copy(update={"imap": imap}))}

    assert (found["mailbox"], found["clock"], found["smtp"]) == (False, None, True)


@pytest.mark.parametrize("hop", [HOP])
def test_a_forged_proof_below_the_servers_own_line_counts_for_nothing(settings: Settings, loop: None) -> None:
    assert finding(settings, "forged proof", forge=True).words.startswith("kept, but below a Received line")


@pytest.mark.parametrize("hop", [b""])
def test_a_forged_proof_that_would_be_believed_is_told(settings: Settings, loop: None) -> None:
    forged = finding(settings, "forged proof", forge=True)

    assert not forged.well
    assert "in a place where it is believed" in forged.words
