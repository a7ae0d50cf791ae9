"""Stands between the worker and its IMAP server and writes down what the worker says."""

import asyncio
import re
from contextlib import suppress

from processor.servers.background import BackgroundServer

_TAG = re.compile(rb"^[^ ]+ ")
_NUMBERS = re.compile(rb"\d+(?:[,:]\d+)*")


class Tap(BackgroundServer):
    """`said` has every byte that clients sent."""

    def __init__(self, target_port: int) -> None:
        super().__init__()
        self.target_port = target_port
        self.said = b""

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve_client, self.host, self.port)

    def commands(self) -> list[bytes]:
        """Return the lines said so far without tags, every run of numbers as `#`."""
        return [_NUMBERS.sub(b"#", _TAG.sub(b"", line)) for line in self.said.splitlines()]

    async def _serve_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self.host, self.target_port)
        await asyncio.gather(self._pump(reader, far_writer, listens=True), self._pump(far_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, listens: bool = False) -> None:
        with suppress(ConnectionError):
            while received := await reader.read(65_536):
                if listens:
                    self.said += received
                writer.write(received)
                await writer.drain()
        writer.close()
