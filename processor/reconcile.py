"""Once a day the mailbox is held against the database: every mail there must be known (`inbound-mail.md` 5.7)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from processor import events
from processor.adapters.places_sql import known_uids
from processor.adapters.pulse_sql import RECONCILED, beat, pulse_of
from processor.intake import Arrivals
from processor.ports import Clock

EVERY = timedelta(hours=24)


def reconcile(arrivals: Arrivals, engine: Engine, clock: Clock) -> int | None:
    """Count the mails in the folder that the database doesn't know, where that was not done today; None where it was.

    The one number that must be 0. A mail above the watermark is still to be taken in, and no loss.
    """
    name, now = RECONCILED + arrivals.mailbox.name, clock.now()
    last = pulse_of(engine, name)
    if last is not None and timedelta() <= now - last.at < EVERY:
        return None
    uidvalidity, watermark = arrivals.intake.watermark(arrivals.mailbox.name, arrivals.folder)
    if arrivals.mailbox.status(arrivals.folder).uidvalidity != uidvalidity:
        return None  # the next poll looks at everything again
    standing = {uid for uid in arrivals.mailbox.all_uids(arrivals.folder) if uid <= watermark}
    lost = standing - known_uids(engine, arrivals.mailbox.name, arrivals.folder, uidvalidity, standing)
    beat(engine, name, now, len(lost))
    events.reconciled(arrivals.mailbox.name, arrivals.folder, len(standing), len(lost))
    return len(lost)
