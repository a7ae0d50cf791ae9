"""One source, read for the sender of a small ledger."""

from __future__ import annotations

from processor.core.message import Source
from processor.core.model import Invoice, Payment
from processor.core.policy import Policy
from processor.core.reading.identifiers import own_items
from processor.core.reading.page import Page, read_page
from tests import builders

POLICY = builders.policy()


def page_of(text: str, *items: Payment | Invoice, policy: Policy = POLICY, forward: bool = False) -> Page:
    """Read a text for a sender who owns these items."""
    owned = own_items(builders.snapshot(*items), policy.profile)
    return read_page(Source("text", text), owned, policy, builders.TODAY, forward=forward)
