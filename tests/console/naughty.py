"""Words that mean harm, in every field that a stranger or a person can fill, shown on every page in a real browser.

`python -m tests.console.naughty [FILE] [--group N]` tries our own forms, or those of a file: one a line, or
a JSON list of strings or of objects with a `payload`. Each page is looked at for scripts that ran, for attributes that
would run one, frames that lead away, and requests to anywhere else.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import Connection, update

from processor import events
from processor.adapters import pause_sql
from processor.adapters.account_tables import account
from processor.adapters.columns import storable
from processor.adapters.engine import transact
from processor.adapters.journal_tables import review_item
from processor.adapters.ledger_import import import_ledger
from processor.demo.mails import LEDGER
from tests.console.browser import enter, open_browser, served
from tests.console.hostile import PAYLOADS
from tests.console.house import House, build, open_house, open_reader
from tests.console.payload_forms import forms
from tests.console.watch import Watch, is_refusal

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FIELDS = (
    "subject", "sender's name", "sender's address", "text", "page", "attachment's name", "cell", "partner's name",
    "partner's group", "contact's name", "payment method", "bank reference", "item's note", "how it ended",
    "reason of a pause", "account's name", "what is sought",
)  # fmt: skip
GROUP = 12  # payloads of one mail
_FOREIGN = """() => [...document.querySelectorAll("*")].flatMap((one) => [
  ...(one.localName === "script" && !(one.getAttribute("src") ?? "").startsWith("/static/") ? ["script"] : []),
  ...(["base", "object", "embed", "style"].includes(one.localName) ? [one.localName] : []),
  ...(one.localName === "iframe" && !/^\\/mail\\/\\d+\\/page$/.test(one.getAttribute("src") ?? "") ? ["iframe"] : []),
  ...[...one.attributes].filter((each) => /^on|^style$|^srcdoc$/.test(each.name)).map((each) => each.name),
  ...[...one.attributes].filter((each) => /^\\s*(javascript|data|vbscript):/i.test(each.value)
    && ["href", "src", "action", "formaction"].includes(each.name)).map((each) => each.value),
])"""


def trouble(chromium: Browser, house: House, at: str, payloads: Sequence[str], group: int = GROUP) -> Iterator[str]:
    """Fill every field with the payloads, so many at a time, show every page, and yield what must not be."""
    groups = ["".join(payloads[first : first + group]) for first in range(0, len(payloads), group)]
    mails = plant(house, groups)
    for role, pages in (("operator", _pages(groups, mails)), ("administrator", _kept(groups))):
        context = chromium.new_context()
        watch = Watch(context, at)
        enter(watch.page, at, role)
        for path in pages:
            yield from _on(watch, at, path)
        yield from (f"asked for {one}" for one in watch.outside)
        yield from (one for one in watch.faults if not is_refusal(one))
        context.close()


def plant(house: House, groups: Sequence[str]) -> list[int]:
    """Put each group's words into every field; return the mails."""
    with TemporaryDirectory() as folder:
        report = import_ledger(house.room.engine, hostile_ledger(Path(folder) / "ledger", groups), house.clock.now())
        assert report.problems == (), report.problems[:3]
    mails = [house.arrive(hostile_mail(words, number), 6000 + number) for number, words in enumerate(groups)]
    transact(house.room.engine, lambda connection: _write(connection, house, groups, mails))
    for number, words in enumerate(groups):
        new = pause_sql.Pause(
            "partner", f"9{number:06}", "applying", storable(words)[:500], "operator", house.clock.now()
        )
        pause_sql.begin(house.room.engine, new)
    return mails


def hostile_mail(words: str, number: int) -> bytes:
    """A mail with the same words in subject, name, address, text, page, attachment's name and cell."""
    shown = storable(words).replace("\N{REPLACEMENT CHARACTER}", "")
    name = b64encode(shown.encode()[:900]).decode()
    local = "".join(char for char in shown if " " < char <= "~" and char not in '\\"@,')[:50]
    mail = EmailMessage()
    mail["To"] = "allocations@billing.example"
    mail["Message-ID"] = f"<h{number}@evil.example>"
    mail["Subject"] = f"=?utf-8?b?{b64encode(shown.encode()).decode()}?="
    mail.set_content(f"{shown}\nplease apply 1400310003 to G012450104\n")
    mail.add_alternative(f"<p>{shown}</p><p>please apply 1400310003 to G012450104", subtype="html")
    cell = f"invoice;amount\n{shown};1\n".encode()
    mail.add_attachment(cell, maintype="text", subtype="csv", filename=f"{' '.join(shown.split())[:150]}.csv")
    head = f'From: =?utf-8?b?{name}?= <"{local}{number}"@evil.example>\n'
    return f"Authentication-Results: mx.billing.example; dmarc=pass\n{head}".encode() + bytes(mail)


