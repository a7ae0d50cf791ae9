"""The commands of operations, as typed: what they print, what they change, and how they end."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from processor.cli.app import app
from processor.cli.ending import run
from tests.letters.specimens import SECRET
from tests.review.test_desk import REQUEST, THREAT
from tests.review.world import House, balances, letters, open_items, states


class Shell:
    """Runs commands on the house's database."""

    def __init__(
        self, engine: Engine, folder: Path, screen: pytest.CaptureFixture[str], safety: str = 'mode = "live"'
    ) -> None:
        self._config = folder / "processor.toml"
        url = engine.url.render_as_string(hide_password=False)
        self._config.write_text(f'seal = "{SECRET.decode()}"\n[database]\nurl = "{url}"\n[safety]\n{safety}\n')
        self._screen = screen

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Return exit status, standard output and standard error."""
        self._screen.readouterr()
        status = run(app, [*arguments, "--config", str(self._config)])
        written = self._screen.readouterr()
        return status, written.out, written.err


@pytest.fixture
def shell(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(house.engine, tmp_path, capsys)


@pytest.fixture
def item(house: House) -> str:
    """The number of an item about a threat."""
    house.arrives(THREAT, subject="[red]URGENT[/red] \x1b[31m")
    return str(open_items(house.engine)[-1][0])


def test_items_are_listed_with_nothing_of_the_mail_interpreted(shell: Shell, item: str) -> None:
    status, out, _ = shell("review", "list")

    assert status == 0
    assert "[red]URGENT[/red]" in out
    assert "\x1b" not in out


def test_the_list_is_filtered(shell: Shell, item: str) -> None:
    assert shell("review", "list", "--reason", "spam")[1] == "Nothing waits for a person.\n"
    assert json.loads(shell("review", "list", "--partner", "4000001", "--json")[1])[0]["kind"] == "sensitive_content"
    assert json.loads(shell("review", "list", "--search", "URG", "--language", "en", "--json")[1])
    assert json.loads(shell("review", "list", "--older", "3650", "--json")[1]) == []


def test_an_item_is_shown_with_the_mails_words_and_the_account(shell: Shell, item: str) -> None:
    status, out, _ = shell("review", "show", item)

    assert status == 0
    assert {"sensitive_content", "1400000001", "1250.50", "G000000001"} <= set(out.split())
    assert "Our lawyer will sue you" in out


def test_to_apply_is_shown_before_and_done_on_yes(shell: Shell, item: str, house: House) -> None:
    status, out, _ = shell("review", "apply", item, "--line", "1400000001:G000000001=12.50", "--yes", "--as", "mia")

    assert status == 0
    assert {"1250.50", "1238.00", "1000.00", "987.50", "12.50"} <= set(out.split())
    assert out.endswith(".\n")
    assert balances(house.engine) == (123_800, 98_750)


def test_who_says_no_changes_nothing(shell: Shell, item: str, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typer.confirm", lambda _: False)

    status, _, err = shell("review", "apply", item, "--line", "1400000001:G000000001")

    assert (status, err) == (1, "Nothing was changed.\n")
    assert balances(house.engine) == (125_050, 100_000)


def test_as_json_it_is_only_told_without_yes(shell: Shell, item: str, house: House) -> None:
    line = ("--line", "1400000001:G000000001", "--json")

    told = json.loads(shell("review", "apply", item, *line)[1])
    assert (told["done"], balances(house.engine)) == (False, (125_050, 100_000))
    done = json.loads(shell("review", "apply", item, *line, "--yes")[1])

    assert (done["done"], balances(house.engine)) == (True, (25_050, 0))
    assert done | {"done": False} == told
    assert told["allocations"] == [
        {
            "payment": "1400000001",
            "invoice": "G000000001",
            "amount": "1000.00",
            "currency": "EUR",
            "payment_left_before": "1250.50",
            "payment_left_after": "250.50",
            "invoice_open_before": "1000.00",
            "invoice_open_after": "0.00",
        }
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("1400000001", "1400000001: is not PAYMENT:INVOICE or PAYMENT:INVOICE=AMOUNT\n"),
        ("1400000001:G000000001=1,5", "1,5: is no amount in EUR, such as 1250.00\n"),
        ("1400000001:G000000001=1.555", "1.555: is no amount in EUR, such as 1250.00\n"),
        ("9:8", "payment 9: the partner has none of this number\ninvoice 8: the partner has none of this number\n"),
    ],
)
def test_what_is_typed_wrongly_is_said(shell: Shell, item: str, line: str, problem: str) -> None:
    assert shell("review", "apply", item, "--line", line, "--yes") == (2, "", problem)


def test_asking_rejecting_and_the_rest(shell: Shell, item: str, house: House) -> None:
    assert shell("review", "assign", item, "tom")[0] == 0
    assert shell("review", "ask", item, "--missing", "payment_reference", "--missing", "amount", "--yes")[0] == 0
    assert states(house.engine) == ["waiting"]
    assert shell("review", "close", item) == (2, "", f"item {item} is done\n")
    assert shell("review", "reopen", item, "--note", "they called")[0] == 0
    status, out, _ = shell("review", "reject", item, "--reason", "sensitive_content", "--yes", "--json")
    assert (status, json.loads(out)["outcome"]) == (0, "rejected")
    assert shell("review", "show", "999")[::2] == (2, "There is no review item 999.\n")
    assert [kind for kind, _, _ in letters(house.engine)] == ["question", "status"]


def test_a_mail_is_released(shell: Shell, house: House) -> None:
    house.arrives(REQUEST, proof="")

    status, out, _ = shell("review", "release", str(open_items(house.engine)[-1][0]), "--yes", "--json")

    assert (status, json.loads(out)["outcome"], balances(house.engine)) == (0, "applied", (25_050, 0))


def test_an_allocation_is_taken_back(shell: Shell, house: House) -> None:
    name = f"AL-{house.arrives(REQUEST).reference.removeprefix('AR-')}-1"

    told = json.loads(shell("reverse", name, "--reason", "wrong invoice", "--json")[1])
    assert (told["done"], told["payment_left_after"], balances(house.engine)) == (False, "1250.50", (25_050, 0))
    status, out, _ = shell("reverse", name, "--reason", "wrong invoice", "--yes")

    assert (status, out.splitlines()[-1]) == (0, f"Done: {name}-R.")
    assert balances(house.engine) == (125_050, 100_000)
    assert shell("reverse", name, "--reason", "again")[0] == 2


def test_a_second_person_approves(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], item: str) -> None:
    shell = Shell(house.engine, tmp_path, capsys, 'mode = "live"\nfour_eyes = { EUR = "500" }')
    line = ("--line", "1400000001:G000000001", "--yes")

    status, _, err = shell("review", "apply", item, *line, "--as", "mia")
    assert (status, balances(house.engine)) == (1, (125_050, 100_000))
    number = err.split()[-1].strip("`.")
    assert json.loads(shell("review", "approvals", "--json")[1])[0]["approval"] == number
    assert shell("review", "approve", number, "--yes", "--as", "mia")[::2] == (
        1,
        "A second person must do this: mia proposed it.\n",
    )

    assert shell("review", "approve", number, "--yes", "--as", "tom")[0] == 0

    assert balances(house.engine) == (25_050, 0)
    assert shell("review", "approve", number, "--yes", "--as", "tom")[0] == 2


def test_pausing_and_going_on(shell: Shell, house: House) -> None:
    assert shell("pause", "--applying")[::2] == (2, "a pause needs its --reason\n")
    assert shell("pause") == (0, "Nothing is paused.\n", "")
    status, out, _ = shell("pause", "--partner", "4000001", "--reason", "an audit", "--as", "mia")
    assert (status, len(out.splitlines())) == (0, 2)
    assert json.loads(shell("pause", "--json")[1])[0]["name"] == "4000001"

    assert shell("resume")[0] == 2
    assert shell("resume", "--partner", "4000001", "--replying")[0] == 0
    assert shell("resume", "--partner", "4000001") == (0, "Resumed.\n", "")


def test_the_report_counts_what_happened(shell: Shell, house: House) -> None:
    house.arrives(REQUEST)
    house.arrives("Please apply 9999.00 EUR of payment 1400000002 to invoice G000000002.")
    house.arrives(THREAT)
    span = ("--since", "2026-11-20", "--until", "2026-11-20")

    found = json.loads(shell("report", *span, "--json")[1])

    assert found["envelopes"] == {"name": "all", "asked": 3, "applied": 1}
    assert found["straight_through_by_envelope"] == 0.3333
    assert found["outcomes"] == {"applied": 1, "needs_details": 1, "rejected": 1}
    assert (found["lines"], found["lines_by_people"], found["lines_that_stood"]) == (1, 0, 1.0)
    assert found["by_partner"] == [{"name": "4000001", "asked": 3, "applied": 1}]
    assert "straight through,envelopes,33.3%" in shell("report", *span, "--csv")[1].splitlines()
    assert shell("report", *span)[0] == 0
    assert shell("report", "--since", "yesterday")[0] == 2
