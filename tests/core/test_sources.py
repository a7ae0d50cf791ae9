"""Body, tables and attachments of one mail: they fill each other's gaps, and what they say differently is asked."""

from __future__ import annotations

from typing import Any

import pytest

from processor.core.decide import decide
from processor.core.decision import Snapshot
from processor.core.message import Attachment, AttachmentState, Cell, Message, Segment, SegmentKind, Source, Table
from processor.core.model import Partner
from processor.core.policy import Policy
from tests.builders import PARTNER, contact, invoice, mail, payment, snapshot
from tests.core.scenes import in_words

FIRST, SECOND = "1400000001>G000000001=400.00", "1400000001>G000000002=500.00"
LEDGER = snapshot(payment(amount=250_000), payment("1400000002"), invoice(), invoice("G000000002"))
ROWS = (("Invoice", "Amount"), ("G000000001", "400.00"), ("G000000002", "500.00"))
UNREAD = Attachment("list.pdf", "application/pdf", 900, AttachmentState.UNREADABLE, "encrypted")


def sheet(*rows: tuple[str, ...], name: str = "list.csv", **changes: Any) -> Source:  # noqa: ANN401
    """Build an attached table: a line of text for each row, its cells joined by a tab."""
    lines, place, text = [], 0, ""
    for row in rows:
        cells = []
        for cell in row:
            cells.append(Cell(cell, place, place + len(cell)))
            text += cell + "\t"
            place += len(cell) + 1
        text = text[:-1] + "\n"
        lines.append(tuple(cells))
    return Source(f"attachment:{name}", text, (Table(tuple(lines)),), **changes)


def sent(body: str, *attached: Source, subject: str = "Allocation", **changes: Any) -> Message:  # noqa: ANN401
    plain = mail(body, subject=subject)
    sources = (*plain.sources, *attached)
    return mail(body, subject=subject, sources=sources, **changes)


def decided(message: Message, policy: Policy, ledger: Snapshot = LEDGER) -> str:
    return in_words(decide(message, ledger, policy))


def test_a_table_gives_the_lines_and_the_body_the_payment(policy: Policy) -> None:
    message = sent("Please apply payment 1400000001 as in the attached file.", sheet(*ROWS))

    assert decided(message, policy) == f"applied {FIRST} {SECOND}"


def test_a_table_alone_is_a_request(policy: Policy) -> None:
    rows = (("Payment", "Invoice", "Amount"), ("1400000001", "G000000001", "400.00"), ("", "G000000002", "500.00"))

    assert decided(sent("Hi, please see attached.", sheet(*rows)), policy) == f"applied {FIRST} {SECOND}"


def test_an_attached_confirmation_gives_the_payment(policy: Policy) -> None:
    note = Source("attachment:confirmation.pdf", "Credit advice\nPayment 1400000001\nValue date 2 November 2026")

    message = sent("Please apply EUR 400.00 to invoice G000000001, advice attached.", note)

    assert decided(message, policy) == f"applied {FIRST}"


def test_an_attachment_that_says_nothing_changes_nothing(policy: Policy) -> None:
    note = Source("attachment:terms.pdf", "General terms and conditions")

    message = sent("Please apply EUR 400.00 from payment 1400000001 to invoice G000000001.", note)

    assert decided(message, policy) == f"applied {FIRST}"


@pytest.mark.parametrize(
    "rows",
    [
        (("Payment", "Invoice", "Amount"), ("1400000002", "G000000001", "400.00")),
        (("Payment", "Invoice", "Amount"), ("1400000001", "G000000001", "450.00")),
        (("Payment", "Invoice", "Amount"), ("1400000001", "G000000002", "400.00")),
    ],
)
def test_body_and_attachment_that_disagree_are_asked_about(rows: tuple[tuple[str, ...], ...], policy: Policy) -> None:
    message = sent("Please apply EUR 400.00 from payment 1400000001 to invoice G000000001.", sheet(*rows))

    assert decided(message, policy) == "needs_details sources_disagree"


def test_body_and_attachment_that_agree_are_one_request(policy: Policy) -> None:
    message = sent(
        "Please apply payment 1400000001:\n\nG000000001  EUR 400.00\nG000000002  EUR 500.00\n\nAlso attached.",
        sheet(*ROWS),
    )

    assert decided(message, policy) == f"applied {FIRST} {SECOND}"


