"""Above a limit nothing is refused: nothing is applied, the partner hears "under review", a person decides."""

from datetime import timedelta

import pytest

from processor.adapters.books_sql import SqlBooks
from processor.adapters.caps import UnseenLimits
from processor.adapters.guard_sql import Guard
from processor.adapters.ledger_check import check_ledger
from processor.core.by_person import Chosen
from processor.core.outcomes import Outcome, Reason
from tests.review.test_desk import REQUEST
from tests.review.world import House, balances, letters, open_items, proposed, seen, states

SMALL = "Please apply {}.00 EUR of payment 1400000001 to invoice G000000001."  # the same sum would be a repeat


def limited(house: House, **limits: object) -> House:
    guard = Guard(UnseenLimits(**limits))  # type: ignore[arg-type]
    house.books = SqlBooks(house.engine, house.clock, {}, guard)
    return house


def test_a_mail_above_its_limit_is_put_before_a_person(house: House) -> None:
    done = limited(house, request={"EUR": 99_999}).arrives(REQUEST)

    assert (done.decision.outcome, done.decision.reasons) == (Outcome.REJECTED, (Reason.OVER_LIMIT,))
    assert balances(house.engine) == (125_050, 100_000)
    assert [kind for kind, _, _ in letters(house.engine)] == ["acknowledgement"]
    assert [kind for _, kind in open_items(house.engine)] == ["over_limit"]
    assert states(house.engine) == ["in_review"]
    assert check_ledger(house.engine) == ()


def test_up_to_the_limit_all_passes(house: House) -> None:
    limited(house, request={"EUR": 100_000}, partner_day={"EUR": 100_000}, day={"EUR": 100_000})

    assert house.arrives(REQUEST).decision.outcome is Outcome.APPLIED


@pytest.mark.parametrize("limit", ["partner_day", "day"])
def test_a_day_adds_up_and_ends(house: House, limit: str) -> None:
    limited(house, **{limit: {"EUR": 20_000}})

    outcomes = []
    for hours, euros in ((0, 100), (1, 99), (2, 98), (25, 97)):
        house.clock.moment += timedelta(hours=hours)
        outcomes.append(house.arrives(SMALL.format(euros)).decision.outcome.value)

    assert outcomes == ["applied", "applied", "rejected", "applied"]


@pytest.mark.parametrize("limit", ["partner_hour_lines", "hour_lines"])
def test_so_many_lines_an_hour(house: House, limit: str) -> None:
    limited(house, **{limit: 2})

    outcomes = []
    for minutes, euros in ((0, 100), (10, 99), (20, 98), (41, 97)):
        house.clock.moment += timedelta(minutes=minutes)
        outcomes.append(house.arrives(SMALL.format(euros)).decision.outcome.value)

    assert outcomes == ["applied", "applied", "rejected", "applied"]


def test_another_currency_has_no_limit(house: House) -> None:
    assert limited(house, request={"USD": 1}).arrives(REQUEST).decision.outcome is Outcome.APPLIED


def test_what_a_person_applies_does_not_count_and_is_not_limited(house: House) -> None:
    limited(house, partner_day={"EUR": 10_000})
    house.arrives(REQUEST)
    desk = house.desk()

    desk.carry_out(proposed(desk.apply(seen(desk), [Chosen("1400000001", "G000000001", 90_000)])))

    assert balances(house.engine) == (35_050, 10_000)
    assert house.arrives(SMALL.format(100)).decision.outcome is Outcome.APPLIED
