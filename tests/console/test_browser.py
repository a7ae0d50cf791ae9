"""The console in Chromium, as people use it: with eyes, with a keyboard, and with mails that mean harm."""

from __future__ import annotations

import csv
import io
from email.message import EmailMessage
from typing import TYPE_CHECKING, Literal

import pytest
from sqlalchemy import func, select

from processor.adapters.engine import reading
from processor.adapters.journal_tables import review_item
from processor.adapters.ledger_import import import_ledger
from processor.demo.mails import LEDGER, sample_mails
from tests.console.browser import enter
from tests.console.hostile import PAYLOADS
from tests.console.house import House

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page, Request

pytestmark = pytest.mark.browser

READ = ("/", "/queue", "/find?q=G0", "/request/AR-4BEKBERX", "/request/mail-3", "/request/mail-5", "/partner/4810225",
        "/partner/4810225/statement",
        "/letters?kind=question", "/reports", "/health", "/nothing/here", "/request/none")  # fmt: skip
ADMINISTER = ("/audit?verify=1", "/replay?file=lexicon/ja", "/settings", "/accounts", "/tokens")
GROUP = 4  # hostile words in one mail
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Watch:
    """Notes what a page must never do: complain, talk to others, open dialogs."""

    def __init__(self, context: BrowserContext, at: str) -> None:
        self.faults: list[str] = []
        self.outside: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", lambda one: self.faults.append(one.text) if one.type == "error" else None)
        self.page.on("pageerror", lambda one: self.faults.append(str(one)))
        self.page.on("dialog", lambda one: self.faults.append(f"dialog {one.message}"))
        context.on("requestfinished", lambda one: self._note(one, at))
        context.on("requestfailed", lambda one: self._note(one, at))

    def _note(self, request: Request, at: str) -> None:
        """Note a request that left for elsewhere; one that the policy kept from leaving is none."""
        if not request.url.startswith((at, "data:")) and request.failure not in {"csp", "net::ERR_BLOCKED_BY_CSP"}:
            self.outside.append(f"{request.url} {request.failure}")


def violations(page: Page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{page.url} {one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1440)])
def test_every_page_is_whole_and_accessible(
    chromium: Browser, house: House, at: str, scheme: Literal["light", "dark"], width: int
) -> None:
    wrong: list[str] = []
    for role, pages in (("operator", READ), ("administrator", ADMINISTER)):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        watch = Watch(context, at)
        page = watch.page
        page.goto(f"{at}/signin")
        wrong += violations(page)
        enter(page, at, role)
        for path in pages:
            page.goto(at + path)
            if path != "/nothing/here":
                wrong += violations(page)
                if (beyond := page.evaluate(OVERFLOW)) > 0:
                    wrong.append(f"{path} is {beyond} px too wide")
        wrong += [one for one in watch.faults if "404" not in one] + watch.outside
        context.close()
    assert wrong == []


def test_a_finding_and_its_words_point_at_each_other(chromium: Browser, house: House, at: str) -> None:
    page = chromium.new_context().new_page()
    enter(page, at, "viewer")
    page.goto(f"{at}/request/mail-2")
    page.locator(".findings li", has_text="G020771301").focus()
    assert page.locator("mark.lit").all_inner_texts() == ["G020771301"]
    page.locator("mark", has_text="349,95").hover()
    assert "349,95" in page.locator(".findings li.lit").inner_text()


def more_rejected(house: House, count: int) -> None:
    for number in range(count):
        raw = sample_mails()[9].replace(b"Message-ID: <", f"Message-ID: <{number}-".encode())
        house.arrive(raw.replace(b"new bank account", f"new bank account {number}".encode()), 5000 + number)


def waiting(house: House) -> int | None:
    with reading(house.room.engine) as connection:
        return connection.scalar(select(func.count()).where(review_item.c.state == "open"))


def test_ten_rejected_mails_are_cleared_by_keyboard_alone(chromium: Browser, house: House, at: str) -> None:
    more_rejected(house, 7)
    assert waiting(house) == 10
    page = chromium.new_context().new_page()
    enter(page, at, "operator")

    with page.expect_navigation():
        page.keyboard.press("g")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    for _ in range(10):
        page.keyboard.press("r")
        page.keyboard.press("Tab")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        with page.expect_navigation():
            page.keyboard.press("y")

    assert waiting(house) == 0
    assert "nothing else waits" in page.inner_text("main")


def test_the_question_mark_shows_the_keys(chromium: Browser, house: House, at: str) -> None:
    page = chromium.new_context().new_page()
    enter(page, at, "viewer")
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("AR-4BEKBERX")
    page.keyboard.press("Enter")
    page.wait_for_url("**/request/AR-4BEKBERX")


def test_a_filter_answers_without_loading_the_page(chromium: Browser, house: House, at: str) -> None:
    page = chromium.new_context().new_page()
    enter(page, at, "viewer")
    page.goto(f"{at}/queue")
    page.evaluate("window.same = true")
    page.get_by_label("Why").select_option("sender_spoofed")
    page.wait_for_url("**kind=sender_spoofed**")
    page.get_by_text("1 item").wait_for()
    assert page.evaluate("window.same") is True


