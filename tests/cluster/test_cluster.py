"""Three processes on one database: whoever of them dies, nothing is lost, done twice, or done out of turn."""

import pytest

from tests.cluster.campaign import cluster, work_through

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.mark.timeout(400)
def test_three_processes_of_which_one_is_killed_now_and_then() -> None:
    with cluster(100, again=0.2) as one:
        assert work_through(one, processes=3, kill_every=9.0, seconds=300.0) == []
