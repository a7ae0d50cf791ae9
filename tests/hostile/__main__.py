"""`make hostile CORPUS=DIR`: every mail under a folder, each in front of a good one, through the whole worker."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from processor.servers.imap_server import ImapServer
from processor.servers.smtp_sink import SmtpSink
from tests.hostile.overhead import overhead
from tests.hostile.trial import Findings, mails_under, run
from tests.scenarios.world import World
from tests.servers.fixtures import plain

MAIL_SECONDS = 10.0
CHILD_BYTES = 1_000_000_000
GROWTH_BYTES = 50_000_000
OVERHEAD_SECONDS = 0.003


def main() -> int:
    """Run, tell, and return the exit status: 1 where a promise of `docs/security.md` was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("corpus", type=Path, help="a folder of mails, one in a file; sub-folders too")
    parser.add_argument("--vouch", action="store_true", help="as if every author were proved and on file")
    options = parser.parse_args()
    mails = mails_under(options.corpus)
    if not mails:
        parser.error(f"no mail under {options.corpus}")
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ImapServer() as server, SmtpSink() as sink:
        found = run(World(Path(folder), plain(server), sink), mails, vouch=options.vouch, tell=_progress(len(mails)))
    sys.stderr.write("\n")
    _tell(found, time.monotonic() - begin)
    extra = overhead(list(mails.values()))
    sys.stdout.write(f"{'child':15}  costs {extra * 1000:.1f} ms more than reading in the process, in the median\n")
    broken = _broken(found, vouch=options.vouch)
    if extra > OVERHEAD_SECONDS:
        broken.append(f"a child costs {extra * 1000:.1f} ms more")
    for sentence in broken:
        sys.stdout.write(f"BROKEN  {sentence}\n")
    return 1 if broken else 0


def _progress(total: int) -> Callable[[int], object]:
    return lambda done: sys.stderr.write(f"\r{done}/{total}")


def _tell(found: Findings, seconds: float) -> None:
    times = sorted(found.seconds.values())
    slowest = sorted(found.seconds.items(), key=lambda item: -item[1])[:5]
    rows = {
        "mails": f"{len(found.seconds)}, with {found.good} good ones among them, in {seconds:.0f} s",
        "outcomes": ", ".join(f"{name} {count}" for name, count in found.outcomes.most_common()),
        "stored directly": f"{len(found.refused)}, kept from the test's own mail server",
        "time": f"median {statistics.median(times) * 1000:.0f} ms, p95 {times[len(times) * 95 // 100] * 1000:.0f} ms, "
        f"most {times[-1] * 1000:.0f} ms",
        "slowest": ", ".join(f"{name} {taken * 1000:.0f} ms" for name, taken in slowest),
        "memory": f"child at most {found.child / 1e6:.0f} MB, parent grew {found.growth / 1e6:.1f} MB",
        "escaped": f"{len(found.escaped)} exceptions",
        "letters": f"{len(found.letters)} to strangers {sorted(set(found.letters))[:9] or ''}",
        "good mails": f"{found.applied} of {found.good} applied",
        "ledger": "holds" if found.holds else "does not hold",
    }
    for name, words in rows.items():
        sys.stdout.write(f"{name:15}  {words}\n")


def _broken(found: Findings, *, vouch: bool) -> list[str]:
    """Say which promises were broken."""
    faults = {
        f"a mail took {max(found.seconds.values()):.1f} s": max(found.seconds.values()) > MAIL_SECONDS,
        f"a child held {found.child / 1e6:.0f} MB": found.child > CHILD_BYTES,
        f"the parent grew {found.growth / 1e6:.0f} MB": found.growth > GROWTH_BYTES,
        f"exceptions escaped: {found.escaped[:3]}": bool(found.escaped),
        f"letters went to {sorted(set(found.letters))[:5]}": bool(found.letters) and not vouch,
        f"{found.good - found.applied} good mails were not applied": found.applied < found.good,
        f"{found.moved - found.applied} allocations too many": found.moved != found.applied,
        "the ledger does not hold": not found.holds,
        f"troubles: {found.troubles[:3]}": bool(found.troubles),
    }
    return [sentence for sentence, is_broken in faults.items() if is_broken]


if __name__ == "__main__":
    sys.exit(main())