def test_an_amount_in_the_body_is_the_sum_of_the_attached_lines(policy: Policy) -> None:
    words = "Please apply EUR {} from payment 1400000001 as in the attached file."

    assert decided(sent(words.format("900.00"), sheet(*ROWS)), policy) == f"applied {FIRST} {SECOND}"
    assert decided(sent(words.format("950.00"), sheet(*ROWS)), policy) == "needs_details amount amounts_do_not_add_up"


def test_an_unreadable_attachment_is_asked_for_alone(policy: Policy) -> None:
    message = sent("Please apply payment 1400000001 as in the attached file.", attachments=(UNREAD,))

    assert decided(message, policy) == "needs_details attachment_unreadable readable_attachment"


def test_a_complete_body_needs_no_attachment(policy: Policy) -> None:
    message = sent("Please apply EUR 400.00 from payment 1400000001 to invoice G000000001.", attachments=(UNREAD,))
    decision = decide(message, LEDGER, policy)

    assert in_words(decision) == f"applied {FIRST}"
    assert decision.letter is not None
    assert decision.letter.unread == ("list.pdf",)


@pytest.mark.parametrize(
    ("other", "comes_to"),
    [
        ("Please apply EUR 400.00 from payment 1400000001 to invoice G000000001.", f"applied {FIRST}"),
        ("Please apply EUR 400.00 from payment 1400000001 to invoice G000000002.", "needs_details sources_disagree"),
        ("This mail needs HTML.", f"applied {FIRST}"),
    ],
)
def test_text_and_html_must_name_the_same(other: str, comes_to: str, policy: Policy) -> None:
    message = sent(
        "Please apply EUR 400.00 from payment 1400000001 to invoice G000000001.", other_body=Source("html", other)
    )

    assert decided(message, policy) == comes_to


def test_hidden_rows_are_not_written(policy: Policy) -> None:
    source = sheet(*ROWS)
    hidden = sheet(*ROWS[:2], name="list.csv")
    text = hidden.text + "G000000002\t500.00\n"
    told = Source(source.name, text, hidden.tables, (Segment(SegmentKind.HIDDEN, len(hidden.text), len(text)),))

    assert decided(sent("Please apply payment 1400000001 as attached.", told), policy) == f"applied {FIRST}"


def test_an_attached_mail_is_read_when_the_body_says_so(policy: Policy) -> None:
    text = "Payment 1400000001 is for invoice G000000001, EUR 400.00."
    attached = Source("attachment:request.eml", text, segments=(Segment(SegmentKind.FORWARDED, 0, len(text)),))

    assert decided(sent("Please process the attached mail.", attached), policy) == f"applied {FIRST}"
    assert decided(sent("FYI", attached), policy) == "needs_details confirmation"


def test_two_clients_of_one_bookkeeper_stand_in_one_mail(policy: Policy) -> None:
    """Groups of two partners are told apart by their items; one that names none is asked about."""
    other = Partner("1000002", "Quayside Cloud", "en")
    ledger = snapshot(
        PARTNER, other, contact(), contact(partner_id="1000002"), payment(),
        payment("1400000002", partner_id="1000002"), invoice(), invoice("G000000002", partner_id="1000002"),
    )  # fmt: skip

    both = "Please apply payment 1400000001 to invoice G000000001 and payment 1400000002 to invoice G000000002."
    crossed = "Please apply payment 1400000001 to invoice G000000002."
    neither = "Please apply our payment to invoice G000000077."
    stated = "Partner ID 1000002: please apply our payment to invoice G000000077."

    assert decided(sent(both), policy, ledger) == (
        "applied 1400000001>G000000001=1000.00 1400000002>G000000002=1000.00"
    )
    assert decided(sent(crossed), policy, ledger) == "needs_details partner_id"
    assert decided(sent(neither), policy, ledger) == "needs_details partner_id"
    assert decided(sent(stated), policy, ledger) == "needs_details invoice_not_found invoice_number"


def test_two_groups_of_one_mail_do_not_block_each_other(policy: Policy) -> None:
    words = "Please apply payment 1400000001 to G000000001 (EUR 400.00) and payment 1400000002 to invoice G000000077."

    assert decided(sent(words), policy) == f"needs_details invoice_not_found invoice_number {FIRST}"


def test_two_payments_share_an_invoice_in_the_order_named(policy: Policy) -> None:
    ledger = snapshot(payment(amount=30_000), payment("1400000002"), invoice(), invoice("G000000002"))
    words = "1400000001 goes to G000000001.\n1400000002 goes to G000000001 and G000000002 (EUR 200.00)."

    assert decided(sent(words), policy, ledger) == (
        "applied 1400000001>G000000001=300.00 1400000002>G000000001=700.00 1400000002>G000000002=200.00"
    )
