"""What is kept about a partner can be handed out, erased and held; the books and their proof stay."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Text, cast, select

from processor.adapters import audit
from processor.adapters.approval_sql import Choices, Pending, propose, withdraw
from processor.adapters.engine import reading, transact
from processor.adapters.journal_tables import letter, mail
from processor.adapters.ledger_check import check_ledger
from processor.adapters.outbox_sql import SqlOutbox
from processor.adapters.past_sql import past_decisions
from processor.adapters.retention_sql import erase_letters, erase_mails, erase_words
from processor.adapters.review_acts import ItemActs
from processor.adapters.schema import METADATA
from processor.adapters.tables import allocation, contact
from processor.core.outcomes import Outcome, Reason
from processor.outgoing import EndedLetter, LetterState
from processor.ports import FetchedMail
from processor.verifying import verify
from tests.adapters.samples import ANNA, BOOKS, MAILBOX
from tests.adapters.tamper import CONTACT, rewrite
from tests.review.test_desk import REQUEST, THREAT
from tests.review.world import House, balances, open_items
from tests.safety.test_keeping import Shell

CANARY = "canary-7f3a"
OURS = "partner:4000001"


@pytest.fixture
def shell(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(house, tmp_path, capsys)


def everything(house: House) -> str:
    """Every cell of every table as text, and of SQLite every byte of its files."""
    house.engine.dispose()
    cells: list[str] = []
    with reading(house.engine) as connection:
        for table in METADATA.sorted_tables:
            columns = [cast(one, Text) if one.type.python_type is not bytes else one for one in table.c]
            for row in connection.execute(select(*columns)):
                cells += [one.decode("latin-1") if isinstance(one, bytes) else str(one) for one in row]
    if house.engine.dialect.name == "sqlite":
        file = Path(str(house.engine.url.database))
        cells += [one.read_bytes().decode("latin-1") for one in file.parent.glob(f"{file.name}*")]
    return "\n".join(cells).lower()


def deliver(house: House) -> None:
    """Let every letter leave; the server's words name the address."""
    outbox = SqlOutbox(house.engine)
    for due in outbox.due(house.clock.now(), 100):
        outbox.sending([due.id], house.clock.now())
        outbox.settle([EndedLetter(due.id, LetterState.SENT, house.clock.now(), f"250 <{due.recipient}> {CANARY} ok")])


def a_life(house: House) -> None:
    """Anna asks, threatens, and is read by people who write about her; everything is over in the end."""
    house.arrives(f"{REQUEST}\n{CANARY}", subject=f"Payment {CANARY}")
    house.arrives(THREAT, proof="Authentication-Results: mx.billing.example; dmarc=fail")
    item = open_items(house.engine)[-1][0]
    note = f"{CANARY} called"
    proposed = Pending(0, item, "4000001", "apply", Choices((), ANNA), note, "seal", "mia", house.clock.now())
    withdraw(house.engine, propose(house.engine, proposed).id, "joe", house.clock.now())
    ItemActs(house.engine, "mia", house.clock.now()).close(item, "nothing to do")
    deliver(house)


def finish(house: House) -> None:
    """End whatever a mail left open."""
    for item, _ in open_items(house.engine):
        ItemActs(house.engine, "mia", house.clock.now()).close(item, "")
    transact(house.engine, lambda connection: connection.execute(_ANSWERED))
    deliver(house)


_ANSWERED = METADATA.tables["request"].update().values(state="rejected")


def test_erasing_leaves_no_word_of_a_partner_and_all_of_its_books(shell: Shell, house: House) -> None:
    a_life(house)
    finish(house)
    left = balances(house.engine)
    with reading(house.engine) as connection:
        before = connection.execute(select(allocation)).all()
        heads = audit.heads(connection)

    status, out, err = shell("privacy", "erase", "4000001", "--reason", "she asked", "--yes", "--as", "mia")

    assert (status, err) == (0, "")
    assert "2 mails and 1 letters" in out
    assert "1 applied, 1 rejected" in out
    kept = everything(house)
    assert [word for word in (CANARY, ANNA, "anna", "lawyer", "she called") if word in kept] == []
    assert "polder cloud" in kept
    with reading(house.engine) as connection:
        assert connection.execute(select(allocation)).all() == before
    assert balances(house.engine) == left
    assert check_ledger(house.engine, heads) == ()


