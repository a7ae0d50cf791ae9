"""Words of a mail stay words: no command to a mail server, no field of a letter, no expression of a template."""

from __future__ import annotations

import email
import email.policy
import itertools
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from processor.servers.smtp_sink import AcceptedLetter
from processor.settings_load import load_settings
from processor.wiring import open_work
from tests.hostile.books import Good, write_books
from tests.hostile.tap import Tap
from tests.scenarios.world import World

STRAY_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def work(place: World, mails: list[bytes]) -> None:
    """Deliver mails and let the whole worker answer them."""
    place.deliver(mails)
    with open_work(load_settings(place.config)) as running:
        assert running.rounds.drain() == []


def settle_in(place: World, goods: list[Good]) -> None:
    place.settle_in(write_books(place.folder / "books", goods, set()))


def asking(good: Good, hostile: str, field: str = "all") -> bytes:
    """A mail that has to be answered with a question, with hostile words in one of its fields or in all."""

    def here(name: str) -> str:
        return hostile if field in {name, "all"} else ""

    domain = good.address.partition("@")[2]
    raw = (
        f"Authentication-Results: mx.billing.example; dmarc=pass header.from={domain}\r\n"
        f'From: "Anna {here("name")}" <{good.address}>\r\nTo: allocations@billing.example\r\n'
        f"Subject: Payment{here('subject')}\r\nMessage-ID: <{good.number}{here('id')}@{domain}>\r\n"
        f"References: <{here('references')}1@{domain}>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=zz\r\n\r\n"
        "--zz\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"Please apply payment {1_400_000_000 + good.number} to invoice G999{good.number:06}. {here('body')}\r\n"
        f"Amount: {here('amount')}12,34,5 EUR\r\n"
        f'--zz\r\nContent-Type: application/pdf; name="{here("file")}.pdf"\r\n'
        f'Content-Disposition: attachment; filename="{here("file")}.pdf"\r\n\r\nnot one\r\n--zz--\r\n'
    )
    return raw.encode("utf-8", "surrogateescape")


def words(letter: AcceptedLetter) -> str:
    """All that a letter shows, decoded: fields, text and page."""
    parsed = email.message_from_bytes(letter.raw, policy=email.policy.default)
    texts = [part.get_content() for part in parsed.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(f"{name}: {value}" for name, value in parsed.items()), *texts])


# --- SMTP smuggling ------------------------------------------------------------------------------

ENDS = ["\n.\n", "\n.\r\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\r\n.\n", "\r\n.\r\n", "\r\r\n.\r\r\n", "\r\n\x00.\r\n"]
SMUGGLED = "MAIL FROM:<evil@x.example>\r\nRCPT TO:<victim@y.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n"


def test_no_end_of_letter_is_smuggled_through_any_field(place: World) -> None:
    """CVE-2023-51764 and its kin: nine ends of a letter in four fields that a letter echoes."""
    cases = list(itertools.product(ENDS, ["subject", "name", "references", "body"]))
    goods = [Good(number) for number in range(1, len(cases) + 1)]
    settle_in(place, goods)

    work(place, [asking(good, end + SMUGGLED, field) for good, (end, field) in zip(goods, cases, strict=True)])

    letters = place.sink.letters
    assert {letter.recipients for letter in letters} <= {(good.address,) for good in goods}
    assert max(Counter(letter.recipients for letter in letters).values()) == 1
    assert len(letters) >= len(cases) // 2  # where the sequence breaks the mail's own head, nobody is answered
    assert not any(STRAY_LINE_END.search(letter.raw) for letter in letters)
    assert not any(re.search(rb"(?im)^(subject: smuggled|mail from:|bcc:)", letter.raw) for letter in letters)
    assert all(len(email.message_from_bytes(letter.raw).get_all("Subject", [])) == 1 for letter in letters)


# --- IMAP injection ------------------------------------------------------------------------------

