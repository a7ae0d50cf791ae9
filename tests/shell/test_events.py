"""What the log says, and what it never says."""

import json
import logging
from collections.abc import Iterator

import pytest

from processor import events
from processor.adapters.mail_errors import LoginRefusedError
from processor.core.decision import Decision
from processor.core.outcomes import Outcome, Reason
from processor.mail_files import stored_mail
from processor.outgoing import LetterState, OutgoingLetter

MAIL = stored_mail(b"From: Anna <anna@poldercloud.example>\r\nSubject: our secret plan\r\n\r\nIBAN 123\r\n", 7)


@pytest.fixture(autouse=True)
def quiet_afterwards() -> Iterator[None]:
    yield
    logging.getLogger().handlers.clear()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    found: list[dict[str, object]] = [json.loads(line) for line in captured.err.splitlines()]
    for line in found:
        assert str(line.pop("timestamp")).endswith("Z")
    return found


def test_a_decision_is_told_in_codes(capsys: pytest.CaptureFixture[str]) -> None:
    events.configure("json", "debug")
    decision = Decision(Outcome.REJECTED, "anna@poldercloud.example", reasons=(Reason.SENDER_UNKNOWN,))

    events.mail_decided(MAIL, decision, "AR-7K3MQ2XP")

    assert lines(capsys) == [
        {
            "event": "mail_decided",
            "level": "info",
            "mail": 7,
            "outcome": "rejected",
            "request": "AR-7K3MQ2XP",
            "partner": None,
            "reasons": ["sender_unknown"],
            "missing": [],
            "applications": 0,
            "letter": None,
        }
    ]


def test_an_unforeseen_error_is_told_by_its_kind_and_place_alone(capsys: pytest.CaptureFixture[str]) -> None:
    events.configure("json", "debug")
    with pytest.raises(ValueError, match="IBAN 123") as caught:
        int("IBAN 123")
    told = events.attempt_failed(MAIL, 1, caught.value)

    (line,) = lines(capsys)
    assert line["error"] == told
    assert told.startswith("ValueError at tests.shell.test_events:")
    assert "IBAN" not in str(line)


def test_an_error_of_the_world_outside_is_a_sentence_with_its_facts(capsys: pytest.CaptureFixture[str]) -> None:
    events.configure("json", "debug")
    events.outside_failed("take in mail", LoginRefusedError("mail.example:993", "log in as anna", "no"))

    assert lines(capsys)[0]["error"] == "The mail server refused the login. (mail.example:993, log in as anna: no)"


@pytest.mark.parametrize(
    ("state", "level"), [(LetterState.SENT, "info"), (LetterState.DEFERRED, "warning"), (LetterState.FAILED, "warning")]
)
def test_of_a_mail_servers_answer_only_the_code_is_told(
    capsys: pytest.CaptureFixture[str], state: LetterState, level: str
) -> None:
    events.configure("json", "debug")
    letter = OutgoingLetter(3, "<ar.x@y>", "", "anna@poldercloud.example", b"", 0)

    events.letter_settled(letter, state, "RCPT: 550 5.1.1 <anna@poldercloud.example> unknown")

    assert lines(capsys) == [{"event": f"letter_{state}", "level": level, "letter": 3, "attempt": 1, "codes": ["550"]}]
