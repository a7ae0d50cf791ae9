"""What was decided is decided again from its record, and whatever somebody changed in the record shows."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from processor.adapters.basis import pack, unpack
from processor.adapters.books_sql import SqlBooks
from processor.adapters.caps import UnseenLimits
from processor.adapters.guard_sql import Guard
from processor.adapters.journal_tables import decision, mail, raw_message
from processor.adapters.ledger_import import import_ledger
from processor.adapters.operations_tables import basis
from processor.adapters.past_sql import past_decisions
from processor.adapters.retention_sql import erase_mails
from processor.cli.app import app
from processor.cli.ending import run
from processor.core.decision import Conversation, RequestState
from processor.core.outcomes import Missing
from processor.verifying import Verified, verify
from tests.adapters.samples import FILES, NOON, write_ledger
from tests.builders import invoice, payment, snapshot
from tests.letters.specimens import SECRET
from tests.review.test_desk import REQUEST, THREAT
from tests.review.world import House


def verified(house: House, **versions: str) -> list[Verified]:
    return [verify(past, house.reader, house.policy, versions) for past in past_decisions(house.engine, house.clock)]


def a_busy_day(house: House) -> None:
    """An application, a question and its answer, a threat, a statement, a stranger, a forgery."""
    house.arrives("Please apply 100.00 EUR of payment 1400000001 to invoice G000000001.")
    asked = house.arrives("Please apply invoice G000000002.")
    house.arrives("1)", subject=f"Re: Payment [{asked.reference}]")
    house.arrives(THREAT)
    house.arrives("Which payments are unallocated?")
    house.arrives(REQUEST, proof="")
    house.arrives(REQUEST, proof="Authentication-Results: mx.billing.example; dmarc=fail")


def test_every_decision_of_a_day_is_made_again_alike(house: House, tmp_path: Path) -> None:
    a_busy_day(house)
    import_ledger(
        house.engine, write_ledger(tmp_path / "later", payments=FILES["payments.csv"].partition("1400000009")[0]), NOON
    )

    found = verified(house)

    assert [one.differs for one in found] == [()] * 7
    assert all(one.is_same for one in found)


def test_a_decision_held_above_a_limit_is_held_again(house: House) -> None:
    house.books = SqlBooks(house.engine, house.clock, {}, Guard(UnseenLimits(request={"EUR": 1})))
    house.arrives(REQUEST)

    assert [one.is_same for one in verified(house)] == [True]


@pytest.mark.parametrize(
    ("column", "value"),
    [("outcome", "answered"), ("reasons", '["spam"]'), ("evidence", "[]"), ("sender", "eve@evil.example")],
)
def test_a_changed_record_shows(house: House, column: str, value: str) -> None:
    house.arrives(REQUEST)
    with house.engine.begin() as connection:
        connection.execute(update(decision).values({column: value}))

    (found,) = verified(house)

    assert found.why_not == "the record is not the one that the audit log sealed"


def test_a_changed_mail_or_basis_shows(house: House) -> None:
    house.arrives(REQUEST)
    with house.engine.begin() as connection:
        packed = connection.scalars(select(basis.c.snapshot)).one()
        saw = unpack(packed)
        poorer = replace(saw, payments=tuple(replace(one, unallocated=1) for one in saw.payments))
        connection.execute(update(basis).values(snapshot=pack(poorer)))
    assert "applications" in verified(house)[0].differs

    with house.engine.begin() as connection:
        connection.execute(update(basis).values(snapshot=packed))
        raw = connection.scalars(select(raw_message.c.raw)).one()
        connection.execute(update(raw_message).values(raw=raw.replace(b"G000000001", b"G000000002")))
    assert "applications" in verified(house)[0].differs


def test_other_words_are_named(house: House) -> None:
    house.arrives(REQUEST)

    (found,) = verified(house, program="9.9")

    assert found.others == ("program",)


def test_what_was_erased_can_only_be_said_to_be(house: House) -> None:
    house.arrives(REQUEST)
    erase_mails(house.engine, NOON + timedelta(days=9), NOON + timedelta(days=10), "operations")

    assert [one.why_not for one in verified(house)] == ["what it was decided from was erased when its time was over"]


def test_a_basis_comes_back_as_it_was() -> None:
    conversation = Conversation(
        "AR-1", RequestState.WAITING, "nl", '{"a": "é\\ud800"}', "1000001", (Missing.AMOUNT,), 3
    )
    saw = snapshot(payment(), invoice(due_on=None), invoice("G000000002", still_open=0), conversation=conversation)

    assert unpack(pack(saw)) == saw


def test_the_command_counts_and_complains(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "processor.toml"
    url = house.engine.url.render_as_string(hide_password=False)
    config.write_text(f'seal = "{SECRET.decode()}"\n[database]\nurl = "{url}"\n')
    house.arrives(REQUEST)
    house.arrives(THREAT)
    capsys.readouterr()

    assert run(app, ["explain", "--verify", "--config", str(config)]) == 0
    assert capsys.readouterr().out == "2 decisions were made again alike, 0 differ, 0 could not be made.\n"
    with house.engine.begin() as connection:
        first = connection.scalars(select(mail.c.id).order_by(mail.c.id)).first()
        connection.execute(update(decision).where(decision.c.mail_id == first).values(outcome="answered"))
        raw = connection.scalars(select(raw_message.c.raw).join(mail).where(mail.c.id == first)).one()
    (tmp_path / "1.eml").write_bytes(raw)

    assert run(app, ["explain", str(tmp_path / "1.eml"), "--verify", "--json", "--config", str(config)]) == 1
    assert json.loads(capsys.readouterr().out)["same"] is False
    (tmp_path / "2.eml").write_bytes(b"Subject: another\r\n\r\n")
    assert run(app, ["explain", str(tmp_path / "2.eml"), "--verify", "--config", str(config)]) == 2
