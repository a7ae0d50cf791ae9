"""Settings come from three places, and everything wrong with them is told at once."""

import os
from pathlib import Path

import pytest

from processor.adapters.limits import ReadingLimits
from processor.policy_files import reading_limits_from
from processor.resources import sample_settings
from processor.settings import Settings
from processor.settings_load import BadSettingsError, key_paths, load_settings, missing_for_work
from processor.settings_pages import settings_file, settings_page

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PROCESSOR_")]:
        monkeypatch.delenv(name)


def written(folder: Path, text: str) -> Path:
    path = folder / "my.toml"
    path.write_text(text)
    return path


def problems_of(path: Path) -> tuple[str, ...]:
    with pytest.raises(BadSettingsError) as caught:
        load_settings(path)
    return caught.value.problems


def test_the_shipped_file_holds_every_key_at_its_default() -> None:
    assert sample_settings().read_text(encoding="utf-8") == settings_file()
    assert load_settings().model_dump() == Settings.model_construct().model_dump()


def test_every_key_has_a_reason() -> None:
    assert all(f"{path[-1]} = " in settings_file() for path in key_paths())
    assert "| |" not in settings_page()


def test_the_page_of_the_documentation_is_current() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == settings_page()


def test_environment_goes_before_secrets_and_secrets_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "imap__password").write_text("from a secret\n")
    (secrets / "imap__username").write_text("secret-user")
    path = written(
        tmp_path,
        f'secrets_directory = "{secrets}"\n[imap]\nusername = "file"\npassword = "file"\nport = 1143\nhost = "a"\n',
    )
    monkeypatch.setenv("PROCESSOR_IMAP__USERNAME", "variable")

    imap = load_settings(path).imap

    assert (imap.username, imap.password.get_secret_value(), imap.port) == ("variable", "from a secret", 1143)
    assert "from a secret" not in repr(imap)


def test_lists_and_tables_in_the_environment_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESSOR_MAILBOX__AUTHSERV_IDS", '["mx1.example", "mx2.example"]')
    monkeypatch.setenv("PROCESSOR_POLICY__APPLY_LIMITS", '{"EUR": "50000"}')

    settings = load_settings()

    assert settings.mailbox.authserv_ids == ("mx1.example", "mx2.example")
    assert settings.policy.apply_limits == {"EUR": "50000"}


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "imap__pasword").write_text("hunter2")
    (secrets / "seal").write_bytes(b"\xff\xfe")
    (secrets / "smtp__password").mkdir()
    path = written(tmp_path, '[imap]\nporrt = 1\n[smtp]\nport = "many"\n[nonsense]\nx = 1\n')
    monkeypatch.setenv("PROCESSOR_SECRETS_DIRECTORY", str(secrets))
    monkeypatch.setenv("PROCESSOR_SCHEDULE__POLL_SECONDS", "-1")
    monkeypatch.setenv("PROCESSOR_POLL_SECONDS", "5")
    monkeypatch.setenv("PROCESSOR_MAILBOX__AUTHSERV_IDS", "mx.example")

    found = problems_of(path)

    assert sorted(found) == sorted(
        (
            f"secret {secrets}/imap__pasword: no setting has this name",
            f"secret {secrets}/seal: is not UTF-8 text",
            f"secret {secrets}/smtp__password: can't be read (Is a directory)",
            "environment PROCESSOR_POLL_SECONDS: no setting has this name",
            "environment PROCESSOR_SCHEDULE__POLL_SECONDS: schedule.poll_seconds: Input should be greater than 0",
            "environment PROCESSOR_MAILBOX__AUTHSERV_IDS: mailbox.authserv_ids: Input should be a valid tuple",
            f"{path}: imap.porrt: no setting has this name",
            f"{path}: smtp.port: Input should be a valid integer, unable to parse string as an integer",
            f"{path}: nonsense: no setting has this name",
        )
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "none.toml") == (f"{tmp_path}/none.toml: there is no such file",)


def test_a_file_that_is_not_toml_is_named_with_the_place(tmp_path: Path) -> None:
    path = written(tmp_path, "[imap\n")

    assert problems_of(path)[0].startswith(f"{path}: is not TOML (")
    assert "line 1" in problems_of(path)[0]


def test_a_missing_secrets_directory_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, 'secrets_directory = "/nowhere"\n')

    assert problems_of(path) == ("secrets directory /nowhere: can't be read (No such file or directory)",)


def test_files_that_the_system_adds_to_a_secrets_directory_are_no_secrets(tmp_path: Path) -> None:
    (tmp_path / "..data").mkdir()
    (tmp_path / "seal").write_text("0123456789abcdef")

    settings = load_settings(written(tmp_path.parent, f'secrets_directory = "{tmp_path}"\n'))

    assert settings.seal.get_secret_value() == "0123456789abcdef"


@pytest.mark.parametrize("host", ["mail.example", "192.0.2.1"])
def test_plain_connections_stay_on_this_machine(tmp_path: Path, host: str) -> None:
    path = written(tmp_path, f'[imap]\nsecurity = "plain"\nhost = "{host}"\n')

    assert ['security "plain" is for this machine alone' in problem for problem in problems_of(path)] == [True]


def test_a_wrong_secret_is_never_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESSOR_SMTP__PORT", "hunter2")

    assert "hunter2" not in "".join(problems_of(sample_settings()))


def test_work_needs_passwords_and_a_seal() -> None:
    assert [problem.partition(":")[0] for problem in missing_for_work(Settings.model_construct())] == [
        "imap.password",
        "smtp.password",
        "seal",
    ]


def test_work_with_tokens_needs_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROCESSOR_OAUTH__PROVIDER", "microsoft")
    monkeypatch.setenv("PROCESSOR_OAUTH__TENANT", "t")
    monkeypatch.setenv("PROCESSOR_SEAL", "0123456789abcdef")

    assert [problem.partition(":")[0] for problem in missing_for_work(load_settings())] == [
        "oauth.client_id",
        "oauth.client_secret",
    ]


def test_the_limits_of_reading_are_those_that_were_proved_unless_set_otherwise(tmp_path: Path) -> None:
    assert reading_limits_from(Settings.model_construct()) == ReadingLimits()
    file = tmp_path / "processor.toml"
    file.write_text("[reading]\nparts = 7\ndepth = 3\n[intake]\nmax_bytes = 1000\n")

    limits = reading_limits_from(load_settings(file))

    assert (limits.parts, limits.depth, limits.message) == (7, 3, 1_000)