def hostile_ledger(folder: Path, groups: Sequence[str]) -> Path:
    """A partner for each group, whose name, group, contact, method and bank reference are its words."""
    folder.mkdir()
    words = ["".join(char if char.isprintable() else " " for char in storable(one)).strip() or "x" for one in groups]
    rows: dict[str, list[list[str]]] = {
        "partners": [[f"9{n:06}", word, "en", word] for n, word in enumerate(words)],
        "contacts": [[f"c{n}@harm.example", f"9{n:06}", "billing_admin", word] for n, word in enumerate(words)],
        "invoices": [],
        "payments": [
            [f"15{n:08}", f"9{n:06}", "EUR", "10.00", "10.00", "2026-11-02", word, word] for n, word in enumerate(words)
        ],
    }
    for name, some in rows.items():
        head = (LEDGER / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0]
        file = io.StringIO()
        csv.writer(file).writerows(some)
        (folder / f"{name}.csv").write_text(f"{head}\n{file.getvalue()}", encoding="utf-8", newline="")
    return folder


def read_payloads(file: Path) -> tuple[str, ...]:
    """Read the payloads of a file."""
    text = file.read_text(encoding="utf-8", errors="replace")
    if file.suffix != ".json":
        return tuple(line for line in text.splitlines() if line and not line.startswith("#"))
    found = [one.get("payload") if isinstance(one, dict) else one for one in json.loads(text)]
    return tuple(one for one in found if isinstance(one, str))


def _write(connection: Connection, house: House, groups: Sequence[str], mails: Sequence[int]) -> int:
    for number, (words, mail) in enumerate(zip(groups, mails, strict=True)):
        kept = storable(words)[:4000]
        ending = {"state": "done", "resolution": kept, "closed_by": kept[:80]} if number % 2 else {}
        connection.execute(update(review_item).where(review_item.c.mail_id == mail).values(note=kept, **ending))
        row = {"login": f"n{number}", "name": kept, "role": "viewer", "password": "", "open": 1, "failures": 0}
        connection.execute(account.insert(), row | {"created_at": house.clock.now()})
    return len(mails)


def _pages(groups: Sequence[str], mails: Sequence[int]) -> Iterator[str]:
    yield from ("/", "/queue", "/queue?state=done", "/find?q=harm", "/reports")
    for number, (words, mail) in enumerate(zip(groups, mails, strict=True)):
        asked = quote(storable(words)[:1000], safe="")
        yield f"/request/mail-{mail}"
        yield f"/partner/9{number:06}"
        yield f"/partner/9{number:06}/statement"
        yield f"/find?q={asked}"
        yield f"/queue?q={asked}&partner={asked}&kind={asked}&assignee={asked}&language={asked}"


def _kept(groups: Sequence[str]) -> Iterator[str]:
    yield from ("/accounts", "/audit", "/replay", "/settings")
    for words in groups[:: max(1, len(groups) // 5)]:
        asked = quote(storable(words)[:500], safe="")
        yield f"/audit?q={asked}&chain={asked}&event={asked}&actor={asked}&since={asked}"
        yield f"/reports?days={asked}&since={asked}"
        yield f"/replay?file={asked}"


def _on(watch: Watch, at: str, path: str) -> Iterator[str]:
    page = watch.page
    answer = page.goto(at + path)
    if answer is None or answer.status >= 500:
        yield f"{path[:60]}: {answer.status if answer else 'no answer'}"
    if page.evaluate("typeof hacked") != "undefined":
        yield f"{path[:60]}: a script ran"
    yield from (f"{path[:60]}: {one}" for one in page.evaluate(_FOREIGN))
    for frame in page.locator("details:has(iframe) summary").all():
        frame.click()
    for framed in page.frames[1:]:
        framed.wait_for_load_state()
    yield from (f"{path[:60]}: leads to {one.url}" for one in page.frames if not one.url.startswith((at, "about:")))


def main() -> None:
    """Try them all."""
    parser = argparse.ArgumentParser(prog="naughty")
    parser.add_argument("file", nargs="?", type=Path, help="payloads, else this project's own")
    parser.add_argument("--group", type=int, default=GROUP, help="payloads of one mail")
    options = parser.parse_args()
    events.configure("console", "error")
    payloads = read_payloads(options.file) if options.file else (*PAYLOADS, *forms())
    with TemporaryDirectory() as folder, open_reader() as reader, open_browser() as browser:
        build(Path(folder) / "built.db", reader, history=False)
        with open_house(Path(folder) / "built.db", Path(folder) / "console.db", reader) as house, served(house) as at:
            found = list(trouble(browser, house, at, payloads, options.group))
    sys.stdout.write(f"{len(payloads)} payloads in {len(FIELDS)} fields: {len(found)} troubles\n")
    sys.exit("\n".join(found[:50]) if found else 0)


if __name__ == "__main__":
    main()
