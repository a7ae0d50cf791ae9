"""The marks that mail programs leave around quotes, forwards and signatures in HTML (`inbound-mail.md` section 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processor.core.message import SegmentKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element as Element


@dataclass(frozen=True, slots=True)
class Wrapper:
    """What an element says of its content, or (`to_the_end`) of everything from its start on."""

    kind: SegmentKind
    to_the_end: bool = False


_QUOTED = Wrapper(SegmentKind.QUOTED)
_FORWARDED = Wrapper(SegmentKind.FORWARDED)
_SIGNATURE = Wrapper(SegmentKind.SIGNATURE)
_HISTORY = Wrapper(SegmentKind.QUOTED, to_the_end=True)

_CLASSES = {
    "gmail_quote": _QUOTED,
    "gmail_extra": None,  # Gmail's older wrapper also holds the writer's own words
    "moz-cite-prefix": _QUOTED,
    "moz-forward-container": _FORWARDED,
    "yahoo_quoted": _QUOTED,
    "protonmail_quote": _QUOTED,
    "zmail_extra": _QUOTED,
    "tutanota_quote": _QUOTED,
    "moz-signature": _SIGNATURE,
    "gmail_signature": _SIGNATURE,
    "gmail_signature_prefix": _SIGNATURE,
    "protonmail_signature_block": _SIGNATURE,
    "applemailsignature": _SIGNATURE,
}
_IDS = {
    "divrplyfwdmsg": _HISTORY,
    "appendonsend": _HISTORY,
    "mail-editor-reference-message-container": _QUOTED,
    "olk_src_body_section": _QUOTED,
    "yahoo_quoted": _QUOTED,
    "signature": _SIGNATURE,
    "applemailsignature": _SIGNATURE,
    "ms-outlook-mobile-signature": _SIGNATURE,
}
_DASHES = re.compile(r"\s*[-‐-―_*]{2,}\s*\S")
_RULE_ABOVE = re.compile(r"border-top:\s*solid|border:\s*none;\s*border-top")
_LABEL = re.compile(
    r"\s*(?:from|von|van|de|da|od|fra|från|lähettäjä|expéditeur|absender|差出人|送信者|发件人|від|от)\s*[:：]",
    re.IGNORECASE,
)
_LABELS = 3  # From, Sent, To: fewer are no header block
_HEAD = 600  # characters looked at


def wrapper_of(tag: str, attributes: Mapping[str, str], element: Element) -> Wrapper | None:
    """Tell what an element wraps, if it is one of the known wrappers."""
    for name in attributes.get("class", "").lower().split():
        found = _CLASSES.get(name.removeprefix("x_"))
        if found:
            return _FORWARDED if found is _QUOTED and _is_forward(element) else found
    found = _IDS.get(attributes.get("id", "").lower().removeprefix("x_")) or _yahoo(attributes)
    if found:
        return found
    if tag == "blockquote" and attributes.get("type", "").lower() == "cite":
        return _QUOTED
    if tag == "div" and _RULE_ABOVE.search(attributes.get("style", "").lower()) and _is_header_block(element):
        return _HISTORY
    return None


def _yahoo(attributes: Mapping[str, str]) -> Wrapper | None:
    return _QUOTED if attributes.get("id", "").lower().startswith(("yahoo_quoted", "ydpyahoo_quoted")) else None


def _is_forward(element: Element) -> bool:
    """Gmail wraps forwards like replies; a forward begins with dashes around its title, a reply with a sentence."""
    return bool(_DASHES.match(_head(element)))


def _is_header_block(element: Element) -> bool:
    head = _head(element)
    return bool(_LABEL.match(head)) and head.count(":") + head.count("：") >= _LABELS


def _head(element: Element) -> str:
    text = ""
    for piece in element.itertext():
        text += piece
        if len(text) > _HEAD:
            break
    return text.lstrip()
