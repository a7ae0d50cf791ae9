"""What is done to an item itself: given to somebody, noted, closed without a decision, opened again."""

from __future__ import annotations

from collections.abc import Callable

from processor.adapters.person_act import NotHeldError
from processor.adapters.queue_sql import read_item
from processor.adapters.review_acts import ItemActs
from processor.console.api.acts import ItemAsked
from processor.console.api.problems import Code, ProblemError
from processor.console.api.queue import Item
from processor.console.api.shape import Note, Sent, Word, Words, said
from processor.console.room import Visit


class AssignSent(Sent):
    """Who takes it: a login; empty for nobody, left out for yourself."""

    to: Word | None = None


class NoteSent(Sent):
    """Words for whoever looks at it next."""

    note: Note


class ReopenSent(Sent):
    """Why, for the record."""

    note: Words = ""


def show_item(visit: Visit, asked: ItemAsked) -> Item:
    """One item of the queue."""
    return _item(visit, asked.item)


def assign_item(visit: Visit, asked: ItemAsked, sent: AssignSent) -> Item:
    """Give an open item to somebody."""
    to = visit.login if sent.to is None else sent.to
    return _done(visit, asked, lambda acts: acts.assign(asked.item, to))


def note_item(visit: Visit, asked: ItemAsked, sent: NoteSent) -> Item:
    """Add words to an item."""
    words = said(sent.note)
    return _done(visit, asked, lambda acts: acts.note(asked.item, words))


def close_item(visit: Visit, asked: ItemAsked, sent: NoteSent) -> Item:
    """End an open item that asks for no decision."""
    words = said(sent.note)
    return _done(visit, asked, lambda acts: acts.close(asked.item, words))


def reopen_item(visit: Visit, asked: ItemAsked, sent: ReopenSent) -> Item:
    """Open an item that is done."""
    return _done(visit, asked, lambda acts: acts.reopen(asked.item, sent.note))


def _done(visit: Visit, asked: ItemAsked, act: Callable[[ItemActs], None]) -> Item:
    _item(visit, asked.item)
    try:
        act(ItemActs(visit.room.engine, visit.login, visit.now))
    except NotHeldError as error:
        raise ProblemError(Code.CONFLICT, f"{error}.") from None
    return _item(visit, asked.item)


def _item(visit: Visit, number: int) -> Item:
    found = read_item(visit.room.engine, number)
    if found is None:
        raise ProblemError(Code.NOT_FOUND, f"There is no review item {number}.")
    return Item.model_validate(found)
