"""Pictures of every page, light and dark, narrow and wide: `make screenshots` puts them into build/screenshots."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from tests.console.browser import CHROMIUM, enter, open_browser, served
from tests.console.house import build, open_house, open_reader

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIZES = {"narrow": (390, 844), "wide": (1440, 900)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PAGES = {
    "today": "/",
    "queue": "/queue",
    "find": "/find?q=G0",
    "request": "/request/mail-{held}",
    "conversation": "/request/mail-{applied}",
    "partner": "/partner/4810225",
    "statement": "/partner/4810225/statement",
    "reports": "/reports",
    "letters": "/letters?kind=question",
    "health": "/health",
    "audit": "/audit?verify=1",
    "replay": "/replay",
    "settings": "/settings",
    "accounts": "/accounts",
    "tokens": "/tokens",
}
OF_ADMINISTRATORS = {"audit", "replay", "settings", "accounts", "tokens"}


def _apply(page: Page, at: str) -> None:
    page.goto(f"{at}/queue?q=new+bank+account")
    page.locator("[data-open]").first.click()
    page.locator("#apply").evaluate("one => { one.open = true; }")
    for label, words in (("Payment", "1400310003"), ("Invoice", "G012450104"), ("Amount", "900.00")):
        page.locator("#apply").get_by_label(label).first.fill(words)
    page.locator("#apply").get_by_role("button").click()


def _reject(page: Page, at: str) -> None:
    page.goto(f"{at}/queue?kind=invoice_locked")
    page.locator("[data-open]").first.click()
    page.locator("#reject summary").click()
    page.locator("#reject").get_by_role("button").click()


def _ask(page: Page, at: str) -> None:
    page.goto(f"{at}/queue?q=new+bank+account")
    page.locator("[data-open]").first.click()
    page.locator("#ask summary").click()


def _nothing(page: Page, at: str) -> None:
    page.goto(f"{at}/queue?q=nothing+is+called+so")


def _trial(page: Page, at: str) -> None:
    page.goto(f"{at}/replay")
    draft = page.get_by_label("Draft of profile")
    draft.fill(draft.input_value().replace("allocate = [", 'allocate = ["nobody"] # ['))
    page.get_by_role("button", name="Try it").click()
    page.get_by_text("Nothing was applied").wait_for()


_ACTS: dict[str, Callable[[Page, str], None]] = {
    "preview-apply": _apply,
    "preview-reject": _reject,
    "asking": _ask,
    "empty": _nothing,
}
_TRIALS: dict[str, Callable[[Page, str], None]] = {"trial": _trial}


def main(target: Path) -> None:
    """Take them all."""
    target.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, open_reader() as reader, open_browser() as browser:
        build(Path(folder) / "built.db", reader, history=True)
        with open_house(Path(folder) / "built.db", Path(folder) / "console.db", reader) as house, served(house) as at:
            held, applied = _numbers(house.room.engine)
            for size, (width, height) in SIZES.items():
                for scheme in SCHEMES:
                    for role in ("operator", "administrator"):
                        context = browser.new_context(
                            viewport={"width": width, "height": height}, color_scheme=scheme, device_scale_factor=1
                        )
                        page = context.new_page()
                        if role == "operator":
                            page.goto(f"{at}/signin")
                            page.screenshot(path=target / f"signin-{size}-{scheme}.png")
                        enter(page, at, role)
                        for name, path in PAGES.items():
                            if (name in OF_ADMINISTRATORS) == (role == "administrator"):
                                page.goto(at + path.format(held=held, applied=applied))
                                page.screenshot(path=target / f"{name}-{size}-{scheme}.png", full_page=name != "audit")
                        for name, way in (_ACTS if role == "operator" else _TRIALS).items():
                            way(page, at)
                            page.screenshot(path=target / f"{name}-{size}-{scheme}.png", full_page=True)
                        context.close()


def _numbers(engine: object) -> tuple[int, int]:
    """Return a mail that is held and one that was applied, both with much to see."""
    from sqlalchemy import Engine, func, select

    from processor.adapters.engine import reading
    from processor.adapters.journal_tables import decision

    assert isinstance(engine, Engine)
    fullest = select(decision.c.mail_id).order_by(func.length(decision.c.evidence).desc()).limit(1)
    with reading(engine) as connection:
        held = connection.scalar(fullest.where(decision.c.outcome == "rejected"))
        applied = connection.scalar(fullest.where(decision.c.outcome == "applied"))
    assert held is not None
    assert applied is not None
    return held, applied


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.exit("There is no Chromium here: apt install chromium")
    main(Path(sys.argv[1]))
