"""The compound files of older office programs ([MS-CFB]): the names of their streams, and one stream's bytes."""

from __future__ import annotations

import struct

from processor.adapters.attachments.file import UnreadableError

_HEADER_SECTORS = 109
_LAST = 0xFFFFFFFA  # sector numbers from here on are marks
_ENTRY = 128
_MINI = 4096  # shorter streams lie elsewhere; no workbook is that short


class CompoundFile:
    """A compound file, its chains followed with bounds. Raises `UnreadableError` where they lead nowhere."""

    def __init__(self, data: bytes) -> None:
        try:
            self._size = 1 << struct.unpack_from("<H", data, 30)[0]
            count, self._first = struct.unpack_from("<I", data, 44)[0], struct.unpack_from("<I", data, 48)[0]
            tables = list(struct.unpack_from(f"<{_HEADER_SECTORS}I", data, 76))
            following = struct.unpack_from("<I", data, 68)[0]
        except struct.error as error:
            raise UnreadableError("corrupt") from error
        if self._size not in {512, 4096}:
            raise UnreadableError("corrupt")
        self._data = data
        most = len(data) // self._size + 1
        while following < _LAST and len(tables) < most + _HEADER_SECTORS:
            numbers = self._numbers(following)
            tables += numbers[:-1]
            following = numbers[-1]
        self._next: list[int] = []
        for table in tables[: min(count, most)]:
            self._next += self._numbers(table)
        self.entries = self._directory()

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        sector = self._data[start : start + self._size]
        if len(sector) < self._size and start >= len(self._data):
            raise UnreadableError("corrupt")
        return sector.ljust(self._size, b"\0")

    def _numbers(self, number: int) -> list[int]:
        return list(struct.unpack(f"<{self._size // 4}I", self._sector(number)))

    def _chain(self, first: int) -> bytes:
        out: list[bytes] = []
        while first < _LAST:
            if first >= len(self._next) or len(out) > len(self._next):
                raise UnreadableError("corrupt")
            out.append(self._sector(first))
            first = self._next[first]
        return b"".join(out)

    def _directory(self) -> dict[str, tuple[int, int]]:
        """Names to first sector and size."""
        found: dict[str, tuple[int, int]] = {}
        directory = self._chain(self._first)
        for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
            length = min(struct.unpack_from("<H", directory, at + 64)[0], 64)
            name = directory[at : at + max(0, length - 2)].decode("utf-16-le", "replace")
            if name:
                first, size = struct.unpack_from("<II", directory, at + 116)
                found.setdefault(name, (first, size))
        return found

    def stream(self, name: str) -> bytes:
        """Return a stream's bytes; nothing if it isn't there, or too short to lie in sectors of its own."""
        first, size = self.entries.get(name, (_LAST, 0))
        return self._chain(first)[:size] if size >= _MINI else b""
