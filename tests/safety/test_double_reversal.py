"""Of many who take the same allocation back at once, exactly one does, and the partner gets one letter."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from processor.adapters.ledger_check import check_ledger
from processor.adapters.reversal import NotReversibleError
from processor.ports import LedgerMovedError
from processor.reversing import TakingBack, propose, take_back
from tests.review.test_desk import REQUEST
from tests.review.world import House, balances, letters

RACES = int(os.environ.get("REVERSAL_RACES", "3"))  # 500 is the long form
AT_ONCE = 20


@pytest.mark.parametrize("round_", range(RACES))
def test_one_of_twenty_wins(house: House, round_: int) -> None:
    name = f"AL-{house.arrives(REQUEST).reference.removeprefix('AR-')}-1"
    desks = [house.desk(f"person{number}") for number in range(AT_ONCE)]
    proposals = [propose(desk, name, "wrong invoice") for desk in desks]

    def try_it(number: int) -> bool:
        proposal = proposals[number]
        assert isinstance(proposal, TakingBack)
        try:
            take_back(desks[number], proposal)
        except (NotReversibleError, LedgerMovedError):
            return False
        return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert sum(pool.map(try_it, range(AT_ONCE))) == 1
    assert balances(house.engine) == (125_050, 100_000)
    assert [kind for kind, _, _ in letters(house.engine)] == ["confirmation", "reversed"]
    assert check_ledger(house.engine) == ()
