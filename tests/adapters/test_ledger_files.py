"""The ledger as files: in as a whole or not at all, out as it came in, and never against our own allocations."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, Table, func, select

from processor.adapters.engine import reading
from processor.adapters.journal_tables import audit_entry
from processor.adapters.ledger_export import ExportError, export_ledger
from processor.adapters.ledger_import import import_ledger
from processor.adapters.tables import contact, invoice, partner, payment
from processor.core.decision import Application
from tests.adapters.samples import (
    FILES,
    NOON,
    ManualClock,
    application,
    applied,
    arrive,
    decide,
    fill,
    write_ledger,
)


def count(engine: Engine, table: Table) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def open_and_status(engine: Engine, number: str) -> tuple[int, str]:
    columns = (invoice.c.open_amount, invoice.c.status)
    with reading(engine) as connection:
        row = connection.execute(select(*columns).where(invoice.c.invoice_number == number)).one()
    return row[0], row[1]


def left(engine: Engine, number: str) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(payment.c.unallocated).where(payment.c.payment_number == number)) or 0


def lines(path: Path) -> list[str]:
    return path.read_bytes().decode().split("\r\n")


def problems(engine: Engine, folder: Path) -> list[str]:
    return [str(problem) for problem in import_ledger(engine, folder, NOON).problems]


def test_files_come_in_and_amounts_are_minor_units_of_their_currency(engine: Engine, ledger_folder: Path) -> None:
    report = fill(engine, ledger_folder)

    assert not report.problems
    assert report.counts.added == {"partners.csv": 2, "contacts.csv": 3, "invoices.csv": 4, "payments.csv": 3}
    assert open_and_status(engine, "G000000002") == (25_050, "open")
    assert left(engine, "1400000009") == 60_000


def test_the_database_knows_at_once_how_much_came_in(engine: Engine, ledger_folder: Path) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite plans by its indexes alone")
    fill(engine, ledger_folder)

    with reading(engine) as connection:
        rows = connection.exec_driver_sql("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r'")
        known = {name: int(count) for name, count in rows}
    assert [known[table.name] for table in (partner, contact, invoice, payment)] == [2, 3, 4, 3]


def test_what_came_in_goes_out_the_same(engine: Engine, ledger_folder: Path, tmp_path: Path) -> None:
    fill(engine, ledger_folder)

    counts = export_ledger(engine, tmp_path / "out")

    assert counts == {
        "partners.csv": 2,
        "contacts.csv": 3,
        "invoices.csv": 4,
        "payments.csv": 3,
        "allocations.csv": 0,
    }
    for name, text in FILES.items():
        assert sorted(lines(tmp_path / "out" / name)) == sorted(text.split("\r\n"))


def test_a_byte_order_mark_quotes_and_line_ends_inside_a_cell_are_read(engine: Engine, tmp_path: Path) -> None:
    partners = (
        '\ufeffpartner_id,name,language,group\r\n4000001,"Polder, ""the"" Cloud\nBV",nl,\r\n4000002,さくら,ja,\r\n'
    )

    assert problems(engine, write_ledger(tmp_path / "files", partners=partners)) == []
    with reading(engine) as connection:
        assert set(connection.scalars(select(partner.c.name))) == {'Polder, "the" Cloud\nBV', "さくら"}


def test_columns_may_stand_in_any_order(engine: Engine, tmp_path: Path) -> None:
    partners = "name,group,language,partner_id\n" + "Polder,,nl,4000001\n" + "Sakura,,ja,4000002\n"

    assert problems(engine, write_ledger(tmp_path / "files", partners=partners)) == []


def test_a_bad_row_changes_nothing_and_everything_wrong_is_named_with_its_place(engine: Engine, tmp_path: Path) -> None:
    folder = write_ledger(
        tmp_path / "files",
        invoices=FILES["invoices.csv"]
        + "G000000004,4000001,invoice,EUR,12.345,12.00,2026-09-01,,open,\r\n"
        + "G000000005,4999999,bill,EUR,1.00,1.00,01/09/2026,,open,\r\n"
        + "G000000001,4000001,invoice,EUR,1.00,1.00,2026-09-01,,open,\r\n"
        + "G000000006,4000001,invoice,EUR,1.00,2.00,2026-09-01,,open,\r\n",
        payments=FILES["payments.csv"] + "1400000003,4000001,EUR,100\r\n",
    )

    assert problems(engine, folder) == [
        "invoices.csv:6:total: '12.345' has more decimals than EUR, which has 2",
        "invoices.csv:7:document_type: 'bill' is none of invoice, credit_note, adjustment_note, void_note",
        "invoices.csv:7:issued_on: '01/09/2026' is no date such as 2026-11-30",
        "invoices.csv:8:invoice_number: G000000001 stands in line 2 already",
        "invoices.csv:9:open_amount: 2.00 is more than the total, 1.00",
        "payments.csv:5: has 4 cells, the header 8",
    ]
    assert [count(engine, table) for table in (partner, contact, invoice, payment, audit_entry)] == [0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("14,4000001,EUR,1e3,0,2026-11-02,,", "payments.csv:2:amount: '1e3' is no amount such as 1250.00"),
        ("14,4000001,EUR,-1.00,0,2026-11-02,,", "payments.csv:2:amount: '-1.00' is no amount such as 1250.00"),
        ('14,4000001,EUR,"1,000.00",0,2026-11-02,,', "payments.csv:2:amount: '1,000.00' is no amount such as 1250.00"),
        ("14,4000001,EUR,١٢,0,2026-11-02,,", "payments.csv:2:amount: '١٢' is no amount such as 1250.00"),
        ("14,4000001,JPY,10.0,0,2026-11-02,,", "payments.csv:2:amount: '10.0' has more decimals than JPY, which has 0"),
        ("14,4000001,EUR,9" + "9" * 16 + ",0,2026-11-02,,", "payments.csv:2:amount: '99999999999999999' is too large"),
        ("14,4000001,eur,1,0,2026-11-02,,", "payments.csv:2:currency: 'eur' is no ISO 4217 currency"),
        ("14,4000001,EUR,1,0,2026-02-30,,", "payments.csv:2:received_on: '2026-02-30' is no date such as 2026-11-30"),
        ("14,4000001,EUR,1,0,20261102,,", "payments.csv:2:received_on: '20261102' is no date such as 2026-11-30"),
        (",4000001,EUR,1,0,2026-11-02,,", "payments.csv:2:payment_number: is empty"),
        ("14,4000009,EUR,1,0,2026-11-02,,", "payments.csv:2:partner_id: 4000009 is no partner on file"),
        ("14,4000001,EUR,1,0,2026-11-02,wire\x00,", "payments.csv:2:method: holds a control character"),
        ('14,4000001,EUR,1,0,2026-11-02,"wire"x,', "payments.csv:2: is no CSV: ',' expected after '\"'"),
        ('14,4000001,EUR,1,0,2026-11-02,"wire', "payments.csv:2: is no CSV: unexpected end of data"),
    ],
)
def test_a_row_that_says_nothing_sure_is_refused(engine: Engine, tmp_path: Path, row: str, told: str) -> None:
    header = FILES["payments.csv"].split("\r\n")[0]

    assert problems(engine, write_ledger(tmp_path / "files", payments=f"{header}\r\n{row}")) == [told]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("nobody,4000001,billing_admin,N", "contacts.csv:2:email: 'nobody' is no mail address"),
        ("a b@x,4000001,billing_admin,N", "contacts.csv:2:email: 'a b@x' is no mail address"),
        ("a@x,4000001, ,N", "contacts.csv:2:role: is empty"),
        ("a@x,40 00,billing_admin,N", "contacts.csv:2:partner_id: '40 00' is no identifier: letters, digits and marks"),
        (f"a@x,4000001,billing_admin,{'N' * 10_001}", "contacts.csv:2:name: is longer than 10000 characters"),
    ],
)
def test_a_contact_that_says_nothing_sure_is_refused(engine: Engine, tmp_path: Path, row: str, told: str) -> None:
    folder = write_ledger(tmp_path / "files", contacts=f"email,partner_id,role,name\n{row}\n")

    (found,) = problems(engine, folder)
    assert found.startswith(told)


def test_a_language_is_a_code(engine: Engine, tmp_path: Path) -> None:
    partners = FILES["partners.csv"].replace(",nl,", ",Dutch,")

    (found,) = problems(engine, write_ledger(tmp_path / "files", partners=partners))
    assert found == "partners.csv:2:language: 'Dutch' is no language code such as nl"


def test_a_paid_invoice_with_something_open_contradicts_itself(engine: Engine, tmp_path: Path) -> None:
    folder = write_ledger(tmp_path / "files", invoices=with_invoice("0.01", "paid"))

    assert problems(engine, folder) == ["invoices.csv:2:status: is paid, although 0.01 is open"]


def test_an_invoice_with_nothing_open_is_paid(engine: Engine, tmp_path: Path) -> None:
    assert problems(engine, write_ledger(tmp_path / "files", invoices=with_invoice("0.00"))) == []

    assert open_and_status(engine, "G000000001") == (0, "paid")


def test_bytes_that_are_no_utf8_are_named_with_their_place(engine: Engine, ledger_folder: Path) -> None:
    (ledger_folder / "partners.csv").write_bytes(b"partner_id,name,language,group\n4000001,Caf\xe9,fr,\n4000002,B,,\n")

    assert problems(engine, ledger_folder) == ["partners.csv:2:name: is not UTF-8"]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("partner_id,name,language", "partners.csv:1: the header lacks group"),
        ("partner_id,name,language,group,colour", "partners.csv:1: the header has unknown colour"),
        ("partner_id,name,lang,group", "partners.csv:1: the header lacks language and has unknown lang"),
        ("partner_id,name,language,group,name", "partners.csv:1: the header repeats a column"),
        ("", "partners.csv:1: is empty: expected a line with partner_id, name, language, group"),
    ],
)
def test_a_header_that_is_not_the_contract_is_refused(engine: Engine, tmp_path: Path, header: str, told: str) -> None:
    assert problems(engine, write_ledger(tmp_path / "files", partners=header)) == [told]


def test_a_missing_file_is_named(engine: Engine, ledger_folder: Path) -> None:
    (ledger_folder / "contacts.csv").unlink()

    assert problems(engine, ledger_folder) == ["contacts.csv: can't be read: No such file or directory"]


# --- again, and against our own allocations -----------------------------------------------------------------------


@pytest.fixture
def allocated(engine: Engine, clock: ManualClock, ledger_folder: Path) -> Engine:
    """A ledger where 400.00 and then 600.00 of payment 1400000001 went to invoice G000000001, which is paid now."""
    fill(engine, ledger_folder)
    decide(engine, clock, arrive(engine, clock, 1), applied(application(40_000)))
    clock.advance(hours=1)
    rest = Application("4000001", "1400000001", "G000000001", 60_000, "EUR", 85_050, 60_000)
    decide(engine, clock, arrive(engine, clock, 2), applied(rest, letter=None), reference="AR-BBB")
    return engine


def with_invoice(open_amount: str, status: str = "open", total: str = "1000.00", owner: str = "4000001") -> str:
    row = f"G000000001,{owner},invoice,EUR,{total},{open_amount},2026-09-01,2026-10-01,{status},"
    return FILES["invoices.csv"].split("\r\n")[0] + "\r\n" + row


def test_the_same_files_again_change_nothing(engine: Engine, ledger_folder: Path) -> None:
    fill(engine, ledger_folder)

    report = fill(engine, ledger_folder)

    assert report.counts.same == {"partners.csv": 2, "contacts.csv": 3, "invoices.csv": 4, "payments.csv": 3}
    assert not +report.counts.added
    assert not +report.counts.changed


def test_rows_are_updated_by_their_key(engine: Engine, ledger_folder: Path, tmp_path: Path) -> None:
    fill(engine, ledger_folder)

    report = fill(engine, write_ledger(tmp_path / "new", invoices=with_invoice("999.99", "locked", "2000.00")))

    assert report.counts.changed["invoices.csv"] == 1
    assert open_and_status(engine, "G000000001") == (99_999, "locked")
    assert count(engine, invoice) == 4


def test_an_invoice_without_allocations_may_go_to_another_partner(
    engine: Engine, ledger_folder: Path, tmp_path: Path
) -> None:
    fill(engine, ledger_folder)

    fill(engine, write_ledger(tmp_path / "new", invoices=with_invoice("5.00", owner="4000002")))

    with reading(engine) as connection:
        owners = connection.scalars(select(invoice.c.partner_id).where(invoice.c.invoice_number == "G000000001"))
        assert owners.all() == ["4000002"]


def test_a_role_that_the_file_no_longer_gives_is_revoked(engine: Engine, ledger_folder: Path, tmp_path: Path) -> None:
    fill(engine, ledger_folder)
    contacts = FILES["contacts.csv"].replace(
        "Anna@polder.example,4000001,billing_admin", "anna@polder.example,4000001,sales"
    )

    report = fill(engine, write_ledger(tmp_path / "new", contacts=contacts))

    assert report.counts.removed["contacts.csv"] == 1
    with reading(engine) as connection:
        roles = connection.scalars(select(contact.c.role).where(contact.c.address_key == "anna@polder.example"))
        assert roles.all() == ["sales"]


def test_a_name_that_changed_is_updated(engine: Engine, ledger_folder: Path, tmp_path: Path) -> None:
    fill(engine, ledger_folder)

    report = fill(engine, write_ledger(tmp_path / "new", contacts=FILES["contacts.csv"].replace(",Anna", ",Anna B.")))

    assert report.counts.changed["contacts.csv"] == 1
    with reading(engine) as connection:
        assert connection.scalar(select(contact.c.name).where(contact.c.role == "billing_admin")) == "Anna B."


@pytest.mark.parametrize(("stated", "status"), [("1000.00", "open"), ("600.00", "open"), ("0.00", "paid")])
def test_files_that_lag_behind_our_allocations_are_no_contradiction(
    allocated: Engine, tmp_path: Path, stated: str, status: str
) -> None:
    report = fill(allocated, write_ledger(tmp_path / "later", invoices=with_invoice(stated, status)))

    assert report.contradictions == ()
    assert open_and_status(allocated, "G000000001") == (0, "paid")
    assert left(allocated, "1400000001") == 25_050


def test_a_balance_that_contradicts_our_allocations_is_told_and_ours_stands(allocated: Engine, tmp_path: Path) -> None:
    report = fill(allocated, write_ledger(tmp_path / "later", invoices=with_invoice("123.45")))

    assert [str(one) for one in report.contradictions] == [
        "invoices.csv:2:open_amount: says 123.45; the ledger has 0.00, after 1000.00 that the processor allocated"
    ]
    assert open_and_status(allocated, "G000000001") == (0, "paid")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"owner": "4000002"}, "partner_id: says 4000002; the ledger has 4000001, and allocations that rest upon it"),
        ({"total": "2000.00"}, "total: says 2000.00; the ledger has 1000.00, and allocations that rest upon it"),
    ],
)
def test_what_allocations_rest_upon_is_not_changed(
    allocated: Engine, tmp_path: Path, changed: dict[str, str], told: str
) -> None:
    report = fill(allocated, write_ledger(tmp_path / "later", invoices=with_invoice("0.00", "paid", **changed)))

    assert [str(one) for one in report.contradictions] == [f"invoices.csv:2:{told}"]
    assert open_and_status(allocated, "G000000001") == (0, "paid")


def test_the_books_may_lock_an_invoice_that_we_paid(allocated: Engine, tmp_path: Path) -> None:
    fill(allocated, write_ledger(tmp_path / "later", invoices=with_invoice("1000.00", "locked")))

    assert open_and_status(allocated, "G000000001") == (0, "locked")


def test_allocations_go_out_too(allocated: Engine, tmp_path: Path) -> None:
    export_ledger(allocated, tmp_path / "out")

    assert lines(tmp_path / "out" / "allocations.csv") == [
        "allocation_id,payment_number,invoice_number,amount,currency,allocated_at,request,reverses,actor",
        "AL-AAA-1,1400000001,G000000001,400.00,EUR,2026-11-20T12:00:00Z,AR-AAA,,processor",
        "AL-BBB-1,1400000001,G000000001,600.00,EUR,2026-11-20T13:00:00Z,AR-BBB,,processor",
        "",
    ]


def test_an_exported_ledger_comes_in_again_without_contradiction(allocated: Engine, tmp_path: Path) -> None:
    export_ledger(allocated, tmp_path / "out")

    report = fill(allocated, tmp_path / "out")

    assert (report.problems, report.contradictions) == ((), ())
    assert not +report.counts.changed


# --- cells that a spreadsheet would run ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["=1+1", "+cmd", "-2", "@SUM(A1)", "'=x", "''@y", "\tTab", "plain", "'s Hertogenbosch"]
)
def test_no_cell_is_a_formula_and_none_is_lost(engine: Engine, ledger_folder: Path, tmp_path: Path, name: str) -> None:
    fill(engine, ledger_folder)
    with engine.begin() as connection:
        connection.execute(partner.update().where(partner.c.partner_id == "4000001").values(name=name))

    export_ledger(engine, tmp_path / "out")

    cell = lines(tmp_path / "out" / "partners.csv")[1].split(",")[1]
    assert cell[0] not in "=+-@\t"
    assert not fill(engine, tmp_path / "out").problems
    with reading(engine) as connection:
        assert connection.scalar(select(partner.c.name).where(partner.c.partner_id == "4000001")) == name


def test_a_folder_that_cannot_be_written_is_named(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ExportError, match="file: File exists"):
        export_ledger(engine, tmp_path / "file")
