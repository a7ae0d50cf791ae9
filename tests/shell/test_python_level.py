"""The program says at its start when its Python has known holes."""

import sys

import pytest

from processor.python_level import complaint


@pytest.mark.parametrize("version", [(3, 11, 10), (3, 11, 14), (3, 12, 6), (3, 13, 0), (3, 14, 2)])
def test_a_sound_python_gives_no_reason_to_complain(version: tuple[int, int, int]) -> None:
    assert complaint(version) == ""


@pytest.mark.parametrize(
    ("version", "wanted"), [((3, 11, 9), "3.11.10"), ((3, 11, 0), "3.11.10"), ((3, 12, 5), "3.12.6")]
)
def test_an_old_python_is_named_with_the_one_to_take(version: tuple[int, int, int], wanted: str) -> None:
    assert wanted in complaint(version)


def test_our_own_python_is_what_is_looked_at() -> None:
    assert complaint() == complaint(sys.version_info[:3])
