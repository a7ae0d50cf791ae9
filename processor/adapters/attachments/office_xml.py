"""The XML inside office documents: parsed without entities, network or outside definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from processor.adapters.attachments.archive import Archive
from processor.adapters.attachments.file import File, UnreadableError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from processor.adapters.limits import ReadingLimits

_LONGEST = 8_000_000


def root_of(file: File, member: str, limits: ReadingLimits) -> Element:
    """Parse one member of a document. Raises `UnreadableError` where it is missing, too large or broken."""
    content = Archive(file.data, limits).read_named(member)
    if not content:
        raise UnreadableError("unknown kind")
    if len(content) > _LONGEST:
        raise UnreadableError("too large")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError("corrupt") from error


def name_of(element: Element) -> str:
    """An element's name without its name space."""
    return str(element.tag).rpartition("}")[2]


def get(element: Element, name: str) -> str:
    """An attribute's value by its local name; empty where there is none."""
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), "")
