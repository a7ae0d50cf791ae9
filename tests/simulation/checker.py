"""The independent checker: from what was put into the mailbox, what left by SMTP and the tables, by plain SQL.

It shares no code with the program, except that at the end the program's own check of its books must agree. A sentence
is a violation; it begins with the promise of `docs/reliability.md` that is broken.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, text

from processor.adapters.ledger_check import check_ledger
from processor.settings import FolderSettings
from tests.simulation.mails import WHOLE, Kind, Money, Written
from tests.simulation.mails import field as header

OPERATIONS = "ops@billing.example"
OUTCOME_OF = {folder: outcome for outcome, folder in FolderSettings().model_dump().items()}


@dataclass
class Seen:
    """What happened outside the program. Mails are counted, since the same bytes may come more than once."""

    written: dict[bytes, Written] = field(default_factory=dict)
    put: Counter[bytes] = field(default_factory=Counter)  # copies that came
    deleted: Counter[bytes] = field(default_factory=Counter)  # out of the inbox, by a colleague
    carried: Counter[bytes] = field(default_factory=Counter)  # out of the inbox to a folder of his own
    returned: Counter[bytes] = field(default_factory=Counter)  # into the inbox again
    folders: dict[str, Counter[bytes]] = field(default_factory=dict)
    accepted: list[bytes] = field(default_factory=list)  # letters, by the SMTP server
    taken_back: list[str] = field(default_factory=list)  # allocations, by operations
    crashes: int = 0
    days: int = 0  # that the clock jumped
    attempts: int = 3


def books_violations(engine: Engine) -> list[str]:
    """Check what must hold after every step: P3 and P7, from the journal alone."""
    with engine.connect() as connection:
        journal = connection.execute(text(_JOURNAL)).all()
        items = {
            "payment": {tuple(row[:2]): row[2:] for row in connection.execute(text(_PAYMENTS))},
            "invoice": {tuple(row[:2]): row[2:] for row in connection.execute(text(_INVOICES))},
        }
    spent: dict[str, Counter[tuple[Any, ...]]] = {"payment": Counter(), "invoice": Counter()}
    found = []
    for name, partner, payment, invoice, amount, currency, *_ in journal:
        for kind, number in (("payment", payment), ("invoice", invoice)):
            spent[kind][partner, number] += amount
            if (partner, number) not in items[kind] or items[kind][partner, number][1] != currency:
                found.append(f"P3 allocation {name} has no {kind} of its partner and currency")
    for kind, rows in items.items():
        for key, (balance, _) in rows.items():
            if balance != WHOLE - spent[kind][key] or not 0 <= balance <= WHOLE:
                found.append(f"P3 {kind} {key} has {balance}, and {spent[kind][key]} of {WHOLE} is allocated")
    return found + list(_reversals(journal))


def violations(engine: Engine, seen: Seen) -> list[str]:
    """Check everything, once all work is done."""
    with engine.connect() as connection:
        mails = connection.execute(text(_MAILS)).mappings().all()
        letters = connection.execute(text(_LETTERS)).mappings().all()
        journal = connection.execute(text(_JOURNAL)).all()
        decided = Counter(connection.scalars(text("SELECT mail_id FROM decision WHERE round = 0")))
        outcomes = {row[0]: row[1] for row in connection.execute(text(_DECISIONS))}
        sealed = connection.scalar(text("SELECT count(*) FROM audit_entry WHERE event = 'decided'"))
    found = [
        *books_violations(engine),
        *_lost(mails, seen),
        *_misfiled(mails, seen),
        *_applied(mails, journal, seen),
        *_letters(letters, seen),
        *_letter_states(letters, seen),
        *_unanswered(journal, letters),
        *_unexplained(mails, decided, outcomes, sealed),
        *_blocked(mails, seen),
        *(f"P12 {finding}" for finding in check_ledger(engine)),
    ]
    return sorted(set(found))


_JOURNAL = (
    "SELECT allocation_id, partner_id, payment_number, invoice_number, amount, currency, request, reverses"
    " FROM allocation ORDER BY allocation_id"
)
_PAYMENTS = "SELECT partner_id, payment_number, unallocated, currency FROM payment"
_INVOICES = "SELECT partner_id, invoice_number, open_amount, currency FROM invoice"
_MAILS = (
    "SELECT mail.id, mail.sha256, phase, attempts, outcome, raw FROM mail"
    " JOIN raw_message ON mail.sha256 = raw_message.sha256 ORDER BY mail.id"
)
_LETTERS = "SELECT id, message_id, mail_id, request, kind, recipient, state, raw FROM letter ORDER BY id"
_DECISIONS = "SELECT mail_id, outcome FROM decision WHERE round = 0"


def _reversals(journal: Iterable[Any]) -> Iterator[str]:
    rows = {row[0]: row for row in journal}
    opposites = Counter(row[7] for row in rows.values() if row[7])
    for name, count in opposites.items():
        if count > 1:
            yield f"P7 allocation {name} was taken back {count} times"
    for name, row in rows.items():
        if row[7] and (row[7] not in rows or rows[row[7]][1:4] != row[1:4] or rows[row[7]][4] != -row[4]):
            yield f"P7 {name} is not the opposite of {row[7]}"


def _lost(mails: Iterable[Any], seen: Seen) -> Iterator[str]:
    stored = Counter(bytes(row["raw"]) for row in mails)
    for row in mails:
        if hashlib.sha256(row["raw"]).hexdigest() != row["sha256"]:
            yield f"P1 the bytes of mail {row['id']} are not those of its hash"
    for raw, copies in seen.put.items():
        if not stored[raw] and not seen.deleted[raw] + seen.carried[raw]:
            yield f"P1 a mail was lost: {_told(raw, seen)}"
        if stored[raw] > copies + seen.returned[raw]:
            yield f"P2 {copies} deliveries became {stored[raw]} mails: {_told(raw, seen)}"
    for raw in stored.keys() - seen.put.keys():
        yield f"P1 a mail that nobody sent: {_told(raw, seen)}"


def _misfiled(mails: Iterable[Any], seen: Seen) -> Iterator[str]:
    outcomes: dict[bytes, set[str]] = defaultdict(set)
    for row in mails:
        outcomes[bytes(row["raw"])].add(row["outcome"])
    standing: Counter[bytes] = Counter()
    for folder, held in seen.folders.items():
        standing.update(held)
        for raw in held:
            if folder == "INBOX":
                yield f"P8 still in the inbox: {_told(raw, seen)}"
            elif folder in OUTCOME_OF and OUTCOME_OF[folder] not in outcomes[raw]:
                yield f"P1 filed under {folder} and decided as {outcomes[raw]}: {_told(raw, seen)}"
    for raw, copies in seen.put.items():
        if standing[raw] != copies - seen.deleted[raw]:
            yield f"P1 {copies} copies came and {standing[raw]} stand in the folders: {_told(raw, seen)}"


def _applied(mails: Iterable[Any], journal: Iterable[Any], seen: Seen) -> Iterator[str]:
    """Every genuine request was applied once; nothing else was. Taken back, it may be applied again."""
    made: Counter[Money] = Counter()
    opposite: Counter[Money] = Counter()
    for row in journal:
        key = (row[1], row[2], row[3], abs(row[4]))
        (opposite if row[7] else made)[key] += 1
    ended: dict[bytes, set[str]] = defaultdict(set)
    for mail in mails:
        ended[bytes(mail["raw"])].add(mail["outcome"])
    asked: dict[Money, list[Written]] = defaultdict(list)
    for raw in seen.put:
        one = seen.written[raw]
        if one.money and one.kind is not Kind.VAGUE:
            asked[one.money].append(one)
    for key in made.keys() - asked.keys():
        yield f"P2 nobody asked for {key}"
    for key, count in made.items():
        if count > 1 + opposite[key]:
            yield f"P2 applied {count} times, taken back {opposite[key]} times: {key}"
    for key, requests in asked.items():
        sure = [one for one in requests if one.kind in (Kind.WHOLE, Kind.PART) or (one.answered_in_time(seen.days))]
        stored = [one for one in sure if ended[one.raw] and "quarantined" not in ended[one.raw]]
        if stored and not made[key]:
            yield f"P1 never applied: {key}"


def _letters(letters: Iterable[Any], seen: Seen) -> Iterator[str]:
    known = {row["message_id"]: row for row in letters}
    accepted = Counter(header(raw, b"message-id") for raw in seen.accepted)
    may_hear = {one.address for one in seen.written.values() if one.heard} | {OPERATIONS}
    for message_id, count in accepted.items():
        if count > 1:
            yield f"P4 the letter {message_id} was accepted {count} times"
        if message_id not in known:
            yield f"P4 the letter {message_id} left and is not in the outbox"
    for raw in seen.accepted:
        row = known.get(header(raw, b"message-id"))
        if row and bytes(row["raw"]) != raw:
            yield f"P4 letter {row['id']} left with other bytes than those in the outbox"
        if row and row["recipient"] not in may_hear:
            yield f"P5 a letter went to {row['recipient']}"


def _letter_states(letters: Iterable[Any], seen: Seen) -> Iterator[str]:
    accepted = Counter(header(raw, b"message-id") for raw in seen.accepted)
    for row in letters:
        left = accepted[row["message_id"]]
        if row["state"] not in ("sent", "uncertain", "failed"):
            yield f"P4 letter {row['id']} is still {row['state']}"
        if (row["state"] == "sent") != bool(left) and row["state"] != "uncertain":
            yield f"P4 letter {row['id']} is {row['state']} and was accepted {left} times"
    for mail_id, count in Counter(row["mail_id"] for row in letters if row["mail_id"]).items():
        if count > 1:
            yield f"P4 mail {mail_id} was answered by {count} letters"


def _unanswered(journal: Iterable[Any], letters: Iterable[Any]) -> Iterator[str]:
    confirmed = {row["request"] for row in letters if row["kind"] == "confirmation"}
    for row in journal:
        if not row[7] and row[6] not in confirmed:
            yield f"P1 allocation {row[0]} was never confirmed"


def _unexplained(mails: Iterable[Any], decided: Counter[int], outcomes: dict[int, str], sealed: Any) -> Iterator[str]:  # noqa: ANN401
    ended = [row for row in mails if row["outcome"]]
    for row in ended:
        if decided[row["id"]] != 1 or outcomes[row["id"]] != row["outcome"]:
            yield f"P6 mail {row['id']} has {decided[row['id']]} decisions"
    if sealed != len(ended) or sum(decided.values()) != len(ended):
        yield f"P6 {len(ended)} mails are decided, {sealed} decisions are sealed"


def _blocked(mails: Iterable[Any], seen: Seen) -> Iterator[str]:
    for row in mails:
        poison = seen.written[bytes(row["raw"])].kind is Kind.POISON if bytes(row["raw"]) in seen.written else False
        if row["outcome"] is None:
            yield f"P8 mail {row['id']} has no end after {row['attempts']} attempts"
        elif poison and row["outcome"] != "quarantined":
            yield f"P8 poison ended as {row['outcome']}"
        elif not poison and row["outcome"] == "quarantined" and seen.crashes < seen.attempts:
            yield f"P8 a good mail ended in quarantine: {row['id']}"


def _told(raw: bytes, seen: Seen) -> str:
    one = seen.written.get(raw)
    return f"{one.kind} {header(raw, b'message-id')}" if one else repr(raw[:60])