LINES = ["\r\n", "\n", "\r", "\\r\\n", "%0d%0a", '"\r\n', "}\r\n", "{5}\r\n", "\x00", ")\r\n"]
COMMANDS = [
    'A1 DELETE "INBOX"', "A1 LOGOUT", 'A1 RENAME "INBOX" "x"', "A1 UID STORE 1:* +FLAGS (\\Deleted)", "A1 EXPUNGE",
    'A1 SELECT "Applied"', 'A1 UID MOVE 1:* "Trash"', "A1 APPEND INBOX {3}", "* BYE", '* LIST () "/" x',
    'A1 SETACL INBOX anyone "lrswipkxtea"', "A1 UID FETCH 1:* BODY[]", "A1 NOOP", "A1 STARTTLS", "DONE",
    'A1 CREATE "x"', "A1 SUBSCRIBE x", "A1 UID SEARCH ALL", 'A1 LOGIN "a" "b"', "A1 IDLE",
]  # fmt: skip
FIELDS = "Message-ID: <1{0}@x.example>", "Subject: {0}", "In-Reply-To: <{0}>", "To: {0}@billing.example"


def stranger(number: int, text: str) -> bytes:
    """A mail that nobody vouches for, with the text in fields that a careless program would search by."""
    fields = "\r\n".join(field.format(text) for field in FIELDS)
    return f"X-Number: {number}\r\n{fields}\r\nFrom: a@stranger.example\r\n\r\nPay G{number}\r\n".encode()


def test_no_command_to_the_mailbox_comes_from_a_mail(place: World) -> None:
    """Two hundred strings: the worker says the same as for two hundred plain mails."""
    hostile = [line + command for line in LINES for command in COMMANDS]
    assert len(set(hostile)) == 200
    said: list[Counter[bytes]] = []
    with Tap(place.server.port) as tap:
        tapped = replace(place, server=replace(place.server, port=tap.port))
        settle_in(tapped, [])
        for turn, texts in enumerate((["first"] * 2, ["plain"] * 200, hostile)):  # the first makes the folders
            place.deliver(stranger(number + 1000 * turn, text) for number, text in enumerate(texts))
            tap.said = b""
            with open_work(load_settings(place.config)) as running:
                assert running.rounds.drain() == []
            said.append(Counter(tap.commands()))

    assert place.inbox() == 0
    assert said[1].total() > 10
    assert said[2] == said[1]


# --- template injection --------------------------------------------------------------------------

PRODUCT = "9801547"  # of what every payload multiplies, where it runs
FORMS = [
    "{{{{{0}}}}}",
    "{{{{ {0} }}}}", "{{%print({0})%}}", "{{% set x={0} %}}{{{{x}}}}", "{{%- if {0} -%}}{0}{{%- endif -%}}",
    "${{{0}}}", "#{{{0}}}", "<%= {0} %>", "${{{{{0}}}}}", "@({0})", "{{{0}}}", "{{{{={0}}}}}", "*{{{0}}}", "[[{0}]]",
    "{{# {0} #}}{{{{ {0} }}}}",
]  # fmt: skip
EXPRESSIONS = [
    "1337*7331", "''.__class__.__mro__[1].__subclasses__()", "cycler.__init__.__globals__.os.popen('id').read()",
    "self._TemplateReference__context", "lipsum.__globals__['os'].environ", "('9801'~'547')", "range(10**9)|list",
    "'%s%s'|format(9801,547)", "config.items()", "['9801','547']|join",
]  # fmt: skip
RAN = (PRODUCT, "uid=", "<class", "&lt;class", "environ(", "<Context", "[0, 1, 2")


@pytest.mark.timeout(60)
def test_no_expression_of_a_mail_is_evaluated(place: World, tmp_path: Path) -> None:
    """A hundred and fifty payloads, each in every field: they come back as written, or not at all."""
    payloads = [form.format(expression) for form, expression in itertools.product(FORMS, EXPRESSIONS)]
    assert len(set(payloads)) == 150
    goods = [Good(number) for number in range(1, len(payloads) + 1)]
    settle_in(place, goods)

    work(place, [asking(good, payload) for good, payload in zip(goods, payloads, strict=True)])

    shown = [words(letter) for letter in place.sink.letters]
    assert len(shown) > len(payloads) // 2
    assert [text for text in shown if any(sign in text for sign in RAN)] == []
    assert any("1337*7331" in text for text in shown)  # what was written may be seen, as it was written
