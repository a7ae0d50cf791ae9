"""Rows for a database that has been at work for a year: so many requests, and ten ledger rows for each.

They only have to look like what the program writes, page by page; the first partner has a hundredth of everything.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Table

from processor.adapters import audit
from processor.adapters.columns import moment_text
from processor.adapters.journal_tables import audit_entry, decision, letter, mail, raw_message, request, review_item
from processor.adapters.operations_tables import feed, publication
from processor.adapters.tables import allocation, contact, invoice, partner, payment
from processor.core.decision import RuleTrace
from processor.core.outcomes import Missing, Reason

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LINE = 75_000  # minor units of each allocation
YEAR = timedelta(days=365)
MAILBOX = "allocations@billing.example"
LANGUAGES = ("en", "de", "fr", "es", "nl", "it", "ja", "pl", "pt")
NAMES = ("Harbour", "Lindgren", "Ostrava", "Meridian", "Kestrel", "Fjord", "Sakura", "Alba", "Brandt", "Quay")
_TRAIL = json.dumps(
    [
        {name: getattr(one, name) for name in RuleTrace.__dataclass_fields__}
        for one in (RuleTrace(f"rule_number_{n}_of_the_trail", n == 2, "as in most mails") for n in range(24))
    ]
)

Values = tuple[object, ...]
Rows = Iterable[Values]


@dataclass(frozen=True, slots=True)
class Size:
    """How much. A partner has ten requests, and ten ledger rows come on each request; `open` items wait."""

    requests: int
    open: int = 300

    @property
    def partners(self) -> int:
        """One in ten; the first has a hundredth of all requests."""
        return max(2, self.requests // 10)

    def owner(self, number: int) -> int:
        """Return whose request, payment or invoice of that number is."""
        return 0 if number % 100 == 0 else 1 + number % self.requests % (self.partners - 1)


def tables(size: Size) -> Iterator[tuple[Table, Rows]]:
    """Yield every table with its rows, each a tuple in the order of the columns; keys come before what needs them."""
    yield partner, ((_id(n), f"{NAMES[n % 10]} Trading {n} Ltd", _language(n), "") for n in range(size.partners))
    yield contact, (_contact(n, role) for n in range(size.partners) for role in ("billing_admin", "viewer"))
    yield payment, map(_Ledger(size).payment, range(size.requests * 3))
    yield invoice, map(_Ledger(size).invoice, range(size.requests * 4))
    yield allocation, _Ledger(size).allocations()
    yield feed, ((n, "written", _at(0, 1), _at(0, 1), 1, "0" * 64) for n in range(1, 3))
    yield publication, ((row[0], row[1], row[6], 1, row[6]) for row in _Ledger(size).allocations())
    journal = _Journal(size)
    yield raw_message, (journal.raw(n) for n in range(size.requests))
    yield request, map(journal.request, range(size.requests))
    yield mail, map(journal.mail, range(size.requests))
    yield decision, map(journal.decision, range(size.requests))
    yield review_item, journal.items()
    yield letter, map(journal.letter, range(size.requests))
    yield audit_entry, journal.sealed()


def reference(number: int) -> str:
    """Return the reference of a request."""
    return f"AR-B{number:07d}"


@dataclass(frozen=True, slots=True)
class _Ledger:
    """Money. A quarter of the payments and invoices has something left or open."""

    size: Size

    def payment(self, n: int) -> Values:
        left = 25_000 if n % 4 == 0 else 0
        before = left + (LINE if n % 10 else 0)
        return (_id(self.size.owner(n)), f"15{n:08d}", "EUR", 100_000, left, before, _day(n, self.size.requests * 3),
                "bank transfer", f"REF {n}")  # fmt: skip

    def invoice(self, n: int) -> Values:
        still_open = 60_000 if n % 4 == 0 else 0
        before = still_open + (LINE if n % 10 and n < self.size.requests * 3 else 0)
        issued = _day(n, self.size.requests * 4)
        return (_id(self.size.owner(n)), f"G{n:09d}", "invoice", "EUR", 150_000, still_open, before, issued, issued,
                "open" if still_open else "paid", "")  # fmt: skip

    def allocations(self) -> Iterator[Values]:
        """Yield one in ten payments not at all, the others once: payment and invoice of one number are of one owner."""
        for n in range(self.size.requests * 3):
            if n % 10:
                of = n % self.size.requests
                moment = _at(of, self.size.requests)
                yield (_id(self.size.owner(n)), f"AL-{n:08d}-1", f"15{n:08d}", f"G{n:09d}", "EUR", LINE, moment,
                       reference(of), None, "processor" if n % 7 else "ann", reference(of))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Journal:
    """Mails, one for each request: three of five applied, the others asked, rejected and held."""

    size: Size

    def raw(self, n: int) -> Values:
        content = self._content(n)
        return hashlib.sha256(content).hexdigest(), content

    def request(self, n: int) -> Values:
        outcome, owner = _outcome(n), self.size.owner(n)
        waits = outcome == "needs_details" and n > self.size.requests * 0.95
        state = "waiting" if waits else "in_review" if self._waits(n) else "answered"
        moment = self._at(n)
        return (reference(n), MAILBOX, _id(owner), state, _language(owner), "", "[]", 1, None, moment, moment)

    def mail(self, n: int) -> Values:
        content, moment = self._content(n), self._at(n)
        return (n + 1, MAILBOX, hashlib.sha256(content).hexdigest(), len(content), 0, moment, moment, "filed", 1,
                _outcome(n), reference(n), _address(self.size.owner(n)), _subject(n), f"<m{n}@partner.example>",
                f"{n:064x}")  # fmt: skip

    def decision(self, n: int) -> Values:
        outcome, owner = _outcome(n), self.size.owner(n)
        missing = [list(Missing)[n % len(Missing)].value] if outcome == "needs_details" else []
        reasons = [_reason(n)] if outcome in {"rejected", "quarantined"} else []
        places = (("payment", f"15{n:08d}", 8, 18), ("invoice", f"G{n:09d}", 22, 32), ("amount", "750.00", 38, 44))
        found = [{"field": field, "value": value, "source": "text", "start": start, "end": end, "seen": value,
                  "reading": ""} for field, value, start, end in places]  # fmt: skip
        moment = self._at(n, 30)
        return (n + 1, n + 1, 0, outcome, _address(owner), _id(owner), reference(n), _language(owner),
                json.dumps(missing), json.dumps(reasons), "[]", json.dumps(found), _TRAIL, "{}", "processor",
                moment)  # fmt: skip

    def items(self) -> Iterator[Values]:
        """Yield an item for each mail that a person had to look at; only the newest wait still."""
        held = (n for n in range(self.size.requests) if _outcome(n) in {"rejected", "quarantined"})
        for number, n in enumerate(held, 1):
            waits, moment = self._waits(n), self._at(n, 30)
            kind = "promise_in_danger" if n % 40 == 4 else _reason(n)
            ending = ("open", None, moment, None, None, "") if waits else ("done", "ann", moment, moment, "ann", "told")
            state, with_whom, opened, closed, by, how = ending
            yield (number, n + 1, reference(n), _id(self.size.owner(n)), kind, f"about payment 15{n:08d}", state,
                   with_whom, opened, closed, by, how)  # fmt: skip

    def letter(self, n: int) -> Values:
        words = f"Dear partner, we have your mail about payment 15{n:08d}.\n" * 12
        moment = self._at(n, 60)
        return (n + 1, f"<{reference(n)}-1@billing.example>", n + 1, reference(n), "confirmation", 1, MAILBOX,
                _address(self.size.owner(n)), _subject(n), words, words.encode(), "sent", "data", 1, moment, moment,
                self._at(n, 90), "250 kept")  # fmt: skip

    def sealed(self) -> Iterator[Values]:
        """Yield the audit log, each chain sealed as the program seals it."""
        heads: dict[str, tuple[int, str]] = defaultdict(lambda: (0, ""))
        for n in range(self.size.requests):
            chain = f"partner:{_id(self.size.owner(n))}"
            for event, later in (("decided", 30), ("letter_sent", 90)):
                number, last = heads[chain]
                body = json.dumps({"outcome": _outcome(n), "request": reference(n)}, sort_keys=True)
                moment = self._at(n, later)
                one = audit.Entry(chain, number + 1, audit.FORMAT, moment, "processor", event, body, last, "")
                one = replace(one, hash=audit._seal(one))  # noqa: SLF001 as the program seals
                heads[chain] = (number + 1, one.hash)
                yield tuple(getattr(one, name) for name in audit_entry.columns.keys())  # noqa: SIM118

    def _waits(self, n: int) -> bool:
        return _outcome(n) in {"rejected", "quarantined"} and n >= self.size.requests - self.size.open * 5

    def _at(self, n: int, seconds: int = 0) -> str:
        return _at(n, self.size.requests, seconds)

    def _content(self, n: int) -> bytes:
        sender = _address(self.size.owner(n))
        return (f"From: {sender}\r\nTo: {MAILBOX}\r\nSubject: {_subject(n)}\r\nMessage-ID: <m{n}@partner.example>\r\n"
                f"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
                f"payment 15{n:08d} to G{n:09d} over 750.00 EUR\r\n").encode()  # fmt: skip


def _outcome(n: int) -> str:
    return ("applied", "applied", "applied", "needs_details", "rejected" if n % 10 == 4 else "quarantined")[n % 5]


def _reason(n: int) -> str:
    return list(Reason)[n // 5 % len(Reason)].value


def _subject(n: int) -> str:
    return f"Payment 15{n:08d} for our invoices of {NAMES[n % 10]} {n}"


def _id(number: int) -> str:
    return f"{4_000_000 + number}"


def _language(number: int) -> str:
    return LANGUAGES[number % len(LANGUAGES)]


def _address(owner: int) -> str:
    return f"billing_admin@partner{owner}.example"


def _contact(owner: int, role: str) -> Values:
    address = f"{role}@partner{owner}.example"
    return address, _id(owner), role, address, f"Robin {owner}"


def _at(number: int, of: int, seconds: int = 0) -> str:
    """Spread moments evenly over the year before now; the newest came an hour ago."""
    return moment_text(NOW - timedelta(hours=1) - YEAR * (of - number) / of + timedelta(seconds=seconds))


def _day(number: int, of: int) -> str:
    return _at(number, of)[:10]
