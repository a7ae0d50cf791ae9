"""A test's docstring as the mail that it is about: header lines, an empty line, the words."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

from processor.core.message import Message
from tests import builders


def mail_of(function: Callable[..., object], **changes: Any) -> Message:  # noqa: ANN401  # any field of a message
    """Build the mail in a function's docstring. Who wrote it and that it is genuine need not be said."""
    head, _, body = dedent(function.__doc__ or "").strip("\n").partition("\n\n")
    fields = dict(builders.headers(head))
    sender = fields.get("From", builders.ADDRESS).strip()
    domain = sender.rpartition("@")[2].rstrip(">")
    given = {
        "Authentication-Results": f"mx.billing.example; dmarc=pass header.from={domain}",
        "From": sender,
        "To": "allocations@billing.example",
    }
    missing = [f"{name}: {value}" for name, value in given.items() if name not in fields]
    return builders.message("\n".join([*missing, head]) + f"\n\n{body}", **changes)
