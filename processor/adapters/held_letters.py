"""Which letters a pause of replying holds: all, those of a mailbox, or those to a partner."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, func, select

from processor.adapters.journal_tables import decision, letter, mail, request
from processor.adapters.safety_tables import pause


def _of_request(column: str) -> ColumnElement[str]:
    return select(request.c[column]).where(request.c.reference == letter.c.request).correlate(letter).scalar_subquery()


_MAILBOX = select(mail.c.mailbox).where(mail.c.id == letter.c.mail_id).correlate(letter).scalar_subquery()
_PARTNER = (
    select(decision.c.partner_id)
    .where(decision.c.mail_id == letter.c.mail_id, decision.c.round == 0)
    .correlate(letter)
    .scalar_subquery()
)
_STANDS = pause.c.ended_at.is_(None) & (pause.c.action == "replying")
_ANY = exists().where(_STANDS, pause.c.scope == "all")
_ITS_MAILBOX = exists().where(
    _STANDS, pause.c.scope == "mailbox", pause.c.name == func.coalesce(_of_request("mailbox"), _MAILBOX)
)
_ITS_PARTNER = exists().where(
    _STANDS, pause.c.scope == "partner", pause.c.name == func.coalesce(_of_request("partner_id"), _PARTNER)
)

IS_HELD: ColumnElement[bool] = _ANY | _ITS_MAILBOX | _ITS_PARTNER
