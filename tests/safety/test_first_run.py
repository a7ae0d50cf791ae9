"""A fresh installation on a real mailbox: it rehearses, and works in earnest once it is told to."""

import json

from tests.scenarios.conftest import world
from tests.scenarios.test_whole_worker import agree
from tests.scenarios.world import World, labelled_mails

__all__ = ["world"]


def test_a_dry_run_touches_nothing_and_then_all_is_done(world: World) -> None:
    mails = labelled_mails()[:6]
    live = world.config.read_text()
    world.config.write_text(live.replace('mode = "live"', 'mode = "dry_run"'))
    world.deliver(mails)

    world.succeed("run", "--once")
    world.succeed("run", "--once")

    assert world.inbox() == 6
    assert world.letters_at_sink() == {}
    assert len(json.loads(world.succeed("rehearsals", "--json"))) == 6

    world.config.write_text(live)
    world.succeed("run", "--once")
    agree(world, 6)
