"""Mails and their parts as they came: bytes to keep, never of a kind that anything would open."""

from __future__ import annotations

from processor.adapters.thread_sql import read_mail
from processor.console.api.problems import Code, ProblemError
from processor.console.api.shape import Asked, File, Name, Number
from processor.console.mail_parts import part_of
from processor.console.room import Visit
from processor.ports import StoredMail


class MailAsked(Asked):
    """Which mail."""

    mail: Number


class PartAsked(Asked):
    """Which part of which mail; an attachment names it."""

    mail: Number
    part: Name


def download_mail(visit: Visit, asked: MailAsked) -> File:
    """A mail's bytes, as they came."""
    stored = _stored(visit, asked.mail)
    return File(name=f"mail-{stored.id}.eml", content=stored.raw)


def download_part(visit: Visit, asked: PartAsked) -> File:
    """One part of a mail, decoded."""
    found = part_of(visit, _stored(visit, asked.mail), asked.part)
    if found is None:
        raise ProblemError(Code.NOT_FOUND, "There is no such part.")
    return File(name=found.name or f"part-{found.path}", content=found.data)


def _stored(visit: Visit, number: int) -> StoredMail:
    stored = read_mail(visit.room.engine, number)
    if stored is None or not stored.raw:
        raise ProblemError(Code.NOT_FOUND, f"There is no mail {number}, or its bytes were erased.")
    return stored
