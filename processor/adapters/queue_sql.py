"""The queue of operations: what waits for a person, filtered and searched, a page at a time. Reading only.

A page begins behind the last item of the page before, so that the thousandth costs what the first does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, Select, func, or_, select, tuple_

from processor.adapters.engine import reading
from processor.adapters.journal_tables import decision, mail, review_item
from processor.adapters.tables import partner

PAGE = 50
MOST = 1000  # items that a search finds


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; an empty value asks for all. `before` is UTC, `after` the last item of the page before."""

    state: str = "open"
    kind: str = ""
    partner_id: str = ""
    assignee: str = ""
    language: str = ""
    before: datetime | None = None
    words: str = ""
    after: int = 0


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
    """One page of the queue, how many items there are in all, the filters' choices, and whether there is more."""

    items: tuple[Item, ...]
    count: int
    choices: Choices
    more: bool = False


_JOINED = (
    review_item.outerjoin(mail, review_item.c.mail_id == mail.c.id)
    .outerjoin(partner, review_item.c.partner_id == partner.c.partner_id)
    .outerjoin(decision, (decision.c.mail_id == review_item.c.mail_id) & (decision.c.round == 0))
)
_ITEMS = select(
    review_item,
    mail.c.sender,
    mail.c.subject,
    mail.c.request.label("mail_request"),
    partner.c.name,
    decision.c.language,
).select_from(_JOINED)


def read_queue(engine: Engine, wanted: Wanted) -> Queue:
    """Return a page of review items: what is open the oldest first, what is done the newest first."""
    with reading(engine) as connection:
        found = _found(connection, wanted) if wanted.words else None
        items = _page(connection, wanted, found)
        count = _count(connection, wanted) if found is None else len(found)
        return Queue(items[:PAGE], count, _choices(connection), len(items) > PAGE)


def read_oldest(engine: Engine, count: int) -> tuple[Item, ...]:
    """Return the open items that have waited longest."""
    oldest = _ITEMS.where(review_item.c.state == "open").order_by(*_order(Wanted())).limit(count)
    with reading(engine) as connection:
        return tuple(_item(row) for row in connection.execute(oldest).mappings())


def read_items(engine: Engine, *, request_reference: str = "", mail_id: int | None = None) -> tuple[Item, ...]:
    """Return the items about a request or a mail, open ones first."""
    about: ColumnElement[bool] = review_item.c.mail_id == mail_id
    if request_reference:
        mails = select(mail.c.id).where(mail.c.request == request_reference)
        about = or_(review_item.c.request == request_reference, review_item.c.mail_id.in_(mails))
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


def _found(connection: Connection, wanted: Wanted) -> list[int]:
    """Search once: return the numbers of what is found, in order."""
    numbers = select(review_item.c.id).select_from(_JOINED).where(*_conditions(wanted))
    return list(connection.scalars(numbers.order_by(*_order(wanted)).limit(MOST)))


def _page(connection: Connection, wanted: Wanted, found: list[int] | None) -> tuple[Item, ...]:
    """Return the items of one page, and one more where there is more."""
    if found is None:
        those = _ITEMS.where(*_conditions(wanted), *_behind(wanted)).limit(PAGE + 1)
    else:
        start = found.index(wanted.after) + 1 if wanted.after in found else 0
        those = _ITEMS.where(review_item.c.id.in_(found[start : start + PAGE + 1]))
    rows = connection.execute(those.order_by(*_order(wanted))).mappings()
    return tuple(_item(row) for row in rows)


def _count(connection: Connection, wanted: Wanted) -> int:
    """Count without the tables that no filter asks for."""
    those = select(func.count()).select_from(_JOINED if wanted.language else review_item)
    return connection.scalar(those.where(*_conditions(wanted))) or 0


def _order(wanted: Wanted) -> tuple[ColumnElement[Any], ...]:
    columns = (review_item.c.opened_at, review_item.c.id)
    return tuple(one.desc() for one in columns) if wanted.state == "done" else columns


def _behind(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.after:
        last = select(review_item.c.opened_at).where(review_item.c.id == wanted.after).scalar_subquery()
        here, there = tuple_(review_item.c.opened_at, review_item.c.id), tuple_(last, wanted.after)
        yield here < there if wanted.state == "done" else here > there


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
    """A word is looked for in partner, request, sender and subject; a number also in what the mail was read to name."""
    places = (review_item.c.partner_id, review_item.c.request, partner.c.name, mail.c.sender, mail.c.subject)
    named = [place.icontains(word, autoescape=True) for place in places]
    if any(char.isdecimal() for char in word):
        named.append(decision.c.evidence.contains(word.upper(), autoescape=True))  # numbers are kept in capitals
    return or_(*named)


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
