"""The queue of operations: what waits for a person, filtered and searched, a page at a time. Reading only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, Select, func, or_, select

from processor.adapters.engine import reading
from processor.adapters.journal_tables import decision, mail, review_item
from processor.adapters.tables import partner

PAGE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; an empty value asks for all. `before` is UTC, `offset` the number of rows passed over."""

    state: str = "open"
    kind: str = ""
    partner_id: str = ""
    assignee: str = ""
    language: str = ""
    before: datetime | None = None
    words: str = ""
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One review item with the mail or request it is about; `opened_at` is UTC."""

    id: int
    kind: str
    note: str
    state: str
    opened_at: datetime
    mail_id: int | None
    request: str
    partner_id: str
    partner_name: str
    assignee: str
    sender: str
    subject: str
    language: str
    resolution: str
    closed_by: str

    @property
    def key(self) -> str:
        """What its page is called by: the request, else the mail."""
        return self.request or (f"mail-{self.mail_id}" if self.mail_id is not None else "")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the queue can be filtered by: values that occur among open items, with their counts."""

    kinds: tuple[tuple[str, int], ...]
    assignees: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of the queue, how many items there are in all, and the filters' choices."""

    items: tuple[Item, ...]
    count: int
    choices: Choices


_ITEMS = (
    select(
        review_item,
        mail.c.sender,
        mail.c.subject,
        mail.c.request.label("mail_request"),
        partner.c.name,
        decision.c.language,
    )
    .join(mail, review_item.c.mail_id == mail.c.id, isouter=True)
    .join(partner, review_item.c.partner_id == partner.c.partner_id, isouter=True)
    .join(decision, (decision.c.mail_id == review_item.c.mail_id) & (decision.c.round == 0), isouter=True)
)


def read_queue(engine: Engine, wanted: Wanted) -> Queue:
    """Return a page of review items, the oldest first."""
    those = _ITEMS.where(*_conditions(wanted))
    page = those.order_by(review_item.c.opened_at, review_item.c.id).limit(PAGE).offset(wanted.offset)
    with reading(engine) as connection:
        items = tuple(_item(row) for row in connection.execute(page).mappings())
        count = connection.scalar(select(func.count()).select_from(those.subquery())) or 0
        return Queue(items, count, _choices(connection))


def read_items(engine: Engine, *, request_reference: str = "", mail_id: int | None = None) -> tuple[Item, ...]:
    """Return the items about a request or a mail, open ones first."""
    about: ColumnElement[bool] = review_item.c.mail_id == mail_id
    if request_reference:
        about = or_(review_item.c.request == request_reference, mail.c.request == request_reference)
    found = _ITEMS.where(about).order_by(review_item.c.state.desc(), review_item.c.id)
    with reading(engine) as connection:
        return tuple(_item(row) for row in connection.execute(found).mappings())


def read_item(engine: Engine, item_id: int) -> Item | None:
    """Return one item."""
    with reading(engine) as connection:
        row = connection.execute(_ITEMS.where(review_item.c.id == item_id)).mappings().one_or_none()
    return None if row is None else _item(row)


def next_open(engine: Engine, after: int) -> Item | None:
    """Return the open item behind this one, else the first there is."""
    first = _ITEMS.where(review_item.c.state == "open").order_by(review_item.c.id).limit(1)
    with reading(engine) as connection:
        row = connection.execute(first.where(review_item.c.id > after)).mappings().one_or_none()
        row = row or connection.execute(first).mappings().one_or_none()
    return None if row is None else _item(row)


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.state:
        yield review_item.c.state == wanted.state
    if wanted.kind:
        yield review_item.c.kind == wanted.kind
    if wanted.partner_id:
        yield review_item.c.partner_id == wanted.partner_id
    if wanted.assignee:
        mine = review_item.c.assigned_to
        yield mine.is_(None) if wanted.assignee == "nobody" else mine == wanted.assignee
    if wanted.language:
        yield decision.c.language == wanted.language
    if wanted.before:
        yield review_item.c.opened_at < wanted.before
    for word in wanted.words.split():
        yield _holds(word)


def _holds(word: str) -> ColumnElement[bool]:
    """A word is looked for in partner, request, sender, subject, and in what the mail was understood to name."""
    places = (
        review_item.c.partner_id,
        review_item.c.request,
        partner.c.name,
        mail.c.sender,
        mail.c.subject,
        decision.c.evidence,
    )
    return or_(*(place.icontains(word, autoescape=True) for place in places))


def _choices(connection: Connection) -> Choices:
    is_open = review_item.c.state == "open"
    spoken = select(decision.c.language, func.count()).join(
        review_item, (decision.c.mail_id == review_item.c.mail_id) & (decision.c.round == 0)
    )
    return Choices(
        _counted(connection, select(review_item.c.kind, func.count()).where(is_open)),
        _counted(connection, select(review_item.c.assigned_to, func.count()).where(is_open)),
        _counted(connection, spoken.where(is_open)),
    )


def _counted(connection: Connection, query: Select[Any]) -> tuple[tuple[str, int], ...]:
    column = query.selected_columns[0]
    rows = connection.execute(query.group_by(column).order_by(column))
    return tuple((row[0], row[1]) for row in rows if row[0])


def _item(row: RowMapping) -> Item:
    return Item(
        id=row["id"],
        kind=row["kind"],
        note=row["note"],
        state=row["state"],
        opened_at=row["opened_at"],
        mail_id=row["mail_id"],
        request=row["request"] or row["mail_request"] or "",
        partner_id=row["partner_id"] or "",
        partner_name=row["name"] or "",
        assignee=row["assigned_to"] or "",
        sender=row["sender"] or "",
        subject=row["subject"] or "",
        language=row["language"] or "",
        resolution=row["resolution"],
        closed_by=row["closed_by"] or "",
    )
