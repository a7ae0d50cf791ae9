"""What templates were compiled to, kept between processes in a folder that nobody else can write to.

Without such a folder templates are compiled by each process, as they would be without this module.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import version

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

from processor import __version__


class _Kept(FileSystemBytecodeCache):
    """The library's cache; where a file can't be written or read, its template is compiled again."""

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError, EOFError, ValueError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def compiled_before(kind: str) -> FileSystemBytecodeCache | None:
    """Return the cache of templates that are compiled alike, or None where there is no place for one.

    `kind` names what the code depends on beside a template's text and these programs' versions: a language's formats
    are worked into it, and whether it escapes HTML.
    """
    try:
        return _Kept(pattern=f"letter-{__version__}-{version('jinja2')}-{kind}-%s.cache")
    except (OSError, RuntimeError):  # no folder, or others could write to it
        return None
