"""A mailbox over IMAP. Mail is named by UID under a UIDVALIDITY, never searched for by anything a mail says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import Any

from imapclient import DELETED, IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from processor.adapters.imap_idle import IdleWatch
from processor.adapters.imap_session import TROUBLE, ImapSession, Opened, imap_error
from processor.adapters.mail_errors import CommandForbiddenError, FolderRebuiltError
from processor.adapters.mail_server import MailServer
from processor.ports import Envelope, FetchedMail, FolderStatus

UIDS_PER_COMMAND = 500  # servers refuse longer lines
MAILS_PER_FETCH = 100
BYTES_PER_FETCH = 4_000_000  # the client library holds some four times as much
PIECE = 1_000_000  # bytes; a bigger mail comes in pieces of this size
HEADER_BYTES = 256_000  # of a mail whose body is not wanted
SEARCHED_AT_ONCE = 50_000  # mails; the answer is one line, and the client library reads at most a million bytes
LIFE_SECONDS = 50 * 60.0  # access tokens live an hour


class ImapMailbox:
    """`Mailbox` over one connection for the work and one for waiting, both made when first needed.

    Folder names are ours: `INBOX`, `Requests/Applied`; the server's separator and namespace are put in here. After any
    error the connection is dropped and the next call makes a new one. Calls from several threads take turns.
    """

    def __init__(self, server: MailServer, *, name: str = "", inbox: str = "INBOX") -> None:
        self.name = name or (server.login.user if server.login else server.host)
        self._server = server
        self._session: ImapSession | None = None
        self._uidvalidity: dict[str, int] = {}  # as `status` last said it
        self._turn = threading.RLock()
        self._watch = IdleWatch(server, inbox)

    def status(self, folder: str) -> FolderStatus:
        with self._connected(f"STATUS {folder}") as session:
            found = session.status(folder)
            status = FolderStatus(found[b"UIDVALIDITY"], found[b"UIDNEXT"], found[b"MESSAGES"])
            if status.uidvalidity <= 0:
                raise CommandForbiddenError(self._server.address, f"STATUS {folder}", "the folder has no UIDVALIDITY")
            self._uidvalidity[folder] = status.uidvalidity
            return status

    def envelopes_after(self, folder: str, last_uid: int) -> tuple[Envelope, ...]:
        with self._connected(f"list {folder}") as session:
            opened = self._same(session.open(folder, read_only=True))
            found = _search(session, opened, last_uid)
            return tuple(envelope for uids in _split(found) for envelope in _envelopes(session, uids))

    def all_uids(self, folder: str) -> tuple[int, ...]:
        with self._connected(f"list {folder}") as session:
            return tuple(_search(session, session.open(folder, read_only=True), 0))

    def fetch(self, folder: str, envelopes: Sequence[Envelope], *, headers_only: bool = False) -> Iterator[FetchedMail]:
        for batch in _batches(envelopes, headers_only=headers_only):
            with self._connected(f"FETCH from {folder}") as session:
                self._same(session.keep_open(folder, read_only=True))
                mails = _bodies(session, batch, headers_only=headers_only)
            yield from mails

    def move(self, folder: str, uids: Sequence[int], target: str, *, uidvalidity: int | None = None) -> None:
        for some in _split(uids):
            with self._connected(f"move from {folder} to {target}") as session:
                self._same(session.keep_open(folder, read_only=False), uidvalidity)
                self._with_folder(session, target, partial(_move, session, some))

    def append(self, folder: str, raw: bytes) -> None:
        with self._connected(f"APPEND to {folder}") as session:
            self._with_folder(session, folder, partial(_append, session, raw))

    def wait(self, seconds: float) -> bool:
        return self._watch.wait(seconds)

    def close(self) -> None:
        self._watch.close()
        with self._turn:
            session, self._session = self._session, None
            if session is not None:
                session.leave()

    @contextmanager
    def _connected(self, operation: str) -> Iterator[ImapSession]:
        with self._turn:
            try:
                yield self._live_session()
            except TROUBLE as error:
                self._drop()
                raise imap_error(self._server.address, operation, error) from error

    def _live_session(self) -> ImapSession:
        if self._session and time.monotonic() - self._session.born > LIFE_SECONDS:
            self._session.leave()
            self._session = None
        if self._session is None:
            self._session = ImapSession(self._server)
        return self._session

    def _drop(self) -> None:
        if self._session is not None:
            self._session.drop()
            self._session = None

    def _same(self, opened: Opened, expected: int | None = None) -> Opened:
        """Raise where the folder is not the one whose UIDs the caller speaks of (RFC 9051 section 2.3.1.1)."""
        known = expected or self._uidvalidity.get(opened.folder, opened.uidvalidity)
        if opened.uidvalidity != known:
            words = f"UIDVALIDITY is {opened.uidvalidity} and was {known}"
            raise FolderRebuiltError(self._server.address, f"open {opened.folder}", words)
        return opened

    @staticmethod
    def _with_folder(session: ImapSession, folder: str, act: Callable[[str], object]) -> None:
        """Do it; where the server refuses and the folder is missing, create the folder and do it again."""
        name = session.naming.spell(folder)
        try:
            act(name)
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            if not session.create(folder):
                raise
            act(name)


def _split(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), UIDS_PER_COMMAND):
        yield uids[start : start + UIDS_PER_COMMAND]


def _search(session: ImapSession, opened: Opened, last_uid: int) -> list[int]:
    """UIDs above `last_uid`, in order. `n:*` names the newest mail even where its UID is below n: filtered."""
    criteria: list[str] = ["UID", f"{last_uid + 1}:*"]
    if opened.messages <= SEARCHED_AT_ONCE:
        found = session.client.search(criteria)
    else:  # by sequence number, so that every answer is short
        starts = range(1, opened.messages + 1, SEARCHED_AT_ONCE)
        ranges = [f"{start}:{min(start + SEARCHED_AT_ONCE - 1, opened.messages)}" for start in starts]
        found = [uid for numbers in ranges for uid in session.client.search([numbers, *criteria])]
    return sorted({uid for uid in found if uid > last_uid})


def _envelopes(session: ImapSession, uids: Sequence[int]) -> list[Envelope]:
    answers: dict[int, dict[bytes, Any]] = session.client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
    return [
        Envelope(uid, int(answer[b"RFC822.SIZE"]), _moment(answer))
        for uid, answer in sorted(answers.items())
        if b"RFC822.SIZE" in answer  # else it has gone, and the server only told of a flag
    ]


def _moment(answer: dict[bytes, Any]) -> datetime:
    """INTERNALDATE in UTC; a date that cannot be read becomes the moment we saw the mail."""
    found = answer.get(b"INTERNALDATE")
    return found.astimezone(UTC) if isinstance(found, datetime) else datetime.now(UTC)


def _batches(envelopes: Sequence[Envelope], *, headers_only: bool) -> Iterator[list[Envelope]]:
    """Group mails so that one answer stays small; a mail above `PIECE` goes alone."""
    batch: list[Envelope] = []
    room = BYTES_PER_FETCH
    for envelope in envelopes:
        cost = min(envelope.size, HEADER_BYTES) if headers_only else envelope.size
        if batch and (cost > min(room, PIECE) or len(batch) == MAILS_PER_FETCH):
            yield batch
            batch, room = [], BYTES_PER_FETCH
        batch.append(envelope)
        room = 0 if cost > PIECE else room - cost
    if batch:
        yield batch


def _bodies(session: ImapSession, batch: list[Envelope], *, headers_only: bool) -> list[FetchedMail]:
    if headers_only:
        raws = _parts(session, [one.uid for one in batch], f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>")
    elif batch[0].size > PIECE:
        raws = _in_pieces(session, batch[0])
    else:
        raws = _parts(session, [one.uid for one in batch], "BODY.PEEK[]")
    return [
        FetchedMail(one.uid, one.received_at, raws[one.uid], headers_only=headers_only, size=one.size)
        for one in batch
        if one.uid in raws
    ]


def _parts(session: ImapSession, uids: list[int], item: str) -> dict[int, bytes]:
    """Fetch one body section of some mails; those that have gone are missing from the answer."""
    answers: dict[int, dict[bytes, Any]] = session.client.fetch(uids, [item])
    sections = {uid: [key for key in answer if key.startswith(b"BODY[")] for uid, answer in answers.items()}
    return {uid: answers[uid][keys[0]] or b"" for uid, keys in sections.items() if keys}


def _in_pieces(session: ImapSession, one: Envelope) -> dict[int, bytes]:
    """Fetch a big mail piece by piece up to the first short one, since RFC822.SIZE may be an estimate."""
    whole = BytesIO(bytes(one.size))  # room for all: growing would copy, and handing out its bytes doesn't
    while True:
        found = _parts(session, [one.uid], f"BODY.PEEK[]<{whole.tell()}.{PIECE}>")
        if one.uid not in found:
            return {}
        whole.write(found[one.uid])
        if len(found[one.uid]) < PIECE:
            whole.truncate()
            return {one.uid: whole.getvalue()}


def _append(session: ImapSession, raw: bytes, name: str) -> None:
    session.client.append(name, raw)


def _move(session: ImapSession, uids: Sequence[int], name: str) -> None:
    """Move mails; where the server refuses because some have gone, move the others."""
    try:
        _relocate(session.client, uids, name)
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        left = session.client.search(["UID", ",".join(map(str, uids))])
        if len(left) == len(uids):
            raise
        if left:
            _relocate(session.client, left, name)


def _relocate(client: IMAPClient, uids: Sequence[int], name: str) -> None:
    """MOVE (RFC 6851), or its parts. A plain EXPUNGE would also remove what a colleague marked deleted.

    Without UIDPLUS the mail stays behind, marked deleted, for the server's own clean-up.
    """
    if client.has_capability("MOVE"):
        client.move(uids, name)
        return
    client.copy(uids, name)
    client.add_flags(uids, DELETED, silent=True)
    if client.has_capability("UIDPLUS"):
        client.uid_expunge(uids)
