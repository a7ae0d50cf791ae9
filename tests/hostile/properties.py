"""What must hold for any bytes whatever, as the fuzzers ask it. A property raises where it does not hold."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from time import process_time

from processor.adapters.limits import ReadingLimits
from processor.adapters.memory_ledger import LedgerCopy
from processor.adapters.message_json import dumps, loads
from processor.adapters.mime import headers_only, read_message
from processor.core.auth_results import read_results, trusted_results
from processor.core.identity import Verdict, identify
from processor.core.message import Message, Source
from processor.core.outcomes import Outcome
from processor.ports import Books, RenderedLetter
from tests.core.pages import page_of
from tests.deciding import considered, sample_policy
from tests.scenarios.world import MAILS

SERVER = "mx.billing.example"
SECONDS = 1.0  # of processor time: what reading or deciding a mail may take
_LIMITS = ReadingLimits()
_PROOF = re.compile(rb"authentication-results", re.IGNORECASE)


def identity(raw: bytes) -> None:
    """Nobody is authenticated without a result of our own server; what is authenticated is one plain address."""
    begin = process_time()
    found = identify(headers_only(raw, ""), sample_policy())
    bare = identify(headers_only(_PROOF.sub(b"X-Nothing", raw), ""), sample_policy())
    _soon(begin)
    assert bare.verdict is not Verdict.AUTHENTICATED
    if found.verdict is Verdict.AUTHENTICATED:
        assert found.address
        assert re.fullmatch(r"[!-?A-~]+@[a-z0-9.-]+", found.address)
        assert found.address.encode() in raw.lower()
        assert SERVER.encode() in raw.lower()


def message(raw: bytes) -> None:
    """Any bytes give a message: clean text, places inside it, the same when told by a child."""
    begin = process_time()
    found = read_message(raw, _LIMITS)
    _soon(begin)
    assert loads(dumps(found)) == found
    assert not found.over_limit.startswith("unreadable"), found.over_limit
    for source in (*found.sources, *([found.other_body] if found.other_body else [])):
        _is_sound(source)
    assert sum(len(source.text) for source in found.sources) <= 2 * _LIMITS.text


def _is_sound(source: Source) -> None:
    assert "\0" not in source.text
    source.text.encode()
    for segment in source.segments:
        assert 0 <= segment.start <= segment.end <= len(source.text)
    for table in source.tables:
        assert len({len(row) for row in table.rows}) <= 1
        for cell in (cell for row in table.rows for cell in row):
            assert 0 <= cell.start <= cell.end <= len(source.text)


@cache
def books() -> Books:
    return LedgerCopy(MAILS / "shared" / "ledger").fresh()


def request(raw: bytes) -> None:
    """No decision moves more than there is, or for anybody but a proved contact; no letter goes anywhere else."""
    begin = process_time()
    done = considered(books(), raw)
    _soon(begin)
    decision, snapshot = done.decision, done.snapshot
    payments = {payment.payment_number: payment for payment in snapshot.payments}
    invoices = {invoice.invoice_number: invoice for invoice in snapshot.invoices}
    taken, given = Counter[str](), Counter[str]()
    for one in decision.applications:
        payment, invoice = payments[one.payment], invoices[one.invoice]
        taken[one.payment] += one.amount
        given[one.invoice] += one.amount
        assert one.amount > 0
        assert one.currency == payment.currency == invoice.currency
        assert one.partner_id == payment.partner_id == invoice.partner_id
        assert one.partner_id in {contact.partner_id for contact in snapshot.contacts}
    assert all(amount <= payments[number].unallocated for number, amount in taken.items())
    assert all(amount <= invoices[number].open_amount for number, amount in given.items())
    _is_proved(done.message, decision.outcome, bool(decision.applications), done.letter)


def _is_proved(mail: Message, outcome: Outcome, moves: bool, letter: RenderedLetter | None) -> None:
    author = identify(mail, sample_policy())
    if author.verdict is not Verdict.AUTHENTICATED:
        assert not moves
        assert letter is None
        assert outcome in {Outcome.REJECTED, Outcome.IGNORED, Outcome.QUARANTINED}
    if letter is not None:
        assert letter.recipient.lower() == author.address


def amounts(raw: bytes) -> None:
    """Every amount is a finite number that stands where it is said to stand, and it takes no time to find it."""
    text = raw.decode("utf-8", "replace")
    begin = process_time()
    page = page_of(text)
    _soon(begin)
    for mention in page.amounts:
        assert 0 <= mention.start < mention.end <= len(text) + 16  # folding may add letters
        assert all(value.is_finite() for value in mention.amount.readings)
        assert all(abs(value) < 10**15 for value in mention.amount.readings)


def results(raw: bytes) -> None:
    """A field is read in one way or in none; nothing passes that does not say so under our server's name."""
    value = raw.decode("latin-1")
    begin = process_time()
    read_results(value)
    trusted = trusted_results([("Authentication-Results", value)], frozenset({SERVER}))
    foreign = trusted_results([("Authentication-Results", value)], frozenset({"mx.nowhere.example"}))
    _soon(begin)
    assert not foreign
    if trusted and any(result.result == "pass" for result in trusted):
        assert "pass" in value.lower()
        assert SERVER in value.lower()


def _soon(begin: float) -> None:
    taken = process_time() - begin
    assert taken < SECONDS, f"{taken:.1f} s"
