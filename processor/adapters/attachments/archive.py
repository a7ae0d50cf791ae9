"""ZIP archives, also those that office documents are: looked over before anything inside is unpacked."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from processor.adapters.attachments.file import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from processor.adapters.limits import ReadingLimits

_CENTRAL_HEADER = b"PK\x01\x02"
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1
_SLACK = 1_000_000  # bytes below which no ratio is a bomb


class Archive:
    """A ZIP file. Raises `UnreadableError` where it is none, or more than the limits allow."""

    def __init__(self, data: bytes, limits: ReadingLimits) -> None:
        if data.count(_CENTRAL_HEADER) > limits.archive_entries:
            raise UnreadableError("too many files inside")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
            raise UnreadableError("corrupt") from error
        self._data = data
        self._limits = limits
        self.members = [member for member in self._zip.infolist() if not member.is_dir()]
        self.names = [member.filename for member in self.members]

    def check(self) -> None:
        """Refuse encryption, rare compression and bombs: by declared sizes, then by what really comes out."""
        if any(member.flag_bits & _ENCRYPTED for member in self.members):
            raise UnreadableError("encrypted")
        if any(member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for member in self.members):
            raise UnreadableError("unknown compression")
        declared = sum(member.file_size for member in self.members)
        packed = sum(member.compress_size for member in self.members)
        self._weigh(declared, packed)
        self._weigh(sum(self._real_sizes()), packed)

    def _weigh(self, unpacked: int, packed: int) -> None:
        if unpacked > self._limits.archive_total:
            raise UnreadableError("too large unpacked")
        if unpacked > _SLACK and unpacked > self._limits.archive_ratio * max(1, packed):
            raise UnreadableError("too large unpacked")

    def _real_sizes(self) -> Iterator[int]:
        """Unpack every member and forget it, as far as the limit goes; two members must not share bytes."""
        left, end_before = self._limits.archive_total, 0
        for member in sorted(self.members, key=lambda one: one.header_offset):
            start = self._start_of(member)
            if member.header_offset < end_before:
                raise UnreadableError("corrupt")
            end_before = start + member.compress_size
            size = self._real_size(member, start, left)
            left -= size
            yield size
            if left < 0:
                return

    def _start_of(self, member: zipfile.ZipInfo) -> int:
        head = self._data[member.header_offset : member.header_offset + _LOCAL_HEADER.size]
        if len(head) < _LOCAL_HEADER.size:
            raise UnreadableError("corrupt")
        _, name, extra = _LOCAL_HEADER.unpack(head)
        return member.header_offset + _LOCAL_HEADER.size + int(name) + int(extra)

    def _real_size(self, member: zipfile.ZipInfo, start: int, most: int) -> int:
        packed = self._data[start : start + member.compress_size]
        if member.compress_type == zipfile.ZIP_STORED:
            return len(packed)
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        size = 0
        try:
            while packed and not unpacker.eof and size <= most:
                size += len(unpacker.decompress(packed, 1 << 20))
                packed = unpacker.unconsumed_tail
        except zlib.error as error:
            raise UnreadableError("corrupt") from error
        return size

    def read(self, member: zipfile.ZipInfo) -> bytes:
        """Unpack one member, after `check`."""
        try:
            return self._zip.read(member)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
            raise UnreadableError("corrupt") from error

    def read_named(self, name: str) -> bytes:
        """Unpack the member of that name, or return nothing where there is none."""
        return next((self.read(member) for member in self.members if member.filename == name), b"")
