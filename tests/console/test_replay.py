"""Other words tried on past mails: what would change is told, in pages without script, and nothing is applied."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select
from starlette.testclient import TestClient

from processor.adapters.engine import reading, transact
from processor.adapters.journal_tables import audit_entry, decision, letter
from processor.adapters.operations_tables import basis
from processor.adapters.tables import allocation
from processor.demo.mails import sample_mails
from processor.policy_files import PROFILE, files_of, policy_from
from processor.trial import Change, Job, Trying
from tests.console.house import NOW, House
from tests.console.test_acts import token_of

SPAN = {"since": "2026-11-20", "until": "2026-11-24"}


def in_force(house: House, file: str = PROFILE) -> str:
    return files_of(house.room.settings)[file].read_text(encoding="utf-8")


def nobody_may(house: House) -> str:
    """The profile, with roles that nobody has."""
    draft, found = re.subn(r"(?m)^allocate = .*$", 'allocate = ["nobody"]', in_force(house))
    assert found == 1
    return draft


def counts(house: House) -> tuple[int | None, ...]:
    with reading(house.room.engine) as connection:
        return tuple(
            connection.scalar(select(func.count()).select_from(one))
            for one in (allocation, decision, letter, audit_entry)
        )


def applied(house: House) -> dict[str, int]:
    sums = select(allocation.c.currency, func.sum(allocation.c.amount)).group_by(allocation.c.currency)
    with reading(house.room.engine) as connection:
        return {row[0]: int(row[1]) for row in connection.execute(sums)}


def tried(house: House, draft: dict[str, str], folder: Path | None = None) -> tuple[list[Change], int]:
    """Try a draft without a process or a page; return the changes, and how many mails there were."""
    settings = house.room.settings
    trying = Trying(house.room.engine, house.reader, policy_from(settings), policy_from(settings, draft))
    steps = list(trying.steps(Job(draft, NOW.replace(day=1), NOW, folder)))
    return [step.change for step in steps if step.change], len(steps)


def started(client: TestClient, house: House, text: str) -> str:
    answer = client.post("/replay", data={"form_token": token_of(client), "file": PROFILE, "text": text, **SPAN})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def ended(client: TestClient, place: str) -> str:
    text = ""
    for _ in range(300):
        text = client.get(place).text
        if "http-equiv" not in text:
            return text
        assert f'action="{place}/cancel"' in text
        time.sleep(0.1)
    raise AssertionError(text)


def test_what_is_in_force_changes_nothing(house: House) -> None:
    assert tried(house, {PROFILE: in_force(house), "lexicon/en": in_force(house, "lexicon/en")}) == ([], 16)


def test_each_decision_that_would_change_is_told_with_its_money(house: House) -> None:
    changes, _ = tried(house, {PROFILE: nobody_may(house)})

    money: dict[str, int] = {}
    for one in changes:
        assert one.more == {}
        assert one.after.codes == ("role_not_permitted",)
        for currency, minor in one.less.items():
            money[currency] = money.get(currency, 0) + minor
    assert money == applied(house)
    assert {one.before.outcome for one in changes} >= {"applied", "needs_details"}


def test_kept_mails_are_decided_by_both_on_todays_ledger(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    for number, raw in enumerate(sample_mails()):
        (folder / f"{number}.eml").write_bytes(raw)

    assert tried(house, {PROFILE: in_force(house)}, folder) == ([], len(sample_mails()))
    changes, _ = tried(house, {PROFILE: nobody_may(house)}, folder)
    assert "role_not_permitted" in {code for one in changes for code in one.after.codes}


def test_erased_mails_are_left_out(house: House) -> None:
    transact(house.room.engine, lambda connection: connection.execute(delete(basis)).rowcount)
    policy = house.room.policy
    steps = Trying(house.room.engine, house.reader, policy, policy).steps(Job({}, NOW.replace(day=1), NOW))
    assert {step.left_out for step in steps} == {"erased"}


def test_a_replay_from_the_page_without_script(house: House) -> None:
    client, before = house.client("auditor"), counts(house)
    assert '<textarea name="text"' in client.get("/replay?file=lexicon/de").text

    first = ended(client, started(client, house, nobody_may(house)))
    second = ended(client, started(client, house, nobody_may(house)))

    assert "Done: 16 mails. Nothing was applied." in first
    assert "role not permitted" in first
    assert "+allocate = [&#34;nobody&#34;]" in first
    tables = [re.search("<table class=.rows.*?</table>", text, re.DOTALL) for text in (first, second)]
    assert tables[0]
    assert tables[1]
    assert tables[0][0] == tables[1][0]
    assert len(re.findall("Tried lately", client.get("/replay").text)) == 1
    assert counts(house) == before


def test_one_replay_at_a_time_and_it_can_be_cancelled(house: House) -> None:
    client = house.client("auditor")
    form = {"form_token": token_of(client), "file": PROFILE, "text": in_force(house), **SPAN}
    place = client.post("/replay", data=form).headers["location"]

    assert client.post("/replay", data=form).status_code == 409
    assert client.post(f"{place}/cancel", data=form).status_code == 303
    assert "Cancelled after 0 of" in ended(client, place)
    for _ in range(100):
        if client.post("/replay", data=form).status_code == 303:
            break
        time.sleep(0.05)
    else:
        raise AssertionError
    house.room.trials.stop()


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        (PROFILE, "name = ", "is not TOML"),
        (PROFILE, "identifiers = 3", "is wrong"),
        (PROFILE, "", "is wrong"),
        ("lexicon/en", "request = 5", "is wrong"),
        ("../../etc/passwd", "x = 1", "there is no such file"),
    ],
)
def test_a_draft_that_is_unsound_is_refused_with_its_text(house: House, file: str, text: str, words: str) -> None:
    client = house.client("auditor")
    form = {"form_token": token_of(client), "file": file, "text": text, **SPAN}
    answer = client.post("/replay", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert text in answer.text


def test_no_folder_but_those_of_the_settings_is_read(house: House, tmp_path: Path) -> None:
    console = house.room.settings.console.model_copy(update={"mails": str(tmp_path)})
    (tmp_path / "november").mkdir()
    room = replace(house.room, settings=house.room.settings.model_copy(update={"console": console}))
    client = replace(house, room=room).client("auditor")
    form = {"form_token": token_of(client), "file": PROFILE, "text": in_force(house), **SPAN}
    assert "kept in november" in client.get("/replay").text
    for name in ("..", "/etc", "november/..", "december"):
        assert client.post("/replay", data=form | {"folder": name}).status_code == 422
