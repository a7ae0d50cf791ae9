"""An IMAP server with one account whose mail lives in memory and dies with it; a new start is a new UIDVALIDITY."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from secrets import token_bytes, token_urlsafe
from typing import TYPE_CHECKING

from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer
from pysasl.hashing import BuiltinHash

from processor.servers.background import BackgroundServer

if TYPE_CHECKING:
    import ssl


class ImapServer(BackgroundServer):
    """Speaks IMAP4rev1 with MOVE, UIDPLUS and IDLE; STARTTLS where `tls` holds a certificate.

    The password is made up at each construction unless one is given.
    """

    def __init__(self, user: str = "allocations", password: str = "", tls: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self.user = user
        self.password = password or token_urlsafe()
        self._tls = tls

    async def listen(self) -> asyncio.Server:
        """Build an empty account and open the port."""
        backend, config = await DictBackend.init(
            self._arguments(),
            ssl_context=self._tls,
            invalid_user_sleep=0.0,
            hash_context=BuiltinHash(rounds=1),  # a password that nobody chose needs no slow hash
        )
        config.apply_context()
        converse = IMAPServer(backend.login, config)

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # Awaited here: the library's own callback starts a task that nobody holds, and the collector may take it.
            await converse(reader, writer, SocketInfo.get(writer, None, unique_id=token_bytes(8)))

        return await asyncio.start_server(answer, self.host, self.port)

    def _arguments(self) -> Namespace:
        return Namespace(
            host=self.host,
            port=self.port,
            debug=False,
            cert=None,
            key=None,
            tls=self._tls is not None,
            passlib_cfg=None,
            proxy_protocol=None,
            demo_data=False,
            demo_user=self.user,
            demo_password=self.password,
        )
