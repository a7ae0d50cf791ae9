"""Above the threshold nobody acts alone: what one proposes a second carries out, and only as it was proposed."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from processor.adapters.approval_sql import NotYoursToApproveError, Pending, pending, withdraw
from processor.adapters.ledger_check import check_ledger
from processor.core.by_person import Chosen
from processor.ports import LedgerMovedError
from tests.adapters.samples import NOON
from tests.review.test_desk import REQUEST, THREAT
from tests.review.world import House, balances, open_items, proposed, refused, seen

SUMS = {"EUR": 50_000}
WHOLE = [Chosen("1400000001", "G000000001")]


def waiting(house: House, actor: str = "mia") -> Pending:
    """What one person proposed about a threat."""
    house.arrives(THREAT)
    desk = house.desk(actor, four_eyes=SUMS)
    found = desk.carry_out(proposed(desk.apply(seen(desk), WHOLE, "they called")))
    assert found is not None
    return found


def test_one_person_alone_moves_nothing(house: House) -> None:
    found = waiting(house)

    assert balances(house.engine) == (125_050, 100_000)
    assert pending(house.engine) == (found,)
    assert (found.proposed_by, found.note, found.choices.lines) == ("mia", "they called", tuple(WHOLE))


def test_a_second_person_carries_it_out(house: House) -> None:
    found = waiting(house)
    tom = house.desk("tom", four_eyes=SUMS)

    assert tom.carry_out(proposed(tom.reconsider(found))) is None

    assert balances(house.engine) == (25_050, 0)
    assert pending(house.engine) == ()
    assert open_items(house.engine) == []
    assert check_ledger(house.engine) == ()


def test_who_proposed_it_may_not_approve_it(house: House) -> None:
    found = waiting(house)
    mia = house.desk("mia", four_eyes=SUMS)

    with pytest.raises(NotYoursToApproveError, match="mia proposed it"):
        mia.carry_out(proposed(mia.reconsider(found)))

    assert balances(house.engine) == (125_050, 100_000)


def test_up_to_the_threshold_one_is_enough(house: House) -> None:
    house.arrives(THREAT)
    desk = house.desk(four_eyes=SUMS)

    assert desk.carry_out(proposed(desk.apply(seen(desk), [Chosen("1400000001", "G000000001", 50_000)]))) is None

    assert balances(house.engine) == (75_050, 50_000)


def test_what_changed_since_the_proposal_must_be_proposed_anew(house: House) -> None:
    found = waiting(house)
    house.arrives("Please apply 10.00 EUR of payment 1400000001 to invoice G000000002.")
    tom = house.desk("tom", four_eyes=SUMS)

    assert refused(tom.reconsider(found)) == (
        f"what item {found.item_id} is about has changed since it was proposed: propose it anew",
    )


def test_what_changes_between_showing_and_approving_is_not_done(house: House) -> None:
    found = waiting(house)
    tom = house.desk("tom", four_eyes=SUMS)
    proposal = proposed(tom.reconsider(found))
    house.arrives("Please apply 10.00 EUR of payment 1400000001 to invoice G000000002.")

    with pytest.raises(LedgerMovedError):
        tom.carry_out(proposal)

    assert pending(house.engine) == (found,)


def test_a_new_proposal_replaces_the_one_before(house: House) -> None:
    first = waiting(house)
    desk = house.desk("mia", four_eyes=SUMS)
    second = desk.carry_out(proposed(desk.apply(seen(desk), [Chosen("1400000001", "G000000001", 60_000)])))

    assert [one.id for one in pending(house.engine)] == [second.id if second else 0]
    tom = house.desk("tom", four_eyes=SUMS)
    with pytest.raises(LedgerMovedError):
        tom.carry_out(proposed(tom.reconsider(first)))


def test_a_proposal_can_be_withdrawn(house: House) -> None:
    found = waiting(house)

    assert withdraw(house.engine, found.id, "tom", NOON)
    assert not withdraw(house.engine, found.id, "tom", NOON)
    assert pending(house.engine) == ()


def test_a_release_needs_a_second_person_too(house: House) -> None:
    house.arrives(REQUEST, proof="")
    mia, tom = (house.desk(name, four_eyes=SUMS) for name in ("mia", "tom"))
    found = mia.carry_out(proposed(mia.release(seen(mia))))
    assert found is not None
    assert balances(house.engine) == (125_050, 100_000)

    tom.carry_out(proposed(tom.reconsider(found)))

    assert balances(house.engine) == (25_050, 0)


def test_of_many_who_approve_at_once_one_does_it(house: House) -> None:
    found = waiting(house)
    desks = [house.desk(f"tom{number}", four_eyes=SUMS) for number in range(8)]
    proposals = [proposed(desk.reconsider(found)) for desk in desks]

    def carry_out(number: int) -> bool:
        try:
            desks[number].carry_out(proposals[number])
        except LedgerMovedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(carry_out, range(8))) == 1
    assert balances(house.engine) == (25_050, 0)
