"""Planted secrets and words of mails are looked for in all that the program says or exports. None may be there."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest

from processor.servers.imap_server import ImapServer
from processor.servers.smtp_sink import SmtpSink
from tests.hostile.books import Good, write_books
from tests.scenarios.world import ROOT, World, environment
from tests.servers.fixtures import plain

PLACES = (
    "name", "subject", "id", "references", "sender", "received", "reply-to", "body", "amount", "iban", "phone",
    "html", "file", "workbook", "header", "cc", "bcc", "list", "boundary", "encoded", "type", "charset", "disposition",
)  # fmt: skip
SECRETS = ("imap", "smtp", "seal", "variable", "database")


def canary(place: str, number: int = 0) -> str:
    return f"CANARY-{place}-{number}-x7q"


CANARIES = [canary(place, number) for place in PLACES for number in (0, 1)] + [canary(name) for name in SECRETS]
ADDRESSES = [f"canary{number}@planted.example" for number in range(6)]


def mail(number: int, sender: str, proof: str) -> bytes:
    """A mail with a canary wherever one fits; the second is torn, so that reading it goes wrong."""
    c = {place: canary(place, number) for place in PLACES}
    return (
        f"{proof}Received: from {c['received']} by mx.billing.example; x\r\n"
        f'From: "{c["name"]}" <{sender}>\r\nTo: allocations@billing.example\r\nCc: {c["cc"]}@planted.example\r\n'
        f"Bcc: {c['bcc']} <{ADDRESSES[2]}>\r\nReply-To: {c['reply-to']} <{ADDRESSES[3]}>\r\n"
        f"Sender: {c['sender']} <{ADDRESSES[4]}>\r\nSubject: {c['subject']} =?utf-8?q?{c['encoded']}?=\r\n"
        f"Message-ID: <{c['id']}@planted.example>\r\nReferences: <{c['references']}@planted.example>\r\n"
        f"X-Something: {c['header']}\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/mixed; boundary="{c["boundary"]}"\r\n\r\n'
        f"--{c['boundary']}\r\nContent-Type: text/html\r\n\r\n<p>{c['body']} invoice G999999999 {c['html']} "
        f"{c['iban']} {c['phone']} {c['list']} {ADDRESSES[5]}</p>\r\n"
        f"--{c['boundary']}\r\nContent-Type: text/csv; name={c['file']}.csv\r\n\r\n{c['workbook']};{c['amount']}\r\n"
        f"--{c['boundary']}\r\nContent-Type: text/{c['type']}; charset={c['charset']}\r\n"
        f"Content-Disposition: {c['disposition']}\r\n\r\nwords\r\n"
        f"--{c['boundary']}--\r\n"
    ).encode()[: None if number == 0 else 1_400]


def told(world: World, *arguments: str, **variables: str) -> str:
    """Return all that a command says."""
    done = subprocess.run(
        world.command(*arguments), cwd=ROOT, env=environment() | variables, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_secret_and_no_word_of_a_mail_is_told_or_exported(tmp_path: Path) -> None:
    with ImapServer(password=canary("imap")) as server, SmtpSink(user="x", password=canary("smtp")) as sink:
        world = World(tmp_path, plain(server), sink)
        world.settle_in(write_books(tmp_path / "books", [Good(1), Good(2)], set()))
        right = world.config.read_text().replace("a seal for one test", canary("seal"))
        right = right.replace('username = ""', f'username = "x"\npassword = "{canary("smtp")}"')
        world.config.write_text(right + '[log]\nlevel = "debug"\nformat = "json"\n')
        proof = "Authentication-Results: mx.billing.example; dmarc=pass header.from=partner1.example\r\n"
        world.deliver([mail(0, Good(1).address, proof), mail(1, ADDRESSES[0], ""), mail(1, Good(1).address, proof)])
        heard = [told(world, "run", "--once", AWS_SECRET=canary("variable"))]
        heard.append(told(world, "doctor"))
        heard += [told(world, "ledger", "check"), told(world, "ledger", "export", str(tmp_path / "out"))]
        world.deliver([mail(0, ADDRESSES[1], "")])
        world.config.write_text(world.config.read_text().replace('password = "CANARY', 'password = "not CANARY'))
        heard.append(told(world, "run", "--once"))
        world.config.write_text(right.replace("sqlite:///", f"postgresql://x:{canary('database')}@127.0.0.1:9/"))
        heard += [told(world, "run", "--once"), told(world, "ledger", "check")]
        world.config.write_text(right + f'[nonsense]\nx = "{canary("seal")}"\n')
        heard.append(told(world, "run", "--once"))

    exports = [path.read_text() for path in (tmp_path / "out").iterdir()]
    everything = "\n".join(heard + exports)
    assert len(CANARIES) + len(ADDRESSES) > 50
    assert '"mail_decided"' in heard[0]
    assert len(sink.letters) >= 1
    assert len(exports) == 5
    hidden = [base64.b64encode(secret.encode()).decode().rstrip("=") for secret in CANARIES]
    assert [one for one in (*CANARIES, *ADDRESSES, *hidden) if one.lower() in everything.lower()] == []
