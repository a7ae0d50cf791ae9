"""An eye on a page: what it complains of, and whom it talks to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

_KEPT_BACK = ("csp", "net::ERR_BLOCKED_BY_CSP", "origin")  # never sent: by the policy, or as another site's
_REFUSALS = (
    "Content Security Policy",
    "sandbox",
    "Not allowed to load local resource",
    "Unsafe attempt to load URL",
)


class Watch:
    """Notes what a page must never do: complain, talk to others, open dialogs."""

    def __init__(self, context: BrowserContext, at: str) -> None:
        self.faults: list[str] = []
        self.outside: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda one: self.faults.append(str(one)))
        self.page.on("dialog", lambda one: self.faults.append(f"dialog {one.message}"))
        context.on("requestfinished", lambda one: self._note(one, at))
        context.on("requestfailed", lambda one: self._note(one, at))

    def _said(self, one: ConsoleMessage) -> None:
        if one.type == "error":
            self.faults.append(one.text)

    def _note(self, request: Request, at: str) -> None:
        """Note a request that left for elsewhere; one that the browser kept from leaving is none."""
        leaves = request.url.startswith(("http:", "https:", "ws:", "wss:", "ftp:")) and not request.url.startswith(at)
        if leaves and request.failure not in _KEPT_BACK:
            self.outside.append(f"{request.url} {request.failure}")


def is_refusal(fault: str) -> bool:
    """The browser says what the policy and the sandbox of a mail's page kept from happening."""
    return any(words in fault for words in _REFUSALS)
