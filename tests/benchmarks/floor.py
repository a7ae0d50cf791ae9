"""The floor: the same durable work by the shortest loop, in batches of 100; called like `naive`.

One FETCH, one transaction, pipelined SMTP, one transaction and one MOVE for each batch. It reads mails by the standard
library and regular expressions, looks at no limit, keeps no evidence, and survives no odd mail.
"""

from __future__ import annotations

import imaplib
import re
import socket
import sys
from collections import defaultdict
from collections.abc import Sequence
from email.message import Message as Mail
from email.parser import BytesParser

from sqlalchemy import Connection, bindparam, create_engine, event, insert, select, update

from tests.benchmarks.naive import (
    INVOICE,
    PAYMENT,
    Allocation,
    Base,
    Contact,
    Invoice,
    Letter,
    Message,
    Payment,
    durable,
)

BATCH = 100
UID = re.compile(rb"UID (\d+)")
FROM = re.compile(r"<([^>]+)>")
PARSER = BytesParser()
TABLES = Base.metadata.tables

_TAKE = update(TABLES["naive_payment"]).where(TABLES["naive_payment"].c.number == bindparam("key"))
_CLOSE = update(TABLES["naive_invoice"]).where(TABLES["naive_invoice"].c.number == bindparam("key"))
_SENT = update(TABLES["naive_letter"]).where(TABLES["naive_letter"].c.id.between(bindparam("first"), bindparam("last")))


def text_of(mail: Mail) -> str:
    parts = mail.walk() if mail.is_multipart() else (mail,)
    part = next(one for one in parts if one.get_content_type() == "text/plain")
    return bytes(part.get_payload(decode=True)).decode(part.get_content_charset("utf-8"))


def book(connection: Connection, raws: Sequence[bytes], first: int) -> list[tuple[str, str, str]]:
    """Commit a batch: messages, money and letters; return outcome, recipient and words of each. One mail, one id."""
    mails = [PARSER.parsebytes(raw) for raw in raws]
    texts = [text_of(mail) for mail in mails]
    senders = [FROM.findall(mail["From"])[0] for mail in mails]
    payments = [(PAYMENT.findall(text) or [""])[0] for text in texts]
    invoices = [(INVOICE.findall(text) or [""])[0] for text in texts]
    on_file = dict(connection.execute(select(Contact.email, Contact.partner).where(Contact.email.in_(senders))).all())
    paid = {row[0]: row for row in connection.execute(_PAYMENTS.where(Payment.number.in_(payments)))}
    billed = {row[0]: row for row in connection.execute(_INVOICES.where(Invoice.number.in_(invoices)))}
    left, still = {key: row[2] for key, row in paid.items()}, {key: row[2] for key, row in billed.items()}
    done: list[tuple[str, str, str]] = []
    money = []
    for number, (mail, sender, payment, invoice) in enumerate(zip(mails, senders, payments, invoices, strict=True)):
        partner = on_file.get(sender)
        if mail["Auto-Submitted"] or not partner or "dmarc=pass" not in mail["Authentication-Results"]:
            done.append(("Ignored", "", ""))
        elif payment in paid and invoice in billed and paid[payment][1] == billed[invoice][1] == partner:
            amount = min(left[payment], still[invoice])
            left[payment], still[invoice] = left[payment] - amount, still[invoice] - amount
            money.append({"payment": payment, "invoice": invoice, "amount": amount, "message_id": first + number})
            words = f"We applied {amount / 100:.2f} EUR of payment {payment} to invoice {invoice}."
            done.append(("Applied", sender, words))
        else:
            done.append(("Needs details", sender, f"We need more details about {mail['Subject']}."))
    rows = [
        {"id": first + number, "message_id": mail["Message-ID"], "sender": senders[number], "outcome": done[number][0]}
        for number, mail in enumerate(mails)
    ]
    connection.execute(insert(Message), rows)
    if money:
        connection.execute(_TAKE, [{"key": key, "left": value} for key, value in left.items()])
        connection.execute(_CLOSE, [{"key": key, "open": value} for key, value in still.items()])
        connection.execute(insert(Allocation), money)
    letters = [{"id": first + at, "recipient": one[1], "text": one[2], "sent": False} for at, one in enumerate(done)]
    connection.execute(insert(Letter), [row for row in letters if row["recipient"]])
    return done


_PAYMENTS = select(Payment.number, Payment.partner, Payment.left)
_INVOICES = select(Invoice.number, Invoice.partner, Invoice.open)


class Smtp:
    """One connection, pipelined: each letter's end goes out with the next one's beginning."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answers = self._socket.makefile("rb")
        self._expect(1)
        self._say(b"EHLO floor\r\n", 4)

    def send(self, letters: Sequence[tuple[str, str]]) -> None:
        """Send letters; returns when the last one was accepted."""
        before = b""
        for to, words in letters:
            envelope = f"MAIL FROM:<allocations@billing.example>\r\nRCPT TO:<{to}>\r\nDATA\r\n".encode()
            self._say(before + envelope, 3 + bool(before))
            head = f"From: allocations@billing.example\r\nTo: {to}\r\nSubject: Your request\r\n\r\n"
            before = f"{head}{words}\r\n.\r\n".encode()
        if before:
            self._say(before, 1)

    def _say(self, words: bytes, answers: int) -> None:
        self._socket.sendall(words)
        self._expect(answers)

    def _expect(self, answers: int) -> None:
        for _ in range(answers):
            line = self._answers.readline()
            assert line[:1] in b"23", line


def main() -> None:
    url, imap_port, user, password, smtp_port = sys.argv[1:]
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", durable)
    client = imaplib.IMAP4("127.0.0.1", int(imap_port))
    client.login(user, password)
    client.select("INBOX")
    uids = client.uid("SEARCH", "ALL")[1][0].split()
    smtp = Smtp(int(smtp_port))
    for at in range(0, len(uids), BATCH):
        found = client.uid("FETCH", b",".join(uids[at : at + BATCH]).decode(), "(UID BODY.PEEK[])")[1]
        mails = [(UID.findall(one[0])[0], one[1]) for one in found if isinstance(one, tuple)]
        first = at + 1
        with engine.begin() as connection:
            done = book(connection, [raw for _, raw in mails], first)
        smtp.send([(to, words) for _, to, words in done if to])
        with engine.begin() as connection:
            connection.execute(_SENT, [{"first": first, "last": first + len(mails) - 1, "sent": True}])
        targets: dict[str, list[bytes]] = defaultdict(list)
        for (uid, _), (outcome, _, _) in zip(mails, done, strict=True):
            targets[outcome].append(uid)
        for outcome, some in targets.items():
            client.create(f'"INBOX.{outcome}"')
            client.uid("MOVE", b",".join(some).decode(), f'"INBOX.{outcome}"')


if __name__ == "__main__":
    main()
