"""A server on an event loop in a thread of its own; `stop` returns when nothing of it is left."""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

LOOPBACK = "127.0.0.1"
START_SECONDS = 15.0


class BackgroundServer(ABC):
    """Listens on a free port of 127.0.0.1 between `start` and `stop`, or inside a `with`."""

    host = LOOPBACK

    def __init__(self) -> None:
        self.port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._finish: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._trouble: BaseException | None = None

    @abstractmethod
    async def listen(self) -> asyncio.Server:
        """Open the listening socket on `host` and `port` (0 at the first start: any free one)."""

    def start(self) -> Self:
        """Listen; returns when clients can connect. A second start takes the same port again."""
        self._ready.clear()
        self._trouble = None
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise TimeoutError(f"{type(self).__name__} did not start within {START_SECONDS:.0f} s")
        if self._trouble is not None:
            raise self._trouble
        return self

    def stop(self) -> None:
        """Hang up on every client and free the port; harmless when it is not running."""
        thread, self._thread = self._thread, None
        if thread is None or self._loop is None or self._finish is None:
            return
        if thread.is_alive():
            self._loop.call_soon_threadsafe(self._finish.set)
        thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - the starting thread raises it
            self._trouble = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._finish = asyncio.Event()
        server = await self.listen()
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._finish.wait()
        server.close()
        await _hang_up()


async def _hang_up() -> None:
    """End every conversation, since `Server.wait_closed` waits for clients to leave (Python 3.12)."""
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # that they were cut short is no news
    await asyncio.sleep(0)  # one that has just been opened must begin before it can clean up
    conversations = asyncio.all_tasks() - {asyncio.current_task()}
    for conversation in conversations:
        conversation.cancel()
    await asyncio.gather(*conversations, return_exceptions=True)
    await asyncio.sleep(0)  # the loop closes their sockets in its next round
