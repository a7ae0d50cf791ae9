"""An SMTP server that answers as a script says, so that every way to refuse, leave or fall silent can be met."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from processor.servers.background import BackgroundServer


class Leave(StrEnum):
    """What the server does in place of an answer."""

    CLOSE = "close"
    RESET = "reset"
    HANG = "hang"


Answer = str | Leave


@dataclass(frozen=True, slots=True)
class Script:
    """Answers to each verb; `rcpt` may differ by address. `dot` answers the whole letter."""

    greeting: Answer = "220 ready"
    ehlo: Answer = "250-here\r\n250-SIZE 10000000\r\n250-8BITMIME\r\n250 SMTPUTF8"
    auth: Answer = "235 welcome"
    mail: Answer = "250 ok"
    mail_again: Answer = "250 ok"  # to later letters on the same connection
    rcpt: Mapping[str, Answer] = field(default_factory=dict)
    every_rcpt: Answer = "250 ok"
    data: Answer = "354 go ahead"
    dot: Answer = "250 taken"
    quit: Answer = "221 bye"
    rset: Answer = "250 ok"


class FaultySmtp(BackgroundServer):
    """`scripts` holds one script for each coming connection, the last for all later ones.

    `received` has every letter whose final dot arrived, whatever was answered; `accepted` those that a server of this
    kind would deliver: all but the refused. `commands` has every line but the letters' own.
    """

    def __init__(self, *scripts: Script) -> None:
        super().__init__()
        self.scripts = list(scripts) or [Script()]
        self.received: list[bytes] = []
        self.accepted: list[bytes] = []
        self.commands: list[str] = []
        self.connections = 0

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve_client, self.host, self.port)

    async def _serve_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        try:
            await self._converse(script, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _converse(self, script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _say(writer, script.greeting)
        letters = 0
        while line := (await reader.readline()).decode("utf-8"):
            self.commands.append(line.rstrip("\r\n"))
            verb = line[:4].upper().strip()
            answer = script.mail_again if verb == "MAIL" and letters else _answer(script, verb, line)
            letters += verb == "MAIL"
            await _say(writer, answer)
            if verb == "DATA" and str(answer).startswith("354"):
                await _say(writer, self._take(script, await reader.readuntil(b"\r\n.\r\n")))

    def _take(self, script: Script, letter: bytes) -> Answer:
        raw = letter.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        self.received.append(raw)
        if isinstance(script.dot, Leave) or script.dot.startswith("250"):
            self.accepted.append(raw)
        return script.dot


def _answer(script: Script, verb: str, line: str) -> Answer:
    if verb == "RCPT":
        address = line.partition("<")[2].partition(">")[0]
        return script.rcpt.get(address, script.every_rcpt)
    answers: dict[str, Answer] = {
        "EHLO": script.ehlo,
        "HELO": "250 here",
        "AUTH": script.auth,
        "MAIL": script.mail,
        "DATA": script.data,
        "RSET": script.rset,
        "QUIT": script.quit,
    }
    return answers.get(verb, "502 what?")


async def _say(writer: asyncio.StreamWriter, answer: Answer) -> None:
    if answer is Leave.HANG:
        await asyncio.sleep(3600)
    if answer is Leave.RESET:
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(answer, Leave):
        raise ConnectionAbortedError(answer)
    writer.write(f"{answer}\r\n".encode())
    await writer.drain()
    if answer.startswith("421"):
        raise ConnectionAbortedError(answer)