def test_the_audit_log_tells_of_the_erasure_and_later_changes_still_show(shell: Shell, house: House) -> None:
    a_life(house)
    finish(house)
    shell("privacy", "erase", "4000001", "--reason", "she asked", "--yes", "--as", "mia")

    with reading(house.engine) as connection:
        (entry,) = [one for one in audit.entries(connection, OURS) if one.event == "erased"]
    assert (entry.actor, json.loads(entry.body)["reason"]) == ("mia", "she asked")
    found = [verify(past, house.reader, house.policy, {}) for past in past_decisions(house.engine, house.clock)]
    assert {one.why_not for one in found} == {"what it was decided from was erased when its time was over"}
    rewrite(house.engine, METADATA.tables["decision"].update().values(outcome="answered"))
    found = [verify(past, house.reader, house.policy, {}) for past in past_decisions(house.engine, house.clock)]
    assert {one.differs for one in found} == {("record",)}


def test_contacts_changed_behind_our_back_show_after_an_erasure_too(shell: Shell, house: House) -> None:
    rewrite(house.engine, CONTACT.update().values(role="account_admin"))

    assert shell("privacy", "erase", "4000001", "--reason", "she asked", "--yes")[0] == 0

    assert [one.table for one in check_ledger(house.engine)] == ["contact"]


def test_an_erased_mail_is_known_when_it_comes_again_and_its_sender_a_stranger(shell: Shell, house: House) -> None:
    done = house.arrives(REQUEST)
    finish(house)
    with reading(house.engine) as connection:
        raw = connection.scalars(select(METADATA.tables["raw_message"].c.raw)).one()
    shell("privacy", "erase", "4000001", "--reason", "she asked", "--yes")

    house.intake().store(MAILBOX, "INBOX", 9, [FetchedMail(70, house.clock.now(), raw)])
    again = house.arrives("Please apply payment 1400000002 to invoice G000000002.")

    assert done.decision.outcome is Outcome.APPLIED
    assert again.decision.reasons == (Reason.SENDER_UNKNOWN,)
    with reading(house.engine) as connection:
        assert len(connection.execute(select(mail.c.id)).all()) == 2


def test_words_are_forgotten_when_their_time_is_over(house: House) -> None:
    a_life(house)
    finish(house)
    house.clock.advance(days=300)
    house.arrives("Please apply invoice G000000002. later-canary")  # waits for an answer
    now = house.clock.now()

    assert erase_words(house.engine, now - timedelta(days=200), now, "operations") == 2

    kept = everything(house)
    assert [word for word in (CANARY, "lawyer") if word in kept] == []
    assert "later-canary" in kept
    assert check_ledger(house.engine) == ()
    assert all(one.is_sealed for one in past_decisions(house.engine, house.clock))
    assert erase_words(house.engine, now - timedelta(days=200), now, "operations") == 0


def test_what_is_not_finished_is_not_erased(shell: Shell, house: House) -> None:
    house.arrives("Please apply invoice G000000002.")
    house.arrives(THREAT)

    status, _, err = shell("privacy", "erase", "4000001", "--reason", "she asked", "--yes")

    assert status == 1
    assert err.splitlines() == [
        "Nothing was erased.",
        "2 requests are not finished",
        "1 review items are open",
        "1 letters are on their way, or nobody knows whether they arrived",
    ]
    assert ANNA in everything(house)


