"""Settings of what one mail may ask of the program before, and while, it is read."""

from __future__ import annotations

from processor.settings_base import Count, Section


class ReadingSettings(Section):
    """The most that one mail may hold. Over one of the first six, its headers alone are read, a sender who is known and
    proved is told so, and a person looks at it; over one of the archive's, that file counts as unreadable. What reading
    may cost was proved with these figures; with higher ones it isn't.
    """

    header_block_bytes: Count = 1_000_000
    """All header fields together."""
    header_bytes: Count = 64_000
    """One header field. Of real mails, one in eight thousand exceeds it."""
    headers: Count = 1_000
    """How many header fields."""
    parts: Count = 500
    """How many MIME parts, in attached mails too."""
    depth: Count = 20
    """How many levels of parts within parts, and of mails within mails."""
    text_characters: Count = 1_000_000
    """Text that is analysed, of body and attachments together."""
    archive_total_bytes: Count = 50_000_000
    """What an archive, or a workbook, may unpack to."""
    archive_entries: Count = 1_000
    """How many files an archive may hold."""
    archive_ratio: Count = 100
    """How many times larger what is unpacked may be than the archive."""
