"""The demo's mails, and the answer that one of its partners gives to our question."""

from __future__ import annotations

from collections.abc import Iterable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path

from processor.servers.smtp_sink import AcceptedLetter

HERE = Path(__file__).parent
LEDGER = HERE / "ledger"

_ASKED = "joost.smit@noorderlicht.example"
_ANSWER = "Betaling 1400420003 graag, die van 6 november.\n\nGroet,\nJoost\n"
_RESULTS = (
    "mx.billing.example; spf=pass smtp.mailfrom=noorderlicht.example; "
    "dkim=pass header.d=noorderlicht.example; dmarc=pass header.from=noorderlicht.example"
)


def sample_mails() -> tuple[bytes, ...]:
    """Return the sample mails in the order of their numbers, as a mail server holds them."""
    return tuple(
        path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for path in sorted(HERE.glob("mails/*.eml"))
    )


def opened(letter: AcceptedLetter) -> EmailMessage:
    """Open one of our own letters as its reader's mail program would."""
    message = message_from_bytes(letter.raw, policy=default)
    if not isinstance(message, EmailMessage):
        raise TypeError(type(message).__name__)
    return message


def words_of(letter: EmailMessage) -> str:
    """Return a letter's text."""
    body = letter.get_body(("plain",))
    return str(body.get_content()) if body else ""


def answer_to_question(letters: Iterable[AcceptedLetter]) -> bytes | None:
    """Answer the question which of two payments is meant, as the asked partner would; None where none was asked."""
    question = next((opened(letter) for letter in letters if _ASKED in letter.recipients), None)
    if question is None:
        return None
    answer = EmailMessage(SMTP)
    answer["Authentication-Results"] = _RESULTS
    answer["From"] = f"Joost Smit <{_ASKED}>"
    answer["To"] = question["Reply-To"]
    answer["Subject"] = question["Subject"]
    answer["Date"] = question["Date"]
    answer["Message-ID"] = "<demo-17.7f3a@noorderlicht.example>"
    answer["In-Reply-To"] = question["Message-ID"]
    answer["References"] = f"{question['References'] or ''} {question['Message-ID']}".strip()
    quoted = "".join(f"> {line}\n" for line in words_of(question).splitlines())
    answer.set_content(f"{_ANSWER}\nAllocations schreef:\n{quoted}")
    return answer.as_bytes(policy=SMTP.clone(max_line_length=998))
