"""The check of the ledger: silent on what the program wrote, and naming the row for whatever anybody else did."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, Executable, insert, literal, select

from processor.adapters import audit
from processor.adapters.engine import reading
from processor.adapters.ledger_check import check_ledger
from processor.adapters.reversal import reverse
from tests.adapters.samples import NOON, ManualClock, application, applied, arrive, decide, fill, rendered, write_ledger
from tests.adapters.tamper import ALLOCATION, AUDIT, CONTACT, INVOICE, PARTNER, PAYMENT, rewrite

NOWHERE = "has no payment, or no invoice, of its partner and currency"


@pytest.fixture
def used(engine: Engine, clock: ManualClock, ledger_folder: Path) -> Engine:
    """A ledger with an invoice that AL-BBB-1 settled, and AL-AAA-1, which was taken back."""
    fill(engine, ledger_folder)
    decide(engine, clock, arrive(engine, clock, 1), applied(application(40_000)), letter=rendered())
    settles = application(25_050, "1400000002", "G000000002")
    decide(engine, clock, arrive(engine, clock, 2), applied(settles, letter=None), reference="AR-BBB")
    reverse(engine, "AL-AAA-1", "mia", "wrong invoice", NOON)
    return engine


def findings(engine: Engine) -> list[str]:
    return [str(finding) for finding in check_ledger(engine)]


def of_payment(number: str, **values: object) -> Executable:
    return PAYMENT.update().where(PAYMENT.c.payment_number == number).values(values)


def of_invoice(number: str, **values: object) -> Executable:
    return INVOICE.update().where(INVOICE.c.invoice_number == number).values(values)


def of_allocation(name: str, **values: object) -> Executable:
    return ALLOCATION.update().where(ALLOCATION.c.allocation_id == name).values(values)


def test_what_the_program_wrote_is_whole(used: Engine) -> None:
    assert findings(used) == []


def test_an_empty_database_is_whole(engine: Engine) -> None:
    assert findings(engine) == []


def test_a_second_import_leaves_it_whole(used: Engine, tmp_path: Path) -> None:
    fill(used, write_ledger(tmp_path / "again"))

    assert findings(used) == []


def test_a_balance_that_is_off_is_named_with_both_figures(used: Engine) -> None:
    rewrite(used, of_payment("1400000002", unallocated=4951))

    assert findings(used) == [
        "payment 1400000002: has 49.51 EUR, but came in with 300.00 EUR and 250.50 EUR is allocated"
    ]


def test_a_balance_out_of_bounds_is_named(used: Engine) -> None:
    rewrite(used, of_invoice("G000000002", open_amount=-1))

    assert "invoice G000000002: has -0.01 EUR, which is not between nothing and 250.50 EUR" in findings(used)


def test_a_status_that_does_not_follow_is_named(used: Engine) -> None:
    rewrite(used, of_invoice("G000000001", status="paid"))

    assert findings(used) == ["invoice G000000001: is paid, although 1000.00 EUR is open"]


def test_an_allocation_changed_with_its_balances_is_named(used: Engine) -> None:
    rewrite(
        used,
        of_allocation("AL-BBB-1", amount=25_000),
        of_payment("1400000002", unallocated=5_000),
        of_invoice("G000000002", open_amount=50, status="open"),
    )

    assert findings(used) == ["allocation AL-BBB-1: was changed"]


def test_an_allocation_that_was_taken_out_is_named(used: Engine) -> None:
    rewrite(used, ALLOCATION.delete().where(ALLOCATION.c.allocation_id == "AL-BBB-1"))

    assert "allocation AL-BBB-1: is gone" in findings(used)


def test_an_allocation_that_was_put_in_is_named(used: Engine) -> None:
    changed = {"allocation_id": "AL-X-1", "request": "AR-NONE", "identity": "x"}
    columns = [literal(changed[one.name]) if one.name in changed else one for one in ALLOCATION.c]
    copy = select(*columns).where(ALLOCATION.c.allocation_id == "AL-BBB-1")
    rewrite(used, insert(ALLOCATION).from_select([one.name for one in ALLOCATION.c], copy))

    found = findings(used)
    assert "allocation AL-X-1: is not in the audit log" in found
    assert "allocation AL-X-1: names a request that isn't there" in found


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("currency", "USD", NOWHERE),
        ("invoice_number", "J000000001", NOWHERE),
        ("payment_number", "1400000009", NOWHERE),
        ("actor", "mia", "was changed"),
        ("allocated_at", "never", "was changed"),
        ("request", "", "was changed"),
        ("amount", 25_051, "was changed"),
    ],
)
def test_an_allocation_bent_in_any_column_is_named(used: Engine, column: str, value: object, told: str) -> None:
    rewrite(used, of_allocation("AL-BBB-1", **{column: value}))

    assert f"allocation AL-BBB-1: {told}" in findings(used)


def test_every_single_change_of_any_value_is_found(used: Engine) -> None:
    """Each column of each row of ledger and audit log, one after the other, changed and put back."""
    if used.dialect.name == "postgresql":
        pytest.skip("the same walk on one database is enough")
    unseen = []
    for table in (PARTNER, CONTACT, PAYMENT, INVOICE, ALLOCATION, AUDIT):
        with reading(used) as connection:
            rows = connection.execute(select(table)).mappings().all()
        for row in rows:
            for column in table.c:
                bent = 7 if isinstance(row[column.name], int) else f"{row[column.name]}x"
                this = [one == row[one.name] for one in table.c if row[one.name] is not None]
                rewrite(used, table.update().where(*this).values({column.name: bent}))
                if not check_ledger(used):
                    unseen.append(f"{table.name}.{column.name}")
                rewrite(used, table.delete(), table.insert().values([dict(one) for one in rows]))

    assert unseen == []
    assert findings(used) == []


def test_a_reversal_of_another_amount_is_named(used: Engine) -> None:
    rewrite(used, of_allocation("AL-AAA-1-R", amount=-39_999))

    assert "allocation AL-AAA-1-R: is not the opposite of what it reverses" in findings(used)


@pytest.mark.parametrize(
    ("change", "table"),
    [
        (of_payment("1400000009", opening_unallocated=6000, unallocated=6000), "payment"),
        (of_payment("1400000009", bank_reference="MINE"), "payment"),
        (of_invoice("J000000001", total=60_000), "invoice"),
        (of_invoice("J000000001", status="locked"), "invoice"),
        (of_invoice("J000000001", due_on="2030-01-01"), "invoice"),
        (CONTACT.update().where(CONTACT.c.partner_id == "4000002").values(role="billing_admin"), "contact"),
        (CONTACT.delete().where(CONTACT.c.partner_id == "4000002"), "contact"),
        (PARTNER.update().where(PARTNER.c.partner_id == "4000002").values(name="Mine"), "partner"),
    ],
)
def test_a_fact_changed_since_the_import_is_noticed(used: Engine, change: Executable, table: str) -> None:
    rewrite(used, change)

    assert findings(used) == [f"{table}: was changed since the last import, and not by an allocation"]


def test_a_broken_audit_log_is_named(used: Engine) -> None:
    rewrite(used, AUDIT.update().where(AUDIT.c.event == "reversed").values(body="[]"))

    assert findings(used) == [
        "allocation AL-AAA-1-R: is not in the audit log",
        "audit_entry partner:4000001 3: was changed",
    ]


def test_a_tail_cut_off_with_its_rows_shows_against_the_anchor(used: Engine) -> None:
    with reading(used) as connection:
        anchor = audit.heads(connection)
    rewrite(
        used,
        AUDIT.delete().where(AUDIT.c.event == "reversed"),
        ALLOCATION.delete().where(ALLOCATION.c.allocation_id == "AL-AAA-1-R"),
        of_payment("1400000001", unallocated=85_050),
        of_invoice("G000000001", open_amount=60_000),
    )

    assert findings(used) == []
    assert [finding.table for finding in check_ledger(used, anchor)] == ["audit_entry"]
