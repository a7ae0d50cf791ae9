"""The script that one would write first, one mail at a time: `python -m … DATABASE IMAP-PORT USER PASSWORD SMTP-PORT`.

It checks the sender, looks up payment and invoice, applies, answers and files, each step durable before the next.
"""

from __future__ import annotations

import re
import smtplib
import sys
from email.message import EmailMessage

import mailparser
from imapclient import IMAPClient
from sqlalchemy import ForeignKey, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

PAYMENT, INVOICE = re.compile(r"\b14\d{8}\b"), re.compile(r"\bG\d{9}\b")


class Base(DeclarativeBase):
    pass


class Contact(Base):
    __tablename__ = "naive_contact"
    email: Mapped[str] = mapped_column(primary_key=True)
    partner: Mapped[str]


class Payment(Base):
    __tablename__ = "naive_payment"
    number: Mapped[str] = mapped_column(primary_key=True)
    partner: Mapped[str]
    left: Mapped[int]


class Invoice(Base):
    __tablename__ = "naive_invoice"
    number: Mapped[str] = mapped_column(primary_key=True)
    partner: Mapped[str]
    open: Mapped[int]


class Message(Base):
    __tablename__ = "naive_message"
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    sender: Mapped[str]
    outcome: Mapped[str]


class Allocation(Base):
    __tablename__ = "naive_allocation"
    id: Mapped[int] = mapped_column(primary_key=True)
    payment: Mapped[str] = mapped_column(ForeignKey("naive_payment.number"))
    invoice: Mapped[str] = mapped_column(ForeignKey("naive_invoice.number"))
    amount: Mapped[int]
    message_id: Mapped[int] = mapped_column(ForeignKey("naive_message.id"))
    message: Mapped[Message] = relationship()


class Letter(Base):
    __tablename__ = "naive_letter"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str]
    text: Mapped[str]
    sent: Mapped[bool]


def durable(connection, record):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def handle(session: Session, raw: bytes) -> tuple[str, Letter | None]:
    mail = mailparser.parse_from_bytes(raw)
    sender, text = mail.from_[0][1], mail.body
    if "dmarc=pass" not in str(mail.headers.get("Authentication-Results")):
        return "Ignored", None
    contact = session.scalar(select(Contact).where(Contact.email == sender))
    payments, invoices = PAYMENT.findall(text), INVOICE.findall(text)
    payment = session.scalar(select(Payment).where(Payment.number == payments[0])) if payments else None
    invoice = session.scalar(select(Invoice).where(Invoice.number == invoices[0])) if invoices else None
    outcome = "Ignored" if mail.headers.get("Auto-Submitted") or not contact else "Needs details"
    message = Message(message_id=mail.message_id, sender=sender, outcome=outcome)
    session.add(message)
    if outcome == "Ignored":
        session.commit()
        return outcome, None
    answer = f"We need more details about {mail.subject}."
    if contact and payment and invoice and payment.partner == invoice.partner == contact.partner:
        amount = min(payment.left, invoice.open)
        payment.left, invoice.open, message.outcome = payment.left - amount, invoice.open - amount, "Applied"
        session.add(Allocation(payment=payment.number, invoice=invoice.number, amount=amount, message=message))
        answer = f"We applied {amount / 100:.2f} EUR of payment {payment.number} to invoice {invoice.number}."
    letter = Letter(recipient=sender, text=answer, sent=False)
    session.add(letter)
    session.commit()
    return message.outcome, letter


def send(letter: Letter, port: int) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "allocations@billing.example", letter.recipient, "Your request"
    mail.set_content(letter.text)
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.send_message(mail)


def main() -> None:
    url, imap_port, user, password, smtp_port = sys.argv[1:]
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", durable)
    with IMAPClient("127.0.0.1", int(imap_port), ssl=False) as client, Session(engine) as session:
        client.login(user, password)
        client.select_folder("INBOX")
        for uid in client.search(["ALL"]):
            raw = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
            outcome, letter = handle(session, raw)
            if letter:
                send(letter, int(smtp_port))
                letter.sent = True
                session.commit()
            folder = f"INBOX.{outcome}"
            if not client.folder_exists(folder):
                client.create_folder(folder)
            client.move([uid], folder)


if __name__ == "__main__":
    main()
