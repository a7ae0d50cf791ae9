"""An SMTP server in a process of its own that takes every letter, as quickly as Python can: `python -m … PORT`.

It offers PIPELINING (RFC 2920). NOOP answers with what was counted: letters, connections, and round trips, which are
reads that found something.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter

SEEN: Counter[str] = Counter()


class Sink(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out, self._buffer, self._in_letter = transport, b"", False
        SEEN["connections"] += 1
        self._out.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        SEEN["round_trips"] += 1
        self._buffer += data
        answers: list[bytes] = []
        while self._step(answers):
            pass
        self._out.write(b"".join(answers))

    def _step(self, answers: list[bytes]) -> bool:
        """Take one command or one letter out of the buffer."""
        line, end, rest = self._buffer.partition(b"\r\n.\r\n" if self._in_letter else b"\r\n")
        if not end:
            return False
        self._buffer = rest
        if self._in_letter:
            SEEN["letters"] += 1
            self._in_letter = False
            answers.append(b"250 kept\r\n")
        else:
            answers.append(self._answer(line[:4].upper()))
        return True

    def _answer(self, command: bytes) -> bytes:
        if command == b"EHLO":
            return b"250-sink\r\n250-PIPELINING\r\n250-SIZE 30000000\r\n250 8BITMIME\r\n"
        if command == b"DATA":
            self._in_letter = True
            return b"354 go\r\n"
        if command == b"NOOP":
            return f"250 {SEEN['letters']} {SEEN['connections']} {SEEN['round_trips']}\r\n".encode()
        if command == b"QUIT":
            asyncio.get_running_loop().call_soon(self._out.close)
            return b"221 bye\r\n"
        return b"250 ok\r\n"


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", int(sys.argv[1]))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
