"""The command line as users and their scripts meet it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ROOT / "tests" / "mails" / "shared"
KEYS = [
    *("case", "mail", "message_id", "outcome", "partner", "sender", "request", "allocations", "missing", "reasons"),
    *("reply", "language", "letter", "evidence", "trail", "seconds"),
]


def processor(*arguments: str, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PROCESSOR_")}
    environment["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, "-m", "processor", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def lines_of(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def without_seconds(lines: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]


@pytest.fixture(scope="module")
def some_cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cases")
    for name in (
        "d001-payment-two-paragraphs-before",
        "d047-two-payments-of-same-amount",
        "d075-dmarc-fail-forged-pass",
    ):
        (folder / name).symlink_to(SHARED / "cases" / name)
    return folder


def test_help_comes_without_the_machinery() -> None:
    heavy = {"sqlalchemy", "pydantic", "lxml", "imapclient", "apscheduler"}
    script = f"import sys, processor.cli.app; print({heavy} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("replay",), ("explain", "none.eml"), ("run", "--config", "no.toml")]
)
def test_wrong_usage_is_status_2(arguments: tuple[str, ...]) -> None:
    done = processor(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


def test_replay_writes_the_lines_of_the_contract(some_cases: Path) -> None:
    done = processor("replay", str(some_cases), "--ledger", str(SHARED / "ledger"), "--json", "-")

    lines = lines_of(done.stdout)
    assert done.returncode == 0
    assert [(line["case"], line["mail"]) for line in lines] == [
        ("d001-payment-two-paragraphs-before", "1.eml"),
        ("d047-two-payments-of-same-amount", "1.eml"),
        ("d047-two-payments-of-same-amount", "2.eml"),
        ("d075-dmarc-fail-forged-pass", "1.eml"),
    ]
    assert [list(line) for line in lines] == [KEYS] * 4
    assert (lines[3]["outcome"], lines[3]["reply"], lines[3]["language"], lines[3]["letter"]) == (
        "rejected",
        False,
        None,
        None,
    )
    assert "4 mails, " in done.stderr


def test_the_same_input_gives_the_same_lines(some_cases: Path, tmp_path: Path) -> None:
    arguments = ("replay", str(some_cases), "--ledger", str(SHARED / "ledger"), "--json")
    processor(*arguments, "one.jsonl", cwd=tmp_path)
    processor(*arguments, "two.jsonl", cwd=tmp_path)

    one, two = ((tmp_path / name).read_text(encoding="utf-8") for name in ("one.jsonl", "two.jsonl"))

    assert without_seconds(lines_of(one)) == without_seconds(lines_of(two))


def test_explain_says_what_replay_says(some_cases: Path) -> None:
    mail = some_cases / "d001-payment-two-paragraphs-before" / "1.eml"

    explained = processor("explain", str(mail), "--ledger", str(SHARED / "ledger"), "--json")
    replayed = processor("replay", str(some_cases), "--ledger", str(SHARED / "ledger"), "--json", "-")

    assert without_seconds(lines_of(explained.stdout)) == without_seconds(lines_of(replayed.stdout))[:1]


def test_explain_is_readable_at_a_hundred_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    mail = SHARED / "cases" / "d001-payment-two-paragraphs-before" / "1.eml"

    shown = processor("explain", str(mail), "--ledger", str(SHARED / "ledger")).stdout

    assert max(map(len, shown.splitlines())) <= 100
    assert all(part in shown for part in ("applied", "Read in the mail", "Rules", "did not hold", "Letter to"))


def test_markup_and_terminal_codes_of_a_mail_are_only_shown(tmp_path: Path) -> None:
    mail = tmp_path / "evil.eml"
    mail.write_bytes(b"From: a@b.example\nSubject: [red]x[/red] \x1b[31mred\x1b]0;title\x07\n\nhello\n")

    shown = processor("explain", str(mail), "--ledger", str(SHARED / "ledger")).stdout

    assert "[red]x[/red]" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_settings_are_a_file_to_start_from(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(processor("settings").stdout)

    done = processor("database", "upgrade", "--config", "my.toml", cwd=tmp_path)

    assert done.returncode == 0
    assert (tmp_path / "processor.db").exists()


def test_the_doctor_names_what_to_mend_and_changes_nothing(tmp_path: Path) -> None:
    done = processor("doctor", cwd=tmp_path)

    assert done.returncode == 1
    assert "run `processor database upgrade`" in " ".join(done.stdout.split())
    assert list(tmp_path.iterdir()) == []
