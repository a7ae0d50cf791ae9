"""`make fuzz SECONDS=…`: labelled mails, bent without end, against what must hold for any bytes whatever.

Every round follows from its target's name and its number: `--round` plays one again.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.hostile import properties
from tests.scenarios.world import MAILS, SETS

_BUILD = Path(__file__).parents[2] / "build" / "fuzz"
_CRUMBS = (
    b"\0", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b'"', b"'", b"(", b")", b"<", b">", b"@", b",", b";", b":",
    b"\\", b"=?utf-8?b?", b"?=", b"=0D=0A", b"&nbsp;", b"&#8238;", b"\xe2\x80\xae", b"\xe2\x80\x8b", b"\xef\xbb\xbf",
    b"\xff", b"\xed\xa0\x80", b"--", b"-", b".", b"0", b"9" * 20, b"1e309", b"NaN", b"-1", b"1.234,56", b"1,234.56",
    b"EUR", b"USD", b"\xe2\x82\xac", b"From: ", b"Content-Type: ", b"multipart/mixed; boundary=", b"message/rfc822",
    b"Content-Transfer-Encoding: base64\r\n", b"charset=utf-7", b"<td>", b"<table>", b"<div style=display:none>",
    b"<!--", b"]]>", b"{{", b"%s", b"G0", b"1400000001", b"> ", b"mx.billing.example; dmarc=pass ", b"dkim=pass ",
    b"header.from=", b"header.d=", b"Fwd: ", b"Received: from a by mx.billing.example; x\r\n",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """What is fed from which seeds; `check` raises where something that must hold does not."""

    name: str
    seeds: Callable[[], Sequence[bytes]]
    check: Callable[[bytes], None]

    def subject(self, number: int) -> bytes:
        """Return what the round of this number feeds."""
        chance = random.Random(f"{self.name} {number}")  # noqa: S311 mails, not secrets
        seeds = self.seeds()
        raw = bytearray(chance.choice(seeds))
        for _ in range(chance.choice((1, 1, 2, 4, 16))):
            _bend(raw, chance, seeds)
        return bytes(raw[:200_000])


def _bend(raw: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    """Change a mail in one place."""
    start = chance.randrange(len(raw) + 1)
    end = min(len(raw), start + chance.choice((1, 1, 2, 8, 40, 400)))
    match chance.randrange(7):
        case 0:
            raw[start:start] = chance.choice(_CRUMBS)
        case 1:
            raw[start:end] = chance.choice(_CRUMBS)
        case 2:
            raw[start:start] = chance.choice(_CRUMBS) * chance.choice((3, 50, 1_000))
        case 3:
            del raw[start:end]
        case 4:
            raw[start:start] = raw[start:end] * chance.choice((1, 3, 30))
        case 5:
            raw[start:end] = chance.randbytes(end - start)
        case _:
            other = chance.choice(seeds)
            place = chance.randrange(len(other) + 1)
            raw[start:end] = other[place : place + chance.choice((8, 80, 800))]


@cache
def _mails() -> tuple[bytes, ...]:
    paths = [path for name in SETS for path in sorted((MAILS / name / "cases").glob("*/*.eml"))]
    return tuple(raw for path in paths if len(raw := path.read_bytes()) < 100_000)


@cache
def _heads() -> tuple[bytes, ...]:
    return tuple(mail.partition(b"\r\n\r\n" if b"\r\n\r\n" in mail else b"\n\n")[0] for mail in _mails())


@cache
def _results() -> tuple[bytes, ...]:
    fields = b"\n".join(_heads()).replace(b"\r", b"").replace(b"\n\t", b" ").replace(b"\n ", b" ").split(b"\n")
    found = {field.partition(b":")[2] for field in fields if field.lower().startswith(b"authentication-results:")}
    return tuple(sorted(found))


@cache
def _amounts() -> tuple[bytes, ...]:
    forms = ("EUR 1,234.56", "1.234,56 €", "1 234,56 zł", "CHF 1'234.50", "¥50,000", "5万円", "2,5k", "-12.00 USD",
             "two thousand euro", "12.50-", "(12.50)", "1e3", "KWD 1.234", "100,00 and 200,00 EUR on G1")  # fmt: skip
    return tuple(form.encode() for form in forms)


TARGETS = {
    target.name: target
    for target in (
        Target("identity", _heads, properties.identity),
        Target("message", _mails, properties.message),
        Target("request", _mails, properties.request),
        Target("amounts", _amounts, properties.amounts),
        Target("results", _results, properties.results),
    )
}


def play(target: Target, number: int) -> str:
    """Play one round; return what went wrong, or nothing."""
    raw = target.subject(number)
    try:
        target.check(raw)
    except Exception:  # noqa: BLE001 whatever it is, it is a finding
        _BUILD.mkdir(parents=True, exist_ok=True)
        (_BUILD / f"{target.name}-{number}").write_bytes(raw)
        return traceback.format_exc()
    return ""


def main() -> int:
    """Play rounds until the time is up; return 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for all targets together")
    parser.add_argument("--target", choices=list(TARGETS), action="append", help="only this one; may be repeated")
    parser.add_argument("--start", type=int, default=0, help="the number of the first round")
    parser.add_argument("--round", type=int, help="play this round alone")
    options = parser.parse_args()
    chosen = [TARGETS[name] for name in options.target or TARGETS]
    if options.round is not None:
        sys.stdout.write("\n".join(play(target, options.round) for target in chosen) + "\n")
        return 0
    findings = 0
    for target in chosen:
        until, number = time.monotonic() + options.seconds / len(chosen), options.start
        found: dict[str, int] = {}
        while time.monotonic() < until:
            wrong = play(target, number)
            if wrong:
                findings += 1
                if found.setdefault(wrong, number) == number:
                    sys.stdout.write(f"{target.name} {number}: {wrong}\n")
            number += 1
        sys.stdout.write(f"{target.name}: {number - options.start} rounds, {len(found)} findings\n")
        sys.stdout.flush()
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
