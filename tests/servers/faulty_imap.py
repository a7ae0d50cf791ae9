"""An IMAP server that says what it is told to say, for words that no good server would use."""

import asyncio
from collections.abc import Mapping

from processor.servers.background import BackgroundServer

USUAL = {
    "CAPABILITY": "* CAPABILITY IMAP4rev1 MOVE UIDPLUS IDLE\r\n{tag} OK done",
    "LOGIN": "{tag} OK welcome",
    "LIST": '* LIST (\\Noselect) "/" ""\r\n{tag} OK done',
    "STATUS": '* STATUS "INBOX" (UIDVALIDITY 7 UIDNEXT 3 MESSAGES 2)\r\n{tag} OK done',
    "SELECT": "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 3] x\r\n{tag} OK [READ-WRITE] done",
    "EXAMINE": "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 3] x\r\n{tag} OK [READ-ONLY] done",
    "LOGOUT": "* BYE bye\r\n{tag} OK done",
    "IDLE": "+ idling",
    "NOOP": "{tag} OK done",
}
HANG_UP = "hang up"


class FaultyImap(BackgroundServer):
    """Answers each command with `answers[verb]`, `{tag}` filled in; UID commands by their second word.

    `commands` has what the client said, without tags. An answer of `HANG_UP` closes the connection.
    """

    def __init__(self, answers: Mapping[str, str] | None = None, greeting: str = "* OK ready") -> None:
        super().__init__()
        self.answers = {**USUAL, **(answers or {})}
        self.greeting = greeting
        self.commands: list[str] = []
        self.connections = 0

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve_client, self.host, self.port)

    async def _serve_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._converse(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{self.greeting}\r\n".encode())
        tag = "*"
        while line := (await reader.readline()).decode("utf-8", "replace").rstrip("\r\n"):
            said = line
            if line != "DONE":
                tag, _, said = line.partition(" ")
            self.commands.append(said)
            verb = said.upper().removeprefix("UID ").partition(" ")[0]
            answer = self.answers.get(verb, "{tag} OK idle done" if verb == "DONE" else "{tag} BAD unknown")
            if answer == HANG_UP:
                break
            writer.write(f"{answer}\r\n".format(tag=tag).encode())
            await writer.drain()
