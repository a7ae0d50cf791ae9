"""One letter's dialogue. Every answer and every silence has one meaning; only after the final dot is it uncertain."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from processor.adapters.smtp_session import TROUBLE, wire, words
from processor.outgoing import LetterState, OutgoingLetter

GO_AHEAD = 354
CLOSING = 421
# RFC 4954: the server wants a login, or another one. Our settings are at fault, so the letter waits.
LOGIN_WANTED = frozenset({530, 534, 535, 538})

_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class Reply(NamedTuple):
    """A reply code and its text; code -1 where the server's words are no reply."""

    code: int
    text: bytes

    @property
    def accepts(self) -> bool:
        """Whether the server said yes."""
        return self.code // 100 == 2  # noqa: PLR2004 - RFC 5321 section 4.2.1

    @property
    def leaves(self) -> bool:
        """Whether the server says that it hangs up, or makes no sense."""
        return self.code in {CLOSING, -1}

    def __str__(self) -> str:
        return words(self.code, self.text)


Outcome = tuple[LetterState, str]
_LOST = "the server's silence leaves it open whether it took the letter"


def envelope(smtp: smtplib.SMTP, letter: OutgoingLetter, recipients: Sequence[str]) -> tuple[Reply, dict[str, Reply]]:
    """Say MAIL with what the letter needs (its size, 8-bit bytes, addresses beyond ASCII), and RCPT for each recipient.

    In one piece where the server takes that (RFC 2920). A server that lacks the means is not asked: the answer is a
    refusal for good.
    """
    if fault := _lacking(smtp, letter):
        return Reply(554, fault), {}
    smtp.command_encoding = "ascii" if (letter.sender + letter.recipient).isascii() else "utf-8"
    first = " ".join([f"MAIL FROM:{smtplib.quoteaddr(letter.sender)}", *_options(smtp, letter)])
    lines = [first, *(f"RCPT TO:{smtplib.quoteaddr(address)}" for address in recipients)]
    if not smtp.has_extn("pipelining"):
        return _in_turn(smtp, lines, recipients)
    smtp.send("".join(f"{line}\r\n" for line in lines))
    reply = Reply(*smtp.getreply())
    replies: dict[str, Reply] = {}
    for address in () if reply.leaves else recipients:
        replies[address] = Reply(*smtp.getreply())
        if replies[address].leaves:
            break
    return reply, replies


def _in_turn(smtp: smtplib.SMTP, lines: Sequence[str], recipients: Sequence[str]) -> tuple[Reply, dict[str, Reply]]:
    """Say one line after the other; stop when the server refuses the first, or leaves."""
    reply = Reply(*smtp.docmd(lines[0]))
    replies: dict[str, Reply] = {}
    for address, line in zip(recipients if reply.accepts else (), lines[1:], strict=False):
        replies[address] = Reply(*smtp.docmd(line))
        if replies[address].leaves:
            break
    return reply, replies


def _options(smtp: smtplib.SMTP, letter: OutgoingLetter) -> Iterator[str]:
    if smtp.has_extn("size"):
        yield f"size={len(letter.raw)}"
    if not letter.raw.isascii():
        yield "body=8bitmime"
    if not (letter.sender + letter.recipient).isascii():
        yield "smtputf8"


def _lacking(smtp: smtplib.SMTP, letter: OutgoingLetter) -> bytes:
    if not letter.raw.isascii() and not smtp.has_extn("8bitmime"):
        return b"the letter holds 8-bit bytes and the server does not offer 8BITMIME"
    if not (letter.sender + letter.recipient).isascii() and not smtp.has_extn("smtputf8"):
        return b"an address is not ASCII and the server does not offer SMTPUTF8"
    return b""


def refused(reply: Reply) -> LetterState:
    """Tell whether a refusal is for now or for good (RFC 5321 section 4.2.1)."""
    lasting = reply.code // 100 == 5 and reply.code not in LOGIN_WANTED  # noqa: PLR2004
    return LetterState.FAILED if lasting else LetterState.DEFERRED


def all_refused(replies: Mapping[str, Reply]) -> LetterState | None:
    """Judge the recipients: None when somebody was accepted, for good only when everybody was refused for good."""
    if any(reply.leaves for reply in replies.values()):
        return LetterState.DEFERRED
    if any(reply.accepts for reply in replies.values()):
        return None
    states = {refused(reply) for reply in replies.values()}
    return LetterState.FAILED if states == {LetterState.FAILED} else LetterState.DEFERRED


def note(replies: Mapping[str, Reply]) -> str:
    """Name the recipients that were refused."""
    return "; ".join(f"{address} refused: {reply}" for address, reply in replies.items() if not reply.accepts)


def hand_over(smtp: smtplib.SMTP, raw: bytes, dot_seconds: float) -> Outcome:
    """DATA, the letter, the final dot. Until the dot has left nothing can have been accepted."""
    try:
        reply = Reply(*smtp.docmd("DATA"))
        if reply.code != GO_AHEAD:
            return refused(reply), f"DATA: {reply}"
        smtp.send(_LEADING_DOT.sub(b"..", raw) + (b"" if raw.endswith(b"\r\n") else b"\r\n"))
    except TROUBLE as error:
        return LetterState.DEFERRED, f"before the final dot: {error}"
    return _end(smtp, dot_seconds)


def _end(smtp: smtplib.SMTP, dot_seconds: float) -> Outcome:
    try:
        usual = wire(smtp).gettimeout()
        wire(smtp).settimeout(dot_seconds)
        smtp.send(b".\r\n")
        reply = Reply(*smtp.getreply())
        wire(smtp).settimeout(usual)
    except TROUBLE as error:
        return LetterState.UNCERTAIN, f"{_LOST}: {error}"
    if reply.accepts:
        return LetterState.SENT, str(reply)
    if reply.code // 100 in {4, 5}:
        return refused(reply), f"after the final dot: {reply}"
    return LetterState.UNCERTAIN, f"{_LOST}: {reply}"