def test_a_hold_keeps_everything_until_it_ends(shell: Shell, house: House) -> None:
    house.arrives(f"{REQUEST}\n{CANARY}")
    finish(house)
    later = house.clock.now() + timedelta(days=400)
    assert shell("privacy", "hold", "4000001", "--reason", "a lawsuit", "--as", "mia")[0] == 0

    assert "held by mia" in shell("privacy", "holds")[1]
    assert "the partner is held: a lawsuit" in shell("privacy", "erase", "4000001", "--reason", "x", "--yes")[2]
    assert erase_mails(house.engine, later, later, "operations") == 0
    assert erase_letters(house.engine, later, later, "operations") == 0
    assert shell("privacy", "hold", "4000001", "--reason", "again")[0] == 2
    assert shell("privacy", "unhold", "4000001", "--reason", "settled")[0] == 0
    assert shell("privacy", "unhold", "4000001")[0] == 2
    assert erase_mails(house.engine, later, later, "operations") == 1
    assert erase_letters(house.engine, later, later, "operations") == 1
    with reading(house.engine) as connection:
        events = [one.event for one in audit.entries(connection, OURS)]
    assert [one for one in events if "hold" in one or "held" in one] == ["held", "hold_ended"]


def test_an_export_holds_all_of_a_partner_and_nothing_of_another(shell: Shell, house: House, tmp_path: Path) -> None:
    house.arrives(f"{REQUEST}\n{CANARY}")
    proof = "Authentication-Results: mx.billing.example; dmarc=pass header.from=hands.example"
    house.arrives("Please apply payment 1400000009 to invoice J000000001. Sakura.", sender=BOOKS, proof=proof)
    house.arrives("Hello there, for both.", sender=BOOKS, proof=proof)
    folder = tmp_path / "out"

    assert shell("privacy", "export", "4000001", str(folder))[0] == 0

    found = json.loads((folder / "partner.json").read_text())
    assert [one["email"] for one in found["contact"]] == ["Anna@polder.example", BOOKS]
    assert [(one["amount"], one["currency"]) for one in found["allocation"]] == [("1000.00", "EUR")]
    assert [one["sender"] for one in found["mail"]] == [ANNA]
    assert [one["event"] for one in found["audit_entry"]] == ["decided"]
    (raw,) = (folder / "mails").iterdir()
    assert CANARY.encode() in raw.read_bytes()
    assert len(list((folder / "letters").iterdir())) == 1
    text = "".join(one.read_text() for one in folder.rglob("*") if one.is_file())
    assert [word for word in ("Sakura", "J000000001", "1400000009", "4000002") if word in text] == []
    assert "is not empty" in shell("privacy", "export", "4000001", str(folder))[2]
    assert "there is no partner 77" in shell("privacy", "export", "77", str(tmp_path / "none"))[2]


def test_a_mail_that_concerns_two_partners_stays(shell: Shell, house: House) -> None:
    proof = "Authentication-Results: mx.billing.example; dmarc=pass header.from=hands.example"
    house.arrives("Hello there, for both.", sender=BOOKS, proof=proof)
    finish(house)

    out = json.loads(shell("privacy", "erase", "4000001", "--json")[1])

    assert (out["mails"], out["shared"], out["contacts"]) == (0, 1, 2)
    assert shell("privacy", "erase", "4000001", "--reason", "x", "--json", "--yes")[0] == 0
    with reading(house.engine) as connection:
        assert connection.scalars(select(contact.c.partner_id)).all() == ["4000002"]
        assert connection.scalars(select(mail.c.sender)).all() == [BOOKS]
        assert connection.scalars(select(letter.c.recipient)).all() == [BOOKS]


# Tables in which nothing of a partner's people is, or must be: its books, proof, and acts of our own people.
KEPT = {
    "account", "allocation", "audit_entry", "feed", "folder_state", "invoice", "legal_hold", "location", "partner",
    "pause", "payment", "publication", "pulse", "session", "token",
}  # fmt: skip
ERASED = {
    "approval", "basis", "contact", "decision", "follow_up", "letter", "mail", "participant", "question", "raw_message",
    "rehearsal", "request", "review_item", "tally",
}  # fmt: skip


def test_of_every_table_somebody_has_said_what_becomes_of_it() -> None:
    assert set(METADATA.tables) == KEPT | ERASED


def test_without_a_reason_or_a_yes_nothing_is_erased(shell: Shell, house: House) -> None:
    assert shell("privacy", "erase", "4000001")[0] == 2
    assert shell("privacy", "hold", "4000001")[0] == 2
    assert "there is no partner 77" in shell("privacy", "erase", "77", "--yes")[2]
    assert ANNA in everything(house)
