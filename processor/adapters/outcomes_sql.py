"""What became of each mail, as people ask it: one row per mail, newest decision."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Engine, RowMapping, func, select

from processor.adapters.engine import reading
from processor.adapters.journal_tables import decision, letter, mail
from processor.core.decision import Application


@dataclass(frozen=True, slots=True)
class MailOutcome:
    """A decided mail. `letters` counts what was written back."""

    mail_id: int
    sender: str
    subject: str
    outcome: str
    request: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    applications: tuple[Application, ...]
    letters: int


def mail_outcomes(engine: Engine) -> tuple[MailOutcome, ...]:
    """Return every decided mail in order of arrival."""
    newest = (
        select(decision.c.mail_id, func.max(decision.c.round).label("round")).group_by(decision.c.mail_id).subquery()
    )
    written = select(func.count()).where(letter.c.mail_id == mail.c.id).scalar_subquery()
    of_mail = (mail.c.id, mail.c.subject, mail.c.outcome, mail.c.request, written.label("letters"))
    of_decision = (decision.c.sender, decision.c.reasons, decision.c.missing, decision.c.applications)
    rows = (
        select(*of_mail, *of_decision)
        .join(decision, decision.c.mail_id == mail.c.id)
        .join(newest, (newest.c.mail_id == decision.c.mail_id) & (newest.c.round == decision.c.round))
        .order_by(mail.c.id)
    )
    with reading(engine) as connection:
        return tuple(_outcome(row) for row in connection.execute(rows).mappings())


def _outcome(row: RowMapping) -> MailOutcome:
    return MailOutcome(
        mail_id=row["id"],
        sender=row["sender"],
        subject=row["subject"] or "",
        outcome=row["outcome"],
        request=row["request"] or "",
        reasons=tuple(json.loads(row["reasons"])),
        missing=tuple(json.loads(row["missing"])),
        applications=tuple(Application(**one) for one in json.loads(row["applications"])),
        letters=row["letters"],
    )
