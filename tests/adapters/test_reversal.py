"""An allocation is taken back exactly, once, and its partner is told."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from processor.adapters import audit
from processor.adapters.engine import reading
from processor.adapters.journal_tables import letter, request
from processor.adapters.ledger_check import check_ledger
from processor.adapters.memory_ledger import LedgerCopy
from processor.adapters.reversal import NotReversibleError, Reversal, reverse
from processor.adapters.tables import allocation, invoice, payment
from processor.core.threading import ThreadKeys
from tests.adapters.samples import (
    ANNA,
    NO_KEYS,
    NOON,
    ManualClock,
    application,
    applied,
    arrive,
    decide,
    fill,
    rendered,
    write_ledger,
)


@pytest.fixture
def settled(engine: Engine, clock: ManualClock, ledger_folder: Path) -> Engine:
    """Invoice G000000001 is paid by AL-AAA-1."""
    fill(engine, ledger_folder)
    decide(engine, clock, arrive(engine, clock), applied(application()), letter=rendered())
    return engine


def balances(engine: Engine) -> tuple[int, int, str]:
    with reading(engine) as connection:
        left = connection.scalar(select(payment.c.unallocated).where(payment.c.payment_number == "1400000001"))
        this = select(invoice.c.open_amount, invoice.c.status).where(invoice.c.invoice_number == "G000000001")
        row = connection.execute(this).one()
    return left or 0, row[0], row[1]


def test_both_balances_are_as_before_and_the_invoice_is_open_again(settled: Engine) -> None:
    assert balances(settled) == (25_050, 0, "paid")

    done = reverse(settled, "AL-AAA-1", "mia", "wrong invoice", NOON)

    assert balances(settled) == (125_050, 100_000, "open")
    assert (done.row.allocation_id, done.row.amount, done.row.reverses) == ("AL-AAA-1-R", -100_000, "AL-AAA-1")
    assert (done.payment_left, done.invoice_open, done.requester) == (125_050, 100_000, ANNA)
    assert check_ledger(settled) == ()


def test_the_reversal_says_who_and_why(settled: Engine) -> None:
    reverse(settled, "AL-AAA-1", "mia", "wrong invoice", NOON)

    with reading(settled) as connection:
        last = [*audit.entries(connection, "partner:4000001")][-1]
    assert (last.event, last.actor) == ("reversed", "mia")
    assert '"reason":"wrong invoice"' in last.body


def test_the_letter_about_it_leaves_with_it(settled: Engine) -> None:
    def tell(done: Reversal) -> object:
        assert done.sequence == 2
        return rendered("<reversed@us>")

    reverse(settled, "AL-AAA-1", "mia", "wrong invoice", NOON, tell)  # type: ignore[arg-type]

    with reading(settled) as connection:
        columns = (letter.c.kind, letter.c.sequence, letter.c.request)
        rows = connection.execute(select(*columns).order_by(letter.c.id)).all()
        assert [tuple(row) for row in rows] == [("confirmation", 1, "AR-AAA"), ("reversed", 2, "AR-AAA")]
        assert connection.scalar(select(request.c.letters)) == 2


def test_a_letter_that_cannot_be_written_leaves_the_allocation_as_it_is(settled: Engine) -> None:
    def tell(_: Reversal) -> None:
        raise LookupError("no such template")

    with pytest.raises(LookupError):
        reverse(settled, "AL-AAA-1", "mia", "wrong invoice", NOON, tell)

    assert balances(settled) == (25_050, 0, "paid")


def test_it_is_taken_back_once(settled: Engine) -> None:
    reverse(settled, "AL-AAA-1", "mia", "wrong invoice", NOON)

    with pytest.raises(NotReversibleError, match="already by AL-AAA-1-R"):
        reverse(settled, "AL-AAA-1", "mia", "again", NOON)
    with pytest.raises(NotReversibleError, match="is itself the reversal"):
        reverse(settled, "AL-AAA-1-R", "mia", "back again", NOON)
    with pytest.raises(NotReversibleError, match="no such allocation"):
        reverse(settled, "AL-NONE-1", "mia", "what", NOON)


def test_of_many_who_take_it_back_at_once_one_wins(settled: Engine) -> None:
    def take_back(_: int) -> bool:
        try:
            reverse(settled, "AL-AAA-1", "mia", "wrong invoice", NOON)
        except NotReversibleError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take_back, range(20))) == 1
    assert balances(settled) == (125_050, 100_000, "open")


def test_a_locked_invoice_stays_locked(settled: Engine) -> None:
    with settled.begin() as connection:
        connection.execute(invoice.update().where(invoice.c.invoice_number == "G000000001").values(status="locked"))

    reverse(settled, "AL-AAA-1", "mia", "wrong invoice", NOON)

    assert balances(settled) == (125_050, 100_000, "locked")


def test_what_was_taken_back_may_be_applied_anew_from_the_same_request(settled: Engine, clock: ManualClock) -> None:
    reverse(settled, "AL-AAA-1", "mia", "too early", NOON)

    again = applied(application(), opens=False, joins=True, letter=None)
    decide(settled, clock, arrive(settled, clock, 2), again, keys=ThreadKeys(("AR-AAA",), (), ()))

    with reading(settled) as connection:
        names = connection.scalars(select(allocation.c.allocation_id).order_by(allocation.c.allocation_id)).all()
    assert names == ["AL-AAA-1", "AL-AAA-1-R", "AL-AAA-3"]
    assert balances(settled) == (25_050, 0, "paid")
    assert check_ledger(settled) == ()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> LedgerCopy:
    return LedgerCopy(write_ledger(tmp_path_factory.mktemp("copy")))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_all_that_was_applied_can_be_taken_back_in_any_order(
    copy: LedgerCopy, clock: ManualClock, amounts: list[int], chance: object
) -> None:
    engine = copy.fresh().engine
    names, left, still_open = [], 125_050, 100_000
    for number, amount in enumerate(amounts):
        asked = replace(application(amount), payment_left_before=left, invoice_open_before=still_open)
        if amount > still_open:
            continue
        mail = arrive(engine, clock, number + 1)
        decide(engine, clock, mail, applied(asked, letter=None), reference=f"AR-{number}", keys=NO_KEYS)
        left, still_open = left - amount, still_open - amount
        names.append(f"AL-{number}-1")
    assert balances(engine)[:2] == (left, still_open)

    chance.shuffle(names)  # type: ignore[attr-defined]
    for name in names:
        reverse(engine, name, "mia", "test", NOON)

    assert balances(engine) == (125_050, 100_000, "open")
    assert check_ledger(engine) == ()


def test_what_was_applied_without_a_request_is_taken_back_too(
    engine: Engine, clock: ManualClock, ledger_folder: Path
) -> None:
    fill(engine, ledger_folder)
    mail = arrive(engine, clock)
    decide(engine, clock, mail, applied(application(), opens=False), letter=rendered(), reference="")
    name = f"AL-{mail.sha256[:12].upper()}-1"

    done = reverse(engine, name, "mia", "wrong invoice", NOON, lambda _: rendered("<reversed@us>"))

    assert (done.requester, done.row.request, done.sequence) == ("", "", 1)
    assert check_ledger(engine) == ()
