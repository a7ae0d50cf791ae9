"""The console in Chromium, as people use it: with eyes, with a keyboard, and with mails that mean harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from sqlalchemy import func, select

from processor.adapters.engine import reading
from processor.adapters.journal_tables import review_item
from processor.demo.mails import sample_mails
from tests.console.browser import enter
from tests.console.hostile import PAYLOADS
from tests.console.house import House
from tests.console.naughty import trouble
from tests.console.payload_forms import forms
from tests.console.watch import Watch, is_refusal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

READ = ("/", "/queue", "/find?q=G0", "/request/AR-4BEKBERX", "/request/mail-3", "/request/mail-5", "/partner/4810225",
        "/partner/4810225/statement",
        "/letters?kind=question", "/reports", "/health", "/nothing/here", "/request/none")  # fmt: skip
ADMINISTER = ("/audit?verify=1", "/replay?file=lexicon/ja", "/settings", "/accounts", "/tokens")
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


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


def test_rows_are_chosen_and_taken_by_keyboard(chromium: Browser, house: House, at: str) -> None:
    page = chromium.new_context().new_page()
    enter(page, at, "operator")
    page.goto(f"{at}/queue")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Take them").press("Enter")
    page.get_by_text("2 items have changed hands").wait_for()


def test_a_replay_shows_its_progress_and_its_result(chromium: Browser, house: House, at: str) -> None:
    page = chromium.new_context().new_page()
    enter(page, at, "auditor")
    page.goto(f"{at}/replay")
    draft = page.get_by_label("Draft of profile")
    draft.fill(draft.input_value().replace("allocate = [", 'allocate = ["nobody"] # ['))
    page.get_by_role("button", name="Try it").click()
    page.get_by_role("progressbar").wait_for()
    page.get_by_text("Nothing was applied").wait_for()
    assert "role not permitted" in page.inner_text("main")
    assert violations(page) == []


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


def test_words_that_mean_harm_stay_words(chromium: Browser, house: House, at: str) -> None:
    """All of this project's own run by `make naughty`, which takes files of others' too."""
    some = (*PAYLOADS, *forms()[::11])
    assert list(trouble(chromium, house, at, some, group=20)) == []


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
