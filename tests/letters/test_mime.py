"""A letter as a mail: it threads, no machine answers it, and nothing from outside breaks out of its place."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import EmailMessage

import pytest

from processor.adapters.letter_mime import UnsendableLetterError, subject_line
from processor.core.letter import Letter, LetterKind, QuestionKind
from processor.core.tokens import is_own_mark, is_own_message_id, reference_in_address
from tests.letters.specimens import MAILBOX, REFERENCE, SECRET, answered, question, renderer, specimens

WRITER = renderer()
CONFIRMATION = specimens("en")["confirmation"]
HEADERS = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
    "X-Auto-Response-Suppress", "X-Allocation-Processor", "MIME-Version", "Content-Type", "Content-Language",
]  # fmt: skip


def raw(
    letter: Letter = CONFIRMATION, subject: str = "", *headers: tuple[str, str], reference: str = REFERENCE
) -> bytes:
    return WRITER.render(letter, answered(subject, *headers), reference, 1).raw


def parsed(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_headers_are_those_of_an_automatic_answer() -> None:
    mail = parsed(raw())

    assert mail.keys() == HEADERS
    assert mail["From"] == f"Accounts Receivable <{MAILBOX}>"
    assert mail["To"] == "anna@poldercloud.example"
    assert mail["Date"] == "Wed, 11 Nov 2026 12:00:00 +0000"
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"], mail["Content-Language"]) == (
        "auto-replied",
        "All",
        "en",
    )


def test_marks_are_known_again() -> None:
    mail = parsed(raw())

    assert is_own_message_id(mail["Message-ID"], SECRET)
    assert is_own_mark(mail["X-Allocation-Processor"], SECRET)
    assert reference_in_address(mail["Reply-To"].addresses[0].addr_spec, SECRET) == REFERENCE


def test_without_a_request_the_answered_mail_names_the_letter() -> None:
    mail = parsed(raw(reference=""))

    assert mail["Message-ID"].startswith(f"<ar.confirmation.{'f' * 16}.1.")
    assert is_own_message_id(mail["Message-ID"], SECRET)
    assert mail["Reply-To"] is None
    assert "[AR-" not in mail["Subject"]


def test_the_same_letter_has_the_same_bytes() -> None:
    assert raw(specimens("ja")["statement"]) == raw(specimens("ja")["statement"])


def test_text_and_html_are_alternatives_and_the_statement_is_attached() -> None:
    plain, statement = parsed(raw()), parsed(raw(specimens("nl")["statement, two partners"]))

    assert [part.get_content_type() for part in plain.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert [part.get_content_type() for part in statement.iter_parts()] == [
        "multipart/alternative",
        "text/csv",
        "text/csv",
    ]
    assert [part.get_filename() for part in statement.iter_attachments()] == [
        "statement-4390934.csv",
        "statement-6034453.csv",
    ]


@pytest.mark.parametrize("language", ["de", "ja", "pl"])
def test_bytes_pass_every_server(language: str) -> None:
    content = raw(specimens(language)["question, part applied"], "お支払いについて " * 30)

    lines = content.split(b"\r\n")
    assert content.isascii()
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 78


def test_encoded_words_are_no_longer_than_their_rule() -> None:
    """RFC 2047 section 2: 75 characters."""
    subject = raw(subject="お支払いについて " * 30).split(b"Subject: ")[1].split(b"\r\nDate")[0]

    assert max(map(len, subject.split())) <= 75
    assert len(decode_header(subject.decode())) >= 1


def test_long_message_identifiers_stay_whole() -> None:
    """Of python/cpython#100991: identifiers of Exchange are longer than a line."""
    thread = [f"<{number:02d}{'AM0PR04MB1234' * 6}@eurprd04.prod.outlook.example>" for number in range(12)]

    content = raw(CONFIRMATION, "", ("Message-ID", thread[-1]), ("References", " ".join(thread[:-1])))

    mail = parsed(content)
    assert mail["In-Reply-To"] == thread[-1]
    assert f"In-Reply-To: {thread[-1]}\r\n".encode() in content
    assert mail["References"].split() == thread
    assert max(map(len, content.split(b"\r\n"))) <= 998


def test_of_many_references_the_first_and_the_last_are_kept() -> None:
    thread = [f"<{number}.{'x' * 90}@mail.example>" for number in range(40)]

    kept = parsed(raw(CONFIRMATION, "", ("Message-ID", "<own@mail.example>"), ("References", " ".join(thread))))[
        "References"
    ].split()

    assert kept[0] == thread[0]
    assert kept[-2:] == [thread[-1], "<own@mail.example>"]
    assert 1300 < len(" ".join(kept)) <= 1500


def test_in_reply_to_stands_in_for_absent_references() -> None:
    mail = parsed(
        raw(CONFIRMATION, "", ("Message-ID", "<2@a.example>"), ("In-Reply-To", "your mail <1@a.example> of Monday"))
    )

    assert mail["References"] == "<1@a.example> <2@a.example>"


def test_a_mail_without_an_identifier_is_answered_all_the_same() -> None:
    mail = parsed(raw(CONFIRMATION, "", ("Message-ID", "none, sorry"), ("References", "<é@x> <a b>")))

    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


