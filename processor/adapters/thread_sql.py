"""One conversation as a person reads it: its mails with what was decided, its letters, its money. Reading only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, select

from processor.adapters.engine import reading
from processor.adapters.journal_tables import decision, letter, mail, raw_message, request
from processor.adapters.ledger_values import allocation_from
from processor.adapters.tables import allocation, partner
from processor.core.decision import Application, RuleTrace
from processor.core.model import Allocation
from processor.core.request import Evidence
from processor.ports import StoredMail


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision about a mail: round 0 is the processor's, later ones are people's."""

    round: int
    outcome: str
    language: str
    missing: tuple[str, ...]
    reasons: tuple[str, ...]
    applications: tuple[Application, ...]
    evidence: tuple[Evidence, ...]
    trail: tuple[RuleTrace, ...]
    actor: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Posted:
    """A mail of the conversation; `raw` is empty where its bytes were erased."""

    stored: StoredMail
    sender: str
    subject: str
    outcome: str
    decisions: tuple[Decided, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A letter of ours, as it stands in the outbox."""

    id: int
    mail_id: int | None
    kind: str
    recipient: str
    subject: str
    text: str
    state: str
    note: str
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation. `reference` is empty for a mail that belongs to no request."""

    reference: str
    state: str
    partner_id: str
    partner_name: str
    mails: tuple[Posted, ...]
    letters: tuple[Written, ...]
    allocations: tuple[Allocation, ...]


def read_thread(engine: Engine, key: str) -> Thread | None:
    """Return the conversation of a request's reference or of `mail-NUMBER`, or None where there is none."""
    with reading(engine) as connection:
        reference, mail_id = _sought(connection, key)
        if reference:
            return _of_request(connection, reference)
        return None if mail_id is None else _of_mail(connection, mail_id)


def read_mail(engine: Engine, mail_id: int) -> StoredMail | None:
    """Return one mail's bytes."""
    with reading(engine) as connection:
        row = connection.execute(_MAILS.where(mail.c.id == mail_id)).mappings().one_or_none()
        return None if row is None else _stored(row)


_MAILS = select(mail, raw_message.c.raw).join(raw_message, mail.c.sha256 == raw_message.c.sha256, isouter=True)


def _sought(connection: Connection, key: str) -> tuple[str, int | None]:
    number = key.removeprefix("mail-")
    if number == key or not (number.isascii() and number.isdecimal()) or len(number) > 18:  # noqa: PLR2004 eight bytes
        return (key if number == key else ""), None
    found = connection.execute(select(mail.c.request).where(mail.c.id == int(number))).one_or_none()
    if found is None:
        return "", None
    return found[0] or "", int(number)


def _of_request(connection: Connection, reference: str) -> Thread | None:
    row = connection.execute(select(request).where(request.c.reference == reference)).mappings().one_or_none()
    if row is None:
        return None
    mails = _mails(connection, mail.c.request == reference)
    letters = select(letter).where(letter.c.request == reference).order_by(letter.c.id)
    money = select(allocation).where(allocation.c.request == reference)
    money = money.order_by(allocation.c.allocated_at, allocation.c.allocation_id)
    return Thread(
        reference=reference,
        state=row["state"],
        partner_id=row["partner_id"] or "",
        partner_name=_name(connection, row["partner_id"]),
        mails=mails,
        letters=tuple(_written(one) for one in connection.execute(letters).mappings()),
        allocations=tuple(allocation_from(one) for one in connection.execute(money).mappings()),
    )


def _of_mail(connection: Connection, mail_id: int) -> Thread:
    mails = _mails(connection, mail.c.id == mail_id)
    letters = select(letter).where(letter.c.mail_id == mail_id).order_by(letter.c.id)
    ids = select(decision.c.partner_id).where(decision.c.mail_id == mail_id).order_by(decision.c.round.desc()).limit(1)
    partner_id = connection.scalar(ids) or ""
    return Thread(
        reference="",
        state="",
        partner_id=partner_id,
        partner_name=_name(connection, partner_id),
        mails=mails,
        letters=tuple(_written(one) for one in connection.execute(letters).mappings()),
        allocations=(),
    )


def _mails(connection: Connection, those: object) -> tuple[Posted, ...]:
    rows = connection.execute(_MAILS.where(those).order_by(mail.c.id)).mappings().all()  # type: ignore[arg-type]
    ids = [row["id"] for row in rows]
    found: dict[int, list[Decided]] = {one: [] for one in ids}
    decided = select(decision).where(decision.c.mail_id.in_(ids)).order_by(decision.c.mail_id, decision.c.round)
    for row in connection.execute(decided).mappings():
        found[row["mail_id"]].append(_decided(row))
    return tuple(
        Posted(_stored(row), row["sender"] or "", row["subject"] or "", row["outcome"] or "", tuple(found[row["id"]]))
        for row in rows
    )


def _name(connection: Connection, partner_id: str | None) -> str:
    return connection.scalar(select(partner.c.name).where(partner.c.partner_id == (partner_id or ""))) or ""


def _stored(row: RowMapping) -> StoredMail:
    return StoredMail(
        id=row["id"],
        mailbox=row["mailbox"],
        raw=row["raw"] or b"",
        sha256=row["sha256"],
        received_at=row["received_at"],
        attempts=row["attempts"],
        headers_only=bool(row["headers_only"]),
        size=row["size"],
    )


def _decided(row: RowMapping) -> Decided:
    return Decided(
        round=row["round"],
        outcome=row["outcome"],
        language=row["language"],
        missing=tuple(json.loads(row["missing"])),
        reasons=tuple(json.loads(row["reasons"])),
        applications=tuple(Application(**one) for one in json.loads(row["applications"])),
        evidence=tuple(Evidence(**one) for one in json.loads(row["evidence"])),
        trail=tuple(RuleTrace(**one) for one in json.loads(row["trail"])),
        actor=row["actor"],
        decided_at=row["decided_at"],
    )


def _written(row: RowMapping) -> Written:
    return Written(
        id=row["id"],
        mail_id=row["mail_id"],
        kind=row["kind"],
        recipient=row["recipient"],
        subject=row["subject"],
        text=row["text"],
        state=row["state"],
        note=row["note"],
        queued_at=row["queued_at"],
    )
