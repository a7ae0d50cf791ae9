"""Four eyes cannot be passed by one person, however many windows they open; `make races` tries a thousand times."""

from tests.console.house import House
from tests.console.races import WINDOWS, race


def test_one_person_in_several_windows_moves_nothing(house: House) -> None:
    answers = race(house, 8)

    assert answers.total() == 8 * WINDOWS
    assert answers["refused"] >= 8
    assert answers["proposed"] == 8
