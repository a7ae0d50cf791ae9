"""`explain --verify`: past decisions made again from their record, and what differs."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import typer

from processor.adapters.past_sql import past_decisions
from processor.cli.ending import NEEDS_A_PERSON, WRONG_USAGE, complain, stop
from processor.policy_files import policy_from, versions_of
from processor.settings import Settings
from processor.verifying import Verified, verify
from processor.wiring import SystemClock, open_database, reader_for


def verify_past(settings: Settings, mail: Path | None, *, as_json: bool) -> None:
    """Verify the decision about one mail, or every one; exit status 1 when one differs."""
    sha256 = hashlib.sha256(mail.read_bytes()).hexdigest() if mail else None
    policy, versions = policy_from(settings), versions_of(settings)
    same = told = unable = 0
    with open_database(settings) as engine, closing(reader_for(settings)) as reader:
        for past in past_decisions(engine, SystemClock(), sha256):
            found = verify(past, reader, policy, versions)
            same, told, unable = same + found.is_same, told + bool(found.differs), unable + bool(found.why_not)
            if as_json:
                typer.echo(json.dumps(asdict(found) | {"same": found.is_same}))
            elif not found.is_same:
                complain(_sentence(found))
    if not same + told + unable:
        stop(WRONG_USAGE, "No decision about this mail is on record." if mail else "No decision is on record.")
    words = f"{same} decisions were made again alike, {told} differ, {unable} could not be made."
    if told:
        stop(NEEDS_A_PERSON, words)
    if not as_json:
        typer.echo(words)


def _sentence(found: Verified) -> str:
    if found.why_not:
        return f"mail {found.mail_id}: {found.why_not}"
    others = f"; changed since: {', '.join(found.others)}" if found.others else ""
    return f"mail {found.mail_id}: another {', '.join(found.differs)}{others}"
