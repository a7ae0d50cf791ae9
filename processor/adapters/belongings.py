"""What belongs to one partner: its requests, the mails about it, our letters, the items that people looked at.

A mail that concerns several partners belongs to none of them; how many such there are is told.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from processor.adapters.journal_tables import decision, letter, mail, request, review_item
from processor.adapters.tables import contact

_decided, _asked, _on_file = decision.alias(), request.alias(), contact.alias()


@dataclass(frozen=True, slots=True)
class Belongings:
    """Keys of rows; `shared` counts mails of its contacts that concern several partners."""

    partner_id: str
    mails: tuple[int, ...]
    requests: tuple[str, ...]
    letters: tuple[int, ...]
    items: tuple[int, ...]
    shared: int


def belongings_of(connection: Connection, partner_id: str) -> Belongings:
    """Gather what belongs to a partner; of a partner that isn't on file, what its decisions left."""
    mails = select(mail.c.id).where(_is_of(partner_id))
    requests = select(request.c.reference).where(
        (request.c.partner_id == partner_id)
        | (request.c.partner_id.is_(None) & request.c.reference.in_(select(mail.c.request).where(_is_of(partner_id))))
    )
    letters = select(letter.c.id).where(or_(letter.c.mail_id.in_(mails), letter.c.request.in_(requests)))
    items = select(review_item.c.id).where(
        or_(
            review_item.c.mail_id.in_(mails),
            review_item.c.request.in_(requests),
            review_item.c.partner_id == partner_id,
        )
    )
    return Belongings(
        partner_id,
        tuple(connection.scalars(mails.order_by(mail.c.id))),
        tuple(connection.scalars(requests.order_by(request.c.reference))),
        tuple(connection.scalars(letters.order_by(letter.c.id))),
        tuple(connection.scalars(items.order_by(review_item.c.id))),
        connection.scalars(select(func.count()).select_from(mail).where(_is_shared(partner_id))).one(),
    )


def _is_of(partner_id: str) -> ColumnElement[bool]:
    """Decided for it, of a request of its, or, where it was decided for nobody, written by a contact of its alone."""
    decided = exists().where(_decided.c.mail_id == mail.c.id, _decided.c.partner_id == partner_id).correlate(mail)
    asked = exists().where(_asked.c.reference == mail.c.request, _asked.c.partner_id == partner_id).correlate(mail)
    return decided | asked | (_is_nobodys() & _is_written_for(partner_id) & ~_serves_others(partner_id))


def _is_shared(partner_id: str) -> ColumnElement[bool]:
    return _is_nobodys() & _is_written_for(partner_id) & _serves_others(partner_id)


def _is_nobodys() -> ColumnElement[bool]:
    decided = exists().where(_decided.c.mail_id == mail.c.id, _decided.c.partner_id.is_not(None)).correlate(mail)
    asked = exists().where(_asked.c.reference == mail.c.request, _asked.c.partner_id.is_not(None)).correlate(mail)
    return ~decided & ~asked


def _is_written_for(partner_id: str) -> ColumnElement[bool]:
    return exists().where(_on_file.c.address_key == mail.c.sender, _on_file.c.partner_id == partner_id).correlate(mail)


def _serves_others(partner_id: str) -> ColumnElement[bool]:
    return exists().where(_on_file.c.address_key == mail.c.sender, _on_file.c.partner_id != partner_id).correlate(mail)
