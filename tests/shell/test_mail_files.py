"""Stored mails: conversations, bare files, mbox; and when they arrived."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from processor.mail_files import MailFilesError, arrived_at, find_cases, stored_mail


def test_each_folder_is_a_conversation_in_the_order_of_numbers(tmp_path: Path) -> None:
    for case, names in {"b": ("10.eml", "2.eml", "1.eml"), "a": ("1.eml",), "empty": ()}.items():
        (tmp_path / case).mkdir()
        for name in names:
            (tmp_path / case / name).write_bytes(name.encode())
    (tmp_path / "README").write_text("not a case")

    cases = find_cases(tmp_path)

    assert [(case.name, [name for name, _ in case.mails]) for case in cases] == [
        ("a", ["1.eml"]),
        ("b", ["1.eml", "2.eml", "10.eml"]),
    ]


def test_bare_files_are_one_sequence(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(b"1")
    (tmp_path / "two.eml").write_bytes(b"2")

    assert [case.mails for case in find_cases(tmp_path)] == [(("one.eml", b"1"), ("two.eml", b"2"))]


def test_an_mbox_is_one_sequence_and_quoted_from_lines_are_restored(tmp_path: Path) -> None:
    path = tmp_path / "in.mbox"
    path.write_bytes(
        b"From anna Mon Nov  9 10:00:00 2026\nSubject: 1\n\n>From the bank\nFrom us to you\n\n"
        b"From bert Mon Nov  9 11:00:00 2026\nSubject: 2\n\n>>From here\n"
    )

    (case,) = find_cases(path)

    assert case.name == "in"
    assert case.mails == (
        ("1", b"Subject: 1\n\nFrom the bank\nFrom us to you\n"),
        ("2", b"Subject: 2\n\n>From here\n"),
    )


def test_a_folder_without_mail_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MailFilesError, match=r"holds no \.eml file"):
        find_cases(tmp_path)


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        (
            b"Received: a\r\n b; Tue, 10 Nov 2026 18:52:12 +0100\r\nReceived: c; Tue, 2 Jan 2024 00:00:00 GMT\r\n\r\n",
            datetime(2026, 11, 10, 17, 52, 12, tzinfo=UTC),
        ),
        (b"Received: nonsense\nDate: Tue, 10 Nov 2026 09:00:00 -0500\n\n", datetime(2026, 11, 10, 14, 0, tzinfo=UTC)),
        (b"Subject: none\n\nDate: Tue, 10 Nov 2026 09:00:00 +0000\n", datetime(1970, 1, 1, tzinfo=UTC)),
        (b"Date: Tue, 99 Nov 2026 09:00:00 +9999\n\n", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_mail_arrived_when_its_own_header_says(raw: bytes, moment: datetime) -> None:
    assert arrived_at(raw) == moment


def test_a_stored_mail_is_named_by_its_bytes() -> None:
    mail = stored_mail(b"Subject: x\n\n", 7)

    assert (mail.id, mail.size, mail.sha256[:8]) == (7, 12, "90beeaa3")
