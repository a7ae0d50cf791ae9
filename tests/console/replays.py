"""A replay of many past mails from the page, as a person would: `make replays` (MAILS=1000).

Its progress must be seen, it must end when cancelled, find the same each time, and change nothing.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from processor import events
from processor.adapters.ledger_import import import_ledger
from tests.console.browser import enter, open_browser, served
from tests.console.house import CASES, NOW, House, build, handle, open_house, open_reader, worker_for
from tests.console.test_replay import counts

if TYPE_CHECKING:
    from playwright.sync_api import Page

_HEADER = re.compile(rb"(?im)^message-id:.*(\r?\n[ \t].*)*\r?\n")


def decide_many(house: House, number: int) -> None:
    """Let so many labelled mails come in over two days, each again under a name of its own, and be decided."""
    assert import_ledger(house.room.engine, CASES / "ledger", NOW).problems == ()
    worker = worker_for(house.room.settings, house.room.engine, house.reader, house.clock)
    files = [path.read_bytes() for path in sorted((CASES / "cases").glob("*/*.eml"))]
    for count, raw in enumerate(islice(cycle(files), number)):
        house.clock.moment = NOW - timedelta(days=3) + timedelta(days=2) * count / number
        named = f"Message-ID: <again{count}@replays.example>\r\n".encode() + _HEADER.sub(b"", raw, count=1)
        handle(house.room.engine, worker, house.clock, 10_000 + count, named)
    house.clock.moment = NOW


def begin(page: Page, at: str) -> None:
    """Try a profile by which nobody may have anything applied."""
    page.goto(f"{at}/replay")
    draft = page.get_by_label("Draft of profile")
    draft.fill(draft.input_value().replace("allocate = [", 'allocate = ["nobody"] # [', 1))
    page.get_by_role("button", name="Try it").click()
    page.wait_for_url(f"{at}/replay/*")


def progress(page: Page) -> Iterator[int]:
    """Yield how many mails are done, each time that the page shows more."""
    last = 0
    while "Nothing was applied" not in (shown := page.locator("#trial").inner_text()):
        found = re.search(r"([0-9]+) of [0-9]+ mails", shown)
        if found and int(found[1]) > last:
            yield (last := int(found[1]))
        time.sleep(0.1)


def whole(page: Page, at: str, mails: int) -> str:
    """Let one replay run to its end; return its result."""
    began = time.perf_counter()
    begin(page, at)
    steps = list(progress(page))
    took, result = time.perf_counter() - began, page.locator("#trial").inner_text()
    done = re.search(r"Done: ([0-9]+) mails", result)
    assert done, result[:300]
    assert int(done[1]) >= mails
    assert len(steps) > 2, steps
    sys.stdout.write(f"{done[1]} mails tried in {took:.0f} s, progress shown {len(steps)} times on the way\n")
    return result


def cancelled(page: Page, at: str) -> None:
    """Cancel one replay once it is under way."""
    begin(page, at)
    next(progress(page))
    asked = time.perf_counter()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled after").wait_for()
    found = re.search(r"Cancelled after ([0-9]+) of ([0-9]+) mails", page.locator("#trial").inner_text())
    assert found
    assert 0 < int(found[1]) < int(found[2])
    sys.stdout.write(f"cancelled after {found[1]} of {found[2]} mails, in {time.perf_counter() - asked:.1f} s\n")


def main() -> None:
    """Replay them twice, and once until cancelled."""
    parser = argparse.ArgumentParser(prog="replays")
    parser.add_argument("--mails", type=int, default=1000)
    mails = parser.parse_args().mails
    events.configure("console", "error")
    with TemporaryDirectory() as folder, open_reader() as reader, open_browser() as browser:
        build(Path(folder) / "built.db", reader, history=False)
        with open_house(Path(folder) / "built.db", Path(folder) / "console.db", reader) as house, served(house) as at:
            decide_many(house, mails)
            page = browser.new_context().new_page()
            enter(page, at, "auditor")
            before = counts(house)
            first = whole(page, at, mails)
            cancelled(page, at)
            assert whole(page, at, mails) == first
            assert counts(house) == before
            changed = re.search(r"would change\s+([0-9]+)", first)
            assert changed
            assert int(changed[1])
    sys.stdout.write(f"twice the same: {changed[1]} decisions would change; nothing was applied\n")


if __name__ == "__main__":
    main()
