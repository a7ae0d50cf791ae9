"""The trial of `make hostile` on mails made here: bombs, junk, and labelled mails bent in many ways."""

from __future__ import annotations

import random

from tests.hostile.bombs import BOMBS
from tests.hostile.trial import run
from tests.scenarios.world import World, labelled_mails

CHEAP = [name for name in BOMBS if name not in {"ten million lines", "a hundred thousand parts", "a million fields"}]


def bent(raw: bytes, chance: random.Random) -> bytes:
    """Cut, repeat or change a mail somewhere; nobody vouches for it any more."""
    raw = raw.replace(b"mx.billing.example", b"mx.other.example")
    place, end = sorted(chance.randrange(len(raw)) for _ in range(2))
    return chance.choice(
        [raw[:place], raw[place:], raw[:end] + raw[place:], raw[:place] + chance.randbytes(40) + raw[end:]]
    )


def strangers() -> dict[str, bytes]:
    chance = random.Random(20261124)  # noqa: S311 mails, not secrets
    mails = {f"bomb: {name}": BOMBS[name]() for name in chance.sample(CHEAP, 8)}
    mails |= {f"bent {number}": bent(raw, chance) for number, raw in enumerate(chance.sample(labelled_mails(), 30))}
    return mails | {"nothing": b"\r\n", "noise": chance.randbytes(5_000), "a colon": b":\r\n"}


def test_no_stranger_stops_the_worker_or_the_good_mail_behind(place: World) -> None:
    mails = strangers()

    found = run(place, mails)

    assert sum(found.outcomes.values()) == len(found.seconds) == len(mails)
    assert (found.escaped, found.troubles, found.letters) == ([], [], [])
    assert found.applied == found.good == found.moved
    assert found.holds
    assert max(found.seconds.values()) < 10
    assert found.child < 1_000_000_000
    assert found.growth < 50_000_000
