"""Delivery reports and read receipts: what a machine says about a mail of ours (RFC 3464, RFC 8098)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from processor.adapters.fields import split_fields
from processor.core.message import DeliveryReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from processor.adapters.parts import Part

_DELIVERY = frozenset({"message/delivery-status", "message/global-delivery-status"})
_DISPOSITION = frozenset({"message/disposition-notification", "message/global-disposition-notification"})
_HEADERS = frozenset({"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"})
_MAIL = frozenset({"message/rfc822", "message/global"})


def report_of(root: Part, parts: Sequence[Part]) -> DeliveryReport | None:
    """Read the report in a mail's parts, if there is one."""
    for part in parts:
        if part.content_type in _DELIVERY or part.content_type in _DISPOSITION:
            fields = _fields(part)
            if part.content_type in _DELIVERY:
                actions = tuple(value.partition("(")[0].strip().lower() for name, value in fields if name == "action")
                return DeliveryReport("delivery", actions, _original_id(parts, fields))
            actions = tuple(value.rpartition(";")[2].strip().lower() for name, value in fields if name == "disposition")
            return DeliveryReport("disposition", actions, _original_id(parts, fields))
    kind = root.parameters.get("report-type", "").lower() if root.content_type == "multipart/report" else ""
    if kind in {"delivery-status", "disposition-notification"}:
        return DeliveryReport(kind.partition("-")[0], (), _original_id(parts, ()))
    return None


def _fields(part: Part) -> tuple[tuple[str, str], ...]:
    """All fields of a status part: the parser gives each of its blocks as a child, or leaves it as bytes."""
    found = [field for child in part.children for field in child.fields]
    rest = part.data
    while rest.strip():
        block = split_fields(rest.lstrip())
        if not block.fields:
            break
        found.extend(block.fields)
        rest = rest.lstrip()[block.body :]
    return tuple((name.lower(), " ".join(value.split())) for name, value in found)


def _original_id(parts: Sequence[Part], fields: Sequence[tuple[str, str]]) -> str:
    """The Message-ID of the mail that the report is about."""
    for part in parts:
        if part.content_type in _MAIL and part.children:
            found = part.children[0].first("message-id")
        elif part.content_type in _HEADERS:
            found = split_fields(part.data.lstrip()).first("message-id")
        else:
            continue
        if found:
            return found
    return next((value for name, value in fields if name == "original-message-id"), "")
