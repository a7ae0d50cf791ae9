"""How servers write `Authentication-Results`: the same findings in several hands, and the published truth table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

SERVER = "mx.billing.example"
AUTHOR = "ap@mail.harbourlane.example"
DOMAIN = "mail.harbourlane.example"
SIGNERS = {
    "same": DOMAIN,
    "parent": "harbourlane.example",
    "child": "news.mail.harbourlane.example",
    "sibling": "shop.harbourlane.example",
    "other": "sendpost.example",
    "public suffix": "example",
    "absent": "",
}
BORDER = (
    "Received: from mail.out.example (mail.out.example [192.0.2.7])\n"
    f"\tby {SERVER} (Postfix) with ESMTPS id 5C1A9F;\n\tMon, 16 Nov 2026 09:00:00 +0000"
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a server found; `absent` where it says nothing of a method."""

    spf: str = "pass"
    dkim: str = "pass"
    dmarc: str = "pass"
    signer: str = DOMAIN
    arc: str = "absent"
    author: str = DOMAIN

    def having(self, **texts: str) -> list[str]:
        """Return the texts of the methods that the server speaks of."""
        return [text for method, text in texts.items() if getattr(self, method) != "absent"]


def one_line(found: Findings) -> list[str]:
    signed = f" header.d={found.signer} header.s=s1" if found.signer else ""
    parts = found.having(
        spf=f"spf={found.spf} smtp.mailfrom=bounce@{found.author}",
        dkim=f"dkim={found.dkim}{signed}",
        dmarc=f"dmarc={found.dmarc} header.from={found.author}",
        arc=f"arc={found.arc}",
    )
    return [f"Authentication-Results: {SERVER}; " + ("; ".join(parts) or "none")]


def microsoft(found: Findings) -> list[str]:
    signed = f"\n header.d={found.signer}" if found.signer else ""
    parts = found.having(
        spf=f"spf={found.spf} (sender IP is 192.0.2.7)\n smtp.mailfrom={found.author}",
        dkim=f"dkim={found.dkim} (signature was verified){signed}",
        dmarc=f"dmarc={found.dmarc} action=none\n header.from={found.author}",
        arc=f"arc={found.arc}",
    )
    return [f"Authentication-Results: {SERVER}; " + ";".join([*parts, "compauth=pass reason=100"])]


def gmail(found: Findings) -> list[str]:
    signed = f" header.i=@{found.signer} header.s=20230601 header.b=k3a/x+B=" if found.signer else ""
    parts = found.having(
        dkim=f"dkim={found.dkim}{signed}",
        arc=f"arc={found.arc} (i=1 spf=pass spfdomain={found.author})",
        spf=f"spf={found.spf} (google.com: domain of x@{found.author} designates 192.0.2.7 as permitted sender)"
        f" smtp.mailfrom=x@{found.author}",
        dmarc=f"dmarc={found.dmarc} (p=NONE sp=NONE dis=NONE) header.from={found.author}",
    )
    return [f"Authentication-Results: {SERVER};\n       " + ";\n       ".join(parts or ["none"])]


def opendkim(found: Findings) -> list[str]:
    signed = f' header.d={found.signer} header.i=@{found.signer} header.b="89df54fa"' if found.signer else ""
    parts = found.having(
        dmarc=f"dmarc={found.dmarc} (p=quarantine dis=none) header.from={found.author}",
        spf=f"spf={found.spf} smtp.mailfrom={found.author}",
        dkim=f"\n\tdkim={found.dkim} (2048-bit key; secure){signed};\n\tdkim-atps=neutral",
        arc=f"arc={found.arc}",
    )
    return [f"Authentication-Results: {SERVER}; {part}" for part in parts]


def rspamd(found: Findings) -> list[str]:
    signed = f' header.d={found.signer} header.s="k1" header.b="dec0a650"' if found.signer else ""
    parts = found.having(
        dkim=f"dkim={found.dkim}{signed}",
        dmarc=f"dmarc={found.dmarc} (policy=reject) header.from={found.author}",
        spf=f'spf={found.spf} ({SERVER}: domain of "ap@{found.author}" designates 192.0.2.7 as permitted sender)'
        f' smtp.mailfrom="ap@{found.author}"',
        arc=f"arc={found.arc}",
    )
    return [f"Authentication-Results: {SERVER} (rspamd);\n\t" + ";\n\t".join(parts or ["none"])]


def exim(found: Findings) -> list[str]:
    signed = f" header.d={found.signer} header.s=s1 header.a=rsa-sha256" if found.signer else ""
    parts = found.having(
        arc=f"arc={found.arc}",
        dkim=f"dkim={found.dkim}{signed}",
        dmarc=f"dmarc={found.dmarc} header.from={found.author}",
        spf=f"spf={found.spf} smtp.mailfrom={found.author}",
    )
    return [
        f"Authentication-Results: {SERVER} 1;\n\tiprev=pass (mail.out.example) smtp.remote-ip=192.0.2.7;\n\t"
        + ";\n\t".join(parts)
        + ";"
    ]


HANDS: tuple[Callable[[Findings], list[str]], ...] = (one_line, microsoft, gmail, opendkim, rspamd, exim)


def truth_table() -> dict[tuple[str, str, str], str]:
    """Read the table of `docs/security.md`: DMARC, DKIM and the signature's domain to verdict; no row twice."""
    page = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.split("\n") if line.count("|") == 5]
    at = next(index for index, row in enumerate(rows) if row[-1] == "verdict")
    table: dict[tuple[str, str, str], str] = {}
    for dmarc, dkim, signer, verdict in rows[at + 2 :]:
        for key in product(_all(dmarc, DMARC), _all(dkim, DKIM), _all(signer, tuple(SIGNERS))):
            assert key not in table
            table[key] = verdict
    return table


SPF = ("pass", "fail", "softfail", "neutral", "none", "temperror", "permerror", "absent")
DKIM = ("pass", "fail", "none", "neutral", "policy", "temperror", "permerror", "absent")
DMARC = ("pass", "fail", "none", "bestguesspass", "temperror", "permerror", "absent")
ARC = ("pass", "fail", "none", "absent")


def _all(cell: str, every: tuple[str, ...]) -> tuple[str, ...]:
    return every if cell == "any" else tuple(part.strip() for part in cell.split(","))