def test_without_script_a_mail_is_taken_and_rejected(chromium: Browser, house: House, at: str) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    enter(page, at, "operator")
    page.get_by_role("link", name="Queue").click()
    page.get_by_role("link", name="Our new bank account").click()
    page.get_by_role("button", name="Take it").click()
    page.locator("#reject summary").click()
    page.locator("#reject").get_by_label("tell the partner").check()
    page.locator("#reject").get_by_role("button").click()
    assert "This letter leaves" in page.inner_text("main")
    page.get_by_role("button", name="Do this").click()
    assert waiting(house) == 2


def is_refusal(fault: str) -> bool:
    """The browser says what the policy and the sandbox of a mail's page kept from happening."""
    return "Content Security Policy" in fault or "sandbox" in fault


def hostile_mail(payload: str, number: int) -> bytes:
    """A mail with the same words in subject, name, text, page, attachment's name and cell."""
    shown = payload.encode("utf-8", "replace").decode().replace("\0", "")
    mail = EmailMessage()
    mail["From"] = f"=?utf-8?b?{_b64(shown)}?= <stranger{number}@evil.example>"
    mail["To"] = "allocations@billing.example"
    mail["Message-ID"] = f"<h{number}@evil.example>"
    mail["Subject"] = f"=?utf-8?b?{_b64(shown)}?="
    mail.set_content(f"{shown}\nplease apply 1400310003 to G012450104\n")
    mail.add_alternative(f"<p>{shown}</p><p>please apply 1400310003 to G012450104", subtype="html")
    mail.add_attachment(
        f"invoice;amount\n{shown};1\n".encode(), maintype="text", subtype="csv", filename=f"{shown}.csv"
    )
    return bytes(mail).replace(b"From: ", b"Authentication-Results: mx.billing.example; dmarc=pass\nFrom: ", 1)


def _b64(text: str) -> str:
    from base64 import b64encode

    return b64encode(text.encode()).decode()


def hostile_ledger(folder: Path) -> Path:
    """A partner whose name, group, contacts, methods and bank references are all such words."""
    folder.mkdir()
    words = ["".join(char if char.isprintable() else " " for char in one).strip() for one in PAYLOADS]
    rows: dict[str, list[list[str]]] = {
        "partners": [[f"9{n:06}", word, "en", word] for n, word in enumerate(words)],
        "contacts": [[f"c{n}@harm.example", "9000000", "billing_admin", word] for n, word in enumerate(words)],
        "invoices": [],
        "payments": [
            [f"15{n:08}", "9000000", "EUR", "10.00", "10.00", "2026-11-02", word, word] for n, word in enumerate(words)
        ],
    }
    for name, some in rows.items():
        head = (LEDGER / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0]
        file = io.StringIO()
        csv.writer(file).writerows(some)
        (folder / f"{name}.csv").write_text(f"{head}\n{file.getvalue()}", encoding="utf-8", newline="")
    return folder


def test_words_that_mean_harm_stay_words(chromium: Browser, house: House, at: str, tmp_path: Path) -> None:
    report = import_ledger(house.room.engine, hostile_ledger(tmp_path / "ledger"), house.clock.now())
    assert report.problems == ()
    groups = ["".join(PAYLOADS[first : first + GROUP]) for first in range(0, len(PAYLOADS), GROUP)]
    mails = [house.arrive(hostile_mail(words, number), 6000 + number) for number, words in enumerate(groups)]
    context = chromium.new_context()
    watch = Watch(context, at)
    page = watch.page
    enter(page, at, "operator")
    pages = ["/", "/queue", "/queue?after=1", "/find?q=harm", "/partner/9000000"]
    pages += [f"/partner/9{number:06}" for number in range(0, len(PAYLOADS), 10)]
    pages += [f"/request/mail-{number}" for number in mails]
    for path in pages:
        page.goto(at + path)
        assert page.evaluate("typeof hacked") == "undefined", path
        for frame in page.locator("details:has(iframe) summary").all():
            frame.click()
        for framed in page.frames[1:]:
            framed.wait_for_load_state()
    assert watch.outside == []
    assert [one for one in watch.faults if not is_refusal(one)] == []
    assert all(one.url.startswith(at) for one in page.frames)


def test_a_mails_page_can_do_nothing(chromium: Browser, house: House, at: str) -> None:
    raw = sample_mails()[2]
    harm = "".join(PAYLOADS[:34]).encode("utf-8", "replace")
    number = house.arrive(raw.replace(b"<table", harm + b"<table").replace(b"Message-ID: <", b"Message-ID: <harm-"))
    context = chromium.new_context()
    watch = Watch(context, at)
    enter(watch.page, at, "viewer")
    answer = watch.page.goto(f"{at}/mail/{number}/page")
    assert answer
    assert answer.headers["content-security-policy"].endswith("sandbox")
    assert "D0310A44C7" in watch.page.inner_text("body")
    assert watch.outside == []
    assert [one for one in watch.faults if not is_refusal(one)] == []
    assert "form" not in watch.page.evaluate("[...document.forms].map(() => 'form')")