@pytest.mark.parametrize(
    ("theirs", "subject"),
    [
        ("Payment 14", "Re: Payment 14 [AR-K7Q2M]"),
        ("Re: Payment 14", "Re: Payment 14 [AR-K7Q2M]"),
        ("RE: AW: Antw: RE[2]: Odp: 返信：Payment 14", "Re: Payment 14 [AR-K7Q2M]"),
        ("R: Pagamento", "Re: Pagamento [AR-K7Q2M]"),
        ("Re: Payment 14 [AR-K7Q2M]", "Re: Payment 14 [AR-K7Q2M]"),
        ("[ar-k7q2m] Re: Payment 14", "Re: Payment 14 [AR-K7Q2M]"),
        ("Fwd: Payment", "Re: Fwd: Payment [AR-K7Q2M]"),
        ("Reminder", "Re: Reminder [AR-K7Q2M]"),
        ("", "Own subject [AR-K7Q2M]"),
        ("Re: ", "Own subject [AR-K7Q2M]"),
        ("a\r\nBcc: x@y.example", "Re: a Bcc: x@y.example [AR-K7Q2M]"),
        ("pay \u202eDOOG", "Re: pay [U+202E]DOOG [AR-K7Q2M]"),
    ],
)
def test_subject_is_theirs_with_our_reference(theirs: str, subject: str) -> None:
    assert subject_line(theirs, "Own subject", REFERENCE) == subject


def test_subject_is_short_and_keeps_our_reference() -> None:
    subject = subject_line("word " * 100, "", REFERENCE)

    assert len(subject) <= 120
    assert subject.endswith("word… [AR-K7Q2M]")


INJECTIONS = [
    "\r\nBcc: victim@mail.example",
    "\nBcc: victim@mail.example",
    "\rBcc: victim@mail.example",
    "\r\n\r\n<script>alert(1)</script>",
    "\x00\x0b\x0c\x85\u2028\u2029Bcc: victim@mail.example",
    "=?utf-8?q?a=0D=0ABcc:_victim=40mail.example?=",
    "=?utf-8?b?DQpCY2M6IHZpY3RpbUBtYWlsLmV4YW1wbGU=?=",
    "{{ 7 * 7 }}{% for x in [].__class__.__mro__ %}{{ x }}{% endfor %}",
    "\ud800 lone",
    '"><img src=x onerror=alert(1)>',
]


@pytest.mark.parametrize("hostile", INJECTIONS)
def test_no_header_can_be_added(hostile: str) -> None:
    letter = replace(question("en", "which_invoice"), name=f"Anna{hostile}", subject=f"Pay{hostile}")

    content = raw(letter, f"Pay{hostile}", ("Message-ID", f"<1{hostile}@mail.example>"), ("References", hostile))

    mail = parsed(content)
    assert [name for name in mail.keys() if name not in HEADERS] == []  # noqa: SIM118  # a mail's keys may repeat
    assert len(mail.keys()) == len(set(mail.keys()))
    assert "\r" not in mail["Subject"]
    assert "\n" not in mail["Subject"]


@pytest.mark.parametrize("hostile", INJECTIONS)
def test_what_a_partner_wrote_comes_back_as_words_alone(hostile: str) -> None:
    asked = question("en", "amount_unclear").questions[0]
    letter = replace(
        question("en", "amount_unclear"), name=hostile, questions=(replace(asked, seen=hostile, invoice=hostile),)
    )

    mail = parsed(raw(letter))

    page = mail.get_body(("html",))
    assert page is not None
    assert "<script" not in page.get_content()
    assert "<img" not in page.get_content()
    assert "49" not in page.get_content()


def test_an_echo_is_short_and_hides_nothing() -> None:
    asked = replace(question("en", "invoice_unknown").questions[0], invoice="G01\u202e2040490\u200b" + "9" * 200)

    text = WRITER.render(replace(question("en", "invoice_unknown"), questions=(asked,)), answered(), REFERENCE, 1).text

    echo = text.split("“")[1].split("”")[0]
    assert asked.kind is QuestionKind.INVOICE_UNKNOWN
    assert echo.startswith("G01[U+202E]2040490[U+200B]999")
    assert len(echo) == 80
    assert echo.endswith("…")


@pytest.mark.parametrize(
    "address", ["", "anna", "anna@", "a\r\nBcc: b@c.example", "ána@mail.example", "a b@mail.example", "a@b, c@d"]
)
def test_an_address_that_cannot_be_written_to_is_refused(address: str) -> None:
    with pytest.raises(UnsendableLetterError):
        raw(replace(CONFIRMATION, to=address))


def test_acknowledgements_say_the_same_whatever_the_mail() -> None:
    """Nothing tells an unverified sender anything (`decisions.md`, After the decision)."""
    letter = specimens("en")["acknowledgement, sender unknown"]

    first = WRITER.render(letter, answered("One"), "", 1)
    second = WRITER.render(
        replace(letter, applied=CONFIRMATION.applied, kept=CONFIRMATION.applied), answered("Two"), "", 1
    )

    assert letter.kind is LetterKind.ACKNOWLEDGEMENT
    assert first.text == second.text
