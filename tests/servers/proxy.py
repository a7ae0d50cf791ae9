"""A TCP proxy that does harm after so many bytes: it cuts, resets or falls silent, in either direction."""

import asyncio
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from processor.servers.background import BackgroundServer


class Harm(StrEnum):
    """What happens to the connection when its last good byte has passed."""

    CUT = "cut"  # both sides see an orderly end (FIN)
    RESET = "reset"  # both sides see a reset (RST)
    STALL = "stall"  # nothing passes any more, and nothing is closed


class Direction(StrEnum):
    """Whose bytes are counted."""

    TO_SERVER = "to server"
    TO_CLIENT = "to client"


@dataclass(frozen=True, slots=True)
class Fault:
    """Let `after` bytes pass in one direction, then do harm."""

    harm: Harm
    after: int
    direction: Direction = Direction.TO_CLIENT


@dataclass(eq=False)
class _Connection:
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    fault: Fault | None
    passed: dict[Direction, int] = field(default_factory=lambda: dict.fromkeys(Direction, 0))
    stalled: bool = False

    def do(self, harm: Harm) -> None:
        if harm is Harm.STALL:
            self.stalled = True
            return
        for writer in (self.client, self.server):
            if harm is Harm.RESET:  # lingering for no time makes the kernel send RST
                raw = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.close()

    def room(self, direction: Direction) -> int | None:
        """Bytes that may still pass; None when the fault is not in this direction."""
        if self.fault is None or self.fault.direction is not direction:
            return None
        return self.fault.after - self.passed[direction]


class Proxy(BackgroundServer):
    """Stands before a server on loopback. `faults` holds one fault for each coming connection; then all goes well.

    `refuse` makes it hang up on new connections at once. `passed` counts the bytes of all connections.
    """

    def __init__(self, target_port: int) -> None:
        super().__init__()
        self.target_port = target_port
        self.faults: list[Fault | None] = []
        self.refuse = False
        self.connections = 0
        self.passed = dict.fromkeys(Direction, 0)
        self._live: set[_Connection] = set()

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve_client, self.host, self.port)

    def harm_all(self, harm: Harm) -> None:
        """Do harm to every open connection now."""

        def act() -> None:
            for connection in list(self._live):
                connection.do(harm)

        if self._loop is not None:
            self._loop.call_soon_threadsafe(act)

    async def _serve_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self.refuse:
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection(self.host, self.target_port)
        connection = _Connection(writer, far_writer, self.faults.pop(0) if self.faults else None)
        self._live.add(connection)
        try:
            await asyncio.gather(
                self._pump(connection, reader, far_writer, Direction.TO_SERVER),
                self._pump(connection, far_reader, writer, Direction.TO_CLIENT),
            )
        finally:
            self._live.discard(connection)
            connection.do(Harm.CUT)

    async def _pump(
        self,
        connection: _Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        direction: Direction,
    ) -> None:
        with suppress(ConnectionError):
            while received := await reader.read(65_536):
                if connection.stalled:
                    continue
                room = connection.room(direction)
                harmful = room is not None and len(received) >= room
                passing = received[:room] if harmful else received
                self._count(connection, direction, len(passing))
                writer.write(passing)
                await writer.drain()
                if harmful and connection.fault:
                    connection.do(connection.fault.harm)
        if not connection.stalled:
            writer.close()

    def _count(self, connection: _Connection, direction: Direction, amount: int) -> None:
        connection.passed[direction] += amount
        self.passed[direction] += amount
