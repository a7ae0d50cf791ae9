"""Which Python is too old to read strangers' mail: releases whose `email` and `zipfile` have known holes."""

from __future__ import annotations

import sys

# The first releases without CVE-2024-6923 (line ends in mail fields) and CVE-2024-8088 (endless loop over an archive).
FIRST_SOUND = {(3, 11): 10, (3, 12): 6}


def complaint(version: tuple[int, int, int] | None = None) -> str:
    """Return one sentence where this Python, or the one given, is older than it should be; else nothing."""
    major, minor, micro = version or sys.version_info[:3]
    wanted = FIRST_SOUND.get((major, minor), 0)
    if micro >= wanted:
        return ""
    return (
        f"Python {major}.{minor}.{micro} has known holes in reading mail and archives, "
        f"unless the system's maker mended them: {major}.{minor}.{wanted} or later is safe"
    )
