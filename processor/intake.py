"""Mail goes from the mailbox into the database before anything else happens to it, and to its folder last of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from processor import events
from processor.failpoints import Failpoint, reached
from processor.ports import Envelope, FetchedMail, Intake, Mailbox, ToFile

MOVED_AT_ONCE = 500  # mails in one command and one transaction


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken in at once, in mails and bytes, and up to which size (bytes) a mail is taken in whole."""

    batch: int
    batch_bytes: int
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Arrivals:
    """One folder of one mailbox. `folders` maps each outcome to the folder where its mails are filed."""

    mailbox: Mailbox
    intake: Intake
    folder: str
    folders: Mapping[str, str]
    limits: Limits

    def take_in(self) -> Iterator[int]:
        """Store what has arrived, batch by batch; yields after each commit how many mails were new."""
        status = self.mailbox.status(self.folder)
        uidvalidity, last_uid = self.intake.watermark(self.mailbox.name, self.folder)
        if status.uidvalidity != uidvalidity:
            if uidvalidity:
                events.folder_rebuilt(self.mailbox.name, self.folder, uidvalidity, status.uidvalidity)
            yield self._store(status.uidvalidity, ())
            last_uid = 0
        if status.uidnext > last_uid + 1:
            for batch in self._batches(self.mailbox.envelopes_after(self.folder, last_uid)):
                fetched = self._fetch(batch)
                reached(Failpoint.FETCHED)
                new = self._store(status.uidvalidity, fetched)
                del fetched  # they may be large, and whoever decides them reads them anew
                yield new

    def file_away(self) -> int:
        """Move decided mails to their outcome's folder; return how many. Moving a mail that has gone does nothing."""
        count = 0
        while items := self.intake.to_file(self.mailbox.name, MOVED_AT_ONCE):
            for (folder, uidvalidity, target), some in groupby(sorted(items, key=_destination), key=_destination):
                group = tuple(some)
                self._move(folder, uidvalidity, target, group)
                reached(Failpoint.MOVED)
                self.intake.filed(group)
                reached(Failpoint.FILED)
                events.mails_filed(self.mailbox.name, self.folders[target], len(group))
            count += len(items)
        return count

    def _move(self, folder: str, uidvalidity: int, target: str, group: Sequence[ToFile]) -> None:
        """A folder that was rebuilt meanwhile raises: the UIDs would name other mails."""
        if self.folders[target] != folder:
            uids = [item.uid for item in group]
            self.mailbox.move(folder, uids, self.folders[target], uidvalidity=uidvalidity)

    def _batches(self, envelopes: Sequence[Envelope]) -> Iterator[list[Envelope]]:
        batch: list[Envelope] = []
        weight = 0
        for envelope in envelopes:
            if batch and (len(batch) == self.limits.batch or weight + self._weight(envelope) > self.limits.batch_bytes):
                yield batch
                batch, weight = [], 0
            batch.append(envelope)
            weight += self._weight(envelope)
        if batch:
            yield batch

    def _weight(self, envelope: Envelope) -> int:
        return 0 if envelope.size > self.limits.max_bytes else envelope.size

    def _fetch(self, batch: Sequence[Envelope]) -> list[FetchedMail]:
        """Fetch a batch in UID order, since the watermark may only rise over what is stored."""
        whole = [one for one in batch if one.size <= self.limits.max_bytes]
        oversize = [one for one in batch if one.size > self.limits.max_bytes]
        fetched = [*self.mailbox.fetch(self.folder, whole)]
        fetched += self.mailbox.fetch(self.folder, oversize, headers_only=True)
        return sorted(fetched, key=lambda mail: mail.uid)

    def _store(self, uidvalidity: int, mails: Sequence[FetchedMail]) -> int:
        new = self.intake.store(self.mailbox.name, self.folder, uidvalidity, mails)
        reached(Failpoint.STORED)
        if mails:
            events.mails_stored(self.mailbox.name, self.folder, len(mails), new)
        return new


def _destination(item: ToFile) -> tuple[str, int, str]:
    return item.folder, item.uidvalidity, item.target
