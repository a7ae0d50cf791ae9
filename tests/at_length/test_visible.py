"""What somebody wrote, as people may see it: one line, limited, nothing hidden in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.core.visible import ECHO_LIMIT, visible


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Grüße, 円", "Grüße, 円"),
        ("a\r\nBcc: b\tc", "a Bcc: b c"),
        ("a\u200bb", "a[U+200B]b"),
        ("\u202egpj.exe", "[U+202E]gpj.exe"),
        ("a\u2028b\x85c", "a b c"),
        ("\ue000\ud800", "\ufffd\ufffd"),
        ("x" * 100, "x" * 79 + "…"),
        ("a\x00b", "a b"),
    ],
)
def test_a_text_is_shown_as_one_line(written: str, shown: str) -> None:
    assert visible(written) == shown


@given(st.text())
def test_nothing_shown_is_long_or_hidden(written: str) -> None:
    shown = visible(written)

    assert len(shown) <= ECHO_LIMIT
    assert shown.isprintable()
